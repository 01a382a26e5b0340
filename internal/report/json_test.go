package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

var started = time.Date(2026, 11, 20, 18, 24, 5, 1, time.UTC)

// failing is the exchange of the documented example.
func failing() diag.Result {
	x := &exchange.Exchange{
		ID: 12, Upstream: "http://localhost:8000", Timing: exchange.Timing{Started: started, Took: 12300 * time.Microsecond},
		Request: exchange.Request{Method: "GET", URL: "http://localhost:8900/api/x", Proto: "HTTP/1.1",
			Headers: exchange.Headers{{Name: "Origin", Value: "http://localhost:3000"}}},
		Response: &exchange.Response{Status: 500, Reason: "Internal Server Error", Proto: "HTTP/1.1",
			Headers: exchange.Headers{{Name: "Server", Value: "uvicorn"}, {Name: "Content-Type", Value: "text/plain; charset=utf-8"}},
			Body:    exchange.Body{Size: 21, Data: "Internal Server Error"}},
	}
	return diag.Result{Exchange: x, Attempt: 5, Role: diag.Actual, Rev: 1, Findings: []diag.Finding{
		{Rule: "starlette-unhandled-exception", Severity: diag.Blocks, Title: "t", Why: "w", Fix: "f", Evidence: []string{"e"}, Exchanges: []uint64{12}},
	}}
}

// scenes are results with everything that may be in one.
func scenes() []diag.Result {
	refused := diag.Result{Attempt: 2, Role: diag.Preflight, Rev: 2, Exchange: &exchange.Exchange{
		ID: 2, Upstream: "http://localhost:8000", Timing: exchange.Timing{Started: started.Add(time.Second), Took: exchange.Unknown},
		Request: exchange.Request{Method: "OPTIONS", URL: "http://localhost:8900/api/x", Proto: "HTTP/2.0", Headers: exchange.Headers{
			{Name: "origin", Value: "http://localhost:3000"}, {Name: "access-control-request-method", Value: "PUT"}}},
		Failure: exchange.Failure{Class: exchange.Refused, Detail: "dial tcp 127.0.0.1:8000: connect: connection refused"},
		Changes: []string{"Host rewritten from localhost:8900 to localhost:8000"},
	}}
	socket := diag.Result{Attempt: 3, Role: diag.Actual, Rev: 1, Exchange: &exchange.Exchange{
		ID: 3, Source: exchange.SourceFile, Upstream: "http://localhost:5173", Timing: exchange.Timing{Started: started.Add(2 * time.Second), Took: 90 * time.Second},
		Request:  exchange.Request{Method: "GET", URL: "ws://localhost:8900/hmr", Proto: "HTTP/1.1", Headers: exchange.Headers{{Name: "Origin", Value: "null"}}},
		Response: &exchange.Response{Status: 101, Reason: "Switching Protocols", Proto: "HTTP/1.1"},
		Socket:   &exchange.Socket{FramesIn: 3, FramesOut: 1},
	}}
	upload := diag.Result{Attempt: 4, Role: diag.Hop, Rev: 1, Exchange: &exchange.Exchange{
		ID: 4, Upstream: "https://api.example.test", Timing: exchange.Timing{Started: started.Add(3 * time.Second), Took: 1500 * time.Millisecond},
		Request: exchange.Request{Method: "POST", URL: "http://localhost:8900/upload", Proto: "HTTP/1.1",
			Headers:  exchange.Headers{{Name: "Content-Type", Value: "IMAGE/PNG"}, {Name: "X-Twice", Value: "1"}, {Name: "X-Twice", Value: "2"}},
			Body:     exchange.Body{Size: 3 << 20, Data: "\x89PNG\r\n"},
			Trailers: exchange.Headers{{Name: "X-Sum", Value: "9"}}},
		Interim: []exchange.Interim{{Status: 103, Headers: exchange.Headers{{Name: "Link", Value: "</a.css>; rel=preload"}}}},
		Response: &exchange.Response{Status: 307, Reason: "Temporary Redirect", Proto: "HTTP/1.1",
			Headers: exchange.Headers{{Name: "Location", Value: "https://evil.test/\u202e\x1b[2J\u00a0\xff"}}},
		Failure: exchange.Failure{Class: exchange.Cut, Detail: "unexpected EOF"},
	}}
	open := diag.Result{Attempt: 5, Role: diag.Actual, Rev: 1, Exchange: &exchange.Exchange{ID: 5, Open: true}}
	return []diag.Result{failing(), refused, socket, upload, open, {}}
}

func printed(format string, o Options, results ...diag.Result) string {
	f, ok := Find(format)
	if !ok {
		return "no format " + format
	}
	print, out := f.New(o), []byte(nil)
	for _, r := range results {
		out = print(out, r)
	}
	return string(out)
}

