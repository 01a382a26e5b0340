package cors

import (
	"strconv"
	"strings"
)

// webkitCheck names a failed CORS check in the order of WebKit's
// Source/WebCore/loader/CrossOriginAccessControl.cpp
// (passesAccessControlCheck), which has one sentence for a missing value and a
// wrong one.
func webkitCheck(h Headers, sent string, include bool) fault {
	allowed, _ := h.get(allowOrigin)
	if allowed == "*" && !include {
		return fault{}
	}
	if allowed != sent {
		f := fault{code: WebKitOriginNotAllowed, parameter: allowed, header: allowOrigin}
		switch {
		case allowed == "*":
			f.code = WebKitWildcard
		case strings.Contains(allowed, ","):
			f.code = WebKitMultipleOrigins
		}
		return f
	}
	if !include {
		return fault{}
	}
	if v, _ := h.get(allowCredentials); v != "true" {
		return fault{code: WebKitCredentials, parameter: v, header: allowCredentials}
	}
	return fault{}
}

// webkitPreflight follows validatePreflightResponse: the status comes before
// everything else, so a redirect and a 401 look the same.
func (r *run) webkitPreflight(x *Exchange) fault {
	if x.Response == nil {
		return r.noAnswer(x)
	}
	resp := Response{Status: x.Response.Status, Headers: r.parsed(x.Response.Headers)}
	if !okStatus(resp.Status) {
		return fault{code: WebKitPreflightStatus, status: resp.Status}
	}
	if f := r.otherOrigin(x, resp.Headers); !f.ok() {
		return f
	}
	if f := r.check(resp.Headers, r.origin(x)); !f.ok() {
		f.status = resp.Status
		return f
	}
	g := r.granted(x, resp.Headers)
	if _, bad := badItem(g.methods); bad {
		return fault{code: WebKitInvalidMethods, parameter: g.methods, header: allowMethods}
	}
	if _, bad := badItem(g.headers); bad {
		return fault{code: WebKitInvalidHeaders, parameter: g.headers, header: allowHeaders}
	}
	if !g.methodAllowed() {
		return fault{code: WebKitMethod, parameter: g.method, header: allowMethods}
	}
	if name := r.webkitRefusedName(&g); name != "" {
		return fault{code: WebKitHeader, parameter: name, header: allowHeaders}
	}
	return fault{}
}

// webkitRefusedName is the first header that is not allowed, in the order and
// the spelling of WebKit's HTTPHeaderMap: the names it knows come first, in
// their usual spelling, then the others as the script wrote them. Where the
// script's headers are not known the preflight's order has to do.
func (r *run) webkitRefusedName(g *grant) string {
	name := g.refusedName()
	if name == "" {
		return ""
	}
	written := Headers(nil)
	if r.hints != nil {
		written = r.hints.Headers
	}
	for i := range written {
		if known := webkitName(written[i].Name); known != "" && g.refuses(known) {
			return known
		}
	}
	for i := range written {
		if webkitName(written[i].Name) == "" && g.refuses(written[i].Name) {
			return written[i].Name
		}
	}
	if known := webkitName(name); known != "" {
		return known
	}
	return name
}

// webkitNames are those of HTTPHeaderNames.in that a script may set.
var webkitNames = [...]string{
	"Accept", "Accept-Language", "Accept-Ranges", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
	"Access-Control-Allow-Methods", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
	"Access-Control-Max-Age", "Age", "Authorization", "Cache-Control", "Content-Disposition", "Content-Encoding",
	"Content-Language", "Content-Range", "Content-Security-Policy", "Content-Type", "ETag", "Expires", "If-Match",
	"If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Last-Event-ID", "Last-Modified",
	"Location", "Pragma", "Range", "Refresh", "Server", "Timing-Allow-Origin", "Vary", "X-Content-Type-Options",
	"X-DNS-Prefetch-Control", "X-Frame-Options", "X-XSS-Protection",
}

func webkitName(name string) string {
	for _, known := range webkitNames {
		if sameName(known, name) {
			return known
		}
	}
	return ""
}

func webkitUnfollowable(to *redirect) fault {
	if to.valid {
		return fault{}
	}
	return fault{outcome: Failed, header: "Location", reason: "the Location is no URL"}
}

// webkitForbidden follows NetworkLoadChecker::checkRedirection. It looks at the
// Location only of answers from other origins; a user name that the page's own
// server sends along is dropped.
func (r *run) webkitForbidden(to *redirect) fault {
	cors := r.mode == modeCORS && r.tainted
	switch {
	case cors && !to.to.isHTTP():
		return fault{code: WebKitRedirectScheme, header: "Location", to: to.to.full()}
	case cors && to.to.userinfo:
		return fault{code: WebKitRedirectCredentials, parameter: to.to.full(), header: "Location", to: to.to.full()}
	case r.tooMany():
		return fault{outcome: Failed, code: WebKitTooManyRedirects, reason: "more than 20 redirects"}
	case !to.to.isHTTP():
		return fault{outcome: Failed, header: "Location", reason: "the Location is not HTTP"}
	}
	return fault{}
}

func webkitLost(failure string) fault {
	return fault{outcome: Failed, reason: failureText[failure]}
}

// webkitText is two lines: the reason, and which request it was, as
// NetworkLoadChecker and ThreadableLoader::logError word them.
func webkitText(v *Verdict) string {
	url := ellipsized(v.where.url)
	reason := strings.NewReplacer(
		"@", v.where.page, "#", strconv.Itoa(v.where.status), "%", replaceInvalid(v.Parameter), "~", url,
	).Replace(codes[v.Code].text)
	if v.where.to != "" {
		reason = "Cross-origin redirection to " + v.where.to + redirectDenied + reason
	}
	what := "Cannot load "
	switch v.where.api {
	case "", Fetch:
		what = "Fetch API cannot load "
	case XHR:
		what = "XMLHttpRequest cannot load "
	case EventSource:
		what = "EventSource cannot load "
	}
	if v.Code == WebKitModeSameOrigin {
		return what + url + "." // fetch refuses before there is a reason to print
	}
	return reason + "\n" + what + url + " due to access control checks."
}

const redirectDenied = " denied by Cross-Origin Resource Sharing policy: "

// ellipsized is URL::stringCenterEllipsizedToLength.
func ellipsized(url string) string {
	const most = 1024
	if len(url) <= most {
		return url
	}
	return url[:most/2-1] + "..." + url[len(url)-(most/2-2):]
}
