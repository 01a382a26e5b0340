package diag

import (
	"fmt"
	"net/http"
	"strings"
)

// hiddenRules: errors that the browser hides behind "blocked by CORS policy",
// because the error's answer lacks the headers that others have.
var hiddenRules = []Rule{
	{
		ID: "starlette-unhandled-exception", Severity: Blocks, Class: HiddenError, On: OnBlocked,
		Hides: []string{"hidden-5xx-generic"},
		Looks: "“blocked by CORS policy”, for one route or one input only; the preflight passes",
		Cause: "The application raised an exception that nothing caught. Starlette answers it in ServerErrorMiddleware, " +
			"which stands outside of CORSMiddleware, so this 500 gets no CORS headers.",
		Fix: "Fix the exception (its traceback is in the backend's log), and put CORSMiddleware around the whole application so that " +
			"errors stay readable.",
		Topic:    "errors-keep-headers",
		Spec:     "https://www.starlette.io/middleware/#corsmiddleware-global-enforcement",
		Mistaken: "a missing or wrong CORS configuration",
		Probe:    "error-path",
		Check:    starletteUnhandled,
	},
	{
		ID: "hidden-5xx-generic", Severity: Blocks, Class: HiddenError, On: OnBlocked,
		Looks:    "“blocked by CORS policy”, while the server's log shows an error",
		Cause:    "The request failed on the server, and the error's answer lacks the CORS headers. So the browser hides it and reports CORS.",
		Fix:      "Find out why the server fails; then let the CORS layer cover error answers too, so that the page can read the next one.",
		Topic:    "errors-keep-headers",
		Spec:     "https://fetch.spec.whatwg.org/#concept-cors-check",
		Mistaken: "a missing or wrong CORS configuration",
		Probe:    "error-path",
		Check:    hidden5xx,
	},
	{
		ID: "auth-error-without-cors", Severity: Blocks, Class: HiddenError, On: OnBlocked,
		Hides: []string{"no-refresh-attempt"},
		Looks: "“blocked by CORS policy” after a while, although it worked before; the app never refreshes its token",
		Cause: "The server refuses the credentials, and the refusal lacks the CORS headers: whatever checks them answers before or outside " +
			"the CORS layer. The page's code sees a network error instead of the status, so nothing that waits for a 401 runs.",
		Fix:      "Let the CORS layer cover the answers of whatever checks credentials; it must stand outside of it.",
		Topic:    "errors-keep-headers",
		Spec:     "https://fetch.spec.whatwg.org/#concept-cors-check",
		Mistaken: "a CORS configuration that stopped working",
		Probe:    "auth",
		Check:    authErrorHidden,
	},
}

// hidden reports whether the browser refuses an actual answer because it has no
// Access-Control-Allow-Origin.
func (c *Case) hidden() bool {
	return c.Role != Preflight && c.Answered() && c.Allow.Origins == 0
}

func starletteUnhandled(c *Case) (m Match, ok bool) {
	if !c.hidden() || c.Status != 500 || c.Allow.Any() || c.Type != "text/plain" ||
		c.Body() != "Internal Server Error" || !c.Shows("starlette") {
		return m, false
	}
	m.Title = "The backend failed with 500; Starlette sent it without CORS headers, so the browser calls it a CORS error"
	m.Evidence = append([]string{c.Answers(), c.Says(), c.Got("Server"), c.Lacks()}, c.elsewhere()...)
	m.Also = []*Fact{c.Preflight()}
	return m, true
}

func hidden5xx(c *Case) (m Match, ok bool) {
	if !c.hidden() || c.Status < 500 {
		return m, false
	}
	status := fmt.Sprintf("%d %s", c.Status, http.StatusText(c.Status))
	m.Title = "The server failed with " + status + "; that answer has no CORS headers, so the browser calls it a CORS error"
	if by, ok := c.MadeBy(); ok && by.Kind.Outside() {
		m.Title = by.Title() + " answered " + status + " itself, without CORS headers, so the browser calls it a CORS error"
		m.Why = "The answer was made by " + by.Title() + " (" + by.Evidence + "). The application and its CORS headers never had a say in it."
		m.Stack = by.Stack
	}
	m.Evidence = append([]string{c.Answers(), c.Says(), c.Lacks()}, c.elsewhere()...)
	m.Also = []*Fact{c.Preflight()}
	return m, true
}

func authErrorHidden(c *Case) (m Match, ok bool) {
	if !c.hidden() || c.Status != 401 && c.Status != 403 || strings.HasPrefix(c.Body(), "Invalid CORS request") {
		return m, false
	}
	m.Title = fmt.Sprintf("The %d has no CORS headers: the page cannot see it, so the app never knows that it must sign in again", c.Status)
	m.Evidence = append([]string{c.Answers(), c.Sent("Authorization"), c.Says(), c.Lacks()}, c.elsewhere()...)
	if c.Status == 401 {
		m.Title = "The 401 has no CORS headers: the page cannot see it, so no code that waits for it runs"
	}
	if c.Token.Expired(c.ServerTime()) {
		m.Title = fmt.Sprintf("The token has expired, and the %d that says so has no CORS headers: the app cannot see it and never refreshes", c.Status)
		m.Evidence = append(m.Evidence, c.evidence("token", fmt.Sprintf("%s expired at %s, the server's clock reads %s",
			c.Token.Fingerprint(), clock(c.Token.Claims.Expires), clock(c.ServerTime()))))
	}
	m.Also = []*Fact{c.Preflight()}
	return m, true
}

// Lacks says that the answer has no Access-Control-Allow-Origin.
func (c *Case) Lacks() string { return c.evidence("response", "no Access-Control-Allow-Origin") }

// elsewhere names an answer of the same upstream that had the header, which
// shows that CORS as such is set up.
func (c *Case) elsewhere() []string {
	id := c.Route.Reach.LastWith
	if id == 0 {
		id = c.Upstream.Reach.LastWith
	}
	if id == 0 || id == c.ID {
		return nil
	}
	return []string{fmt.Sprintf("#%d response: has Access-Control-Allow-Origin, from the same server", id)}
}
