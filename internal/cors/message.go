package cors

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// kinds are what Chromium calls the things that make requests; whatever is not
// listed is a "resource".
var kinds = map[API]string{
	"": "fetch", Fetch: "fetch", XHR: "XMLHttpRequest", Image: "image", Script: "script", Module: "script",
	Style: "CSS stylesheet", Font: "font", EventSource: "resource", Beacon: "resource",
}

// chromiumText is GetErrorStringForConsoleMessage of blink's
// platform/loader/cors/cors_error_string.cc. It prints the page's own origin
// even where the request carried "null".
func chromiumText(v *Verdict) string {
	e := codes[v.Code]
	kind := kinds[v.where.api]
	if kind == "" {
		kind = "resource"
	}
	var b strings.Builder
	b.Grow(256)
	b.WriteString("Access to " + kind + " at '" + v.where.url + "' ")
	if v.where.url != v.where.initial {
		b.WriteString("(redirected from '" + v.where.initial + "') ")
	}
	b.WriteString("from origin '" + v.where.page + "' has been blocked by CORS policy: ")
	if e.preflight && prefixed(v.Code) {
		b.WriteString("Response to preflight request doesn't pass access control check: ")
	}
	before, after, ok := strings.Cut(e.text, "%")
	b.WriteString(before)
	if ok {
		b.WriteString(v.where.space + escapeBytes(v.Parameter) + after)
	}
	if e.suffix == suffixFetch && kind == "fetch" || e.suffix == suffixXHR && kind == "XMLHttpRequest" {
		b.WriteString(suffixText[e.suffix])
	}
	return b.String()
}

// prefixed: the errors about the two lists speak of the preflight themselves.
func prefixed(c Code) bool {
	switch c {
	case ChromiumInvalidAllowMethods, ChromiumInvalidAllowHeaders, ChromiumMethodDisallowed, ChromiumHeaderDisallowed:
		return false
	}
	return true
}

// escapeBytes writes everything but printable ASCII as \u00XX, one byte each.
func escapeBytes(s string) string {
	if printable(s) {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

const firefoxPrefix = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at "

// firefoxText: a status is printed where the reason has one, "(null)" where no
// answer came, and the URL stands in quotes in a single one of the messages.
func firefoxText(v *Verdict) string {
	url := v.where.url
	if v.Code == FirefoxWildcardCredentials {
		url = "‘" + url + "’"
	}
	status := "(null)"
	if v.where.status != 0 && v.Code != FirefoxDidNotSucceed {
		status = strconv.Itoa(v.where.status)
	}
	text := strings.Replace(codes[v.Code].text, "#", status, 1)
	text = strings.Replace(text, "%", replaceInvalid(v.Parameter), 1)
	return firefoxPrefix + url + ". (Reason: " + text
}

// replaceInvalid shows each byte that is no UTF-8 as U+FFFD.
func replaceInvalid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
