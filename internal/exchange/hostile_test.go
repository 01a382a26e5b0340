package exchange

import (
	"strings"
	"testing"
	"time"
)

// Traffic must not be able to stall the capture: a text that is all triggers
// and no secrets costs no more than in proportion to its length. Four times
// the text may take four times as long, and with some luck ten times, but not
// sixteen times, time after time.
func TestHostileTexts(t *testing.T) {
	const size = 4 << 10
	for _, piece := range []string{
		"7", "a=777;", "token=a&", "x=1;", "{", "[", `\`, `"`, `\"`, "'", "%22", "%", "<", ":", "=", "//a@", "eyJ", "eyJhbGciOiJub25lIn0.", "token:",
		`"token":`, `"token":{`, "‹", "‹redacted ", "redacted-", "redacted-tok-12345678-len-1 ", `<input name="token"`, " name='token' <", " name='token' ",
		"</token>", "&quot;token&quot;:", "\ntoken: ", "Bearer ", `"a\\":`, "--B\r\n\r\n", `"token"=>`, "]]></token>", "a,b=",
	} {
		linear := false
		for try := 0; try < 5 && !linear; try++ {
			took := timed(piece, 4*size)
			linear = took < 20*time.Millisecond || took < 10*timed(piece, size)
		}
		if !linear {
			t.Errorf("a text of %q takes %v", piece, timed(piece, 4*size))
		}
	}
}

// timed is how long it takes to redact size bytes of a piece in several places.
func timed(piece string, size int) time.Duration {
	r, err := NewRedactor(RedactRules{Keys: []string{"x", "len"}, Patterns: []string{`\d{3}`}})
	if err != nil {
		panic(err)
	}
	text := strings.Repeat(piece, size/len(piece))
	x := &Exchange{Request: Request{URL: text, Headers: Headers{{"Cookie", text}, {"Set-Cookie", text}, {"Content-Type", "text/xml"}}, Body: Body{Data: text}},
		Response: &Response{Body: Body{Data: text}}}
	start := time.Now()
	r.Exchange(x)
	return time.Since(start)
}
