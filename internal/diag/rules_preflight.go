package diag

import (
	"fmt"
	"strings"
)

// preflightRules: the browser's question was not answered as it must be.
var preflightRules = []Rule{
	{
		ID: "preflight-auth-rejected", Severity: Blocks, Class: PreflightAuth, On: OnBlocked,
		Hides: []string{"preflight-bad-status", "spring-security-before-cors"},
		Looks: "“blocked by CORS policy” for requests with a token or JSON, though the same request works in curl or Postman",
		Cause: "Whatever checks credentials answers the preflight before the CORS layer sees it. Browsers never send credentials with a " +
			"preflight, so it can only be refused.",
		Fix:      "Let the CORS layer answer OPTIONS before credentials are checked, or exempt OPTIONS from the check.",
		Topic:    "preflight-before-auth",
		Spec:     "https://fetch.spec.whatwg.org/#cors-preflight-fetch",
		Mistaken: "a wrong token: the token is not sent yet",
		Probe:    "auth",
		Check:    preflightAuth,
	},
}

func preflightAuth(c *Case) (m Match, ok bool) {
	if c.Role != Preflight || !c.Answered() || !(c.Status == 401 || c.Status == 403 && c.asksForCredentials()) {
		return m, false
	}
	m.Title = fmt.Sprintf("The preflight is refused with %d: the server wants credentials, and browsers send none with a preflight", c.Status)
	m.Evidence = []string{c.Asked(), c.Answers(), c.Says()}
	if c.HasHeader("WWW-Authenticate") {
		m.Evidence = append(m.Evidence, c.Got("WWW-Authenticate"))
	}
	if made, ok := c.MadeBy(); ok && made.Kind.Outside() {
		m.Stack = made.Stack
	}
	return m, true
}

// asksForCredentials tells a 403 for lack of credentials from others, such as
// those of firewalls and CSRF filters.
func (c *Case) asksForCredentials() bool {
	if c.HasHeader("WWW-Authenticate") {
		return true
	}
	body := strings.ToLower(c.Body())
	if strings.Contains(body, "csrf") || strings.Contains(body, "cors") || strings.Contains(body, "host") {
		return false
	}
	for _, word := range [...]string{"token", "jwt", "credential", "authenticat", "authoriz", "unauthorized", "log in", "login", "sign in", "api key", "permission", "rbac"} {
		if strings.Contains(body, word) {
			return true
		}
	}
	return false
}
