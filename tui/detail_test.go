package tui

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
	"corsdash/internal/session"
	"corsdash/internal/shot/sample"

	tea "charm.land/bubbletea/v2"
)

// reply fills a session with one exchange of that answer.
func reply(body string, lines ...string) func(exchange.Sink) {
	return func(sink exchange.Sink) {
		var d exchange.Draft
		d.Reset(start)
		d.Took = time.Millisecond
		d.Request([]byte("GET"), []byte("http://localhost:8900"), []byte("/x"), []byte("HTTP/1.1"), []byte("Host: localhost:8900\r\n"))
		d.Response(200, []byte("OK"), []byte("HTTP/1.1"), []byte(strings.Join(append(lines, ""), "\r\n")))
		d.ResponseBody([]byte(body), 256<<10)
		sink.Add(&d)
	}
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func TestBodies(t *testing.T) {
	const object = `{"name":"Ada","token":"abcdefghijklmnop1234567890"}`
	for name, c := range map[string]struct {
		fill func(exchange.Sink)
		want []string
	}{
		"json":             {reply(object, "Content-Type: application/json"), []string{"Answer, application/json, 51 B", `  "name": "Ada",`, `"token": "‹redacted`}},
		"json by its look": {reply(` [{"a":1}]`), []string{`    "a": 1`}},
		"gzip":             {reply(gzipped(object), "Content-Type: application/json", "Content-Encoding: gzip"), []string{"gzip taken off", `  "name": "Ada",`, "‹redacted"}},
		"broken gzip":      {reply(gzipped(strings.Repeat(object, 100))[:60], "Content-Encoding: gzip"), []string{"taken off as far as possible"}},
		"unknown coding":   {reply("\x00\x01\x02coded", "Content-Encoding: snappy"), []string{"still coded as snappy"}},
		"long":             {reply(strings.Repeat("x", 300<<10), "Content-Type: text/plain"), []string{"text/plain, 300 KB, captured 256 KB of it"}},
		"html":             {reply("<h1>\tNot found</h1>\n<p>", "Content-Type: text/html"), []string{"<h1>    Not found</h1>", "<p>"}},
		"latin-1":          {reply("caf\xe9 au lait, s'il vous plait", "Content-Type: text/plain; charset=latin1"), []string{`caf\xe9 au lait`}},
		"none":             {reply("", "Content-Type: text/plain"), []string{"Answer without a body"}},
		"binary":           {reply("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "Content-Type: image/png"), []string{"89 50 4e 47 0d 0a 1a 0a 00 00 00 0d 49 48 44 52", ".PNG........IHDR"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, newSession(t, c.fill), nil).size(160, 48).press("enter", "]")
			b.want(c.want...)
			b.wantNot("abcdefghijklmnop1234567890", "reading")
		})
	}
}

func TestFormIsListed(t *testing.T) {
	b := newBench(t, newSession(t, stories(sample.Len)), nil).press("/", "type:contact", "enter", "enter", "]", "b")
	b.want("Request, application/x-www-form-urlencoded", "Ada Lovelace", "It does not work, why?")
	b.wantNot("a8f5f167f44f4964e6c998dee827110c")
	b.press("b").want(`"ok": true`)
}

func TestLongBodyComesInTwoSteps(t *testing.T) {
	var body strings.Builder
	for i := 0; body.Len() < 200<<10; i++ {
		fmt.Fprintf(&body, "line %d\n", i)
	}
	b := newBench(t, newSession(t, reply(body.String(), "Content-Type: text/plain")), nil)
	b.press("enter")
	_, cmd := b.g.Update(keyOf("]"))
	b.want("reading …")
	msg := cmd().(pageBuilt)
	_, cmd = b.g.Update(msg)
	b.want("reading the rest …", "line 5")
	b.press("j", "j", "j")
	first := b.g.detail.offset
	b.run(cmd)
	b.wantNot("reading")
	if b.g.detail.offset != first {
		t.Errorf("the page moved from line %d to %d", first, b.g.detail.offset)
	}
	b.press("G").want("100%", fmt.Sprintf("line %d", strings.Count(body.String(), "\n")-1))
}

