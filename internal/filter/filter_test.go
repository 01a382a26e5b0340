package filter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/session"

	"github.com/google/go-cmp/cmp"
)

// traffic is what the tests filter, by the letters a case names them with.
var traffic = []struct {
	letter byte
	fill   func(*exchange.Draft)
}{
	{'a', func(d *exchange.Draft) {
		request(d, "GET", "/api/users/42?Page=2")
		answer(d, 200, "application/json", 2000)
	}},
	{'b', func(d *exchange.Draft) {
		request(d, "POST", "/api/login")
		answer(d, 500, "text/plain", 21)
		d.Took = 700 * time.Millisecond
	}},
	{'c', func(d *exchange.Draft) {
		request(d, "OPTIONS", "/api/login", "Origin: http://localhost:3000", "Access-Control-Request-Method: POST")
		answer(d, 204, "", 0)
	}},
	{'d', func(d *exchange.Draft) {
		request(d, "GET", "/static/App.js", "Referer: http://localhost:3000/login")
		answer(d, 304, "text/javascript", 0)
	}},
	{'e', func(d *exchange.Draft) {
		request(d, "DELETE", "/api/users/7", "Origin: http://localhost:5173")
		d.Fail(exchange.Refused, "connection refused")
	}},
	{'f', func(d *exchange.Draft) {
		request(d, "GET", "/ws")
		answer(d, 101, "", 0)
		d.Upgraded()
		d.Open = true
		d.Took = exchange.Unknown
	}},
	{'g', func(d *exchange.Draft) {
		request(d, "GET", "/big (1).bin")
		answer(d, 302, "application/octet-stream", 3<<20)
		d.Source = exchange.SourceProbe
		d.Upstream("https://api.example.test")
		d.Change("Location was rewritten")
	}},
}

func request(d *exchange.Draft, method, target string, lines ...string) {
	d.Took = 3 * time.Millisecond
	d.Client("127.0.0.1:51234")
	d.Request([]byte(method), []byte("http://localhost:8900"), []byte(target), []byte("HTTP/1.1"),
		[]byte("Host: localhost:8900\r\n"+strings.Join(append(lines, ""), "\r\n")))
}

func answer(d *exchange.Draft, status int, mime string, size int) {
	if mime != "" {
		mime = "Content-Type: " + mime + "; charset=utf-8\r\n"
	}
	if d.Source == exchange.SourceProxy && status != 302 {
		d.Upstream("http://localhost:8000")
	}
	d.Response(status, nil, []byte("HTTP/1.1"), []byte(mime))
	d.ResponseBody(make([]byte, size), 1<<20)
}

