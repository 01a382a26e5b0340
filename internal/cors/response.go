package cors

// response judges the answer to a request that is no preflight:
// https://fetch.spec.whatwg.org/#http-fetch, steps 4.3 to 6.
func (r *run) response(x *Exchange) (v Verdict, stop bool) {
	if x.Response == nil {
		return r.refuse(r.noAnswer(x)), true
	}
	resp := r.heard(x)
	if resp == nil {
		return r.unknown("the server says that the browser's copy is still good, and that copy was not seen"), true
	}
	if f := r.damaged(resp); !f.ok() {
		return r.refuse(f), true
	}
	to, redirects := r.location(resp)
	if redirects {
		if f := r.unfollowable(&to); !f.ok() {
			return r.refuse(f), true
		}
	}
	if f := r.access(x, resp); !f.ok() {
		if redirects {
			r.refusedAtRedirect(&f, &to)
		}
		f.status = resp.Status
		return r.refuse(f), true
	}
	if redirects {
		return r.follow(resp, &to)
	}
	return r.finish(x, resp), true
}

// access is the CORS check of a cross-origin answer, redirects included, and
// the cross-origin resource policy of a no-cors one.
func (r *run) access(x *Exchange, resp *Response) fault {
	switch {
	case r.tainted:
		if f := r.otherOrigin(x, resp.Headers); !f.ok() {
			return f
		}
		return r.check(resp.Headers, r.origin(x))
	case r.opaque:
		return r.policy(resp)
	}
	return fault{}
}

// otherOrigin refuses to judge an answer that another browser's Origin may have
// brought about. Only a wildcard is the same for everybody.
func (r *run) otherOrigin(x *Exchange, h Headers) fault {
	o := x.Request.Headers.first("Origin")
	if !r.counterfactual() || o == "" || o == r.sent {
		return fault{}
	}
	if v, _ := h.get("Access-Control-Allow-Origin"); v == "*" {
		return fault{}
	}
	return fault{outcome: Unknown, reason: "this browser would have sent another Origin, and what the server says to that was not seen"}
}

// counterfactual reports whether the requests on the wire are another engine's.
func (r *run) counterfactual() bool { return r.recorded < engines && r.recorded != r.engine }

// heard is the response as the page gets it. A 304 to a revalidation of the
// browser's own is answered from its cache, with the headers refreshed:
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch, step 10.
func (r *run) heard(x *Exchange) *Response {
	r.got = *x.Response
	r.got.Headers = r.parsed(r.got.Headers)
	if r.got.Status != 304 || !r.revalidates(x) {
		return &r.got
	}
	old := r.stored(&r.url)
	switch {
	case old != nil:
		r.got.Headers = refreshed(r.parsed(old.Response.Headers), r.got.Headers)
		r.got.Status = old.Response.Status
	case r.tainted && r.got.Headers.has("Access-Control-Allow-Origin"):
		r.got.Status = 200
	default:
		return nil
	}
	return &r.got
}

// refuse turns a fault into the verdict.
func (r *run) refuse(f fault) Verdict {
	v := r.verdict(f.outcome)
	if f.outcome == "" {
		v.Outcome = Blocked
	}
	v.Code, v.Parameter, v.Header = f.code, f.parameter, f.header
	v.NetError, v.Reason = f.neterr, f.reason
	v.add(f.more[:]...)
	if r.engine == Firefox && r.toldBefore {
		v.add(f.code)
	}
	v.where.status, v.where.space, v.where.to = f.status, f.space, f.to
	if f.url != "" {
		v.where.url = f.url
	}
	return v
}

func (r *run) unknown(reason string) Verdict {
	return r.refuse(fault{outcome: Unknown, reason: reason})
}

func (r *run) verdict(o Outcome) Verdict {
	return Verdict{
		Engine: r.engine, Outcome: o, Hop: r.hop, tainted: r.tainted, include: r.include,
		where: where{api: r.api, url: r.url.full(), initial: r.initial.full(), page: r.page},
	}
}
