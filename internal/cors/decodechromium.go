package cors

import "strings"

// chromiumReaders are the envelopes Chrome and its relatives put a reason in,
// from today's to that of 2014.
var chromiumReaders = []reader{
	{"Access to ", readAccess},
	{"Access blocked by CORS policy: ", readSummary},
	{"Redirect from '", readRedirectFrom},
	{" from origin '", readFromOrigin},
	{"Failed to load ", readFailedToLoad},
	{"XMLHttpRequest cannot load ", readCannotLoad},
	{"Fetch API cannot load ", readCannotLoad},
	{"EventSource cannot load ", readCannotLoad},
	{"Authorization will not be covered by the wildcard symbol", readDeprecation},
}

// apis are what the browsers' words for the asker mean.
var apis = map[string]API{
	"fetch": Fetch, "fetch api": Fetch, "xmlhttprequest": XHR, "image": Image, "script": Script, "css stylesheet": Style,
	"font": Font, "eventsource": EventSource,
}

const (
	byPolicy        = "' has been blocked by CORS policy: "
	preflightPrefix = "Response to preflight request doesn't pass access control check: "
)

// readAccess: Access to {kind} at '{url}' (redirected from '{url}') from origin '{origin}' …
func readAccess(p paste, at int) (m Message, end int, ok bool) {
	m.Browser = Chromium.String()
	at += len("Access to ")
	if m.Kind, at, ok = p.until(at, " at '"); !ok || len(m.Kind) > 40 {
		return m, at, false
	}
	m.API = apis[lowerName(m.Kind)]
	where, at, ok := p.until(at, "from origin '")
	if !ok {
		return m, at, false
	}
	m.URL = strings.TrimSuffix(where, "' ")
	if url, initial, both := strings.Cut(where, "' (redirected from '"); both {
		m.URL, m.Initial = url, strings.TrimSuffix(initial, "') ")
	}
	if m.Origin, at, ok = p.until(at, byPolicy); !ok {
		return m, at, false
	}
	return p.readReason(m, at)
}

// readSummary is the Issues panel's: the same reason without the request.
func readSummary(p paste, at int) (Message, int, bool) {
	return p.readReason(Message{Browser: Chromium.String()}, at+len("Access blocked by CORS policy: "))
}

// readRedirectFrom: Redirect from '{url}' to '{url}' has been blocked by CORS policy: … (until 2018)
func readRedirectFrom(p paste, at int) (m Message, end int, ok bool) {
	m.Browser = Chromium.String()
	if m.Initial, at, ok = p.until(at+len("Redirect from '"), "' to '"); !ok {
		return m, at, false
	}
	if m.URL, at, ok = p.until(at, byPolicy); !ok {
		return m, at, false
	}
	return p.readReason(m, at)
}

// readFromOrigin: Font from origin '{the font's origin}' has been blocked from loading by … (2014)
func readFromOrigin(p paste, at int) (m Message, end int, ok bool) {
	m.Browser = Chromium.String()
	before := p.before(at)
	m.Kind = before[strings.LastIndexByte(before, ' ')+1:]
	m.API = apis[lowerName(m.Kind)]
	m.URL, at, ok = p.until(at+len(" from origin '"), "' has been blocked from loading by Cross-Origin Resource Sharing policy: ")
	if !ok {
		return m, at, false
	}
	return p.readReason(m, at)
}

// readFailedToLoad: Failed to load {url}: … (until 2018)
func readFailedToLoad(p paste, at int) (m Message, end int, ok bool) {
	m.Browser = Chromium.String()
	m.URL, at, ok = p.until(at+len("Failed to load "), ": ")
	if !ok || strings.Contains(m.URL, " ") || !strings.Contains(m.URL, "/") {
		return m, at, false
	}
	m, at, ok = p.readReason(m, at)
	return m, at, ok && m.Code != ""
}

// readCannotLoad: {API} cannot load {url}. … or, in Safari, … due to access control checks.
func readCannotLoad(p paste, at int) (m Message, end int, ok bool) {
	api, at, _ := p.until(at, " cannot load ")
	m.Kind, m.API = api, apis[lowerName(api)]
	m.URL, at = p.word(at)
	if next, ok := p.skip(at, " due to access control checks"); ok {
		m.Browser, m.Code = WebKit.String(), WebKitAccessControl
		return m, next, true
	}
	m.Browser = Chromium.String()
	if strings.HasSuffix(m.URL, ".") {
		m.URL = strings.TrimSuffix(m.URL, ".")
		at, _ = p.skip(at, " ")
	} else if at, ok = p.skip(at, ". "); !ok {
		return m, at, false
	}
	for _, e := range early {
		if next, ok := p.fill(at, e.wording, &m); ok {
			m.Code = e.code
			return m, next, true
		}
	}
	m, at, ok = p.readReason(m, at)
	return m, at, ok && m.Code != ""
}

