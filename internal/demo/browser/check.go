package browser

import (
	"net/url"
	"slices"
	"strings"
)

// refusal is a CORS failure: Chromium's name for it (CDP Network.CorsError)
// and the value its message quotes.
type refusal struct {
	code, hint string
}

// corsCheck implements https://fetch.spec.whatwg.org/#cors-check in the order
// in which Chromium looks (services/network/public/cpp/cors/cors.cc), because
// the order decides which message is seen.
func corsCheck(lines []Header, origin string, include bool) *refusal {
	acao, ok := get(lines, "Access-Control-Allow-Origin")
	switch {
	case acao == "*" && include:
		return &refusal{"WildcardOriginNotAllowed", ""}
	case acao == "*":
		return nil // Allow-Credentials is not looked at
	case !ok:
		return &refusal{"MissingAllowOriginHeader", ""}
	case acao == origin:
	case strings.ContainsAny(acao, " ,"):
		return &refusal{"MultipleAllowOriginValues", acao}
	case acao == "null" || parsesAsURL(acao):
		return &refusal{"AllowOriginMismatch", acao}
	default:
		return &refusal{"InvalidAllowOriginValue", acao}
	}
	if acac, _ := get(lines, "Access-Control-Allow-Credentials"); include && acac != "true" {
		return &refusal{"InvalidAllowCredentials", acac}
	}
	return nil
}

// parsesAsURL tells whether Chromium's URL parser takes the value. A scheme of
// its own makes nearly anything a URL: "localhost:3000" is one.
func parsesAsURL(s string) bool {
	_, err := resolve(&url.URL{}, s)
	return err == nil
}

// preflightCheck implements the second half of
// https://fetch.spec.whatwg.org/#cors-preflight-fetch, once the answer has
// passed the CORS check. It returns what the answer allows.
func preflightCheck(status int, lines []Header, ask question, include bool) (permission, *refusal) {
	var p permission
	if status < 200 || status > 299 {
		return p, &refusal{"PreflightInvalidStatus", ""}
	}
	var ok bool
	if p.methods, ok = tokens(lines, "Access-Control-Allow-Methods"); !ok {
		return p, &refusal{"InvalidAllowMethodsPreflightResponse", ""}
	}
	if p.headers, ok = tokens(lines, "Access-Control-Allow-Headers"); !ok {
		return p, &refusal{"InvalidAllowHeadersPreflightResponse", ""}
	}
	for i, name := range p.headers {
		p.headers[i] = strings.ToLower(name)
	}
	p.include = include
	return p, p.covers(ask)
}

// question is what a preflight asks for.
type question struct {
	method string
	names  []string // of headers, lower case
}

// permission is what a passed preflight allows.
type permission struct {
	methods, headers []string
	include          bool // it was asked for a request with credentials
}

// covers checks a request against the lists. The wildcard counts only without
// credentials. It covers Authorization too: the standard says no, but no
// browser has dared to refuse. Of several names that are missing, Chromium
// reports the first in its hash table, this browser the first by the alphabet.
func (p permission) covers(ask question) *refusal {
	wild := func(list []string) bool { return !p.include && slices.Contains(list, "*") }
	if !simpleMethod(ask.method) && !slices.Contains(p.methods, ask.method) && !wild(p.methods) {
		return &refusal{"MethodDisallowedByPreflightResponse", ask.method}
	}
	for _, name := range ask.names {
		if !slices.Contains(p.headers, name) && !wild(p.headers) {
			return &refusal{"HeaderDisallowedByPreflightResponse", name}
		}
	}
	return nil
}

func simpleMethod(m string) bool { return m == "GET" || m == "HEAD" || m == "POST" }

// tokens splits a list of tokens; it is false when an item is none
// (https://fetch.spec.whatwg.org/#extract-header-list-values).
func tokens(lines []Header, name string) ([]string, bool) {
	value, _ := get(lines, name)
	var list []string
	for item := range strings.SplitSeq(value, ",") {
		item = strings.Trim(item, " \t")
		if item == "" {
			continue
		}
		if !isToken(item) {
			return nil, false
		}
		list = append(list, item)
	}
	return list, true
}

// isToken implements RFC 9110 section 5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !isAlnum(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// safelistedResponse names what a script may read of every response
// (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
var safelistedResponse = []string{
	"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
}

// readable filters the lines of a response for a script.
func readable(lines []Header, tainted, include bool) []Header {
	var exposed []string
	if tainted {
		exposed, _ = tokens(lines, "Access-Control-Expose-Headers")
	}
	all := !include && slices.Contains(exposed, "*")
	var out []Header
	for _, l := range lines {
		name := strings.ToLower(l.Name)
		listed := slices.ContainsFunc(exposed, func(e string) bool { return strings.EqualFold(e, name) })
		switch {
		case name == "set-cookie" || name == "set-cookie2":
		case !tainted || all || listed || slices.Contains(safelistedResponse, name):
			out = append(out, Header{name, l.Value})
		}
	}
	slices.SortStableFunc(out, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return out
}