func TestJSONIsTheDocumentedExample(t *testing.T) {
	if diff := cmp.Diff(documented+"\n", printed("json", Options{}, failing())); diff != "" {
		t.Error(diff)
	}
}

func TestGolden(t *testing.T) {
	for _, f := range Formats {
		got := printed(f.Name, Options{}, scenes()...)
		path := filepath.Join("testdata", "scenes."+f.Name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: go test ./internal/report -update writes what is right now\n%s", f.Name, diff)
		}
	}
}

func TestJSONFitsTheSchema(t *testing.T) {
	s := loadSchema(t)
	lines := strings.Split(strings.TrimSuffix(printed("json", Options{}, scenes()...), "\n"), "\n")
	if len(lines) != 4 {
		t.Errorf("%d lines; what is open or empty must not be printed", len(lines))
	}
	for _, line := range lines {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, fault := range s.check(value) {
			t.Errorf("%s in %s", fault, line)
		}
	}
}

// body prints a response body and returns its object.
func body(t *testing.T, h exchange.Headers, b exchange.Body) map[string]any {
	t.Helper()
	r := failing()
	r.Exchange.Response.Headers, r.Exchange.Response.Body = h, b
	var line struct{ Response struct{ Body map[string]any } }
	if err := json.Unmarshal([]byte(printed("json", Options{}, r)), &line); err != nil {
		t.Fatal(err)
	}
	return line.Response.Body
}

func header(lines ...string) (h exchange.Headers) {
	for i := 0; i < len(lines); i += 2 {
		h = append(h, exchange.Header{Name: lines[i], Value: lines[i+1]})
	}
	return h
}

func gzipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write([]byte(text))
	w.Close()
	return out.String()
}

