package cors

// useless finds what keeps an element from using a response that it may have:
// https://html.spec.whatwg.org/#fetch-a-classic-script and its like. This is
// not CORS, but a page that loads nothing is what its developer looks into.
func (r *run) useless(resp *Response) fault {
	reason, neterr := "", ""
	mime := essence(resp.Headers)
	switch {
	case r.api != Image && r.api != Font && r.api != Beacon && !okStatus(resp.Status):
		reason, neterr = "an element does not use an error page", "net::ERR_ABORTED"
	case r.api == Module && !javascriptType(mime),
		r.api == Script && (nosniff(resp.Headers) && !javascriptType(mime) || notScriptType(mime)):
		reason = "the answer is not served as a script"
	case r.api == Style && nosniff(resp.Headers) && mime != "text/css":
		reason, neterr = "the answer is not served as a style sheet", "net::ERR_ABORTED"
	case r.api == Style && r.engine == Firefox && mime != "" && mime != "text/css":
		reason = "the answer is not served as a style sheet"
	case r.api == Image && mime != "image/svg+xml" && !looksLikeMedia(resp.Body) && (resp.Body != "" || resp.BodySize == 0):
		reason = "the answer is no image"
	default:
		return fault{}
	}
	f := fault{outcome: Failed, reason: reason}
	if r.engine == Chromium {
		f.neterr = neterr
	}
	return f
}

// notScriptType are the types no browser runs as a script, whatever they hold.
func notScriptType(mime string) bool { return mediaType(mime) || mime == "text/csv" }

// wrongType is Firefox's check of a script's or style's type, which comes
// before CORS: a module must be served as JavaScript, and with nosniff so must
// a classic script, and a style sheet as CSS.
func (r *run) wrongType(h Headers) bool {
	mime := essence(h)
	switch r.api {
	case Module:
		return !javascriptType(mime)
	case Script:
		return notScriptType(mime) || nosniff(h) && !javascriptType(mime)
	case Style:
		return nosniff(h) && mime != "text/css"
	}
	return false
}

// maybeModule reports a script load of mode cors that nothing tells from a
// module, where that matters to Firefox.
func (r *run) maybeModule(h Headers) bool {
	return r.api == Script && r.mode == modeCORS && !r.scripted() && !javascriptType(essence(h))
}
