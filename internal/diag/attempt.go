package diag

import (
	"time"

	"corsdash/internal/cors"
)

const (
	// pairWindow is how long after its preflight's answer a request is still
	// the one it asked for. Browsers send it at once; slow machines and
	// networks take their time.
	pairWindow = 3 * time.Second

	// hopWindow is the same for the request that follows a redirect.
	hopWindow = 5 * time.Second

	// before is how much the times of two exchanges may contradict their order:
	// files round them to milliseconds.
	before = 20 * time.Millisecond

	// maxFacts bounds an attempt: the longest chain a browser makes has 21
	// requests, each with a preflight.
	maxFacts = 48
)

// Attempt is what a page asked for once: its preflights, its hops, the request
// itself. Rules read it.
type Attempt struct {
	ID    uint64  // of its first exchange
	Facts []*Fact // in the order they were sent

	records     []*record
	judged      *judgement
	credentials string // "include" or "omit" where more than the wire tells; else ""
	tainted     bool   // a redirect has blanked the Origin
	next        expectation

	waits  uint64 // key under which it waits in an index, 0 for nowhere
	number uint64 // in that index
	weight int
}

// expectation is the request that a redirect should lead to.
type expectation struct {
	url    cors.URL
	method string
	after  *Fact // the redirect
}

// Last is the newest exchange of the attempt.
func (a *Attempt) Last() *Fact { return a.Facts[len(a.Facts)-1] }

// First is its first exchange.
func (a *Attempt) First() *Fact { return a.Facts[0] }

// Page is the origin of the page that asked, "" when nothing tells.
func (a *Attempt) Page() string {
	for _, f := range a.Facts {
		if f.Page != "" {
			return f.Page
		}
	}
	return ""
}

// PreflightOf returns the preflight of a member, nil when none was seen.
func (a *Attempt) PreflightOf(f *Fact) *Fact {
	for i, other := range a.Facts {
		if other == f && i > 0 && a.Facts[i-1].Role == Preflight {
			return a.Facts[i-1]
		}
	}
	return nil
}

// Before returns the redirect that led to a member, nil when none did.
func (a *Attempt) Before(f *Fact) *Fact {
	var hop *Fact
	for _, other := range a.Facts {
		if other == f {
			return hop
		}
		if other.Role != Preflight {
			hop = other
		}
	}
	return nil
}

// Redirects lists the members that answered with a redirect, in order.
func (a *Attempt) Redirects() (hops []*Fact) {
	for _, f := range a.Facts {
		if f.Redirects() && f.Role != Preflight {
			hops = append(hops, f)
		}
	}
	return hops
}

// expect works out which request a redirect leads to:
// https://fetch.spec.whatwg.org/#http-redirect-fetch.
func (a *Attempt) expect(f *Fact) (next expectation, ok bool) {
	if f.Role == Preflight || !f.Redirects() || f.Own {
		return next, false
	}
	from, ok := cors.ParseURL(f.URL())
	if !ok {
		return next, false
	}
	next.url, ok = from.Resolve(f.Location)
	if !ok || !next.url.HTTP() {
		return next, false
	}
	next.method, next.after = nextMethod(f.Method(), f.Status), f
	if next.url.Origin() != f.Target && !a.atHome(f) {
		a.tainted = true
	}
	return next, true
}

// atHome reports whether a request went to the page's own origin.
func (a *Attempt) atHome(f *Fact) bool {
	return !a.tainted && (f.Site == "same-origin" || f.Target == a.Page())
}

// nextMethod is what a redirect of some status makes of a method.
func nextMethod(method string, status int) string {
	switch {
	case (status == 301 || status == 302) && method == "POST", status == 303 && method != "GET" && method != "HEAD":
		return "GET"
	}
	return method
}

// follows reports whether f is the request that the attempt's redirect leads
// to, or its preflight. The URL has been compared.
func (a *Attempt) follows(f *Fact) bool {
	hop, method := a.next.after, f.Method()
	if f.Role == Preflight {
		method = f.Asks
	}
	if method != a.next.method || f.client != hop.client || f.Start.Before(hop.Start.Add(-before)) || f.Start.After(hop.End.Add(hopWindow)) {
		return false
	}
	if f.Role != Preflight && hop.Mode != "" && f.Mode != "" && (hop.Mode != f.Mode || hop.Dest != f.Dest) {
		return false
	}
	return a.keepsOrigin(f, hop)
}

// keepsOrigin reports whether the Origin is what a redirect makes of it.
// Firefox asks for permission in the page's name even where it then sends the
// request with a blank Origin.
func (a *Attempt) keepsOrigin(f, hop *Fact) bool {
	switch {
	case f.Origin == "" || f.Origin == "null":
		return f.Origin == "" || a.tainted || hop.Origin == "null" || f.Mode == "navigate"
	case a.tainted:
		return f.Role == Preflight
	case hop.Origin == "":
		page := a.Page()
		return page == "" || page == f.Origin
	}
	return f.Origin == hop.Origin
}

// add takes an exchange into the attempt.
func (a *Attempt) add(r *record) {
	if last := len(a.Facts) - 1; last >= 0 {
		for i := last; i >= 0; i-- {
			if a.Facts[i].Role != Preflight {
				a.Facts[i].Role = Hop
				break
			}
		}
	} else {
		a.ID = r.fact.ID
	}
	a.Facts = append(a.Facts, r.fact)
	a.records = append(a.records, r)
	r.attempt = a
}

// replace takes a newer record of one of its exchanges.
func (a *Attempt) replace(old, f *Fact) {
	for i := range a.Facts {
		if a.Facts[i] == old {
			f.Role = old.Role
			a.Facts[i] = f
		}
	}
	if a.next.after == old {
		a.next.after = f
	}
}
