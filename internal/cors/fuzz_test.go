package cors

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzJudge: no input makes it panic or waver, and neither the letter case of
// header names nor headers that have nothing to do with CORS change anything.
func FuzzJudge(f *testing.F) {
	for _, name := range []string{"chromium", "firefox"} {
		for i, v := range vectors(f, name) {
			if i%150 == 0 {
				data, err := json.Marshal(v.Attempt)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Attempt
		if json.Unmarshal(data, &a) != nil {
			return
		}
		for _, hints := range []bool{true, false} {
			if !hints {
				a.Hints, a.PageOrigin, a.Browser = nil, "", ""
			}
			all := JudgeAll(&a)
			steady(t, &a, &all)
		}
	})
}

// steady judges the same attempt again, shouted and with more headers.
func steady(t *testing.T, a *Attempt, all *Verdicts) {
	t.Helper()
	louder := *a
	louder.Wire = slices.Clone(a.Wire)
	for i := range louder.Wire {
		x := &louder.Wire[i]
		x.Request.Headers = disguised(x.Request.Headers)
		if x.Response != nil {
			resp := *x.Response
			resp.Headers = disguised(resp.Headers)
			x.Response = &resp
		}
	}
	for _, e := range Engines() {
		want := all.Of(e)
		if want.Outcome == "" || want.Outcome == Unknown && want.Reason == "" || want.Outcome == Blocked && want.Code == "" {
			t.Errorf("%s: %+v", e, want)
		}
		again := Judge(a, e)
		if x, y := text(t, want), text(t, &again); x != y {
			t.Errorf("%s wavers:\n%s\n%s", e, x, y)
		}
		other := Judge(&louder, e)
		if !other.same(want) || other.Console() != want.Console() || other.Status != want.Status {
			t.Errorf("%s minds: %s %s (%s), was %s %s (%s)", e, other.Outcome, other.Code, other.Reason, want.Outcome, want.Code, want.Reason)
		}
	}
}

// disguised writes header names in upper case, except that of the one header
// whose lines Firefox counts by their spelling.
func disguised(h Headers) Headers {
	out := make(Headers, 0, len(h)+1)
	for _, l := range h {
		if !sameName(l.Name, allowOrigin) {
			l.Name = shout(l.Name)
		}
		out = append(out, l)
	}
	if headSize(h) < 200<<10 {
		out = append(out, Header{"X-Nothing-To-Do-With-It", "1"})
	}
	return out
}

// shout is strings.ToUpper for ASCII.
func shout(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func text(t *testing.T, v *Verdict) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

func FuzzDecode(f *testing.F) {
	for i, v := range vectors(f, "firefox") {
		if i%400 == 0 {
			f.Add(v.Expect.Console)
		}
	}
	f.Add("[Error] Origin http://a is not allowed by Access-Control-Allow-Origin. Status code: 404\n[Error] Fetch API cannot load http://b due to access control checks.")
	f.Add("Access to Font at 'a' (redirected from 'b') from origin 'c' has been blocked by CORS policy: Method \\u00FF is not allowed by")
	f.Add("GET http://localhost:8000/api net::ERR_FAILED 500 (Internal Server Error)")
	for _, w := range chromiumWordings {
		f.Add("Access to fetch at 'http://a' from origin 'http://b' has been blocked by CORS policy: " + w.wording)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Decode(s)
		if !slices.Equal(got, Decode(s)) {
			t.Errorf("%q is read in two ways", s)
		}
		for _, m := range got {
			if strings.Contains(m.URL+m.Origin, "\n") || m.Status < 0 || m.Status > 9999 {
				t.Errorf("%+v", m)
			}
			if i := m.Info(); m.Code != "" && i.Code != m.Code {
				t.Errorf("nothing is known about %s", m.Code)
			}
		}
	})
}

// FuzzURL: a URL that has been read and written is read as itself.
func FuzzURL(f *testing.F) {
	for _, s := range []string{
		"http://user:pw@Example.COM:80/a/../b?c#d", "http:\\\\a\\b", "//x", "../y?z", "localhost:3000/x", "http://[::ffff:1.2.3.4]/",
		"http://0x7f.1/", "http://a b/%2e%2e/", "data:,x", "file://h/C:/", "http://\u00e9/\u00e9", "https:a", "?q", "#f", "blob:http://a/b",
	} {
		f.Add(s)
	}
	base, _ := parseAddress("http://api.test:8000/a/b?x=1")
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := base.resolve(s)
		if !ok {
			return
		}
		if a.path > len(a.href) || !strings.HasPrefix(a.href, a.scheme+":") {
			t.Errorf("%q: %+v", s, a)
		}
		if b, ok := parseURL(s, nil); ok && b.scheme != base.scheme && b.href != a.href {
			t.Errorf("%q: %q and %q", s, a.href, b.href)
		}
		if !a.isHTTP() {
			return
		}
		b, ok := parseAddress(a.full())
		if !ok || b != a {
			t.Errorf("%q: %+v is read as %+v", s, a, b)
		}
		if o, ok := parseOrigin(a.origin); !ok || o.origin != a.origin {
			t.Errorf("%q: origin %q is read as %q", s, a.origin, o.origin)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("Access-Control-Allow-Origin", "*", "X ", "a\r\n b\rc\nAccess-Control-Allow-Origin: x", "5\r\nhello\r\n0\r\n\r\n")
	f.Add("", " ", ":", ",", "ffffffffff\r\n")
	f.Fuzz(func(t *testing.T, name, value, other, list, body string) {
		h := Headers{{name, value}, {other, list}, {name, list}}
		data, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var back Headers
		if err := json.Unmarshal(data, &back); err != nil || !slices.Equal(h, back) {
			t.Errorf("%q is read as %q, %v", h, back, err)
		}
		for _, e := range Engines() {
			for _, l := range engineRules[e].parsed(h) {
				if strings.ContainsAny(l.Value, "\n") {
					t.Errorf("%s leaves %q", e, l)
				}
			}
		}
		if bad, ok := badItem(list); ok && (isToken(bad) || !listed(list, bad, false)) {
			t.Errorf("%q in %q", bad, list)
		}
		chunkFault(body)
		looksLikeHTML(body)
		looksLikeJSON(body)
		if escaped := escapeBytes(value); !utf8.ValidString(escaped) || !strings.Contains(value, `\u00`) && unescapeBytes(escaped) != value {
			t.Errorf("%q is written %q", value, escaped)
		}
	})
}
