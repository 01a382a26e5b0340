package cors

import "strings"

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
	if name := g.refusedName(); name != "" {
		return fault{code: WebKitHeader, parameter: r.writtenName(x, name), header: allowHeaders}
	}
	return fault{}
}

// writtenName is a header name as the script wrote it, which is how WebKit
// prints it; the preflight has it in lower case.
func (r *run) writtenName(x *Exchange, name string) string {
	lists := [2]Headers{}
	if r.hints != nil {
		lists[0] = r.hints.Headers
	}
	if next := r.peek(); next != nil {
		lists[1] = next.Request.Headers
	}
	for _, h := range lists {
		for i := range h {
			if sameName(h[i].Name, name) {
				return h[i].Name
			}
		}
	}
	return name
}

func webkitUnfollowable(to *redirect) fault {
	if to.valid {
		return fault{}
	}
	return fault{outcome: Failed, header: "Location", reason: "the Location is no URL"}
}

// webkitForbidden follows NetworkLoadChecker::validateResponse and
// isAllowedRedirect.
func (r *run) webkitForbidden(to *redirect) fault {
	switch {
	case r.tooMany():
		return fault{outcome: Failed, reason: "load cannot follow more than 20 redirections"}
	case r.leaksCredentials(to):
		return fault{code: WebKitRedirectCredentials, parameter: to.to.full(), header: "Location", url: to.to.full()}
	case to.to.isHTTP():
		return fault{}
	case r.mode == modeCORS:
		return fault{code: WebKitRedirectScheme, header: "Location", url: to.to.full()}
	}
	return fault{outcome: Failed, header: "Location", reason: "the Location is not HTTP"}
}

func webkitLost(failure string) fault {
	return fault{outcome: Failed, reason: failureText[failure]}
}
