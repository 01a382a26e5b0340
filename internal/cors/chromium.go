package cors

import "strings"

// chromiumCheck names a failed CORS check in the order of Chromium's
// services/network/public/cpp/cors/cors.cc: the wildcard first, then missing,
// several, invalid and unequal values, credentials last.
func chromiumCheck(h Headers, sent string, include bool) fault {
	allowed, ok := h.get(allowOrigin)
	switch {
	case allowed == "*" && !include:
		return fault{}
	case allowed == "*":
		return fault{code: ChromiumWildcardOrigin, header: allowOrigin}
	case !ok:
		return fault{code: ChromiumMissingAllowOrigin, header: allowOrigin}
	case allowed != sent:
		return fault{code: chromiumMismatch(allowed), parameter: allowed, header: allowOrigin}
	}
	if !include {
		return fault{}
	}
	if v, _ := h.get(allowCredentials); v != "true" {
		return fault{code: ChromiumInvalidAllowCredentials, parameter: v, header: allowCredentials}
	}
	return fault{}
}

func chromiumMismatch(allowed string) Code {
	if strings.ContainsAny(allowed, " ,") {
		return ChromiumMultipleAllowOrigin
	}
	if allowed != "null" {
		if _, ok := parseOrigin(allowed); !ok {
			return ChromiumInvalidAllowOrigin
		}
	}
	return ChromiumAllowOriginMismatch
}

// chromiumPreflight follows services/network/cors/preflight_controller.cc: a
// redirect is refused before anything else is looked at, then the CORS check,
// the status, the syntax of both lists, the method, the headers.
func (r *run) chromiumPreflight(x *Exchange) fault {
	if x.Response == nil {
		return r.noAnswer(x)
	}
	resp := Response{Status: x.Response.Status, Headers: r.parsed(x.Response.Headers)}
	if f := chromiumDamaged(&resp, r.maxHead); !f.ok() {
		return f
	}
	if to, ok := r.location(&resp); ok {
		if f := chromiumUnfollowable(&to); !f.ok() {
			return f
		}
		return fault{code: ChromiumPreflightRedirect, header: "Location"}
	}
	if f := r.otherOrigin(x, resp.Headers); !f.ok() {
		return f
	}
	if f := r.check(resp.Headers, r.origin(x)); !f.ok() {
		f.code = chromiumPreflightCode[f.code]
		return f
	}
	if !okStatus(resp.Status) {
		return fault{code: ChromiumPreflightStatus}
	}
	g := r.granted(x, resp.Headers)
	if _, bad := badItem(g.methods); bad {
		return fault{code: ChromiumInvalidAllowMethods, header: allowMethods}
	}
	if _, bad := badItem(g.headers); bad {
		return fault{code: ChromiumInvalidAllowHeaders, header: allowHeaders}
	}
	if !g.methodAllowed() {
		return fault{code: ChromiumMethodDisallowed, parameter: g.method, header: allowMethods}
	}
	if name := g.refusedName(); name != "" {
		return fault{code: ChromiumHeaderDisallowed, parameter: r.chromiumFirst(&g, name), header: allowHeaders}
	}
	return fault{}
}

// chromiumFirst is the refused header name that Chromium comes upon first.
func (r *run) chromiumFirst(g *grant, name string) string {
	if n := strings.Count(g.names, ","); n == 0 || n > mostNames {
		return lowerName(name)
	}
	var asked []string
	for list, more := g.names, true; more; {
		var item string
		item, list, more = nextItem(list)
		asked = append(asked, lowerName(item))
	}
	var script Headers
	if r.hints != nil {
		script = r.hints.Headers
	}
	for _, item := range chromiumOrder(asked, script, r.url.trustworthy()) {
		if !g.allows(item) {
			return item
		}
	}
	return lowerName(name)
}

// mostNames is how many header names are put into order; no script sets more.
const mostNames = 500

// chromiumUnfollowable: the network stack refuses a Location that is no URL
// before CORS sees the response.
func chromiumUnfollowable(to *redirect) fault {
	if to.valid {
		return fault{}
	}
	return fault{outcome: Failed, neterr: "net::ERR_INVALID_REDIRECT", header: "Location"}
}

