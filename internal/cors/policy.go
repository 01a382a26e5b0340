package cors

import "strings"

// policy is the cross-origin resource policy check of a no-cors answer:
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check.
// A value that is none of the three, or several, count as absent.
func (r *run) policy(resp *Response) fault {
	value, _ := resp.Headers.get("Cross-Origin-Resource-Policy")
	switch value {
	case "same-origin":
		return r.policyFault("blocked:corp-not-same-origin")
	case "same-site":
		if r.crossSite() {
			return r.policyFault("blocked:corp-not-same-site")
		}
	case "cross-origin":
	default:
		if r.pageKind() == pageCOEP {
			return r.policyFault("blocked:corp-not-same-origin-after-defaulted-to-same-origin-by-coep")
		}
	}
	return fault{}
}

// crossSite compares schemefully, except that an http page may use https
// resources of its own site.
func (r *run) crossSite() bool {
	page, ok := parseOrigin(r.page)
	if !ok {
		return true
	}
	return registrable(page.host) != registrable(r.url.host) || page.scheme == "http" && r.url.scheme == "https"
}

func (r *run) policyFault(reason string) fault {
	f := fault{outcome: Failed, neterr: reason, header: "Cross-Origin-Resource-Policy"}
	switch r.engine {
	case Firefox:
		f.neterr = "NS_ERROR_DOM_CORP_FAILED"
	case WebKit:
		f.neterr, f.code = "", WebKitResourcePolicy
	}
	f.reason = "the resource's cross-origin resource policy keeps other pages out: " + strings.TrimPrefix(reason, "blocked:")
	return f
}

// essence is a response's MIME type without parameters, lower-case, "" when it
// has none that parses.
func essence(h Headers) string {
	v, _ := h.get("Content-Type")
	if i := strings.LastIndexByte(v, ','); i >= 0 {
		v = v[i+1:]
	}
	v, _, _ = strings.Cut(v, ";")
	v = lowerName(trimLWS(v))
	kind, sub, ok := strings.Cut(v, "/")
	if !ok || !isToken(kind) || !isToken(sub) {
		return ""
	}
	return v
}

// nosniff: https://fetch.spec.whatwg.org/#determine-nosniff.
func nosniff(h Headers) bool {
	v, _ := h.get("X-Content-Type-Options")
	first, _, _ := strings.Cut(v, ",")
	return sameName(trimLWS(first), "nosniff")
}

// javascriptType: https://mimesniff.spec.whatwg.org/#javascript-mime-type.
func javascriptType(mime string) bool {
	switch mime {
	case "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript",
		"application/ecmascript", "application/x-ecmascript", "text/x-ecmascript", "text/x-javascript",
		"text/jscript", "text/livescript":
		return true
	}
	return strings.HasPrefix(mime, "text/javascript1.") && len(mime) == len("text/javascript1.x")
}