// TestLateAnswersAreDropped holds that what was asked for before the selection
// moved on does not take the place of what is selected.
func TestLateAnswersAreDropped(t *testing.T) {
	b := newBench(t, newSession(t, stories(sample.Len)), nil)
	_, late := b.g.Update(keyOf("enter"))
	b.g.Update(keyOf("p"))
	b.run(late)
	b.want("#14")
	b.wantNot("#15 ")

	b.press("n", "]") // a page for another width
	_, late = b.g.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	b.g.Update(tea.WindowSizeMsg{Width: 60, Height: 24})
	b.run(late)
	checkGeometry(t, b, 60, 24)
	if key := b.g.detail.pages[2].key; key.w != 58 {
		t.Errorf("the page was made for %d cells", key.w)
	}
}

func TestOpenExchangeIsReadAgain(t *testing.T) {
	s := newSession(t, nil)
	var d exchange.Draft
	stream := func(id uint64, text string, open bool) uint64 {
		d.Reset(start)
		d.ID, d.Open = id, open
		d.Request([]byte("GET"), []byte("http://localhost:8900"), []byte("/events"), []byte("HTTP/1.1"), nil)
		d.Response(200, nil, []byte("HTTP/1.1"), []byte("Content-Type: text/event-stream\r\n"))
		d.ResponseBody([]byte(text), 1<<20)
		s.Add(&d)
		return d.ID
	}
	id := stream(0, "data: one\n", true)
	b := newBench(t, s, nil).press("enter", "]")
	b.want("still open", "data: one")
	stream(id, "data: one\ndata: two\n", false)
	b.look()
	b.want("data: two")
	b.wantNot("still open")
}

