package cors

// finish judges the last answer of a chain, once every check has let it pass.
func (r *run) finish(x *Exchange, resp *Response) Verdict {
	failure := ""
	if r.hop >= 0 {
		failure = bodyFault(x, resp)
	}
	if failure != "" {
		f := r.lost(failure, true)
		f.reason = failureText[failure]
		return r.refuse(f)
	}
	switch {
	case r.opaque:
		return r.finishOpaque(resp)
	case !r.tainted && !r.scripted():
		v := r.verdict(NotCORS)
		v.Status = resp.Status
		v.Reason = "same origin: CORS does not apply"
		return v
	}
	v := r.verdict(Allowed)
	if r.api.element() {
		if f := r.useless(resp); !f.ok() {
			return r.refuse(f)
		}
		return v
	}
	v.Status, v.answer = resp.Status, resp.Headers
	v.Redirected = r.hops > 0 && r.api != XHR && r.api != EventSource
	return v
}

// finishOpaque judges a no-cors load from another origin. A script gets an
// opaque response, an element its picture or nothing.
func (r *run) finishOpaque(resp *Response) Verdict {
	if f := r.opaqueBlocking(resp); !f.ok() {
		return r.refuse(f)
	}
	if r.api == Beacon || r.api.element() {
		if r.scripted() {
			if f := r.useless(resp); !f.ok() {
				return r.refuse(f)
			}
			return r.verdict(Allowed)
		}
		v := r.verdict(NotCORS)
		v.Reason = "loaded in mode no-cors: CORS does not apply"
		return v
	}
	return r.verdict(Opaque)
}
