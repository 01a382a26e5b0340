package cors

import "strings"

// firefoxCheck names a failed CORS check in the order of Firefox's
// netwerk/protocol/http/nsCORSListenerProxy.cpp (CheckRequestApproved), which
// counts header lines before it reads them. It counts those whose name is
// written the usual way; another spelling joins the value unnoticed.
func firefoxCheck(h Headers, sent string, include bool) fault {
	if h.countExact(allowOrigin) > 1 {
		return fault{code: FirefoxMultipleAllowOrigin, header: allowOrigin}
	}
	allowed, ok := h.get(allowOrigin)
	switch {
	case !ok:
		return fault{code: FirefoxMissingAllowOrigin, header: allowOrigin}
	case allowed == "*" && include:
		return fault{code: FirefoxWildcardCredentials, header: allowOrigin}
	case allowed != "*" && allowed != sent:
		return fault{code: FirefoxOriginNotMatching, parameter: allowed, header: allowOrigin}
	}
	if !include {
		return fault{}
	}
	if v, _ := h.get(allowCredentials); v != "true" {
		return fault{code: FirefoxMissingAllowCredentials, header: allowCredentials}
	}
	return fault{}
}

// firefoxPreflight is nsCORSPreflightListener. Whatever stops the preflight
// stops the request behind it too, which reports a second time that it did not
// succeed.
func (r *run) firefoxPreflight(x *Exchange) fault {
	f := r.firefoxPermission(x)
	if !f.ok() && f.outcome != Unknown {
		f.also(FirefoxDidNotSucceed)
	}
	return f
}

func (r *run) firefoxPermission(x *Exchange) fault {
	if x.Response == nil {
		return r.noAnswer(x)
	}
	resp := Response{Status: x.Response.Status, Headers: r.parsed(x.Response.Headers)}
	if f := r.firefoxDamaged(&resp); !f.ok() {
		return f
	}
	if chunked(resp.Headers) && chunkFault(x.Response.Body) == "bad-chunk" {
		return r.firefoxLost("bad-chunk", true)
	}
	if f := r.otherOrigin(x, resp.Headers); !f.ok() {
		return f
	}
	// After a redirect the preflight carries the page's own origin still,
	// while the request behind it carries "null".
	sent := r.page
	if !r.counterfactual() {
		sent = r.origin(x)
	}
	if to, ok := r.location(&resp); ok {
		return r.firefoxPreflightRedirect(&resp, &to, sent)
	}
	if f := r.firefoxApproved(&resp, sent); !f.ok() {
		return f
	}
	if !okStatus(resp.Status) {
		return fault{code: FirefoxPreflightStatus, status: resp.Status}
	}
	g := r.granted(x, resp.Headers)
	return g.firefox()
}

// firefoxApproved is the CORS check of a preflight's answer. The proxy that
// listens to a preflight is a fresh one: when a redirect leads home, the
// preflight goes to the page's own origin and is not checked.
func (r *run) firefoxApproved(resp *Response, sent string) fault {
	if r.atHome() {
		return fault{}
	}
	f := r.check(resp.Headers, sent)
	f.status = resp.Status
	return f
}

// firefoxPreflightRedirect: the redirect itself is checked first, then vetoed.
// The veto makes the redirect's own answer the preflight's, which fails once
// more: because its origin has become "null" if the target is another one, or
// else because its status is no success.
func (r *run) firefoxPreflightRedirect(resp *Response, to *redirect, sent string) fault {
	if f := r.firefoxUnfollowable(to); !f.ok() {
		return f
	}
	if f := r.firefoxApproved(resp, sent); !f.ok() {
		f.also(FirefoxDidNotSucceed)
		return f
	}
	switch {
	case r.leaksCredentials(to):
		return r.didNotSucceed(badURI, "Location")
	case !to.to.isHTTP():
		return r.didNotSucceed("NS_ERROR_FAILURE", "Location")
	}
	f := fault{code: FirefoxExternalRedirect, header: "Location", status: resp.Status}
	second := FirefoxPreflightStatus
	if to.to.origin != r.url.origin {
		if again := r.firefoxApproved(resp, "null"); !again.ok() {
			second = again.code
		}
	}
	f.also(second)
	return f
}

// firefox checks token by token, methods before headers, and stops at the
// first token that is none.
func (g *grant) firefox() fault {
	if bad, ok := badItem(g.methods); ok {
		return fault{code: FirefoxInvalidMethod, parameter: bad, header: allowMethods}
	}
	if !g.methodAllowed() {
		return fault{code: FirefoxMethodNotFound, header: allowMethods}
	}
	if bad, ok := badItem(g.headers); ok {
		return fault{code: FirefoxInvalidHeader, parameter: bad, header: allowHeaders}
	}
	if name := g.refusedName(); name != "" {
		return fault{code: FirefoxHeaderNotAllowed, parameter: lowerName(name), header: allowHeaders}
	}
	return fault{}
}

