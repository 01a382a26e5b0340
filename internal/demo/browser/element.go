package browser

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
)

// resourcePolicy applies Cross-Origin-Resource-Policy, which binds requests
// that CORS does not (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header).
func (f *fetch) resourcePolicy(r *reply) *Failure {
	if f.mode != "no-cors" || !f.opaque {
		return nil
	}
	policy, _ := get(r.headers, "Cross-Origin-Resource-Policy")
	switch {
	case policy == "same-origin":
		return netFailure("net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin")
	case policy == "same-site" && f.b.relate(f.url) == crossSite:
		return netFailure("net::ERR_BLOCKED_BY_RESPONSE.NotSameSite")
	}
	return nil
}

// blockedByORB is a failure that Chromium's console keeps to itself.
const blockedByORB = "net::ERR_BLOCKED_BY_ORB"

// maxElement is how much of an element's resource is looked at, in bytes.
const maxElement = 8 << 20

// element decides whether an element can use what it loaded. A failure without
// a network error is an error event and nothing in the console.
func (f *fetch) element(r *reply) *Failure {
	isElement := slices.Contains([]Kind{Image, Script, Stylesheet, Font, Module}, f.req.Kind)
	if !isElement && !f.opaque {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.body, maxElement))
	if err != nil {
		r.reject()
		return asFailure(err)
	}
	blocked := f.opaque && opaqueBlocked(r, body)
	if blocked {
		r.reject() // the cache does not see it either
	} else {
		r.body.Close()
	}
	r.body = io.NopCloser(bytes.NewReader(body))
	switch {
	case blocked && isElement:
		return netFailure(blockedByORB)
	case !isElement:
	case f.req.Kind == Image && !strings.HasPrefix(sniffed(body), "image/"),
		f.req.Kind != Image && (r.status < 200 || r.status > 299):
		fail := &Failure{}
		if r.status >= 400 {
			fail.Console = []string{badStatus(r.status, r.reason)}
		}
		return fail
	}
	return nil
}

func sniffed(body []byte) string {
	if bytes.Contains(body[:min(len(body), 512)], []byte("<svg")) {
		return "image/svg+xml"
	}
	return http.DetectContentType(body)
}

// opaqueBlocked applies opaque response blocking: a response without CORS that
// is plainly a document or data never reaches the page's process
// (https://github.com/annevk/orb).
func opaqueBlocked(r *reply, body []byte) bool {
	declared, _ := get(r.headers, "Content-Type")
	options, _ := get(r.headers, "X-Content-Type-Options")
	nosniff := strings.EqualFold(options, "nosniff")
	data := false
	switch t := essence(declared); {
	case t == "text/css", t == "image/svg+xml", strings.HasSuffix(t, "/javascript"), strings.HasSuffix(t, "/ecmascript"):
		return false
	case t == "application/zip", t == "application/pdf", t == "application/msword", t == "text/csv":
		return true
	case t == "text/html", t == "text/json", t == "text/xml", strings.HasSuffix(t, "/json"), strings.HasSuffix(t, "+json"),
		strings.HasSuffix(t, "/xml"), strings.HasSuffix(t, "+xml"):
		data = true
	case t == "":
		return false
	}
	if media(body) {
		return false
	}
	return nosniff || data && looksLikeData(body)
}

// media tells whether the bytes are a picture, a sound or a film.
func media(body []byte) bool {
	kind, _, _ := strings.Cut(sniffed(body), "/")
	return kind == "image" || kind == "audio" || kind == "video"
}

func looksLikeData(body []byte) bool {
	text := bytes.TrimSpace(body)
	if len(text) == 0 {
		return false
	}
	lower := bytes.ToLower(text[:min(len(text), 16)])
	for _, start := range []string{"<!doctype", "<html", "<head", "<body", "<title", "<script", "<h1", "<div", "<p", "<a", "<table", "<?xml", "<!--"} {
		if bytes.HasPrefix(lower, []byte(start)) {
			return true
		}
	}
	return text[0] == '{' && bytes.IndexByte(text, ':') > 0 && bytes.HasPrefix(bytes.TrimSpace(text[1:]), []byte(`"`))
}
