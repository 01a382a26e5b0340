package exchange

import (
	"strings"
	"testing"
	"time"
)

// Traffic must not be able to stall the capture: a text that is all triggers
// and no secrets costs no more than in proportion to its length. The limit is
// far above that and far below its square.
func TestHostileTexts(t *testing.T) {
	const size, limit = 32 << 10, time.Second
	r := testRedactor(t, RedactRules{Keys: []string{"x", "len"}, Patterns: []string{`\d{3}`}})
	for _, piece := range []string{
		"7", "a=777;", "token=a&", "x=1;", "{", "[", `\`, `"`, `\"`, "'", "%22", "%", "<", ":", "=", "//a@", "eyJ", "eyJhbGciOiJub25lIn0.", "token:",
		`"token":`, `"token":{`, "‹", "‹redacted ", "redacted-", "redacted-tok-12345678-len-1 ", `<input name="token"`, " name='token' <", "</token>",
		"&quot;token&quot;:", "\ntoken: ", "Bearer ", `"a\\":`, "--B\r\n\r\n", `"token"=>`, "]]></token>", "a,b=",
	} {
		s := strings.Repeat(piece, size/len(piece))
		start := time.Now()
		r.Text(s)
		r.URL(s)
		r.Exchange(&Exchange{Request: Request{Headers: Headers{{"Cookie", s[:size/8]}, {"Set-Cookie", s[:size/8]}, {"Content-Type", "text/xml"}}, Body: Body{Data: s}}})
		if took := time.Since(start); took > limit {
			t.Errorf("%d bytes of %q took %v", size, piece, took)
		}
	}
}