// also notes a further console message.
func (f *fault) also(c Code) {
	for i := range f.more {
		if f.more[i] == "" {
			f.more[i] = c
			return
		}
	}
}

const (
	badURI         = "NS_ERROR_DOM_BAD_URI"
	corruptContent = "NS_ERROR_CORRUPTED_CONTENT"
)

// didNotSucceed is the failure of a request outside of CORS. The proxy that
// reports it listens only once the request has crossed origins.
func (r *run) didNotSucceed(neterr, header string) fault {
	f := fault{outcome: Failed, neterr: neterr, header: header}
	if r.tainted {
		f.code = FirefoxDidNotSucceed
	}
	return f
}

// localSchemes are those that no page of the web may load; nsHttpChannel
// refuses such a redirect before anybody else sees it.
var localSchemes = map[string]bool{
	"data": true, "file": true, "javascript": true, "ws": true, "wss": true, "chrome": true, "resource": true,
	"view-source": true, "jar": true, "moz-extension": true, "moz-icon": true, "about": true,
}

// firefoxUnfollowable: it matters only when the redirect is to be followed.
func (r *run) firefoxUnfollowable(to *redirect) fault {
	local := localSchemes[to.to.scheme] && to.to.href != "about:blank" ||
		to.to.scheme == "blob" && !strings.HasPrefix(to.to.href, "blob:http")
	if to.valid && !local || !r.follows() {
		return fault{}
	}
	return r.didNotSucceed(corruptContent, "Location")
}

// firefoxForbidden: user names and about:blank abort the redirect, other
// schemes are followed and then found not to be HTTP.
func (r *run) firefoxForbidden(to *redirect) fault {
	switch {
	case r.tooMany():
		return r.didNotSucceed("NS_ERROR_REDIRECT_LOOP", "")
	case r.leaksCredentials(to):
		// By then the request counts as one that crosses origins.
		return fault{outcome: Failed, code: FirefoxDidNotSucceed, neterr: badURI, header: "Location"}
	case to.to.isHTTP():
		return fault{}
	case to.to.scheme == "about" && r.tainted, r.mode != modeCORS:
		return r.didNotSucceed(badURI, "Location")
	}
	f := fault{code: FirefoxNotHTTP, header: "Location", url: to.to.full()}
	if r.tainted {
		f.also(FirefoxDidNotSucceed)
	}
	return f
}

// firefoxDamaged: nsHttpResponseHead refuses contradictory lines. The MIME type
// of scripts and styles is checked here too, before CORS sees the answer.
func (r *run) firefoxDamaged(resp *Response) fault {
	h := resp.Headers
	switch {
	case hasNUL(h):
		return r.didNotSucceed("NS_ERROR_DOM_INVALID_HEADER_VALUE", "")
	case headSize(h) > r.maxHead:
		return r.didNotSucceed(corruptContent, "")
	}
	for _, name := range [...]string{"Content-Length", "Location", "Content-Disposition"} {
		if h.differ(name) {
			return r.didNotSucceed(corruptContent, name)
		}
	}
	switch {
	case redirectStatus(resp.Status):
	case r.wrongType(h):
		return r.didNotSucceed(corruptContent, "Content-Type")
	case r.maybeModule(h):
		return fault{outcome: Unknown, reason: "a module of this type is refused before CORS is checked, a classic script is not, and the wire does not tell which it is"}
	}
	return fault{}
}

// firefoxErrors maps how a server or the network failed to Firefox's name of it
// (xpcom/base/ErrorList.py).
var firefoxErrors = map[string]string{
	"reset": "NS_ERROR_NET_RESET", "empty": "NS_ERROR_NET_RESET", "refused": "NS_ERROR_CONNECTION_REFUSED",
	"dns": "NS_ERROR_UNKNOWN_HOST", "timeout": "NS_ERROR_NET_TIMEOUT", "hang": "NS_ERROR_NET_TIMEOUT",
	"tls":         "NS_ERROR_GENERATE_FAILURE(NS_ERROR_MODULE_SECURITY, MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT)",
	"unreachable": "NS_ERROR_NET_EMPTY_RESPONSE", "client-gone": "NS_BINDING_ABORTED",
	"truncated-body": "NS_ERROR_NET_PARTIAL_TRANSFER", "cut": "NS_ERROR_NET_PARTIAL_TRANSFER",
	"truncated-chunks": "NS_ERROR_NET_PARTIAL_TRANSFER", "body-reset": "NS_ERROR_NET_RESET",
	"bad-coding": "NS_ERROR_INVALID_CONTENT_ENCODING",
}

// firefoxLost: a failure behind the head no longer concerns CORS, except for a
// chunk that is none, which spoils the head along with it.
func (r *run) firefoxLost(failure string, headSeen bool) fault {
	neterr := firefoxErrors[failure]
	if strings.HasPrefix(failure, "NS_") {
		neterr = failure
	}
	if headSeen && failure != "bad-chunk" {
		return fault{outcome: Failed, neterr: neterr}
	}
	return r.didNotSucceed(neterr, "")
}
