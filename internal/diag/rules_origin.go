package diag

import (
	"fmt"
	"strings"

	"corsdash/internal/diag/layer"
)

// originRules: the answer does not allow the page, or not in this way.
var originRules = []Rule{
	{
		ID: "acao-duplicate-layers", Severity: Blocks, Class: DuplicateHeaders, On: OnBlocked | OnConditional,
		Looks: "“contains multiple values … but only one is allowed”, although the value looks right",
		Cause: "The application and the server in front of it both add Access-Control-Allow-Origin. Browsers refuse two values, even equal ones.",
		Fix:   "Let one layer add the CORS headers, and the other pass or hide them.",
		Topic: "one-cors-layer", Spec: "https://fetch.spec.whatwg.org/#concept-cors-check", Mistaken: "a wrong origin",
		Probe: "duplicate", Check: duplicateLayers,
	},
	{
		ID: "cors-not-configured", Severity: Blocks, Class: AllowList, On: OnBlocked,
		Looks: "“No 'Access-Control-Allow-Origin' header is present” for every route",
		Cause: "No answer of this server has had a CORS header so far, so no page of another origin may read any.",
		Fix:   "Add the framework's CORS layer and allow {origin} by name.",
		Topic: "allow-origin", Spec: "https://fetch.spec.whatwg.org/#http-cors-protocol",
		Mistaken: "something the page could mend: mode: 'no-cors' only makes the answer unreadable", Probe: "origin-control",
		Check: notConfigured,
	},
	{
		ID: "origin-not-allowed", Severity: Blocks, Class: AllowList, On: OnBlocked,
		Looks: "“No 'Access-Control-Allow-Origin' header is present”, while other pages get it",
		Cause: "The server has a list of origins, and this page's is not on it. Scheme, name and port must be equal to the letter.",
		Fix:   "Add {origin} to the list of allowed origins, exactly so.",
		Topic: "allow-origin", Spec: "https://fetch.spec.whatwg.org/#concept-cors-check", Mistaken: "CORS that is not set up at all",
		Probe: "bare-preflight", Check: originNotAllowed,
	},
	{
		ID: "wildcard-with-credentials", Severity: Blocks, Class: Credentials, On: OnBlocked | OnConditional,
		Looks: "“must not be the wildcard '*' when the request's credentials mode is 'include'”",
		Cause: "The server allows every origin with “*”. That does not hold for requests with cookies or other credentials; for those it must name the origin.",
		Fix:   "Name {origin} instead of “*” and send Access-Control-Allow-Credentials: true; or leave credentials out if the API needs no cookies.",
		Topic: "allow-credentials", Spec: "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials", Mistaken: "a server that allows everybody",
		Probe: "origin-control", Check: wildcardCredentials,
	},
}

func notConfigured(c *Case) (m Match, ok bool) {
	if !c.Answered() || c.Allow.Any() || c.Status >= 300 || c.Upstream.Reach.Any+c.Upstream.Preflights.Any > 0 || c.Upstream.VaryOrigin != 0 {
		return m, false
	}
	m.Title = "This server sends no CORS headers at all: " + c.Upstream.Name + " is not set up for pages of other origins"
	m.Evidence = []string{c.Sent("Origin"), c.Answers(), c.Lacks()}
	if n := c.Upstream.Reach.Without + c.Upstream.Preflights.Without; n > 1 {
		m.Evidence = append(m.Evidence, fmt.Sprintf("none of the %d answers to cross-origin requests had one", n))
	}
	return m, true
}

func originNotAllowed(c *Case) (m Match, ok bool) {
	if !c.Answered() || c.Allow.Origins > 0 || c.Status >= 300 || c.Origin == "null" || c.Upstream.Allowed.Has(c.Origin) {
		return m, false
	}
	if !c.Allow.Any() && !c.Allow.VariesBy("Origin") && len(c.Upstream.Allowed) == 0 {
		return m, false
	}
	m.Title = "The server does not allow this page: " + c.Origin + " is not on its list of origins"
	m.Evidence = []string{c.Sent("Origin"), c.Lacks()}
	if c.Allow.Vary != "" {
		m.Evidence = append(m.Evidence, c.Got("Vary"))
	}
	for _, v := range c.Upstream.Allowed {
		if v.Text != "null" {
			m.Evidence = append(m.Evidence, fmt.Sprintf("#%d response: %s is allowed", v.ID, v.Text))
		}
	}
	if c.Role == Preflight && !c.Allow.Any() {
		m.Why = "The server answers preflights, and this one without a word about CORS: either the page's origin is not on its list, or it does not allow " +
			c.Asks + " or one of the headers asked for. A preflight for a plain GET would tell."
		m.Title = "The server refuses the preflight of " + c.Origin + ", most likely because that origin is not on its list"
	}
	return m, true
}

func wildcardCredentials(c *Case) (m Match, ok bool) {
	if !c.Answered() || c.Allow.Origins != 1 || c.Allow.Origin != "*" {
		return m, false
	}
	m.Evidence = []string{c.Got("Access-Control-Allow-Origin")}
	if c.Cookie != "" {
		m.Evidence = append(m.Evidence, c.Sent("Cookie"))
	}
	if c.Blocked() {
		m.Title = "“*” does not work with credentials: the server must name " + c.Origin
		return m, true
	}
	// Depends on the credentials mode, which a preflight does not show. That
	// nothing followed says something.
	if c.Role != Preflight || c.Attempt.Last() != c.Fact || c.Now.Before(c.End.Add(pairWindow)) {
		return m, false
	}
	m.Severity = Warning
	m.Title = "The request did not follow its preflight: if the page asks with credentials, “*” does not do"
	m.Evidence = append(m.Evidence, c.evidence("timing", fmt.Sprintf("no %s within %s", c.Asks, pairWindow)))
	return m, true
}

func duplicateLayers(c *Case) (m Match, ok bool) {
	if !c.Answered() || c.Allow.Origins < 2 && !strings.Contains(c.Allow.Origin, ",") {
		return m, false
	}
	front, inner, ok := c.twoLayers()
	if !ok {
		return m, false
	}
	m.Title = fmt.Sprintf("Two layers add Access-Control-Allow-Origin: %s and %s", front.Title(), inner.Title())
	m.Evidence = []string{c.Got("Access-Control-Allow-Origin"), c.evidence("layers", front.Evidence+"; "+inner.Evidence)}
	m.Stack = front.Stack
	return m, true
}

// twoLayers finds a server or gateway in front of an application.
func (c *Case) twoLayers() (front, inner Layer, ok bool) {
	for _, list := range [...][]Layer{c.Layers(), c.Upstream.Layers} {
		for _, l := range list {
			switch {
			case l.Kind.Outside() && front.Name == "":
				front = l
			case (l.Kind == layer.Framework || l.Kind == layer.App) && inner.Name == "":
				inner = l
			}
		}
	}
	return front, inner, front.Name != "" && inner.Name != ""
}
