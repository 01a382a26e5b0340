package diag

import (
	"fmt"
	"net/netip"
	"strings"

	"corsdash/internal/cors"
)

// redirectRules: the server sends the browser elsewhere.
var redirectRules = []Rule{
	{
		ID: "redirect-location-internal-host", Severity: Blocks, Class: Redirect, On: OnRedirect,
		Hides: []string{"slash-redirect-add", "redirect-target-no-cors", "redirect-without-cors"},
		Looks: "a network error or “blocked by CORS policy” naming a host nobody has heard of",
		Cause: "The redirect names the host as the application sees it from inside. It builds absolute URLs from the Host it was sent, and " +
			"a proxy on the way has replaced that.",
		Fix:      "Send a relative Location, or let the proxy pass the Host on (or X-Forwarded-Host, and have the application trust it).",
		Topic:    "public-location",
		Spec:     "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.2",
		Mistaken: "a CORS error of the redirect's target, which was never asked",
		Probe:    "slash-twin",
		Check:    locationInternal,
	},
	{
		ID: "slash-redirect-add", Severity: Warning, Class: Redirect, On: OnRedirect,
		Hides: []string{"redirect-without-cors", "redirect-extra-latency"},
		Looks: "two requests instead of one; or, where the redirect crosses origins, an error about CORS",
		Cause: "The route exists with a slash at its end only, and the framework redirects there. Across origins each hop needs CORS headers, " +
			"preflights must not be redirected at all, and an absolute Location can lead away from the proxy.",
		Fix:      "Ask for {to}; or have the server take both forms.",
		Topic:    "slash-redirect",
		Spec:     "https://fetch.spec.whatwg.org/#http-redirect-fetch",
		Mistaken: "a missing CORS configuration",
		Probe:    "slash-twin",
		Check:    slashAdded,
	},
}

func slashAdded(c *Case) (m Match, ok bool) {
	hop := c.Fact
	if !addsSlash(hop) {
		if hop = c.Through(); hop == nil || !addsSlash(hop) || !c.Blocked() {
			return m, false
		}
	}
	if hop.Role == Preflight || !hop.Scripted && !hop.CrossOrigin() {
		return m, false // people who type an address do not care
	}
	if hop == c.Fact && !c.Blocked() && c.Outcome == cors.Blocked {
		return m, false // said where it breaks
	}
	m.Values.Path, m.Values.To = hop.Path, hop.Path+"/"
	m.Evidence = []string{hop.Answers(), hop.Got("Location")}
	if !c.Blocked() {
		m.Title = fmt.Sprintf("%s is redirected to the same path with a slash: every call takes two requests", hop.Path)
		return m, true
	}
	m.Severity = Blocks
	m.Title = fmt.Sprintf("%s is redirected to the same path with a slash, and that redirect breaks CORS", hop.Path)
	m.Evidence = append(m.Evidence, c.Sent("Origin"), c.Got("Access-Control-Allow-Origin"))
	m.Also = []*Fact{hop}
	return m, true
}

// addsSlash reports whether an answer redirects to its own path with a slash.
func addsSlash(f *Fact) bool {
	if !f.Redirects() {
		return false
	}
	to, ok := f.Leads()
	return ok && to.Path() == f.Path+"/" && to.Query() == f.Query
}

// Leads is where the answer's Location leads.
func (f *Fact) Leads() (to cors.URL, ok bool) {
	from, ok := cors.ParseURL(f.URL())
	if !ok || !f.seen.location {
		return to, false
	}
	return from.Resolve(f.Location)
}

func locationInternal(c *Case) (m Match, ok bool) {
	if !c.Redirects() || c.Own {
		return m, false
	}
	to, ok := c.Leads()
	if !ok || to.Host() == c.Host || !internalHost(to.Host()) || internalHost(c.Host) && !internalName(to.Host()) {
		return m, false
	}
	m.Title = "The redirect leads to " + to.Origin() + ", which only the servers can reach"
	m.Evidence = []string{c.Asked(), c.Answers(), c.Got("Location"), c.Sent("Host")}
	m.Values.To = to.Path()
	if !c.Scripted && !c.CrossOrigin() {
		m.Severity = Error
	}
	return m, true
}

// internalHost reports whether a host means something inside a network only.
func internalHost(host string) bool {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	return internalName(host)
}

// internalName: single labels are names of containers and services; localhost
// is everybody's own.
func internalName(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "" || host[0] == '[' || host[0]-'0' < 10 {
		return false
	}
	for _, suffix := range [...]string{".internal", ".local", ".svc", ".lan", ".docker", ".consul"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return !strings.Contains(host, ".") || strings.Contains(host, ".svc.")
}
