package diag

import (
	"fmt"
	"time"
)

// authRules: tokens, their refreshes, and what was refused in between.
var authRules = []Rule{
	{
		ID: "token-refresh-not-retried", Severity: Error, Class: Auth, On: OnStory,
		Looks:    "an error on screen although the session was refreshed; after a reload everything works",
		Cause:    "The request was refused, the token was refreshed, and the request was not sent again: the code that refreshes does not repeat what had failed.",
		Fix:      "After a successful refresh, send the refused request once more, with the new token.",
		Topic:    "refresh-retry",
		Spec:     "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
		Mistaken: "a refresh that failed",
		Check:    notRetried,
	},
}

func notRetried(c *Case) (m Match, ok bool) {
	i := c.Incident
	if i.ID != c.ID {
		return m, false // said once, on the first refused request
	}
	refresh := i.Refreshed()
	if refresh == nil || c.Now.Before(refresh.End.Add(noRetryAfter)) {
		return m, false
	}
	pending := i.Pending()
	if len(pending) == 0 || len(pending) < len(i.Denied) {
		return m, false
	}
	first := pending[0]
	if !first.Readable {
		return m, false // the page never saw the refusal
	}
	m.Title = fmt.Sprintf("The token was refreshed, but %s %s was not sent again", first.Method, first.Path)
	if n := len(pending); n > 1 {
		m.Title = fmt.Sprintf("The token was refreshed, but none of the %d refused requests was sent again", n)
	}
	m.Evidence = []string{
		c.Asked(), c.Answers(),
		fmt.Sprintf("#%d response: %d, the refresh succeeded %s later", refresh.ID, refresh.Status, refresh.End.Sub(first.End).Round(time.Millisecond)),
		c.evidence("timing", fmt.Sprintf("not repeated within %s of the refresh", noRetryAfter)),
	}
	m.Also = []*Fact{refresh.record.fact}
	return m, true
}

// clock prints a time of day as people compare it.
func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }
