package cors

import (
	"encoding/json"
	"strings"
)

// opaqueBlocking is Opaque Response Blocking, https://github.com/annevk/orb: a
// no-cors answer that no element can use is kept out of the page's process.
// fetch() gets its empty opaque response all the same. Chromium and Firefox
// have it, each with a script check of its own; WebKit has no such thing.
func (r *run) opaqueBlocking(resp *Response) fault {
	if r.engine == WebKit || !r.api.element() || r.api == Beacon {
		return fault{}
	}
	var decision orb
	if r.engine == Firefox {
		decision = firefoxORB(resp)
	} else {
		decision = chromiumORB(resp)
	}
	f := fault{outcome: Failed, neterr: "net::ERR_BLOCKED_BY_ORB", header: "Content-Type"}
	f.reason = "a no-cors answer of another origin that no element can use is kept out of the page (ORB)"
	switch decision {
	case orbAllow:
		return fault{}
	case orbUnknown:
		return fault{outcome: Unknown, reason: "whether the page gets this depends on how the body begins, which was not recorded (ORB)"}
	}
	if r.engine == Firefox {
		f.neterr = "NS_BINDING_ABORTED"
	}
	return f
}

type orb uint8

const (
	orbAllow orb = iota
	orbBlock
	orbUnknown
)

// orbByType decides by the head alone, where it can.
func orbByType(mime string, sniffs bool, status int) bool {
	switch mime {
	case "application/gzip", "application/x-gzip", "application/zip", "application/pdf", "application/msword",
		"application/x-protobuf", "application/x-protobuffer", "text/csv", "text/event-stream", "multipart/byteranges":
		return true // never sniffed
	case "text/plain":
		return !sniffs
	}
	if strings.HasPrefix(mime, "application/vnd.openxmlformats-") {
		return true
	}
	return protected(mime) && (!sniffs || status == 206)
}

// chromiumORB is services/network/orb/orb_impl.cc: whatever the type, a body
// that begins like HTML, XML or JSON is blocked, and everything else allowed.
func chromiumORB(resp *Response) orb {
	mime := essence(resp.Headers)
	switch {
	case mime == "", mime == "text/css", mime == "image/svg+xml":
		return orbAllow
	case orbByType(mime, !nosniff(resp.Headers), resp.Status):
		return orbBlock
	case resp.Body == "":
		return bodyUnseen(resp, mime)
	case !looksLikeMedia(resp.Body) && (looksLikeHTML(resp.Body) || looksLikeJSON(resp.Body)):
		return orbBlock
	}
	return orbAllow
}

// firefoxORB is netwerk/protocol/http/OpaqueResponseUtils.cpp: JavaScript is
// allowed by its type; what is left after all other checks must parse as a
// script that is not JSON.
func firefoxORB(resp *Response) orb {
	mime := essence(resp.Headers)
	sniffs := !nosniff(resp.Headers)
	if mime == "text/css" || mime == "image/svg+xml" || javascriptType(mime) {
		return orbAllow
	}
	if orbByType(mime, sniffs, resp.Status) {
		return orbBlock
	}
	if looksLikeMedia(resp.Body) {
		return orbAllow
	}
	unseen := bodyUnseen(resp, mime)
	switch {
	case unseen == orbAllow && resp.BodySize > 0 && resp.Body == "":
		return orbAllow // an image nobody recorded
	case !sniffs, !okStatus(resp.Status):
		return orbBlock
	case mime == "":
		return orbAllow
	case mediaType(mime):
		return orbBlock
	case resp.Body == "":
		return unseen
	case json.Valid([]byte(resp.Body)), looksLikeHTML(resp.Body), looksLikeJSON(resp.Body):
		return orbBlock
	}
	return orbAllow
}

// bodyUnseen judges a body that was not recorded by what its type promises.
func bodyUnseen(resp *Response, mime string) orb {
	if resp.BodySize > 0 && (protected(mime) || mime == "text/plain") {
		return orbUnknown
	}
	return orbAllow
}

// protected are the types worth protecting: HTML, JSON, XML.
func protected(mime string) bool {
	switch mime {
	case "text/html", "text/json", "application/json", "text/xml", "application/xml":
		return true
	}
	return strings.HasSuffix(mime, "+json") || strings.HasSuffix(mime, "+xml")
}

func mediaType(mime string) bool {
	return strings.HasPrefix(mime, "image/") || strings.HasPrefix(mime, "audio/") || strings.HasPrefix(mime, "video/")
}

// signatures of images, sounds and videos:
// https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern.
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

const blank = " \t\r\n"

// tags that make a document of what begins with them.
var tags = []string{
	"<!doctype html", "<script", "<html", "<head", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style",
	"<title", "<b", "<body", "<br", "<p", "<?xml",
}

// looksLikeHTML skips comments, which scripts may have too.
func looksLikeHTML(body string) bool {
	body = strings.TrimLeft(strings.TrimPrefix(body, "\ufeff"), blank)
	for strings.HasPrefix(body, "<!--") {
		_, rest, ok := strings.Cut(body, "-->")
		if !ok {
			return false
		}
		body = strings.TrimLeft(rest, blank)
	}
	for _, tag := range tags {
		if len(body) >= len(tag) && sameName(body[:len(tag)], tag) {
			return true
		}
	}
	return false
}

// looksLikeJSON takes the start of an object, or of what guards JSON against
// being loaded as a script.
func looksLikeJSON(body string) bool {
	for _, guard := range [...]string{")]}'", "{}&&", "for(;;);", "while(1);"} {
		if strings.HasPrefix(body, guard) {
			return true
		}
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(body, blank), "{")
	if !ok {
		return false
	}
	if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, blank), `"`); !ok {
		return false
	}
	_, rest, ok = strings.Cut(rest, `"`)
	return ok && strings.HasPrefix(strings.TrimLeft(rest, blank), ":")
}
