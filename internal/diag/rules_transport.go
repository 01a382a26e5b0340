package diag

import (
	"fmt"
	"net/http"

	"corsdash/internal/exchange"
)

// transportRules: no usable answer, or an answer that is an error and that the
// page can see. None of it is CORS.
var transportRules = []Rule{
	{
		ID: "upstream-unreachable", Severity: Error, Class: Transport, On: OnFailed,
		Looks:    "the page gets a network error or corsdash's own 502; the console may say CORS",
		Cause:    "No connection to the backend came about. It is not running, listens on another port or address, or its name is wrong.",
		Fix:      "Start the backend, or point corsdash at where it listens. What runs in a container must listen on 0.0.0.0.",
		Mistaken: "a CORS error: a dead server sends no CORS headers either",
		Spec:     "https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS/Errors/CORSDidNotSucceed",
		Hides:    []string{"server-error", "proxy-upstream-down"},
		Check:    upstreamUnreachable,
	},
	{
		ID: "server-error", Severity: Error, Class: HiddenError, On: On5xx | On4xx,
		Looks:    "the page gets the status and can read it",
		Cause:    "The server itself answered with an error. CORS has nothing to do with it.",
		Fix:      "Look at the backend's log for this request.",
		Mistaken: "a CORS error, when the page's code reports every failure alike",
		Check:    serverError,
	},
}

func upstreamUnreachable(c *Case) (m Match, ok bool) {
	if c.Attempt.Last() != c.Fact {
		return m, false // a preflight that corsdash let pass so that its request can tell
	}
	host := hostOf(c.Upstream.Name)
	switch c.X.Failure.Class {
	case exchange.Refused:
		m.Title = "Nobody listens at " + host + ": the backend is down, or on another port"
	case exchange.DNS:
		m.Title = "The backend's name " + host + " does not resolve"
	case exchange.Unreachable:
		m.Title = "The backend at " + host + " cannot be reached"
	default:
		return m, false
	}
	m.Evidence = []string{c.Asked(), c.Answers()}
	return m, true
}

func serverError(c *Case) (m Match, ok bool) {
	if c.Role == Preflight || c.Blocked() || !c.Answered() || c.Status == 401 || c.Status == 403 {
		return m, false
	}
	m.Evidence = []string{c.Asked(), c.Answers(), c.Says()}
	status := fmt.Sprintf("%d %s", c.Status, http.StatusText(c.Status))
	if c.Status < 500 {
		m.Severity = Info
		m.Title = "The server answers " + status + "; the page can read that"
		return m, true
	}
	m.Title = "The backend failed with " + status + "; the page can read that, so it is no CORS problem"
	if by, ok := c.MadeBy(); ok && by.Kind.Outside() {
		m.Title = fmt.Sprintf("%s answers %s in the backend's place; the page can read that, so it is no CORS problem", by.Title(), status)
		m.Why = "The answer was made by " + by.Title() + " (" + by.Evidence + "), which stands in front of the application."
	}
	return m, true
}
