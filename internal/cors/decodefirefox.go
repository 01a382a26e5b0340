package cors

import "strings"

// firefoxReaders are Firefox's envelopes. Firefox quotes with ‘ and ’; what went
// through other hands may have plain quotes.
var firefoxReaders = []reader{
	{firefoxPrefix, readFirefox},
	{firefoxWarning, readFirefoxWarning},
	{"(Reason: ", readFirefoxReason},
}

const (
	firefoxWarning = "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at "
	firefoxFix     = " This can be fixed by moving the resource to the same domain or enabling CORS."
)

// readFirefox: … at {url}. (Reason: …). Until 2014 a reason was missing.
func readFirefox(p paste, at int) (m Message, end int, ok bool) {
	m.Browser = Firefox.String()
	at += len(firefoxPrefix)
	if url, next, ok := p.until(at, firefoxFix); ok && !strings.Contains(url, "(Reason: ") {
		m.URL, m.Code = unquote(url), FirefoxMissingAllowOrigin
		return m, next, true
	}
	if m.URL, at, ok = p.until(at, " (Reason: "); !ok {
		return m, at, false
	}
	m.URL = unquote(m.URL)
	m, at = p.firefoxReason(m, at)
	return m, at, true
}

// unquote takes the full stop and a pair of quotes off a URL.
func unquote(url string) string {
	url = strings.TrimSuffix(strings.TrimSpace(url), ".")
	for _, q := range [...][2]string{{"‘", "’"}, {"'", "'"}, {`"`, `"`}} {
		if in, ok := strings.CutPrefix(url, q[0]); ok {
			return strings.TrimSuffix(in, q[1])
		}
	}
	return url
}

func readFirefoxWarning(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code, m.Warning, m.Parameter = Firefox.String(), FirefoxAuthorizationDeprecation, true, "authorization"
	m.URL, at, ok = p.until(at+len(firefoxWarning), " soon. (Reason: ")
	m.URL = unquote(m.URL)
	return m, at, ok
}

// readFirefoxReason reads a reason that lost its envelope.
func readFirefoxReason(p paste, at int) (Message, int, bool) {
	m, end := p.firefoxReason(Message{Browser: Firefox.String()}, at+len("(Reason: "))
	return m, end, m.Code != ""
}

// firefoxReason reads a reason. An unknown one is a message all the same.
func (p paste) firefoxReason(m Message, at int) (Message, int) {
	if found, end, ok := p.match(at, firefoxWordings, m); ok {
		return found, end
	}
	if found, end, ok := p.match(at, firefoxPlain, m); ok {
		return found, end
	}
	return m, at
}

// firefoxWordings are today's and yesterday's reasons.
var firefoxWordings = sorted(append(wordingsOf(Firefox), []wording{
	{FirefoxMissingAllowOrigin, "CORS header ‘Access-Control-Allow-Origin’ missing)"},
	{FirefoxDidNotSucceed, "CORS request did not succeed)"},
	{FirefoxDidNotSucceed, "CORS request failed)"},
	{FirefoxNotHTTP, "CORS request not HTTP)"},
	{FirefoxPreflightStatus, "CORS preflight channel did not succeed)"},
	{FirefoxPreflightStatus, "CORS preflight response did not succeed)"},
	{FirefoxHeaderNotAllowed, "missing token ‘%’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel)"},
	{FirefoxMethodNotFound, "Did not find method in CORS header ‘Access-Control-Allow-Methods’)"},
	{FirefoxMultipleAllowOrigin, "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed)"},
	{FirefoxWildcardCredentials, "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’)"},
}...))

// firefoxPlain are the same reasons with plain quotes.
var firefoxPlain = plainQuotes(firefoxWordings)

func plainQuotes(in []wording) []wording {
	out := make([]wording, len(in))
	for i, w := range in {
		out[i] = wording{w.code, strings.NewReplacer("‘", "'", "’", "'").Replace(w.wording)}
	}
	return out
}
