package cors

import (
	"strings"
	"testing"
)

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"

// loaded is a load by markup: without a crossorigin attribute in mode no-cors.
func loaded(kind API, crossOrigin *string, resp *Response) *Attempt {
	x := sent("GET", api+"/x", resp, "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Site", "cross-site", "Referer", web+"/")
	if crossOrigin != nil {
		x = crossing("GET", api+"/x", resp, "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site", "Referer", web+"/")
	}
	return &Attempt{PageOrigin: web, Hints: &Hints{API: string(kind), URL: api + "/x", CrossOrigin: crossOrigin}, Wire: []Exchange{x}}
}

func body(mime, text string, pairs ...string) *Response {
	r := reply(200, append([]string{"Content-Type", mime}, pairs...)...)
	r.Body, r.BodySize = text, int64(len(text))
	return r
}

// TestElements: pictures, scripts and styles of other origins need CORS only
// with a crossorigin attribute; what they are served as matters always.
func TestElements(t *testing.T) {
	anonymous := ""
	tests := []struct {
		name string
		a    *Attempt
		want [3]Outcome
	}{
		{"a picture", loaded(Image, nil, body("image/png", png)), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a picture served as text", loaded(Image, nil, body("application/octet-stream", png)), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a picture that is JSON", loaded(Image, nil, body("application/json", `{"error":"not found"}`)), [3]Outcome{Failed, Failed, Failed}},
		{"a picture that is HTML", loaded(Image, nil, body("text/html", "<!doctype html><p>no")), [3]Outcome{Failed, Failed, Failed}},
		{"a crossorigin picture without headers", loaded(Image, &anonymous, body("image/png", png)), [3]Outcome{Blocked, Blocked, Blocked}},
		{"a crossorigin picture", loaded(Image, &anonymous, body("image/png", png, "Access-Control-Allow-Origin", "*")), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a picture of the own site only", loaded(Image, nil, body("image/png", png, "Cross-Origin-Resource-Policy", "same-origin")), [3]Outcome{Failed, Failed, Failed}},
		{"a picture for everybody", loaded(Image, nil, body("image/png", png, "Cross-Origin-Resource-Policy", "cross-origin")), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a script", loaded(Script, nil, body("text/javascript", "f()")), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a script that is JSON", loaded(Script, nil, body("application/json", `{"a":1}`)), [3]Outcome{Failed, Failed, Allowed}},
		{"a module without headers", loaded(Module, &anonymous, body("text/javascript", "f()")), [3]Outcome{Blocked, Blocked, Blocked}},
		{"a module", loaded(Module, &anonymous, body("text/javascript", "f()", "Access-Control-Allow-Origin", web)), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a font without headers", loaded(Font, &anonymous, body("font/woff2", "wOF2")), [3]Outcome{Blocked, Blocked, Blocked}},
		{"a font", loaded(Font, &anonymous, body("font/woff2", "wOF2", "Access-Control-Allow-Origin", "*")), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a style sheet", loaded(Style, nil, body("text/css", "a{}")), [3]Outcome{Allowed, Allowed, Allowed}},
		{"a style sheet that may not be sniffed", loaded(Style, nil, body("text/plain", "a{}", "X-Content-Type-Options", "nosniff")), [3]Outcome{Failed, Failed, Failed}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, got := range everywhere(tt.a) {
				if got.Outcome != tt.want[got.Engine] {
					t.Errorf("%s: %s %s (%s), want %s", got.Engine, got.Outcome, got.Code, got.Reason, tt.want[got.Engine])
				}
			}
		})
	}
}

// TestModesOfFetch: what fetch() makes of its own mode.
func TestModesOfFetch(t *testing.T) {
	tests := []struct {
		mode, page string
		resp       *Response
		want       Outcome
	}{
		{"no-cors", "page", reply(200), Opaque},
		{"no-cors", "page", reply(500), Opaque},
		{"no-cors", "page", reply(200, "Cross-Origin-Resource-Policy", "same-origin"), Failed},
		{"no-cors", "page", reply(200, "Cross-Origin-Resource-Policy", "same-site"), Failed},
		{"no-cors", "page", reply(200, "Cross-Origin-Resource-Policy", "cross-origin"), Opaque},
		{"no-cors", "page", reply(200, "Cross-Origin-Resource-Policy", "SAME-ORIGIN"), Opaque}, // no such value
		{"no-cors", "coep", reply(200), Failed},
		{"no-cors", "coep", reply(200, "Cross-Origin-Resource-Policy", "cross-origin"), Opaque},
		{"cors", "coep", reply(200, "Access-Control-Allow-Origin", "*"), Allowed},
		{"cors", "page", reply(200, "Access-Control-Allow-Origin", "*", "Cross-Origin-Resource-Policy", "same-origin"), Allowed},
	}
	for _, tt := range tests {
		a := fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", tt.resp))
		a.Hints.Mode, a.Hints.Page = tt.mode, tt.page
		for _, got := range everywhere(a) {
			if got.Outcome != tt.want {
				t.Errorf("%s on %s, %v: %s %s (%s), want %s", tt.mode, tt.page, tt.resp.Headers, got.Engine, got.Outcome, got.Reason, tt.want)
			}
		}
	}
}

// TestTransport: without a usable answer there is nothing to check.
func TestTransport(t *testing.T) {
	lost := func(failure string) *Attempt {
		x := crossing("GET", api+"/x", nil)
		x.Error = failure
		return fetched("GET", api+"/x", "omit", x)
	}
	for failure, want := range map[string]string{
		"reset": "net::ERR_CONNECTION_RESET", "empty": "net::ERR_EMPTY_RESPONSE", "refused": "net::ERR_CONNECTION_REFUSED",
		"net::ERR_SSL_PROTOCOL_ERROR": "net::ERR_SSL_PROTOCOL_ERROR",
	} {
		for _, got := range everywhere(lost(failure)) {
			switch {
			case got.Outcome != Failed:
				t.Errorf("%s, %s: %s", failure, got.Engine, got.Outcome)
			case got.Engine == Chromium && (got.NetError != want || got.Console() != ""):
				t.Errorf("%s: %s %q", failure, got.NetError, got.Console())
			case got.Engine == Firefox && got.Code != FirefoxDidNotSucceed:
				t.Errorf("%s: %s", failure, got.Code)
			}
		}
	}
	for _, got := range everywhere(lost("something new")) {
		if got.Outcome != Unknown {
			t.Errorf("%s: %s", got.Engine, got.Outcome)
		}
	}
	cut := crossing("GET", api+"/x", reply(200, "Access-Control-Allow-Origin", "*", "Content-Length", "100"))
	cut.Error = "truncated-body"
	if got := Judge(fetched("GET", api+"/x", "omit", cut), Chromium); got.Outcome != Failed || got.NetError != "net::ERR_CONTENT_LENGTH_MISMATCH" {
		t.Errorf("%+v", got)
	}
	cut.Response.Headers = nil // CORS is checked on the head, before the body comes
	if got := Judge(fetched("GET", api+"/x", "omit", cut), Chromium); got.Code != ChromiumMissingAllowOrigin {
		t.Errorf("%+v", got)
	}
}

func TestChunks(t *testing.T) {
	for body, want := range map[string]string{
		"5\r\nhello\r\n0\r\n\r\n": "", "5;x=y\r\nhello\r\n0\r\n\r\n": "", "A\r\n0123456789\r\n0\r\n\r\n": "",
		"5\r\nhello\r\n": "truncated-chunks", "5\r\nhel": "truncated-chunks", "z\r\nhello\r\n": "bad-chunk",
		"\r\n": "bad-chunk", "5\r\nhelloX\r\n0\r\n\r\n": "bad-chunk", "ffffffffffffffffff\r\nx": "bad-chunk",
	} {
		if got := chunkFault(body); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestSniffing(t *testing.T) {
	for _, s := range []string{"<!DOCTYPE html>", "  <html>", "\n<Script>", "<!-- a --><!-- b --> <p>x", "<?xml version"} {
		if !looksLikeHTML(s) {
			t.Errorf("%q is HTML", s)
		}
	}
	for _, s := range []string{"", "alert(1)", "<", "<!-- open", "< html", `{"a":1}`} {
		if looksLikeHTML(s) {
			t.Errorf("%q is no HTML", s)
		}
	}
	for _, s := range []string{`{"a":1}`, " {\n \"a\" : 1", ")]}'\n[1]", "for(;;);{}", "while(1);[]"} {
		if !looksLikeJSON(s) {
			t.Errorf("%q is JSON", s)
		}
	}
	for _, s := range []string{"", "{", "{}", "{a:1}", `{"a" 1}`, "[1]", "f()", `{"`} {
		if looksLikeJSON(s) {
			t.Errorf("%q is a script", s)
		}
	}
	for _, s := range []string{png, "GIF89a...", "RIFF....WEBPVP8", "\x00\x00\x00\x18ftypmp42", "OggS\x00"} {
		if !looksLikeMedia(s) {
			t.Errorf("%q is media", s)
		}
	}
	if looksLikeMedia("RIFF....XXXX") || looksLikeMedia("") || looksLikeMedia("ftyp") {
		t.Error("that is no media")
	}
}

// TestMIME: the type without its parameters, of the last value.
func TestMIME(t *testing.T) {
	for value, want := range map[string]string{
		"text/html; charset=utf-8": "text/html", " Text/HTML ": "text/html", "text/plain, application/json": "application/json",
		"": "", "text": "", "/": "", "a b/c": "", "*/*": "*/*",
	} {
		if got := essence(lines("Content-Type", value)); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	if !nosniff(lines("X-Content-Type-Options", "NoSniff")) || nosniff(lines("X-Content-Type-Options", "no,nosniff")) || nosniff(nil) {
		t.Error("nosniff")
	}
	if !javascriptType("text/javascript1.5") || javascriptType("text/javascript1.55") || javascriptType("text/plain") {
		t.Error("JavaScript types")
	}
}

// TestHeadTooBig: both browsers have a limit, of their own.
func TestHeadTooBig(t *testing.T) {
	resp := reply(200, "Access-Control-Allow-Origin", "*", "X-Big", strings.Repeat("x", 300<<10))
	got := everywhere(fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", resp)))
	if got[Chromium].NetError != "net::ERR_RESPONSE_HEADERS_TOO_BIG" || got[Firefox].Outcome != Allowed {
		t.Errorf("%s %s, %s", got[Chromium].Outcome, got[Chromium].NetError, got[Firefox].Outcome)
	}
}
