package cors

import "strings"

// webkitReaders are Safari's reasons, which stand on a line of their own before
// the line that names the request.
var webkitReaders = []reader{
	{"Origin ", readWebKit},
	{"Cannot use wildcard in Access-Control-Allow-Origin", readWebKit},
	{"Access-Control-Allow-Origin cannot contain more than one origin", readWebKit},
	{"Credentials flag is true, but", readWebKit},
	{"Preflight response is not successful", readWebKit},
	{"Header Access-Control-Allow-", readWebKit},
	{"Method ", readWebKit},
	{"Request header field ", readWebKit},
	{"Cross-origin redirection to ", readWebKitRedirect},
	{"Not allowed to follow a redirection while loading ", readWebKit},
	{"Load cannot follow more than 20 redirections", readWebKit},
	{"Unsafe attempt to load URL ", readWebKit},
	{"Cross origin requests are not allowed when using", readWebKit},
	{"Cancelled load to ", readWebKit},
	{"Cannot load ", readWebKitBare},
	{" due to access control checks", readWebKitPath},
}

// webkitWordings are Safari's, with the shorter forms of older versions.
var webkitWordings = sorted(append(wordingsOf(WebKit), []wording{
	{WebKitOriginNotAllowed, "Origin @ is not allowed by Access-Control-Allow-Origin."},
	{WebKitPreflightStatus, "Preflight response is not successful"},
	{WebKitMultipleOrigins, "Access-Control-Allow-Origin cannot contain more than one origin"},
	{WebKitCredentials, "Credentials flag is true, but Access-Control-Allow-Credentials is not"},
}...))

func readWebKit(p paste, at int) (Message, int, bool) {
	return p.match(at, webkitWordings, Message{Browser: WebKit.String()})
}

// readWebKitRedirect: Cross-origin redirection to {url} denied by …: {reason}
func readWebKitRedirect(p paste, at int) (m Message, end int, ok bool) {
	url, at, ok := p.until(at+len("Cross-origin redirection to "), redirectDenied)
	if !ok {
		return m, at, false
	}
	m, end, ok = readWebKit(p, at)
	if !ok {
		m, end = Message{Browser: WebKit.String(), Code: WebKitRedirectDenied}, at
	}
	m.URL, m.Kind = url, kindRedirection
	return m, end, true
}

// kindRedirection marks a message whose URL is a redirect's target.
const kindRedirection = "redirection"

// readWebKitBare: Cannot load {url} due to access control checks.
func readWebKitBare(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = WebKit.String(), WebKitAccessControl
	m.URL, at, ok = p.until(at+len("Cannot load "), " due to access control checks")
	return m, at, ok && !strings.Contains(m.URL, " ")
}

// readWebKitPath is the page error, which has lost the API and the scheme.
func readWebKitPath(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = WebKit.String(), WebKitAccessControl
	m.URL = p.text[strings.LastIndexByte(p.text[:at], ' ')+1 : at]
	return m, at + len(" due to access control checks"), m.URL != ""
}