// unsafeTargets are the schemes no web response may redirect to, and the error
// that says so: IsSafeRedirectTarget in content/, the schemes of Chromium's own
// pages, and one that CORS would allow but nobody serves.
var unsafeTargets = map[string]string{
	"about": errUnsafe, "blob": errUnsafe, "data": errUnsafe, "file": errUnsafe, "filesystem": errUnsafe,
	"chrome": errUnsafe, "chrome-untrusted": errUnsafe, "chrome-extension": errUnsafe, "devtools": errUnsafe,
	"view-source": "blocked:other", "chrome-search": "blocked:other", "isolated-app": errUnknownScheme,
}

const (
	errUnsafe        = "net::ERR_UNSAFE_REDIRECT"
	errUnknownScheme = "net::ERR_UNKNOWN_URL_SCHEME"
)

// chromiumForbidden: services/network/cors/cors_url_loader.cc counts, then
// looks for a user name, then at the scheme.
func (r *run) chromiumForbidden(to *redirect) fault {
	switch {
	case r.tooMany():
		return fault{outcome: Failed, neterr: "net::ERR_TOO_MANY_REDIRECTS"}
	case r.leaksCredentials(to):
		return fault{code: ChromiumRedirectCredentials, header: "Location"}
	case to.to.isHTTP() && to.to.userinfo && r.mode == modeCORS:
		// Leading home from home, which the standard allows.
		return fault{outcome: Failed, neterr: "blocked:origin", header: "Location"}
	case to.to.isHTTP():
		return fault{}
	case unsafeTargets[to.to.scheme] != "":
		return fault{outcome: Failed, neterr: unsafeTargets[to.to.scheme], header: "Location"}
	case r.mode == modeCORS:
		return fault{code: ChromiumDisabledScheme, header: "Location", url: to.to.full()}
	}
	return fault{outcome: Failed, neterr: errUnknownScheme, header: "Location"}
}

// chromiumDamaged: net/http/http_stream_parser.cc refuses responses whose
// framing or meaning an attacker could have split in two.
func chromiumDamaged(resp *Response, maxHead int) fault {
	failed := func(e, header string) fault { return fault{outcome: Failed, neterr: e, header: header} }
	switch {
	case headSize(resp.Headers) > maxHead:
		return failed("net::ERR_RESPONSE_HEADERS_TOO_BIG", "")
	case hasNUL(resp.Headers):
		return failed("net::ERR_INVALID_HTTP_RESPONSE", "")
	case resp.Headers.differ("Content-Length") && !chunked(resp.Headers):
		return failed("net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH", "Content-Length")
	case resp.Headers.differ("Content-Disposition"):
		return failed("net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION", "Content-Disposition")
	case resp.Headers.differ("Location"):
		return failed("net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION", "Location")
	}
	return fault{}
}

// chromiumErrors maps how a server or the network failed to what the browser
// calls it (net/base/net_error_list.h).
var chromiumErrors = map[string]string{
	"reset": "net::ERR_CONNECTION_RESET", "empty": "net::ERR_EMPTY_RESPONSE", "refused": "net::ERR_CONNECTION_REFUSED",
	"dns": "net::ERR_NAME_NOT_RESOLVED", "tls": "net::ERR_CERT_AUTHORITY_INVALID", "timeout": "net::ERR_TIMED_OUT",
	"hang": "net::ERR_TIMED_OUT", "unreachable": "net::ERR_ADDRESS_UNREACHABLE", "client-gone": "net::ERR_ABORTED",
	"truncated-body": "net::ERR_CONTENT_LENGTH_MISMATCH", "cut": "net::ERR_CONTENT_LENGTH_MISMATCH",
	"truncated-chunks": "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "body-reset": "net::ERR_CONNECTION_RESET",
	"bad-chunk": "net::ERR_INVALID_CHUNKED_ENCODING", "bad-coding": "net::ERR_CONTENT_DECODING_FAILED",
}

func chromiumLost(failure string) fault {
	f := fault{outcome: Failed, neterr: chromiumErrors[failure]}
	if strings.HasPrefix(failure, "net::") {
		f.neterr = failure
	}
	return f
}