// readDeprecation is a warning; browsers still let * stand for Authorization.
func readDeprecation(_ paste, at int) (Message, int, bool) {
	return Message{
		Browser: Chromium.String(), Code: ChromiumAuthorizationDeprecation, Parameter: "authorization", Warning: true,
	}, at + len("Authorization will not be covered by the wildcard symbol"), true
}

// early are fetch()'s own refusals, before any request.
var early = []struct {
	code    Code
	wording string
}{
	{ModeSameOrigin, `Request mode is "same-origin" but the URL's origin is not same as the request origin @.`},
	{SchemeRefused, `URL scheme "%" is not supported.`},
	{SchemeRefused, `URL scheme must be "http" or "https" for CORS request.`},
	{ChromiumNoCORSRedirectMode, `Request mode is "no-cors" but the redirect mode is not "follow".`},
}

// readReason reads the sentence behind an envelope, and what older versions
// append to it. An unknown sentence is a message all the same.
func (p paste) readReason(m Message, at int) (Message, int, bool) {
	at, preflight := p.skip(at, preflightPrefix)
	if found, end, ok := p.match(at, chromiumWordings, m); ok {
		m, at = found, end
		if c := chromiumPreflightCode[m.Code]; preflight && c != "" {
			m.Code = c
		}
		m.Parameter = unescapeBytes(m.Parameter)
	}
	return p.readTail(m, at)
}

// readTail reads the sentences that followed the reason until about 2018.
func (p paste) readTail(m Message, at int) (Message, int, bool) {
	if next, ok := p.fill(at, " Origin '@' is therefore not allowed access.", &m); ok {
		at = next
	}
	if next, ok := p.fill(at, " The response had HTTP status code #.", &m); ok {
		at = next
	}
	return m, at, true
}

// chromiumWordings are today's sentences and the ones browsers no longer print.
var chromiumWordings = sorted(undotted(append(wordingsOf(Chromium), []wording{
	{ChromiumWildcardOrigin, "A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true."},
	{ChromiumInvalidAllowCredentials, "Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is '%'. It must be 'true' to allow credentials."},
	{ChromiumPreflightStatus, "Invalid HTTP status code #"},
	{ChromiumPreflightStatus, "Response for preflight has invalid HTTP status code #"},
	{ChromiumPreflightRedirect, "Response for preflight is invalid (redirect)"},
	{ChromiumMethodDisallowed, "Method % is not allowed by Access-Control-Allow-Methods."},
	{ChromiumHeaderDisallowed, "Request header field % is not allowed by Access-Control-Allow-Headers."},
	{ChromiumDisabledScheme, "Cross origin requests are only supported for protocol schemes: %."},
	{ChromiumDisabledScheme, "Cross origin requests are only supported for HTTP."},
	{ChromiumInsecureLocalNetwork, "The request client is not a secure context and the resource is in more-private address space `%`."},
	{ChromiumMissingAllowExternal, "No 'Access-Control-Allow-External' header was present in the preflight response for this external request"},
	{ChromiumInvalidAllowExternal, "The 'Access-Control-Allow-External' header in the preflight response for this external request had a value of '%'"},
	{ChromiumMissingAllowPrivate, "No 'Access-Control-Allow-Private-Network' header was present in the preflight response for this private network request targeting the `%` address space."},
	{ChromiumInvalidAllowPrivate, "The 'Access-Control-Allow-Private-Network' header in the preflight response for this private network request targeting the `%` address space had a value of '%'"},
	{ChromiumUnexpectedPrivate, "Request had no target IP address space, yet the resource is in address space `%`."},
	{ChromiumMissingPrivateID, "No 'Private-Network-Access-Id' header was present in the preflight response for this private network request targeting the `%` address space."},
	{ChromiumMissingPrivateName, "No 'Private-Network-Access-Name' header was present in the preflight response for this private network request targeting the `%` address space."},
	{ChromiumPrivateUnavailable, "Unable to ask for permission to access the `%` IP address space."},
}...)))

// unescapeBytes is the way back from escapeBytes.
func unescapeBytes(s string) string {
	if !strings.Contains(s, `\u00`) {
		return s
	}
	var b strings.Builder
	for s != "" {
		before, rest, ok := strings.Cut(s, `\u00`)
		b.WriteString(before)
		s = rest
		if !ok {
			break
		}
		if hex, ok := percentDecode("%" + rest[:min(len(rest), 2)]); ok && len(hex) == 1 {
			b.WriteString(hex)
			s = rest[2:]
			continue
		}
		b.WriteString(`\u00`)
	}
	return b.String()
}
