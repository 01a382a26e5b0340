package cors

import "strings"

// otherReaders are messages that carry no reason, or another one than CORS,
// and Chromium's reasons without an envelope.
var otherReaders = append([]reader{
	{"net::ERR_", readNetError},
	{"NS_ERROR_", readNetError},
	{"Mixed Content: ", readMixedContent},
	{"Blocked loading mixed active content ", readMixedFirefox},
	{"Refused to connect to '", readPolicyRefusal},
	{"Connecting to '", readPolicyRefusal},
	{"Content-Security-Policy: The page’s settings blocked the loading of a resource", readPolicyFirefox},
	{"was blocked by OpaqueResponseBlocking", readORB},
	{"TypeError: Failed to fetch", bare("TypeError: Failed to fetch", Chromium.String(), Fetch)},
	{"NetworkError when attempting to fetch resource", bare("NetworkError when attempting to fetch resource", Firefox.String(), Fetch)},
	{"TypeError: Load failed", bare("TypeError: Load failed", WebKit.String(), Fetch)},
	{"Failed to fetch", bare("Failed to fetch", Chromium.String(), Fetch)},
	{"AxiosError: Network Error", bare("AxiosError: Network Error", "", XHR)},
	{"Error: Network Error", bare("Error: Network Error", "", XHR)},
	{"ERR_NETWORK", bare("ERR_NETWORK", "", XHR)},
	{"TypeError: fetch failed", bare("TypeError: fetch failed", "", Fetch)},
	{"Network request failed", bare("Network request failed", "", Fetch)},
}, reasonReaders()...)

func bare(text, browser string, api API) func(paste, int) (Message, int, bool) {
	return func(_ paste, at int) (Message, int, bool) {
		return Message{Browser: browser, Code: FetchFailed, API: api, Kind: text}, at + len(text), true
	}
}

// reasonReaders find Chromium's sentences alone, as people quote them.
func reasonReaders() (out []reader) {
	for _, w := range chromiumWordings {
		literal, _, _ := strings.Cut(w.wording, "%")
		literal, _, _ = strings.Cut(literal, "#")
		out = append(out, reader{literal, func(p paste, at int) (Message, int, bool) {
			m, end, _ := p.readReason(Message{Browser: Chromium.String()}, at)
			return m, end, m.Code != ""
		}})
	}
	return out
}

// readNetError: {METHOD} {url} net::ERR_X {status} ({reason})
func readNetError(p paste, at int) (Message, int, bool) {
	m := Message{Code: NetworkError}
	name, end := p.word(at)
	name = strings.TrimRight(name, ".,;:)\"'")
	end = at + len(name)
	m.Browser, m.Parameter = Chromium.String(), name
	if strings.HasPrefix(name, "NS_") {
		m.Browser = Firefox.String()
	}
	if strings.HasPrefix(name, "net::ERR_BLOCKED_BY_ORB") || strings.HasPrefix(name, "net::ERR_BLOCKED_BY_RESPONSE") {
		m.Code = ResponseBlocked
	}
	for word := range strings.FieldsSeq(p.before(at)) {
		if strings.Contains(word, "://") {
			m.URL = word
		}
	}
	if next, ok := p.skip(end, " "); ok {
		if digits, after := p.status(next); len(digits) == 3 {
			m.Status, end = number(digits), after
		}
	}
	return m, end, true
}

// readMixedContent: Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure … '{url}'
func readMixedContent(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = Chromium.String(), MixedContent
	page, at, ok := p.until(at+len("Mixed Content: The page at '"), "' was loaded over HTTPS, but ")
	if !ok {
		return m, at, false
	}
	if a, ok := parseAddress(page); ok {
		m.Origin = a.origin
	}
	if _, at, ok = p.until(at, " '"); !ok {
		return m, at, false
	}
	m.URL, at, ok = p.until(at, "'")
	return m, at, ok
}

func readMixedFirefox(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = Firefox.String(), MixedContent
	url, end := p.word(at + len("Blocked loading mixed active content "))
	m.URL = strings.Trim(url, "“”\"'.")
	return m, end, m.URL != ""
}

// readPolicyRefusal: Refused to connect to '{url}' because it violates the following Content Security Policy directive: "{directive}"
func readPolicyRefusal(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = Chromium.String(), ContentSecurity
	_, at, _ = p.until(at, "'")
	if m.URL, at, ok = p.until(at, "'"); !ok {
		return m, at, false
	}
	if _, at, ok = p.until(at, "Content Security Policy directive: "); !ok {
		return m, at, false
	}
	if next, ok := p.skip(at, `"`); ok {
		m.Parameter, at, _ = p.until(next, `"`)
	}
	return m, at, true
}

func readPolicyFirefox(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = Firefox.String(), ContentSecurity
	line, end := p.line(at)
	for word := range strings.FieldsSeq(line) {
		if strings.Contains(word, "://") {
			m.URL = strings.Trim(word, "“”\"'.,()")
		}
	}
	return m, end, true
}

// readORB: The resource at “{url}” was blocked by OpaqueResponseBlocking. Reason: “…”.
func readORB(p paste, at int) (m Message, end int, ok bool) {
	m.Browser, m.Code = Firefox.String(), ResponseBlocked
	before := strings.TrimSpace(p.before(at))
	m.URL = strings.Trim(before[strings.LastIndexByte(before, ' ')+1:], "“”\"")
	return m, at + len("was blocked by OpaqueResponseBlocking"), true
}

// issues are the headings of Chrome's Issues panel. They name a group of
// codes; a heading that leaves several open has a code of its own.
var issues = []wording{
	{IssueInvalidHeaders, "Ensure CORS response header values are valid"},
	{IssuePreflight, "Ensure preflight responses are valid"},
	{ChromiumHeaderDisallowed, "Ensure CORS request includes only allowed headers"},
	{ChromiumMethodDisallowed, "Ensure CORS request uses allowed method"},
	{ChromiumAllowOriginMismatch, "Ensure CORS requesting origin matches resource’s allowed origin"},
	{ChromiumWildcardOrigin, "Ensure credentialed requests aren’t sent to CORS resources with origin wildcards"},
	{ChromiumInvalidAllowCredentials, "Ensure CORS requests include credentials only when allowed"},
	{ChromiumRedirectCredentials, "Ensure CORS requests aren’t redirected to URLs containing credentials"},
	{ChromiumDisallowedByMode, "Ensure only same-origin resources are fetched with same-origin request mode"},
	{ChromiumDisabledScheme, "Ensure CORS requests are made on supported schemes"},
	{ChromiumNoCORSRedirectMode, "Ensure no-cors requests configure redirect mode follow"},
	{ChromiumLocalNetworkDenied, "Ensure that local network requests are compatible with restrictions"},
	{ChromiumInsecureLocalNetwork, "Ensure private network requests are made from secure contexts"},
	{ChromiumMissingAllowPrivate, "Ensure private network requests are only made to resources that allow them"},
}

func issueReaders() (out []reader) {
	for _, w := range issues {
		m := Message{Browser: Chromium.String(), Code: w.code, Kind: "issue"}
		out = append(out, reader{w.wording, func(_ paste, at int) (Message, int, bool) {
			return m, at + len(w.wording), true
		}})
	}
	return out
}
