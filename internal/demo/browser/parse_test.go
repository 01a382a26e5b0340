package browser

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolve(t *testing.T) {
	base := mustParse(t, "http://localhost:8000/a/b?c#frag")
	for ref, want := range map[string]string{
		"d":                        "http://localhost:8000/a/d#frag",
		"/d#x":                     "http://localhost:8000/d#x",
		"?q=1":                     "http://localhost:8000/a/b?q=1#frag",
		"//other:81/d":             "http://other:81/d#frag",
		`\\other\d`:                "http://other/d#frag",
		"http:d":                   "http://localhost:8000/a/d#frag",
		"http:/d":                  "http://localhost:8000/d#frag",
		"https:/other/d":           "https://other/d#frag",
		"http:////other//d":        "http://other//d#frag",
		" HTTP://LOCALHOST:80/D\n": "http://localhost/D#frag",
		"https://x:443/":           "https://x/#frag",
		"http://127.1/":            "http://127.0.0.1/#frag",
		"http://0x7f.1/":           "http://127.0.0.1/#frag",
		"http://2130706433/":       "http://127.0.0.1/#frag",
		"http://[::1]:80/":         "http://[::1]/#frag",
		"http://u:p@h/":            "http://u:p@h/#frag",
		"/é b":                     "http://localhost:8000/%C3%A9%20b#frag",
		"a:b":                      "a:b",
		"1:2":                      "http://localhost:8000/a/1:2#frag",
		"http://":                  "",
		"http://a b/":              "http://a b/#frag",
		"http://a^b/":              "",
		"http://x:99999/":          "",
		"http://256.1.1.1/":        "",
		"http://1.2.3.4.5/":        "",
		"http://[::1/":             "",
	} {
		u, err := resolve(base, ref)
		got := ""
		if err == nil {
			got = strings.Replace(u.String(), "a%20b/", "a b/", 1)
		}
		if got != want {
			t.Errorf("%q: got %q (%v), want %q", ref, got, err, want)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("http://u:p@[::1]:80/x?y#z")
	f.Add(`\\host\path`)
	f.Add("http:///0x7f.1:65536")
	base := &url.URL{Scheme: "http", Host: "localhost:8000", Path: "/a"}
	f.Fuzz(func(t *testing.T, ref string) {
		u, err := resolve(base, ref)
		if err != nil || !isSpecial(u.Scheme) {
			return
		}
		m := message{method: "GET", url: u}
		head, _, _ := strings.Cut(string(m.bytes()), "\r\n\r\n")
		if n := strings.Count(head, "\n"); n != 2 {
			t.Errorf("%q breaks the head: %q", ref, head)
		}
		if line, _, _ := strings.Cut(head, "\r\n"); strings.Count(line, " ") != 2 {
			t.Errorf("%q breaks the request line: %q", ref, line)
		}
	})
}

// Values from the tables of the web platform tests, in our own words.
func TestSafelist(t *testing.T) {
	long := strings.Repeat("a", 128)
	for _, c := range []struct {
		name, value string
		safe        bool
	}{
		{"Accept", "text/html", true}, {"Accept", long, true}, {"Accept", long + "a", false}, {"Accept", `a"b`, false},
		{"Accept", "a\x01", false}, {"Accept-Language", "en-US,en;q=0.9", true}, {"Accept-Language", "en@US", false},
		{"Content-Language", "de, fr", true}, {"Content-Language", "_", false},
		{"Content-Type", "text/plain", true}, {"Content-Type", "Text/Plain; charset=utf-8", true},
		{"Content-Type", "text/plain;", true}, {"Content-Type", "text/plain;garbage", true},
		{"Content-Type", "text/plain,", false}, {"Content-Type", "text/plain,text/plain", false},
		{"Content-Type", "text /plain", false}, {"Content-Type", "application/json", false},
		{"Content-Type", "multipart/form-data; boundary=x", true}, {"Content-Type", `multipart/form-data; boundary="x"`, false},
		{"Content-Type", "application/x-www-form-urlencoded", true}, {"Content-Type", "", false},
		{"Range", "bytes=0-", true}, {"Range", "bytes=5-5", true}, {"Range", "bytes=6-5", false}, {"Range", "bytes=-5", false},
		{"Range", "bytes= 0-", false}, {"Range", "bytes=0-1,3-4", false}, {"Range", "items=0-", false},
		{"Save-Data", "on", true}, {"Save-Data", "off", false}, {"Authorization", "x", false}, {"X-Requested-With", "x", false},
	} {
		got := unsafeNames([]Header{{c.name, c.value}})
		if (len(got) == 0) != c.safe {
			t.Errorf("%s: %q: unsafe %v, want safe %v", c.name, c.value, got, c.safe)
		}
	}
}

func TestUnsafeNames(t *testing.T) {
	got := unsafeNames([]Header{{"X-B", "1"}, {"Accept", "a"}, {"authorization", "x"}, {"X-b", "2"}, {"A", "3"}})
	if diff := cmp.Diff([]string{"a", "authorization", "x-b"}, got); diff != "" {
		t.Error(diff)
	}
	// Beyond 1024 bytes even safe headers need permission.
	got = unsafeNames([]Header{{"Accept", strings.Repeat("a", 128)}, {"Accept-Language", strings.Repeat("b", 128)},
		{"Content-Language", strings.Repeat("c", 128)}, {"DPR", strings.Repeat("1", 128)}, {"Width", strings.Repeat("1", 128)},
		{"RTT", strings.Repeat("1", 128)}, {"ECT", strings.Repeat("1", 128)}, {"Downlink", strings.Repeat("1", 128)}, {"Device-Memory", "8"}})
	if len(got) != 9 {
		t.Errorf("got %v, want all nine", got)
	}
}

func TestCORSCheck(t *testing.T) {
	const page = "http://localhost:3000"
	line := func(v string) Header { return Header{"access-control-allow-origin", v} }
	acac := func(v string) Header { return Header{"Access-Control-Allow-Credentials", v} }
	for _, c := range []struct {
		lines   []Header
		include bool
		want    string
	}{
		{nil, false, "MissingAllowOriginHeader"},
		{[]Header{line("*")}, false, ""},
		{[]Header{line("*")}, true, "WildcardOriginNotAllowed"},
		{[]Header{line("*"), line("*")}, false, "MultipleAllowOriginValues"},
		{[]Header{line(page)}, false, ""},
		{[]Header{line(page), line(page)}, false, "MultipleAllowOriginValues"},
		{[]Header{line(page + ", http://b")}, false, "MultipleAllowOriginValues"},
		{[]Header{line(page + "/")}, false, "AllowOriginMismatch"},
		{[]Header{line("HTTP://LOCALHOST:3000")}, false, "AllowOriginMismatch"},
		{[]Header{line("null")}, false, "AllowOriginMismatch"},
		{[]Header{line("localhost:3000")}, false, "AllowOriginMismatch"},
		{[]Header{line("*.example.com")}, false, "InvalidAllowOriginValue"},
		{[]Header{line("")}, false, "InvalidAllowOriginValue"},
		{[]Header{line("undefined")}, false, "InvalidAllowOriginValue"},
		{[]Header{line(page)}, true, "InvalidAllowCredentials"},
		{[]Header{line(page), acac("true")}, true, ""},
		{[]Header{line(page), acac("True")}, true, "InvalidAllowCredentials"},
		{[]Header{line(page), acac("true"), acac("true")}, true, "InvalidAllowCredentials"},
	} {
		got := ""
		if r := corsCheck(c.lines, page, c.include); r != nil {
			got = r.code
		}
		if got != c.want {
			t.Errorf("%v include=%v: got %q, want %q", c.lines, c.include, got, c.want)
		}
	}
}
