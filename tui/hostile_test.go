package tui

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"corsdash/internal/exchange"
)

// payload is what a hostile server or page would like to see on a terminal.
const payload = "\x1b]52;c;cHduZWQ=\x07\x1b[2J\x1b[31;7mred\x1b]0;title\x1b\\\x9b31m\u009b1m\x1bP+q\x1b\\\x1b_apc\x1b\\\x1bc" +
	"\r\n\t\b\x00\x7f\x0e\u202eevil\u2066\u200b\ufeff\u00ad\U000e0041\u2028\u00a0\xff\xe2\x82 e\u0301\u0302\u0303\u0304 \u4f60\u597d \U0001f468\u200d\U0001f469"

// hostile puts the payload wherever the network can put anything.
func hostile(sink exchange.Sink) {
	for i, status := range []int{200, 307, 500, 0} {
		sink.Add(hostileDraft(i, status))
	}
}

func hostileDraft(i, status int) *exchange.Draft {
	line := strings.NewReplacer("\r\n", "\r", "\n", "\v").Replace(payload)
	var d exchange.Draft
	d.Reset(start.Add(time.Duration(i) * time.Second))
	d.Took = time.Second
	d.Client(payload)
	d.Upstream("http://" + line)
	d.Address(payload)
	lines := []byte("Origin: http://" + line + "\r\nX-" + line + ": " + line + "\r\n" + line + "\r\nReferer: " + line + "\r\n")
	d.Request([]byte("GE"+line), []byte("http://"+line), []byte("/a"+payload+"?q="+payload), []byte("HTTP/"+line), lines)
	d.RequestBody([]byte(payload), 1<<20)
	d.Interim(103, lines)
	if status != 0 {
		d.Response(status, []byte(line), []byte("HTTP/"+line), []byte("Location: http://"+line+"\r\nContent-Type: application/json"+line+"\r\n"))
		d.ResponseBody([]byte(`{"a":"`+payload+`","`+payload+`":[`+payload+"1]}"), 1<<20)
		d.ResponseTrailer(lines)
	} else {
		d.Fail(exchange.Reset, payload)
	}
	if status == 500 {
		d.Upgraded()
		d.FramesIn = 1
		d.Frame(exchange.Frame{Opcode: 1, Final: true, Size: int64(len(payload))}, []byte(payload))
	}
	d.Change("changed " + payload)
	return &d
}

// hostileInfo puts the payload into what the command line tells.
func hostileInfo() Info {
	return Info{
		Listen: "http://localhost:8900" + payload, Routes: []Route{{"/" + payload, "http://" + payload, payload}},
		Problems: []string{payload}, Notice: payload, Version: payload,
	}
}

var ourStyle = regexp.MustCompile("\x1b\\[0[0-9;]*m")

// clean reports what is left of a screen that is neither text nor one of our
// own styles.
func clean(t *testing.T, where, content string) {
	t.Helper()
	text := ourStyle.ReplaceAllString(content, "")
	if !utf8.ValidString(text) {
		t.Errorf("%s: the screen is not UTF-8", where)
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r == '\u00a0') {
			t.Fatalf("%s: %U gets to the screen", where, r)
		}
	}
}

// TestNothingHostileGetsThrough goes through every screen with hostile bytes in
// every place, and finds nothing but text and our own styles.
func TestNothingHostileGetsThrough(t *testing.T) {
	t.Parallel()
	routes := [][]string{
		{}, {"enter"}, {"enter", "]"}, {"enter", "]", "b"}, {"enter", "]", "]"}, {"enter", "]", "]", "]"}, {"enter", "["}, {"enter", "[", "["}, {"?"}, {"u"}, {"u", "enter", "[", "["},
		{"/", "type:nowhere\x1b[2J"}, {"/", "type:foo:bar"}, {"s", "s"},
	}
	for _, info := range []func() Info{hostileInfo, infoOf("http://localhost:8900", "http://localhost:8000")} {
		for _, keys := range routes {
			for up := range 4 {
				b := newBench(t, newSession(t, hostile), func(o *Options) { o.Info = info })
				for range up {
					b.press("k")
				}
				b.press(keys...)
				where := strings.Join(keys, " ")
				clean(t, where, b.g.View().Content)
				clean(t, where+" title", b.g.View().WindowTitle)
			}
		}
	}
	b := newBench(t, newSession(t, nil), func(o *Options) {
		onboarding(o)
		o.Discover = func(context.Context) ([]Server, error) {
			return []Server{{payload, payload, payload}}, errors.New(payload)
		}
		o.Choose = func(string) error { return errors.New(payload) }
	})
	b.press("ctrl+r")
	clean(t, "servers", b.g.View().Content)
	b.press("enter")
	clean(t, "servers, refused", b.g.View().Content)
	b.send(pasted(payload))
	clean(t, "servers, pasted", b.g.View().Content)
}

// TestEscapesAreShown holds that what was hostile is not hidden either.
func TestEscapesAreShown(t *testing.T) {
	b := newBench(t, newSession(t, hostile), nil).size(200, 60)
	b.press("g", "enter").want(`\x1b]52;c;`, "‹U+202E›", "‹U+00A0›", `\xff`)
}

// onboarding begins without a server.
func onboarding(o *Options) {
	info := Info{Listen: "http://localhost:8900"}
	o.Info = func() Info { return info }
	o.Discover = func(context.Context) ([]Server, error) {
		return []Server{{"127.0.0.1:8000", "FastAPI on uvicorn", ""}, {"127.0.0.1:3000", "", "Shop of wonders"}}, nil
	}
	o.Choose = func(addr string) error {
		if addr == "nowhere" {
			return errors.New("nobody listens at nowhere")
		}
		info.Routes = []Route{{Prefix: "/", Target: "http://" + addr}}
		return nil
	}
}
