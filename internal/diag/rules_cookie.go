package diag

import (
	"fmt"
	"strings"

	"corsdash/internal/diag/jar"
)

// cookieRules: cookies that browsers do not take or do not send.
var cookieRules = []Rule{
	{
		ID: "refresh-cookie-not-sent", Severity: Error, Class: Cookies, On: OnRefresh,
		Looks:    "signed out after a while, or after each reload: the refresh answers that there is no token",
		Cause:    "The refresh token is in a cookie, and the browser does not send that cookie with the refresh.",
		Fix:      "Set the cookie so that it goes to {path}.",
		Topic:    "send-cookie",
		Spec:     "https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-cookie-header-field",
		Mistaken: "a refresh token that has expired",
		Check:    refreshCookie,
	},
}

func refreshCookie(c *Case) (m Match, ok bool) {
	r := c.Refresh
	if r.Sent != "" || r.Status < 400 || r.Status > 403 {
		return m, false
	}
	cookie, ok := missingRefreshCookie(c)
	if !ok {
		return m, false
	}
	reason, fix := whyNotSent(c, &cookie)
	m.Title = fmt.Sprintf("The refresh goes without its cookie %q: %s", cookie.Name, reason)
	m.Fix = fix
	m.Values.Cookie = cookie.Name
	if cookie.Why == jar.NoCredentials || cookie.Why == "" {
		m.Stack = "frontend"
	}
	m.Evidence = []string{
		fmt.Sprintf("#%d response: %s", cookie.SetBy, setCookieLine(&cookie.Cookie)),
		c.Asked(), c.evidence("request", "no Cookie "+cookie.Name), c.Answers(), c.Says(),
	}
	return m, true
}

// missingRefreshCookie is the cookie that holds the refresh token and did not
// come along: of several the one that was set last.
func missingRefreshCookie(c *Case) (found jar.Sent, ok bool) {
	for _, s := range c.Refresh.Cookies {
		name := strings.ToLower(s.Name)
		if _, sent := cookieValue(c.Cookie, s.Name); sent || s.Deletes {
			continue
		}
		if s.Name == c.Session.RefreshCookie || strings.Contains(name, "refresh") || name == "rt" {
			if !ok || s.SetAt.After(found.SetAt) {
				found, ok = s, true
			}
		}
	}
	return found, ok
}

// whyNotSent explains a reason of the jar to people, and what to do about it.
func whyNotSent(c *Case, s *jar.Sent) (why, fix string) {
	switch s.Why {
	case jar.NotOnPath:
		if !s.HasPath {
			return fmt.Sprintf("it has no Path, so it is for %s only, and the request goes to %s", s.Path, c.Path),
				"Set {cookie} with a Path that {path} lies under."
		}
		return fmt.Sprintf("it is for Path=%s, and the request goes to %s", s.Path, c.Path), "Set {cookie} with a Path that {path} lies under."
	case jar.DomainMismatch:
		return fmt.Sprintf("it belongs to %s, and the request goes to %s", s.Host, c.Host), "Use one host name for both; localhost and 127.0.0.1 are two."
	case jar.SameSiteStrict, jar.SameSiteLax, jar.SameSiteUnspecified, jar.SchemefulStrict, jar.SchemefulLax, jar.SchemefulUnspecified:
		return "the page is on another site than the API, and SameSite keeps it back",
			"Set {cookie} with SameSite=None; Secure, or serve page and API from one site."
	case jar.SameSiteNoneInsecure:
		return "the browser did not take it, because SameSite=None needs Secure", "Add Secure to {cookie}."
	case jar.SecureOnly:
		return "it is Secure, and the connection is not", "Serve the API over https, or leave Secure out in development."
	case jar.Expired:
		return "its time is over", "Give {cookie} the lifetime of the refresh token."
	case jar.NoCredentials, "":
		return "the page asks without credentials", "Ask with credentials: 'include' (withCredentials in axios), at the sign-in too."
	}
	return "the browser did not take it (" + string(s.Why) + ")", "Mend the attributes of {cookie}."
}

// setCookieLine is a cookie as it was set, without its value.
func setCookieLine(c *jar.Cookie) string {
	line := "Set-Cookie: " + c.Name + "=…"
	if c.HasPath {
		line += "; Path=" + c.Path
	}
	if c.Domain != "" {
		line += "; Domain=" + c.Domain
	}
	if c.Secure {
		line += "; Secure"
	}
	if c.HTTPOnly {
		line += "; HttpOnly"
	}
	if c.SameSite != jar.Unspecified {
		line += "; SameSite=" + c.SameSite.String()
	}
	return line
}
