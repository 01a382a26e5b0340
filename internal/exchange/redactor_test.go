package exchange

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// The same secret has the same hash wherever it stands and however it is
// written, and another redactor has another.
func TestSecretsStayComparable(t *testing.T) {
	const secret = "a/b+c=d%e"
	quoted, _ := json.Marshal(secret)
	r := testRedactor(t, RedactRules{})
	x := r.Exchange(&Exchange{Request: Request{
		URL: "http://h/?token=" + url.QueryEscape(secret) + "&next=" + url.QueryEscape("/cb?token="+url.QueryEscape(secret)),
		Headers: Headers{{"Authorization", "Bearer " + secret}, {"X-Api-Key", secret}, {"Cookie", "sid=" + url.QueryEscape(secret)},
			{"Content-Type", "application/x-www-form-urlencoded"}},
		Body: Body{Data: "token=" + url.QueryEscape(secret)},
	}, Response: &Response{Body: Body{Data: `{"token":` + strings.ReplaceAll(string(quoted), "/", `\/`) + `}`}}})
	u, _ := url.Parse(x.Request.URL)
	next, _ := url.Parse(u.Query().Get("next"))
	form, _ := url.ParseQuery(x.Request.Body.Data)
	var body struct{ Token string }
	json.Unmarshal([]byte(x.Response.Body.Data), &body)
	for name, text := range map[string]string{
		"query": u.Query().Get("token"), "nested query": next.Query().Get("token"), "form": form.Get("token"), "JSON": body.Token,
		"Authorization": strings.TrimPrefix(x.Request.Headers[0].Value, "Bearer "), "X-Api-Key": x.Request.Headers[1].Value,
		"Cookie": strings.TrimPrefix(x.Request.Headers[2].Value, "sid="),
	} {
		mark, ok := ParseMark(text)
		if !ok || mark.Hash != r.hash(secret) {
			t.Errorf("%s: %q is not the mark with hash %s", name, text, r.hash(secret))
		}
		if r.Fingerprint(text) != r.Fingerprint(secret) {
			t.Errorf("%s: fingerprint %s, want %s", name, r.Fingerprint(text), r.Fingerprint(secret))
		}
	}
	other, err := NewRedactor(RedactRules{})
	if err != nil || other.Fingerprint(secret) == r.Fingerprint(secret) && other.hash(secret) == r.hash(secret) {
		t.Errorf("another redactor gives the same hash (error %v)", err)
	}
}

func TestFingerprint(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	got := r.Fingerprint("secret")
	if len(got) != len("tok·7f3a") || !strings.HasPrefix(got, "tok·") || got != "tok·"+r.hash("secret")[:4] {
		t.Errorf("got %s", got)
	}
}

// An exchange without secrets is shared, not copied, and one with them is not
// changed.
func TestExchangeSharesWhatIsClean(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	x := benchExchange(`{"id":42}`)
	x.Interim = []Interim{{Status: 103, Headers: Headers{{"Link", "</a.css>; rel=preload"}}}}
	x.Changes = []string{"Host"}
	x.Socket = &Socket{Frames: []Frame{{Opcode: 1, Final: true, Data: "hello"}}}
	got := r.Exchange(x)
	if got == x || !got.Redacted || x.Redacted {
		t.Fatalf("got %p of %p, redacted %v and %v", got, x, got.Redacted, x.Redacted)
	}
	if got.Response != x.Response || got.Socket != x.Socket || &got.Request.Headers[0] != &x.Request.Headers[0] ||
		&got.Changes[0] != &x.Changes[0] || &got.Interim[0] != &x.Interim[0] {
		t.Error("something was copied that needed no change")
	}
	got.Redacted = false
	if diff := cmp.Diff(x, got); diff != "" {
		t.Error(diff)
	}
}

func TestExchangeLeavesTheOriginalAlone(t *testing.T) {
	var c, again canaries
	x := leaky(&c)
	testRedactor(t, RedactRules{}).Exchange(x)
	if diff := cmp.Diff(leaky(&again), x); diff != "" {
		t.Error(diff)
	}
}