func TestGoneExchange(t *testing.T) {
	s, err := session.New(session.Options{Memory: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for range 20 {
		sample.Fill(s, start, 10)
		flush(t, s)
	}
	b := newBench(t, s, nil).press("g", "enter")
	b.want("The details are gone: it left memory, and nothing is saved.")
	b.press("]", "]").want("The details are gone")
}

func TestSavedSession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it's.corsdash")
	s, err := session.New(session.Options{File: path})
	if err != nil {
		t.Fatal(err)
	}
	sample.Fill(s, start, 20)
	b := newBench(t, s, nil)
	b.want("saving ")
	want := "; saved in " + path + "\nlook at it again with: corsdash open '" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	if got := b.g.summary(); !strings.HasPrefix(got, "20 exchanges") || !strings.HasSuffix(got, want) {
		t.Errorf("the summary is %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opened, err := session.Open(path, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	b = newBench(t, opened, func(o *Options) { o.Info = infoOf("") })
	for b.g.stats.Loading {
		<-opened.Changed()
		b.look()
	}
	b.want("a saved session", "20 exchanges", "saved ")
	b.press("k", "k", "enter").want("read from the file", "‹redacted")
	if b.g.summary() != "" {
		t.Errorf("summary of a session only looked at: %q", b.g.summary())
	}
}

// TestNothingIsDrawnWithoutNeed holds that a screen that is as it was is the
// same string, which the renderer does not look at twice.
func TestNothingIsDrawnWithoutNeed(t *testing.T) {
	b := newBench(t, newSession(t, stories(60)), nil)
	b.g.stats.Requests = 0
	b.send(nil)
	before := unsafe.StringData(b.g.View().Content)
	b.g.route(nil)
	b.g.layout()
	b.g.draw()
	if unsafe.StringData(b.g.View().Content) != before {
		t.Error("the same screen is another string")
	}
	b.press("k")
	if unsafe.StringData(b.g.View().Content) == before {
		t.Error("the selection moved, and the screen is the same string")
	}
}

// TestInflated undoes permessage-deflate as a browser and a server speak it:
// one window for all messages of a direction.
func TestInflated(t *testing.T) {
	var wire bytes.Buffer
	w, err := flate.NewWriter(&wire, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	var frames []exchange.Frame
	texts := []string{`{"type":"hello","from":"ada"}`, `{"type":"hello","from":"grace"}`, "", strings.Repeat(`{"type":"hello"}`, 5000)}
	for _, text := range texts {
		wire.Reset()
		w.Write([]byte(text))
		w.Flush()
		data := strings.TrimSuffix(wire.String(), "\x00\x00\xff\xff")
		frames = append(frames, exchange.Frame{Opcode: 1, Final: true, Compressed: true, Size: int64(len(data)), Data: data})
	}
	for i, f := range inflated(frames) {
		if f.Compressed || f.Data != texts[i] {
			t.Errorf("message %d: %.60q, compressed %t", i, f.Data, f.Compressed)
		}
	}
	frames[1].Data = frames[1].Data[:1]
	got := inflated(frames)
	if got[0].Compressed || !got[1].Compressed || !got[3].Compressed {
		t.Error("a message behind a missing one cannot be read")
	}
	frames[0].Data = "\xff\xff\xff"
	frames[0].Size = 3
	if got := inflated(frames); !got[0].Compressed {
		t.Errorf("garbage was read as %q", got[0].Data)
	}
}

func TestTabsAreClicked(t *testing.T) {
	b := newBench(t, newSession(t, stories(60)), nil).size(120, 24).press("k", "enter")
	y := b.g.areas.detail.y + detailHead
	line := strings.Split(b.text(), "\n")[y]
	b.send(tea.MouseClickMsg{X: strings.Index(line, "Timing"), Y: y, Button: tea.MouseLeft})
	b.want("[Timing]", "connect")
	b.send(tea.MouseClickMsg{X: strings.Index(line, "Raw"), Y: y, Button: tea.MouseLeft})
	b.want("[Raw]")
	b.press("tab").send(tea.MouseWheelMsg{X: 5, Y: y + 5, Button: tea.MouseWheelDown})
	if b.g.detail.offset != 3 || b.g.focus != focusList {
		t.Errorf("the wheel over the details: line %d, focus %d", b.g.detail.offset, b.g.focus)
	}
}

// TestFindingsComeFirst holds that what was found is what the details begin
// with, and that only the newest are kept.
func TestFindingsComeFirst(t *testing.T) {
	b := newBench(t, newSession(t, stories(sample.Len)), nil)
	found := diag.Finding{
		Rule: "starlette-unhandled-exception", Severity: diag.Blocks, Title: "The backend failed with 500, and Starlette sent it without CORS headers",
		Why: "ServerErrorMiddleware stands outside of CORSMiddleware.", Fix: "Add the middleware:\n\napp = CORSMiddleware(app)",
		Evidence: []string{"#4 response: server: uvicorn", "authorization: Bearer abcdefghijklmnop1234567890"},
	}
	b.g.findings.note(diag.Result{Exchange: &exchange.Exchange{ID: 4}, Findings: []diag.Finding{found}})
	b.press("/", "type:id:4", "enter", "enter")
	b.want("[Findings]", "✗ The backend failed with 500", "ServerErrorMiddleware stands outside", "app = CORSMiddleware(app)", "#4 response: server: uvicorn", "‹redacted")
	b.wantNot("abcdefghijklmnop1234567890")
	b.press("]").want("[Headers]", " Findings 1")
	b.press("q", "esc", "g", "enter").want("[Headers]")

	for id := range uint64(findingsKept) {
		b.g.findings.note(diag.Result{Exchange: &exchange.Exchange{ID: 100 + id}, Findings: []diag.Finding{found}})
	}
	if len(b.g.findings.byID) != findingsKept || b.g.findings.of(4) != nil || b.g.findings.of(100) == nil {
		t.Errorf("findings of %d exchanges are kept", len(b.g.findings.byID))
	}
	b.g.findings.note(diag.Result{Exchange: &exchange.Exchange{ID: 100}})
	if b.g.findings.of(100) != nil {
		t.Error("findings that were taken back are kept")
	}
}
