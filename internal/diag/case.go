package diag

import (
	"strings"
	"time"

	"corsdash/internal/cors"
	"corsdash/internal/diag/fix"
	"corsdash/internal/diag/jar"
)

// Case is what a rule gets to see: the exchange at issue and everything around
// it. It is for reading only, and only during the check.
type Case struct {
	*Fact
	Attempt *Attempt
	Outcome cors.Outcome  // of the attempt; "" where nobody knows
	Verdict *cors.Verdict // of the browser that asked; nil where CORS has no say or plainly lets pass
	Decides bool          // this exchange decided the verdict

	Session  *Session  // the auth session it belongs to, nil for none
	Refresh  *Refresh  // set when it is a token refresh
	Incident *Incident // set when it is part of one: refused requests, their refreshes and retries

	Now time.Time // the end of the newest exchange; later traffic may still change the picture

	engine *Engine
	record *record
	bits   On
}

// Is reports whether any of the conditions holds.
func (c *Case) Is(on On) bool { return c.bits&on != 0 }

// Blocked reports whether the browser refuses the attempt because of this
// exchange.
func (c *Case) Blocked() bool { return c.bits&OnBlocked != 0 }

// Preflight is the preflight of this exchange, itself if it is one, nil when
// none was seen.
func (c *Case) Preflight() *Fact {
	if c.Role == Preflight {
		return c.Fact
	}
	return c.Attempt.PreflightOf(c.Fact)
}

// Through is the redirect that led here, nil for none.
func (c *Case) Through() *Fact { return c.Attempt.Before(c.Fact) }

// Cached is the preflight answer a browser may have used instead of asking
// again.
func (c *Case) Cached() (Grant, bool) { return c.engine.ledger.find(c.Fact) }

// Jar is the cookie jar of the page that asked; never nil.
func (c *Case) Jar() *jar.Jar { return c.engine.jarOf(c.Fact) }

// Cookies lists what the jar says of each cookie it has for this request's
// host: sent, or why not.
func (c *Case) Cookies() []jar.Sent { return c.Jar().Sends(c.engine.jarRequest(c.Fact)) }

// Include reports what is known of the request's credentials mode: "include",
// "omit" (or same-origin, which across origins is the same), "" when nothing
// tells.
func (c *Case) Include() string { return c.Fact.credentials(c.Attempt) }

// MethodNeeded is the method that the preflight asks for or the request has.
func (c *Case) MethodNeeded() string {
	if c.Role == Preflight {
		return c.Asks
	}
	return c.Method()
}

// RefusedHeaders are the header names the preflight asks for that its answer
// does not allow, as they were sent. A wildcard counts only where credentials
// are not included.
func (c *Case) RefusedHeaders() (names []string) {
	star := listed(c.Allow.Headers, "*") && c.Include() != "include"
	for name := range strings.SplitSeq(c.AsksHeaders, ",") {
		if name = strings.Trim(name, " \t"); name != "" && !star && !listed(c.Allow.Headers, name) {
			names = append(names, name)
		}
	}
	return names
}

// Stack is the key of the stack to fix, one of fix.Stacks: the application
// framework recognised in this answer, or else in earlier ones of this
// upstream; "" when none is known.
func (c *Case) Stack() string {
	if stack := stackOf(c.Layers()); stack != "" {
		return stack
	}
	return stackOf(c.Upstream.Layers)
}

// Other describes how another engine takes the attempt when it differs, for
// rules about differences. ok is false when it does not differ or was not judged.
func (c *Case) Other(e cors.Engine) (v *cors.Verdict, ok bool) {
	if c.Verdict == nil {
		return nil, false
	}
	v = c.record.attempt.judged.all().Of(e)
	return v, v.Sure() && v.Outcome != c.Outcome
}

// values completes what a match gives with what every fix may need.
func (c *Case) values(v fix.Values) fix.Values {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	page := c.Attempt.Page()
	if page != "null" {
		set(&v.Origin, page)
	}
	set(&v.Method, c.MethodNeeded())
	set(&v.Headers, spaced(c.AsksHeaders))
	set(&v.Path, c.Path)
	set(&v.Upstream, c.Upstream.Name)
	set(&v.Host, hostOf(c.Upstream.Name))
	set(&v.Target, c.Target)
	return v
}

// spaced puts a blank behind each comma of a list.
func spaced(list string) string {
	if !strings.Contains(list, ",") {
		return list
	}
	items := strings.Split(list, ",")
	for i := range items {
		items[i] = strings.Trim(items[i], " \t")
	}
	return strings.Join(items, ", ")
}

// hostOf is the host and port of an origin.
func hostOf(origin string) string {
	_, host, ok := strings.Cut(origin, "://")
	if !ok {
		return origin
	}
	return host
}

// conditions works out the cheap facts that decide which rules are asked.
func (c *Case) conditions() (on On) {
	f := c.Fact
	set := func(bit On, holds bool) {
		if holds {
			on |= bit
		}
	}
	on = OnAlways
	switch c.Outcome {
	case cors.Blocked:
		set(OnBlocked, c.Decides)
	case cors.Conditional:
		set(OnConditional, c.Decides)
	case cors.Allowed:
		set(OnAllowed, c.Attempt.judged != nil)
	case cors.Opaque:
		on |= OnOpaque
	}
	set(OnFailed, f.Failed())
	set(OnPreflight, f.Role == Preflight)
	set(OnRedirect, f.Redirects() || len(c.Attempt.Facts) > 1 && c.Through() != nil)
	set(On4xx, f.Status/100 == 4)
	set(On5xx, f.Status/100 == 5)
	set(OnDenied, f.Status == 401 || f.Status == 403 || f.Status == 419)
	set(OnSetCookie, f.seen.setCookie)
	set(OnCookie, f.Cookie != "")
	set(OnToken, f.Authorization != "")
	set(OnRefresh, c.Refresh != nil)
	set(OnLogin, c.record.login)
	set(OnStory, c.Incident != nil)
	set(OnUpgrade, f.Upgrade())
	set(OnHTML, f.Type == "text/html")
	set(OnCrossSite, f.Site == "cross-site" && c.Attempt.judged == nil)
	return on
}
