package exchange

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A debug page repeats the secrets of its request where no name announces them.
func TestSecretsThatAreRepeated(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	x := &Exchange{
		Request: Request{
			Headers: Headers{{"Authorization", "Bearer opaque7token9value"}, {"Cookie", "sid=s3cr3tSession; theme=dark; home=http://localhost:3000"},
				{"Content-Type", "application/x-www-form-urlencoded"}, {"Origin", "http://localhost:3000"}},
			Body: Body{Data: "password=Hunter2%21&also=opaque7token9value"},
		},
		Response: &Response{Status: 500, Body: Body{Data: `<td>sid</td><td>s3cr3tSession</td><p>Hunter2!</p>dark http://localhost:3000 \topaque7token9value "opaque7token9value"`}},
		Changes:  []string{"kept", "saw opaque7token9value"},
		Failure:  Failure{Class: Cut, Detail: "after s3cr3tSession"},
	}
	got := r.Exchange(x)
	for _, c := range []struct{ name, got, want string }{
		{"request body", got.Request.Body.Data, "password=⟪Hunter2%21~Hunter2!⟫&also=⟪opaque7token9value⟫"},
		{"response body", got.Response.Body.Data, `<td>sid</td><td>⟨s3cr3tSession⟩</td><p>⟨Hunter2!⟩</p>dark http://localhost:3000 \t⟨opaque7token9value⟩ "⟨opaque7token9value⟩"`},
		{"change", got.Changes[1], "saw ⟨opaque7token9value⟩"},
		{"failure", got.Failure.Detail, "after ⟨s3cr3tSession⟩"},
	} {
		if want := filled(r, c.want); c.got != want {
			t.Errorf("%s: got %s\nwant %s", c.name, c.got, want)
		}
	}
	if diff := cmp.Diff(got, r.Exchange(got)); diff != "" {
		t.Errorf("redacting twice: %s", diff)
	}
	if x.Changes[1] != "saw opaque7token9value" || !strings.Contains(x.Response.Body.Data, "s3cr3tSession") {
		t.Error("the original changed")
	}
}

func TestOpaque(t *testing.T) {
	for _, s := range []string{"a1b2c3d4e5f6", "Hunter2x", "p@ssW0rd", "5e884898da28047151d0e56f8dc62927"} {
		if !isOpaque(s) {
			t.Errorf("%s is not looked for", s)
		}
	}
	for _, s := range []string{"dark", "production", "localhost", "en-US", "2026", "http://localhost:3000", "two words 12345", "password"} {
		if isOpaque(s) {
			t.Errorf("%s would be blacked out everywhere", s)
		}
	}
}
