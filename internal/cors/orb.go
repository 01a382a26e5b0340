package cors

import "strings"

// opaqueBlocking is Opaque Response Blocking, https://github.com/annevk/orb,
// as Chromium and Firefox have it: no-cors answers that no element can use are
// kept out of the page's process. fetch() gets its empty opaque response all
// the same. WebKit has no such thing.
func (r *run) opaqueBlocking(resp *Response) fault {
	if r.engine == WebKit || !r.api.element() || r.api == Beacon || !orbBlocks(resp) {
		return fault{}
	}
	f := fault{outcome: Failed, neterr: "net::ERR_BLOCKED_BY_ORB", header: "Content-Type"}
	if r.engine == Firefox {
		f.neterr = "NS_BINDING_ABORTED"
	}
	f.reason = "a no-cors answer of another origin that no element can use is kept out of the page (ORB)"
	return f
}

// orbBlocks follows the order of the proposal: types that are always allowed,
// types that never are, what the first bytes look like, then everything that
// makes a script of an unknown type unlikely.
func orbBlocks(resp *Response) bool {
	mime := essence(resp.Headers)
	sniffing := !nosniff(resp.Headers)
	switch {
	case mime == "text/css", mime == "image/svg+xml", javascriptType(mime):
		return false
	case neverSniffed(mime):
		return true
	case protected(mime) && (resp.Status == 206 || !sniffing), mime == "text/plain" && !sniffing:
		return true
	}
	media := mediaType(mime)
	if resp.Body != "" {
		media = looksLikeMedia(resp.Body)
	} else if resp.BodySize == 0 {
		media = false
	}
	switch {
	case media:
		return false
	case !sniffing, !okStatus(resp.Status):
		return true
	case mime == "":
		return false
	case mediaType(mime):
		return true
	}
	return resp.Body != "" && notScript(resp.Body)
}

// signatures of images, sounds and videos: https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern.
var signatures = []string{
	"\x89PNG\r\n\x1a\n", "GIF87a", "GIF89a", "\xff\xd8\xff", "BM", "\x00\x00\x01\x00", "\x00\x00\x02\x00",
	"OggS\x00", "MThd\x00\x00\x00\x06", "ID3", "\x1a\x45\xdf\xa3", ".snd",
}

func looksLikeMedia(body string) bool {
	for _, s := range signatures {
		if strings.HasPrefix(body, s) {
			return true
		}
	}
	riff := strings.HasPrefix(body, "RIFF") && len(body) >= 12
	if riff && (body[8:12] == "WEBP" || body[8:12] == "WAVE" || body[8:12] == "AVI ") {
		return true
	}
	return len(body) >= 8 && body[4:8] == "ftyp"
}

func mediaType(mime string) bool {
	return strings.HasPrefix(mime, "image/") || strings.HasPrefix(mime, "audio/") || strings.HasPrefix(mime, "video/")
}

// protected are the types worth protecting: HTML, JSON, XML.
func protected(mime string) bool {
	switch mime {
	case "text/html", "text/json", "application/json", "text/xml", "application/xml":
		return true
	}
	return strings.HasSuffix(mime, "+json") || strings.HasSuffix(mime, "+xml")
}

// neverSniffed are types that are nothing an element could use.
func neverSniffed(mime string) bool {
	switch mime {
	case "application/gzip", "application/x-gzip", "application/zip", "application/pdf", "application/msword",
		"application/x-protobuf", "application/x-protobuffer", "text/csv", "text/event-stream", "multipart/byteranges",
		"multipart/signed", "text/vtt", "application/dash+xml", "application/vnd.apple.mpegurl":
		return true
	}
	return strings.HasPrefix(mime, "application/vnd.openxmlformats-")
}

// notScript reports bodies that start like HTML or JSON.
func notScript(body string) bool {
	body = strings.TrimLeft(body, " \t\r\n\ufeff")
	if strings.HasPrefix(body, "<") || strings.HasPrefix(body, ")]}'") {
		return true
	}
	rest, ok := strings.CutPrefix(body, "{")
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	rest, ok = strings.CutPrefix(rest, `"`)
	if !ok {
		return false
	}
	_, rest, ok = strings.Cut(rest, `"`)
	return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), ":")
}
