package cors

// permission is the CORS-preflight fetch where the wire shows one:
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0. For the engine that
// was recorded the wire also tells whether one was needed; a missing one was
// in its preflight cache.
func (r *run) permission() (v Verdict, stop bool) {
	next := r.peek()
	asks := r.tainted && r.arrives(next) && isPreflight(next)
	if r.counterfactual() && r.tainted {
		switch r.needs(next, asks) {
		case needed:
			if !asks {
				return r.unknown("this browser would have asked for permission first, and what the server says to that was not seen"), true
			}
		case notNeeded:
			if asks {
				r.take()
				return r.skipped()
			}
		case needUnknown:
			return r.unknown("whether this browser would have asked for permission depends on headers that were not seen"), true
		}
	}
	if !asks {
		return v, false
	}
	x := r.take()
	if f := r.preflight(x); !f.ok() {
		r.contradicted = r.arrives(r.peek())
		return r.refuse(f), true
	}
	r.preflighted = true
	if next := r.peek(); !r.arrives(next) || isPreflight(next) {
		return r.unknown("the preflight passes; the request it asked for was not seen"), true
	}
	return v, false
}

// skipped goes on behind a preflight that this engine would not have sent.
func (r *run) skipped() (v Verdict, stop bool) {
	if next := r.peek(); !r.arrives(next) || isPreflight(next) {
		return r.unknown("this browser would not have asked for permission, and what the server says to the request itself was not seen"), true
	}
	return v, false
}

// grant is what a preflight's answer grants, and what was asked.
type grant struct {
	method         string // of the request itself
	names          string // its unsafe header names, as the preflight lists them
	methods        string
	headers        string
	wildcard       bool            // "*" stands for all
	set            map[string]bool // what headers lists, in lower case, where that list is long
	allowedMethods bool            // the header is present
}

// granted reads both sides of a preflight. Several lines of one header are one
// list, https://fetch.spec.whatwg.org/#extract-header-list-values.
func (r *run) granted(x *Exchange, h Headers) (g grant) {
	g.method = x.Request.Headers.first("Access-Control-Request-Method")
	g.names, _ = x.Request.Headers.get("Access-Control-Request-Headers")
	g.methods, g.allowedMethods = h.get("Access-Control-Allow-Methods")
	g.headers, _ = h.get("Access-Control-Allow-Headers")
	g.wildcard = !r.include
	if len(g.headers) > 4<<10 {
		g.set = map[string]bool{}
		for list, more := lowerName(g.headers), true; more; {
			var item string
			item, list, more = nextItem(list)
			g.set[item] = true
		}
	}
	return g
}

// methodAllowed: step 7.5. Methods compare byte by byte, and the safelisted
// ones need no mention.
func (g *grant) methodAllowed() bool {
	switch g.method {
	case "GET", "HEAD", "POST":
		return true
	}
	return listed(g.methods, g.method, false) || g.wildcard && listed(g.methods, "*", false)
}

// refusedName is the first header name that is not allowed: step 7.7.
func (g *grant) refusedName() string {
	list := g.names
	for more := list != ""; more; {
		var name string
		if name, list, more = nextItem(list); name != "" && !g.allows(name) {
			return name
		}
	}
	return ""
}

// allows reports whether a header is allowed. The wildcard covers
// Authorization in every engine, although step 7.6 excludes it.
func (g *grant) allows(name string) bool {
	if g.set != nil {
		return g.set[lowerName(name)] || g.wildcard && g.set["*"]
	}
	return listed(g.headers, name, true) || g.wildcard && listed(g.headers, "*", false)
}

// refuses reports whether a header was asked for in vain.
func (g *grant) refuses(name string) bool {
	return listed(g.names, name, true) && !g.allows(name)
}

func okStatus(status int) bool { return status >= 200 && status < 300 }