// rows holds the traffic in a real session.
func rows(t testing.TB) session.Rows {
	t.Helper()
	s, err := session.New(session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var d exchange.Draft
	for _, x := range traffic {
		d.Reset(time.Unix(1_800_000_000, 0))
		x.fill(&d)
		s.Add(&d)
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s.Rows()
}

// taken lists the letters of what a filter takes.
func taken(f *Filter, rows session.Rows) string {
	var out []byte
	rows.Read(0, rows.Len(), func(p session.Page) {
		for i := range p.Rows {
			if f.Match(&p, &p.Rows[i]) {
				out = append(out, traffic[p.First+i].letter)
			}
		}
	})
	return string(out)
}

func TestMatch(t *testing.T) {
	all := rows(t)
	for text, want := range map[string]string{
		"": "abcdefg", "  ": "abcdefg",

		// Words and where they are looked for.
		"api": "abce", "API": "", "page=2": "a", "Page=2": "a", "PAGE": "", "users/*/": "", "users/*?page": "a",
		"localhost:8900": "abcdefg", "localhost:8900/api": "abce", "http://localhost:8900/ws": "f", "localhost:9999": "", "LOCALHOST:8900/api": "",
		"8900/api": "abce", "8900/users": "", "900/ws": "f", "host*/ws": "f",
		"\"big (1)\"": "g", "/big": "g", "(1).bin": "g", "(big)": "g", "app.js": "d", "App.js": "d",
		`/users\/\d+/`: "ae", `/LOGIN/i`: "bc", "/LOGIN/": "", "(/login/ OR /ws/)": "bcf", `/^localhost:8900\/ws$/`: "f",

		// Operators between terms.
		"api users": "ae", "api -users": "bc", "-api -ws": "dg", "ws OR static": "df", "api (users OR is:preflight)": "ace",
		"-(api OR ws)": "dg", "--api": "abce", "api AND users": "ae", "ws OR users method:GET": "af", `"OR"`: "",

		// Keys.
		"status:5xx": "b", "status:200": "a", "status:20x": "ac", "status:300-399": "dg", "status:2xx-3xx": "acdg", "status:none": "e",
		"status:404,5xx,none": "be", "status>=400": "b", "status>3xx": "b", "status<200": "f", "status!=2xx": "bdefg", "-status:2xx": "bdefg",
		"status:>=500": "b", "status=500": "b", "status-code:500": "b",
		"method:get": "adfg", "method:post,delete": "be", "method:*T": "abdfg", "method!=GET": "bce", "method:/^P/": "b",
		"path:/api": "abce", "path:localhost": "", "url:localhost:8900/api": "abce", "host:localhost": "abcdefg", "domain:LOCALHOST": "abcdefg",
		"origin:localhost:3000": "c", `origin:""`: "abdfg", `-origin:""`: "ce", "origin:*:5*": "e", "referer:/login": "d",
		"mime:json": "a", "mime:*script": "d", "mime:text*plain": "b", `mime:""`: "cef",
		"is:preflight": "c", "is:open": "f", "is:running,preflight": "cf", "is:ws": "f", "is:error": "be", "is:hop": "g", "is:truncated": "g",
		"is:changed": "g", "-is:error": "acdfg", "is:redacted": "", "is!=error": "acdfg",
		"error:refused": "e", "error:dns,refused": "e", "error:none": "abcdfg",
		"outcome:failed": "e", "cors:none": "", "severity:none": "adfg", "severity>=warning": "bce", "rule:missing": "",
		"took>500ms": "b", "took:>0.5s": "b", "took<1s": "abcdeg", "took:3ms": "acdeg", "took:1-10": "acdeg", "took<=3000us": "acdeg",
		"size>1k": "ag", "size:3m": "g", "size:1mb-4mb": "g", "larger-than:2000": "ag", "size<1": "cdf", "sent:0": "abcdefg",
		"upstream:localhost:8000": "abcdf", `upstream:""`: "e", "scheme:https": "g", "source:probe": "g", "source:proxy,har": "abcdef",
		"client:127": "abcdefg", "role:preflight": "c", "attempt:5": "e", "id:2-3": "bc", "id>6": "g",
	} {
		f, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := taken(f, all); got != want {
			t.Errorf("%s takes %q, want %q", text, got, want)
		}
		if f.String() != text || f.All() != (strings.TrimSpace(text) == "") {
			t.Errorf("%s: String %q, All %t", text, f.String(), f.All())
		}
	}
	if got := taken(nil, all); got != "abcdefg" {
		t.Errorf("the nil filter takes %q", got)
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		// The bytes between ‹ and › are where the error points to.
		"‹foo›:bar":           `there is no key "foo"; put quotes around to look for the text`,
		"api ‹statsu›:500":    `there is no key "statsu"; did you mean "status"?`,
		"‹metod›>5":           `there is no key "metod"; did you mean "method"?`,
		"‹status:›":           "status needs a value, like 5xx",
		"‹status:› api":       "status needs a value, like 5xx",
		"status:‹50›":         "status takes a code like 404 or 5xx, a range like 400-499, or none",
		"status:404,‹foo›":    "status takes a code like 404 or 5xx, a range like 400-499, or none",
		"status:‹500-400›":    "status takes the smaller end of a range first",
		"status>‹none›":       "one number has to stand behind >",
		"status:‹/5/›":        "status is a number and takes no regular expression, but 5xx",
		"took>‹fast›":         "took takes a time, like 500ms or 2s",
		"size>‹1t›":           "size takes a size, like 10k or 2m",
		"id:‹-1›":             "id takes a number, like 12",
		"method>‹GET›":        "method has no order; write method:POST",
		"larger-than>‹5›":     "larger-than takes a colon, like larger-than:10k",
		"is:‹odd›":            "is takes one of preflight, hop, redirect, open, running, websocket, ws, error, truncated, changed, redacted",
		"severity:‹bad›":      "severity takes blocks, error, warning, security, info or none",
		"source:proxy,‹moon›": "source is one of proxy, probe, har, file",
		"api ‹(›a OR b":       "this parenthesis is not closed",
		"api‹)›":              "nothing is open here that could be closed",
		"(‹)›":                "a term has to stand before the parenthesis closes",
		"api OR‹›":            "a term has to follow, like status:5xx",
		"-‹›":                 "a term has to follow, like status:5xx",
		"‹AND›":               "a term has to stand before AND; put quotes around to look for the word",
		"‹OR› x":              "a term has to stand before OR; put quotes around to look for the word",
		"path:‹\"›a":          "this quotation mark is not closed",
		"‹/a(/›":              "this regular expression does not compile: missing closing ): `a(`; put quotes around to look for the text",
		"x ‹/[/›":             "this regular expression does not compile: missing closing ]: `[`; put quotes around to look for the text",
	} {
		before, rest, _ := strings.Cut(text, "‹")
		inside, after, _ := strings.Cut(rest, "›")
		_, err := Parse(before + inside + after)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v", text, err)
			continue
		}
		got := Error{e.Pos, e.End, e.Text}
		if diff := cmp.Diff(Error{len(before), len(before) + len(inside), want}, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	if _, err := Parse(strings.Repeat("x", maxText+1)); err == nil {
		t.Error("a filter of more than 4 KB is taken")
	}
	if _, err := Parse(strings.Repeat("(", maxDepth+1) + "x" + strings.Repeat(")", maxDepth+1)); err == nil {
		t.Error("parentheses may go deeper than they should")
	}
}

// TestKeysAreTrue holds each key's example and values against the parser.
func TestKeysAreTrue(t *testing.T) {
	for _, k := range Keys() {
		for _, value := range append([]string{k.Example}, k.Values...) {
			for _, name := range append([]string{k.Name}, k.Aliases...) {
				if _, err := Parse(name + ":" + value); err != nil {
					t.Errorf("%s:%s: %v", name, value, err)
				}
			}
		}
		if k.About == "" {
			t.Errorf("%s says nothing about itself", k.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`a (b OR -c) status:5xx "x\"" /re\/x/i took:>1.5s`, "path:/a(b)c", "((((", "-----", "é:ü*"} {
		f.Add(text)
	}
	all := rows(f)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := Parse(text)
		if err == nil {
			taken(filter, all)
			negated, err := Parse("-(" + text + ")")
			if err == nil && len(taken(filter, all))+len(taken(negated, all)) != len(traffic) {
				t.Errorf("%q takes %q, its opposite %q", text, taken(filter, all), taken(negated, all))
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Pos < 0 || e.Pos > e.End || e.End > len(text) || e.Text == "" {
			t.Errorf("%q: %#v", text, err)
		}
	})
}

// BenchmarkMillion filters a million rows.
func BenchmarkMillion(b *testing.B) {
	s, err := session.New(session.Options{Memory: 16 << 20})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var d exchange.Draft
	for i := range 1_000_000 {
		d.Reset(time.Unix(1_800_000_000, 0))
		request(&d, "GET", fmt.Sprintf("/api/items/%d?page=%d", i, i%7))
		answer(&d, 200+i%5*100, "application/json", i%300)
		s.Add(&d)
		if i%20_000 == 0 {
			s.Flush(context.Background())
		}
	}
	s.Flush(context.Background())
	all := s.Rows()
	for _, text := range []string{"status:5xx", "method:POST", "items/99", "Items/99", "status:5xx -page=3 (size>100 OR took>1s)", `/items\/9+\?/`} {
		filter, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				n := 0
				all.Read(0, all.Len(), func(p session.Page) {
					for i := range p.Rows {
						if filter.Match(&p, &p.Rows[i]) {
							n++
						}
					}
				})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(all.Len()), "ns/row")
		})
	}
}
