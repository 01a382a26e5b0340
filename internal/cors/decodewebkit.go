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
	{"Unsafe attempt to load URL ", readWebKitUnsafe},
	{"Cancelled load to ", readWebKitPolicy},
	{"Cannot load ", readWebKitBare},
	{" due to access control checks", readWebKitPath},
}

// webkitWordings are Safari's, with the shorter forms of older versions.
var webkitWordings = sorted(append(wordingsOf(WebKit), []wording{
	{WebKitOriginNotAllowed, "Origin @ is not allowed by Access-Control-Allow-Origin."},
	{WebKitPreflightStatus, "Preflight response is not successful"},
	{WebKitMultipleOrigins, "Access-Control-Allow-Origin cannot contain more than one origin"},
	{WebKitCredentials, "Credentials flag is true, but Access-Control-Allow-Credentials is not"},
	{WebKitRedirectMode, "Not allowed to follow a redirection while loading %"},
	{WebKitTooManyRedirects, "Load cannot follow more than 20 redirections"},
}...))

func readWebKit(p paste, at int) (Message, int, bool) {
	m, end, ok := p.match(at, webkitWordings, Message{Browser: WebKit.String()})
	if m.Code == WebKitRedirectMode {
		m.URL, m.Parameter = m.Parameter, ""
	}
	return m, end, ok
}

// readWebKitRedirect: Cross-origin redirection to {url} denied by …: {reason}
func readWebKitRedirect(p paste, at int) (m Message, end int, ok bool) {
	url, at, ok := p.until(at+len("Cross-origin redirection to "), " denied by Cross-Origin Resource Sharing policy: ")
	if !ok {
		return m, at, false
	}
	m, end, ok = readWebKit(p, at)
	if !ok {
		m, end = Message{Browser: WebKit.String(), Code: WebKitRedirectDenied}, at
	}
	m.URL = url
	return m, end, true
}

// readWebKitUnsafe: Unsafe attempt to load URL {url} from origin {origin}. …
func readWebKitUnsafe(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = WebKit.String(), WebKitUnsafeLoad
	if m.URL, at, ok = p.until(at+len("Unsafe attempt to load URL "), " from "); !ok {
		return m, at, false
	}
	at, _ = p.skip(at, "origin ")
	m.Origin, at, ok = p.until(at, ". ")
	return m, at, ok
}

// readWebKitPolicy: Cancelled load to {url} because it violates …
func readWebKitPolicy(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = WebKit.String(), WebKitResourcePolicy
	m.URL, at, ok = p.until(at+len("Cancelled load to "), " because it violates the resource's Cross-Origin-Resource-Policy")
	return m, at, ok
}

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
