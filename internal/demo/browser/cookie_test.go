package browser

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestCookies(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		name, from, line, to string
		foreign              bool // set and sent across sites
		want                 string
	}{
		{"host only", "http://api.test/", "a=1", "http://api.test/x", false, "a=1"},
		{"not to a subdomain", "http://api.test/", "a=1", "http://v2.api.test/", false, ""},
		{"domain covers subdomains", "http://api.example.com/", "a=1; Domain=example.com", "http://www.example.com/", false, "a=1"},
		{"a leading dot is nothing", "http://api.example.com/", "a=1; Domain=.example.com", "http://www.example.com/", false, "a=1"},
		{"domain of somebody else", "http://api.example.com/", "a=1; Domain=other.com", "http://other.com/", false, ""},
		{"public suffix", "http://api.example.com/", "a=1; Domain=com", "http://api.example.com/", false, ""},
		{"Domain=localhost on localhost", "http://localhost:8000/", "a=1; Domain=localhost", "http://localhost:5173/", false, "a=1"},
		{"ports do not matter", "http://localhost:8000/", "a=1", "http://localhost:5173/", false, "a=1"},
		{"another name of the same machine", "http://localhost:8000/", "a=1", "http://127.0.0.1:8000/", false, ""},
		{"path", "http://localhost/", "a=1; Path=/auth", "http://localhost/auth/x", false, "a=1"},
		{"path itself", "http://localhost/", "a=1; Path=/auth", "http://localhost/auth", false, "a=1"},
		{"path is no prefix of letters", "http://localhost/", "a=1; Path=/auth", "http://localhost/authx", false, ""},
		{"path mismatch behind a prefix", "http://localhost/api/login", "a=1; Path=/auth/refresh", "http://localhost/api/auth/refresh", false, ""},
		{"default path is the directory", "http://localhost/auth/login", "a=1", "http://localhost/data", false, ""},
		{"default path of a file at the top", "http://localhost/login", "a=1", "http://localhost/data", false, "a=1"},
		{"Secure on plain http", "http://api.test/", "a=1; Secure", "http://api.test/", false, ""},
		{"Secure on localhost", "http://localhost/", "a=1; Secure", "http://localhost/", false, "a=1"},
		{"None without Secure", "http://localhost/", "a=1; SameSite=None", "http://localhost/", false, ""},
		{"None and Secure across sites", "http://localhost/", "a=1; SameSite=None; Secure", "http://localhost/", true, "a=1"},
		{"Lax across sites", "http://localhost/", "a=1; SameSite=Lax", "http://localhost/", true, ""},
		{"nothing said, across sites", "http://localhost/", "a=1", "http://localhost/", true, ""},
		{"a misspelt SameSite", "http://localhost/", "a=1; SameSite=Never", "http://localhost/", false, "a=1"},
		{"__Host- with Domain", "http://localhost/", "__Host-a=1; Secure; Path=/; Domain=localhost", "http://localhost/", false, "__Host-a=1"},
		{"__Host- without Path", "http://localhost/", "__Host-a=1; Secure", "http://localhost/", false, "__Host-a=1"},
		{"__Host- below a path", "http://localhost/x/y", "__Host-a=1; Secure", "http://localhost/x/y", false, ""},
		{"__Secure- without Secure", "http://localhost/", "__Secure-a=1", "http://localhost/", false, ""},
		{"Max-Age=0 deletes", "http://localhost/", "a=1; Max-Age=0", "http://localhost/", false, ""},
		{"Max-Age beats Expires", "http://localhost/", "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://localhost/", false, "a=1"},
		{"Expires in the past", "http://localhost/", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://localhost/", false, ""},
		{"too long", "http://localhost/", "a=" + strings.Repeat("x", 4096), "http://localhost/", false, ""},
		{"control byte", "http://localhost/", "a=1\x01", "http://localhost/", false, ""},
		{"without a name", "http://localhost/", "value", "http://localhost/", false, "value"},
		{"white space around", "http://localhost/", " a = 1 ; Path=/", "http://localhost/", false, "a=1"},
	} {
		var j jar
		from, to := mustParse(t, c.from), mustParse(t, c.to)
		j.set(from, []Header{{"Set-Cookie", c.line}}, !c.foreign, now)
		if got := j.send(to, !c.foreign, !c.foreign, now); got != c.want {
			t.Errorf("%s: %q from %s is sent to %s as %q, want %q", c.name, c.line, c.from, c.to, got, c.want)
		}
	}
}

func mustParse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCookiesExpireAndAreReplaced(t *testing.T) {
	var j jar
	now := time.Unix(1_800_000_000, 0)
	u := mustParse(t, "http://localhost/")
	set := func(line string) { j.set(u, []Header{{"Set-Cookie", line}}, true, now) }
	set("old=1")
	set("brief=1; Max-Age=60")
	set("deep=1; Path=/deep")
	set("old=2")
	if got, want := j.send(mustParse(t, "http://localhost/deep/x"), true, true, now), "deep=1; old=2; brief=1"; got != want {
		t.Errorf("sent %q, want %q: longer paths first, then by age", got, want)
	}
	now = now.Add(61 * time.Second)
	if got := j.send(u, true, true, now); got != "old=2" {
		t.Errorf("sent %q after the brief one had expired", got)
	}
	set("old=; Max-Age=0")
	if got := j.send(u, true, true, now); got != "" {
		t.Errorf("sent %q after it was deleted", got)
	}
}

func TestInsecureCookieDoesNotOverlaySecureOne(t *testing.T) {
	var j jar
	now := time.Unix(1_800_000_000, 0)
	j.set(mustParse(t, "https://shop.test/"), []Header{{"Set-Cookie", "sid=good; Secure"}}, true, now)
	j.set(mustParse(t, "http://shop.test/"), []Header{{"Set-Cookie", "sid=evil"}}, true, now)
	if got := j.send(mustParse(t, "https://shop.test/"), true, true, now); got != "sid=good" {
		t.Errorf("sent %q", got)
	}
}

func FuzzCookie(f *testing.F) {
	f.Add("a=1; Path=/; Domain=localhost; SameSite=None; Secure; Max-Age=10", "http://localhost:8000/x")
	f.Add("__Host-a=1;;;=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://a.b.example.com/")
	f.Fuzz(func(t *testing.T, line, from string) {
		u, err := url.Parse(from)
		if err != nil {
			return
		}
		now := time.Unix(1_800_000_000, 0)
		var j jar
		j.set(u, []Header{{"Set-Cookie", line}}, true, now)
		for _, c := range j.list {
			if len(c.name)+len(c.value) > maxCookie || c.expires.After(now.Add(maxCookieAge)) && !strings.Contains(strings.ToLower(line), "expires") {
				t.Errorf("kept %+v", c)
			}
		}
		if sent := j.send(u, true, true, now); strings.ContainsAny(sent, "\r\n\x00") {
			t.Errorf("would send %q", sent)
		}
	})
}