func TestRedactingTwiceIsRedactingOnce(t *testing.T) {
	var c canaries
	r := testRedactor(t, RedactRules{Patterns: []string{`\d+`, `[a-z]{3}`}})
	once := r.Exchange(leaky(&c))
	if diff := cmp.Diff(once, r.Exchange(once)); diff != "" {
		t.Error(diff)
	}
	if other := testRedactor(t, RedactRules{}); !cmp.Equal(once, other.Exchange(once)) {
		t.Error("a redactor with fewer rules changes marks")
	}
}

func TestRedactorInParallel(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	var c canaries
	x := leaky(&c)
	want := r.Exchange(x)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if got := r.Exchange(x); !cmp.Equal(want, got) {
					t.Error("results differ")
					return
				}
			}
		})
	}
	wg.Wait()
}

// FuzzRedact holds for any bytes in any place: what is redacted stays redacted,
// JSON stays JSON, UTF-8 stays UTF-8, and a request keeps its lines.
func FuzzRedact(f *testing.F) {
	for _, seed := range []string{
		`{"password":"hunter2","n":{"token":[1,"x",null]}}`, `{"a":"{\"token\":\"b\"}"}`, "data: {\"token\":\ndata: 1}\n", `'token': 'x`,
		"http://u:p@h/?token=a&n=%2F%3Ftoken%3Db%26#code=c", "a=b&password=c", "Authorization: Bearer abc\r\nCookie: a=b\n", `"token" => "x"`,
		`<input name="csrf" value="x">`, "&quot;token&quot;:&quot;x&quot;", "<secret>x</secret>", "Bearer abcdefghijklmnop123", `{"x":"Authorization: Digest a=\"b\""}`,
		makeJWT(jwtHeader, `{"sub":"x"}`, "sig"), "eyJ0b2tlbiI6ImFiYyJ9", marks[0].String() + "x" + marks[3].URL(), `{"token":"` + marks[3].String() + `"}`,
		"a=b; Path=/, c=d", "bearer, x, y.k8s.io.z", "%22token%22%3A%22x%22", "token=\u2039redacted tok", `[4111111111111111,"n4111111111111111"]`, "--B\r\n\r\nx\r\n--B--",
	} {
		f.Add(seed)
	}
	f.Add(`{"":"Authorization:=\""}`)
	plain := testRedactor(f, RedactRules{})
	custom := testRedactor(f, RedactRules{Keys: []string{"x"}, Headers: []string{"x-*"}, Patterns: []string{`\d{3}`, `s(e+)c`}})
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range []*Redactor{plain, custom} {
			checkRedacted(t, s, r)
			checkRedacted(t, `{"token":"`+s+`"}`, r)
		}
	})
}

func checkRedacted(t *testing.T, s string, r *Redactor) {
	x := &Exchange{Upstream: s, Request: Request{URL: s, Headers: Headers{{"Cookie", s}, {"Set-Cookie", s}, {"Authorization", s}, {"X-Any", s},
		{"Sec-WebSocket-Protocol", s}, {"Referer", s}, {s, s}, {"Content-Type", "application/x-www-form-urlencoded"}}, Body: Body{Data: s}},
		Interim:  []Interim{{Headers: Headers{{"X-A", s}}}},
		Response: &Response{Reason: s, Headers: Headers{{"Content-Type", "multipart/form-data"}}, Body: Body{Data: s}}, Changes: []string{s},
		Socket: &Socket{Frames: []Frame{{Opcode: 1, Data: s[:len(s)/2]}, {Opcode: 0, Final: true, Data: s[len(s)/2:]}}}}
	once := r.Exchange(x)
	if twice := r.Exchange(once); !bytes.Equal(encoded(once), encoded(twice)) {
		t.Errorf("%q changes when redacted again: %s", s, cmp.Diff(once, twice))
	}
	if text := r.Text(s); json.Valid([]byte(s)) && !json.Valid([]byte(text)) {
		t.Errorf("%s is JSON, %s is not", s, text)
	}
	for i, l := range once.Request.Headers[:6] {
		if utf8.ValidString(s) && !utf8.ValidString(l.Value) {
			t.Errorf("%s: %q from %q", l.Name, l.Value, s)
		}
		if strings.Count(l.Value, "\n") > strings.Count(x.Request.Headers[i].Value, "\n") {
			t.Errorf("%s: %q has a new line", l.Name, l.Value)
		}
	}
	if text := r.Text(s); utf8.ValidString(s) && !utf8.ValidString(text) {
		t.Errorf("%q became %q", s, text)
	}
}
