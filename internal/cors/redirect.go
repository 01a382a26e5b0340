package cors

// redirect is a Location and where it leads.
type redirect struct {
	raw   string
	to    address
	valid bool // it parses
}

func redirectStatus(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// location parses a redirect's target; ok is false when the response is none:
// https://fetch.spec.whatwg.org/#concept-response-location-url.
func (r *run) location(resp *Response) (to redirect, ok bool) {
	if !redirectStatus(resp.Status) || !resp.Headers.has("Location") {
		return to, false
	}
	to.raw = resp.Headers.first("Location")
	if to.raw == "" && !r.emptyLocation {
		return to, false
	}
	to.to, to.valid = r.url.resolve(to.raw)
	if to.valid && to.to.fragment == "" {
		to.to.fragment = r.url.fragment
	}
	return to, true
}

const maxRedirects = 20

// follow is HTTP-redirect fetch, https://fetch.spec.whatwg.org/#http-redirect-fetch.
// Method and body need no care here: the next request on the wire has them.
func (r *run) follow(resp *Response, to *redirect) (v Verdict, stop bool) {
	switch r.redirectMode() {
	case "manual":
		return r.verdict(OpaqueRedirect), true
	case "error":
		return r.refuse(r.redirectError()), true
	}
	if f := r.forbidden(to); !f.ok() {
		f.status = resp.Status
		return r.refuse(f), true
	}
	// Step 13 of the standard's request's redirect-taint: leaving an origin
	// that is not the page's own blanks the Origin for good,
	// https://fetch.spec.whatwg.org/#concept-request-tainted-origin.
	if to.to.origin != r.url.origin && !r.atHome() {
		r.sent = "null"
	}
	from := r.url.full()
	r.url = to.to
	r.hops++
	if next := r.peek(); !r.arrives(next) && r.stored(&r.url) == nil {
		return r.unreached(from, next), true
	}
	return v, false
}

// follows reports whether redirects are followed, as they are by default.
func (r *run) follows() bool {
	mode := r.redirectMode()
	return mode != "manual" && mode != "error"
}

// tooMany: HTTP-redirect fetch, step 7.
func (r *run) tooMany() bool { return r.hops >= maxRedirects }

// leaksCredentials: steps 9 and 10.
func (r *run) leaksCredentials(to *redirect) bool {
	return r.mode == modeCORS && to.to.userinfo && (r.tainted || to.to.origin != r.page)
}

// refusedAtRedirect completes the refusal of a redirect's own answer.
func (r *run) refusedAtRedirect(f *fault, to *redirect) {
	if !to.valid {
		return
	}
	switch {
	case r.engine == Firefox && r.follows():
		f.more[0] = FirefoxDidNotSucceed
	case r.engine == WebKit && f.code != WebKitResourcePolicy:
		f.to = to.to.full()
	}
	at := r.url
	r.url = to.to
	r.contradicted = r.arrives(r.peek())
	r.url = at
}

// redirectError is what redirect: 'error' comes to.
func (r *run) redirectError() fault {
	f := fault{outcome: Failed, reason: "the page asked for redirect: 'error', and the answer is a redirect"}
	switch r.engine {
	case Chromium:
		f.neterr = "net::ERR_FAILED"
	case Firefox:
		f.neterr = "NS_BINDING_FAILED"
	case WebKit:
		f.code = WebKitRedirectMode
	}
	return f
}