func TestJSONBodies(t *testing.T) {
	zipped := gzipped(`{"a":"ü"}`)
	bomb := gzipped(strings.Repeat("a", decodedLimit+1))
	type object = map[string]any
	for name, c := range map[string]struct {
		h    exchange.Headers
		b    exchange.Body
		want object
	}{
		"none":           {nil, exchange.Body{}, object{"size": 0.}},
		"not captured":   {nil, exchange.Body{Size: 5}, object{"size": 5., "captured": 0., "truncated": true, "text": ""}},
		"text":           {header("content-type", "Text/HTML; charset=x"), exchange.Body{Size: 2, Data: "ü"}, object{"size": 2., "captured": 2., "mime": "text/html", "text": "ü"}},
		"cut in a rune":  {nil, exchange.Body{Size: 9, Data: "aü\xe2\x82"}, object{"size": 9., "captured": 5., "truncated": true, "text": "aü"}},
		"latin1":         {nil, exchange.Body{Size: 1, Data: "\xfc"}, object{"size": 1., "captured": 1., "encoding": "base64", "text": "/A=="}},
		"latin1, cut":    {nil, exchange.Body{Size: 9, Data: "\xfcab"}, object{"size": 9., "captured": 3., "truncated": true, "encoding": "base64", "text": "/GFi"}},
		"nul":            {nil, exchange.Body{Size: 1, Data: "\x00"}, object{"size": 1., "captured": 1., "encoding": "base64", "text": "AA=="}},
		"image as ascii": {header("Content-Type", "image/gif"), exchange.Body{Size: 3, Data: "GIF"}, object{"size": 3., "captured": 3., "mime": "image/gif", "encoding": "base64", "text": "R0lG"}},
		"svg":            {header("Content-Type", "image/svg+xml"), exchange.Body{Size: 6, Data: "<svg/>"}, object{"size": 6., "captured": 6., "mime": "image/svg+xml", "text": "<svg/>"}},
		"gzip": {header("Content-Encoding", "GZIP"), exchange.Body{Size: int64(len(zipped)), Data: zipped},
			object{"size": float64(len(zipped)), "captured": float64(len(zipped)), "decoded": "gzip", "text": `{"a":"ü"}`}},
		"gzip, cut": {header("Content-Encoding", "gzip"), exchange.Body{Size: int64(len(zipped)), Data: zipped[:len(zipped)-8]},
			object{"size": float64(len(zipped)), "captured": float64(len(zipped) - 8), "truncated": true, "decoded": "gzip", "text": `{"a":"ü"}`}},
		"bomb": {header("Content-Encoding", "gzip"), exchange.Body{Size: int64(len(bomb)), Data: bomb},
			object{"size": float64(len(bomb)), "captured": float64(len(bomb)), "truncated": true, "decoded": "gzip", "text": strings.Repeat("a", decodedLimit)}},
		"unknown coding": {header("Content-Encoding", "x-own"), exchange.Body{Size: 3, Data: "abc"}, object{"size": 3., "captured": 3., "text": "abc"}},
		"identity":       {header("Content-Encoding", "identity"), exchange.Body{Size: 3, Data: "abc"}, object{"size": 3., "captured": 3., "text": "abc"}},
		"from a file": {header("Content-Encoding", "gzip"), exchange.Body{Size: 3, Data: "abcdef", Decoded: true},
			object{"size": 3., "captured": 3., "text": "abcdef"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, body(t, c.h, c.b)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func redactor(t *testing.T) *exchange.Redactor {
	t.Helper()
	r, err := exchange.NewRedactorWithKey(exchange.RedactRules{}, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Secrets must not appear anywhere in a line, neither in a coded body nor in
// what a rule quotes.
func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "c2VzYW1l0123456789abcdef"
	r := failing()
	x := r.Exchange
	x.Request.Headers = append(x.Request.Headers, exchange.Header{Name: "Authorization", Value: "Bearer " + secret})
	x.Request.URL += "?access_token=" + secret
	x.Response.Headers = header("Content-Encoding", "gzip", "Content-Type", "application/json")
	coded := gzipped(`{"refresh_token":"` + secret + `"}`)
	x.Response.Body = exchange.Body{Size: int64(len(coded)), Data: coded}
	r.Findings[0].Evidence = []string{"Authorization: Bearer " + secret}
	for _, f := range Formats {
		if got := printed(f.Name, Options{}, r); !strings.Contains(got, secret) {
			t.Errorf("%s leaves out what it was to print: %s", f.Name, got)
		}
		if got := printed(f.Name, Options{Redactor: redactor(t)}, r); strings.Contains(got, secret) || !strings.Contains(got, "redacted") {
			t.Errorf("%s: %s", f.Name, got)
		}
	}
	if x.Response.Body.Data != coded {
		t.Error("the result itself was changed")
	}
}

// What cannot be decoded cannot be redacted either, so it is not printed.
func TestUnreadableBodiesAreDropped(t *testing.T) {
	r := failing()
	r.Exchange.Response.Headers = header("Content-Encoding", "x-own")
	r.Exchange.Response.Body = exchange.Body{Size: 5, Data: "abcde"}
	got := printed("json", Options{Redactor: redactor(t)}, r)
	if strings.Contains(got, "abcde") || !strings.Contains(got, "‹redacted body") || strings.Contains(got, `"decoded"`) {
		t.Error(got)
	}
}

func TestQuotedText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     `""`,
		"plain":                                `"plain"`,
		"a\"b\\c/":                             `"a\"b\\c/"`,
		"\t\n\r\x00\x1b[2J":                    `"\t\n\r\u0000\u001b[2J"`,
		"\x7f":                                 `"\u007f"`,
		"é€😀":                                  `"é€😀"`,
		"a\xffb\xe2\x82":                       `"a\ufffdb\ufffd\ufffd"`,
		"\ufffd":                               "\"\ufffd\"",
		"\u009b31m":                            `"\u009b31m"`,
		"\u202e\u2067\u200b\u2028\ufeff\u00ad": `"\u202e\u2067\u200b\u2028\ufeff\u00ad"`,
		"\U000e0041x\U000e007f":                `"\udb40\udc41x\udb40\udc7f"`,
	} {
		if got := string(appendQuoted(nil, text)); got != want {
			t.Errorf("%q is written %s; want %s", text, got, want)
		}
	}
}

func FuzzQuoted(f *testing.F) {
	f.Add("a\xffü\u202e\U000e0041\x00\"")
	f.Fuzz(func(t *testing.T, s string) {
		quoted := appendQuoted(nil, s)
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil {
			t.Fatalf("%v: %q", err, quoted)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && back != s || len(want) > 0 && back == "" {
			t.Fatalf("%q reads back %q", s, back)
		}
		if !utf8.Valid(quoted) || bytes.ContainsFunc(quoted, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && deceives(r) }) {
			t.Fatalf("unsafe: %q", quoted)
		}
	})
}

func TestBase64IsWhole(t *testing.T) {
	data := strings.Repeat("\x00\xff\x10", 1000)
	got := body(t, nil, exchange.Body{Size: 3000, Data: data})
	back, err := base64.StdEncoding.DecodeString(got["text"].(string))
	if err != nil || string(back) != data {
		t.Errorf("%v, %d bytes", err, len(back))
	}
}

func BenchmarkJSONTiny(b *testing.B) { benchmarkJSON(b, 200) }
func BenchmarkJSON10K(b *testing.B)  { benchmarkJSON(b, 10<<10) }

func benchmarkJSON(b *testing.B, size int) {
	r := failing()
	r.Exchange.Response.Body = exchange.Body{Size: int64(size), Data: strings.Repeat("a", size)}
	for i := range 12 {
		r.Exchange.Request.Headers = append(r.Exchange.Request.Headers, exchange.Header{Name: "X-Header-" + string(rune('a'+i)), Value: "some value of usual length"})
	}
	print, buf := newJSON(Options{}), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		buf = print(buf[:0], r)
	}
}
