package cors

// run is one walk through the judged step of an attempt: what the engine does
// at each hop, under one assumption about mode and credentials.
type run struct {
	*rules
	*facts
	a       *Attempt
	mode    mode
	include bool

	at          int // index of the next exchange
	hop         int // index of the exchange under judgement, -1 when it came from the cache
	url         address
	initial     address
	sent        string   // the request's origin, "null" once tainted by redirects
	tainted     bool     // response tainting "cors"
	opaque      bool     // response tainting "opaque"
	hops        int      // redirects followed
	preflighted bool     // an earlier hop was
	got         Response // the answer under judgement, as the engine parsed it

	toldBefore   bool // the request that filled the cache failed in the same way
	contradicted bool
}

// walk is main fetch and HTTP fetch, https://fetch.spec.whatwg.org/#main-fetch,
// with the wire in place of the network.
func (r *run) walk() Verdict {
	if reason := r.start(); reason != "" {
		return r.unknown(reason)
	}
	for {
		if f := r.classify(); !f.ok() {
			return r.refuse(f)
		}
		if v, stop := r.permission(); stop {
			return v
		}
		x, v := r.exchange()
		if x == nil {
			return v
		}
		if v, stop := r.response(x); stop {
			return v
		}
	}
}

// start finds the first URL.
func (r *run) start() string {
	r.hop = -1
	asked, known := r.asked()
	url := ""
	if r.first >= 0 {
		url = r.a.Wire[r.first].Request.URL
	}
	if len(url) > maxURL {
		return "a URL longer than any browser sends"
	}
	first, ok := parseAddress(url)
	switch {
	case known && (!ok || first.href == asked.href || r.stored(&asked) != nil):
		r.url = asked // it has the fragment, which never travels
	case ok:
		r.url = first
	default:
		return "the request's URL is none"
	}
	r.initial = r.url
	r.sent = r.page
	if r.page == "" {
		r.sent = r.a.Wire[max(r.first, 0)].Request.Headers.first("Origin")
	}
	return ""
}

// asked is the URL the script wrote, resolved against the page.
func (r *run) asked() (address, bool) {
	if r.hints == nil || r.hints.URL == "" {
		return address{}, false
	}
	if base, ok := parseOrigin(r.page); ok && base.isHTTP() {
		return base.resolve(r.hints.URL)
	}
	return parseAddress(r.hints.URL)
}

// classify decides what CORS has to say about the current URL:
// https://fetch.spec.whatwg.org/#main-fetch, step 12. Once tainted a request
// stays so, even when a redirect leads home.
func (r *run) classify() fault {
	home := r.atHome()
	switch r.mode {
	case modeCORS:
		r.tainted = r.tainted || !home
	case modeNoCORS:
		r.opaque = r.opaque || !home
	case modeSameOrigin:
		if !home {
			return r.disallowedByMode()
		}
	}
	return fault{}
}

// atHome reports whether the current URL is of the page's own origin. What the
// browser itself said about the first request stands above our comparison: a
// proxy on the way may have rewritten the host.
func (r *run) atHome() bool {
	if r.hops == 0 && r.home {
		return true
	}
	return r.page != "" && r.page != "null" && r.url.origin == r.page
}

// peek is the next exchange of the judged step.
func (r *run) peek() *Exchange {
	for r.at < len(r.a.Wire) && r.a.Wire[r.at].Step != r.step {
		r.at++
	}
	if r.at >= len(r.a.Wire) || r.first < 0 {
		return nil
	}
	return &r.a.Wire[r.at]
}

// take consumes the next exchange and the failed tries before it: browsers
// repeat a request whose connection broke before an answer came, Chromium once,
// Firefox up to ten times, and one that was answered with 421 on a new connection.
func (r *run) take() *Exchange {
	x := r.peek()
	for {
		r.hop = r.at
		r.at++
		next := r.peek()
		if next == nil || !repeats(x, next) {
			return x
		}
		x = next
	}
}

func repeats(x, next *Exchange) bool {
	if x.Response != nil && x.Response.Status != 421 {
		return false
	}
	return next.Request.Method == x.Request.Method && next.Request.URL == x.Request.URL && isPreflight(next) == isPreflight(x)
}

// arrives reports whether the next exchange is a request for the current URL.
func (r *run) arrives(x *Exchange) bool {
	if x == nil {
		return false
	}
	if r.hops == 0 && x == &r.a.Wire[r.first] && r.stored(&r.url) == nil {
		return true
	}
	a, ok := parseAddress(x.Request.URL)
	return ok && (a.href == r.url.href || a.origin == r.url.origin && sameTarget(&a, &r.url))
}

// sameTarget compares paths and queries byte by byte after decoding, because
// engines encode the odd byte differently.
func sameTarget(a, b *address) bool {
	p, ok1 := percentDecode(a.href[a.path:])
	q, ok2 := percentDecode(b.href[b.path:])
	return ok1 && ok2 && p == q
}

// exchange is the answer to the request for the current URL: the next one on
// the wire, or one from the browser's cache.
func (r *run) exchange() (*Exchange, Verdict) {
	if r.counterfactual() && r.stored(&r.url) != nil {
		return nil, r.unknown("what this browser would have had in its cache by then is not known")
	}
	if next := r.peek(); r.arrives(next) {
		return r.take(), Verdict{}
	}
	if x := r.stored(&r.url); x != nil {
		r.hop, r.toldBefore = -1, r.refusedBefore(x)
		return x, Verdict{}
	}
	return nil, r.unseen()
}

// origin is the Origin the engine sends. What stands on the wire is right for
// the engine that was recorded.
func (r *run) origin(x *Exchange) string {
	if !r.counterfactual() {
		if o := x.Request.Headers.first("Origin"); o != "" {
			return o
		}
	}
	return r.sent
}
