package browser

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// forbidden names are the browser's own; what a script sets is dropped
// (https://fetch.spec.whatwg.org/#forbidden-request-header).
var forbidden = []string{
	"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
	"connection", "content-length", "cookie", "cookie2", "date", "dnt",
	"expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding",
	"upgrade", "via",
	"user-agent", // not in the standard's list any more, but Chromium keeps its own
}

func isForbidden(h Header) bool {
	name := strings.ToLower(h.Name)
	switch name {
	case "x-http-method", "x-http-method-override", "x-method-override":
		return slices.ContainsFunc(strings.Split(h.Value, ","), func(m string) bool {
			m = strings.ToUpper(strings.Trim(m, " \t"))
			return m == "CONNECT" || m == "TRACE" || m == "TRACK"
		})
	}
	return slices.Contains(forbidden, name) || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}

// Limits of https://fetch.spec.whatwg.org/#cors-safelisted-request-header and
// #cors-unsafe-request-header-names, in bytes.
const (
	maxSafeValue = 128
	maxSafeSum   = 1024
)

// unsafeNames lists the names that need a preflight's permission, in lower
// case and sorted (https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names).
func unsafeNames(lines []Header) []string {
	var unsafe, safe []string
	sum := 0
	for _, l := range lines {
		name := strings.ToLower(l.Name)
		if !safelisted(name, l.Value) {
			unsafe = append(unsafe, name)
			continue
		}
		safe = append(safe, name)
		sum += len(l.Value)
	}
	if sum > maxSafeSum {
		unsafe = append(unsafe, safe...)
	}
	slices.Sort(unsafe)
	return slices.Compact(unsafe)
}

// safelisted implements https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
func safelisted(name, value string) bool {
	if len(value) > maxSafeValue {
		return false
	}
	switch name {
	case "accept":
		return !strings.ContainsFunc(value, isUnsafeByte)
	case "accept-language", "content-language":
		return !strings.ContainsFunc(value, func(r rune) bool { return !isAlnum(r) && !strings.ContainsRune(" *,-.;=", r) })
	case "content-type":
		return !strings.ContainsFunc(value, isUnsafeByte) && simpleType(value)
	case "range":
		return simpleRange(value)
	case "save-data":
		return value == "on"
	// Client hints that Chromium sends itself pass without asking.
	case "device-memory", "dpr", "width", "viewport-width", "rtt", "downlink", "ect":
		return true
	}
	return false
}

// isUnsafeByte implements https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte.
func isUnsafeByte(r rune) bool {
	return r < ' ' && r != '\t' || r == 0x7f || strings.ContainsRune(`"():<>?@[\]{}`, r)
}

func isAlnum(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func simpleType(value string) bool {
	switch essence(value) {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return true
	}
	return false
}

// essence is the type of a MIME type without its parameters, "" when it is
// none (https://mimesniff.spec.whatwg.org/#parse-a-mime-type). A broken
// parameter does not spoil the type.
func essence(value string) string {
	t, _, _ := strings.Cut(value, ";")
	t = strings.ToLower(strings.Trim(t, " \t\r\n"))
	if _, _, err := mime.ParseMediaType(t); err != nil || strings.Count(t, "/") != 1 {
		return ""
	}
	return t
}

// simpleRange takes one range with a start and no spaces.
func simpleRange(value string) bool {
	spec, ok := strings.CutPrefix(value, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash {
		return false
	}
	a, err := strconv.ParseUint(from, 10, 63)
	if err != nil || strings.HasPrefix(from, "+") {
		return false
	}
	if to == "" {
		return true
	}
	b, err := strconv.ParseUint(to, 10, 63)
	return err == nil && !strings.HasPrefix(to, "+") && a <= b
}
