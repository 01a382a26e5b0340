package cors

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestHostileChains: what no browser can have sent is not judged.
func TestHostileChains(t *testing.T) {
	many := observed()
	for range 3000 {
		many.Wire = append(many.Wire, crossing("GET", api+"/x", reply(302, "Access-Control-Allow-Origin", "*", "Location", "/x")))
	}
	// A cookie proves that credentials were included, and with those a wildcard
	// would have stopped the browser at the redirect.
	wentOn := observed(
		crossing("GET", api+"/x", reply(302, "Access-Control-Allow-Origin", "*", "Location", "/y"), "User-Agent", firefoxAgent, "Sec-Fetch-Mode", "cors", "Cookie", "a=b"),
		crossing("GET", api+"/y", reply(200, "Access-Control-Allow-Origin", "*"), "User-Agent", firefoxAgent, "Sec-Fetch-Mode", "cors"))
	wentOn.Browser = "firefox"
	preflightOnly := observed(permission("GET", "", api+"/x", nil))
	tests := []struct {
		name   string
		a      *Attempt
		engine Engine
	}{
		{"three thousand exchanges", many, Chromium},
		{"a URL of three megabytes", observed(crossing("GET", api+"/"+strings.Repeat("a", 3<<20), reply(200))), Chromium},
		{"a browser that goes on where it stops", wentOn, Firefox},
		{"no answer at all", preflightOnly, Firefox},
		{"an address that is none", observed(crossing("GET", "http://", reply(200))), WebKit},
		{"steps without requests", &Attempt{Hints: &Hints{API: "fetch", URL: api + "/x", Warmup: make([]Hints, 3)}, PageOrigin: web,
			Wire: []Exchange{stepped(1, crossing("GET", third+"/x", reply(200)))}}, Chromium},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Judge(tt.a, tt.engine); got.Outcome != Unknown || got.Reason == "" || got.Console() != "" {
				t.Errorf("%s %s (%s)", got.Outcome, got.Code, got.Reason)
			}
		})
	}
}

// TestHostileHeaders: megabytes, ten thousand lines, bytes that are no text.
// Whatever comes out, it comes out at once and can be printed.
func TestHostileHeaders(t *testing.T) {
	var crowd, names, exposed Headers
	var list strings.Builder
	for i := range 10_000 {
		crowd = append(crowd, Header{"Access-Control-Allow-Origin", fmt.Sprint("http://", i)})
		names = append(names, Header{fmt.Sprint("X-", i), "1"})
		fmt.Fprintf(&list, "x-%d,", i)
	}
	exposed = append(names, Header{"Access-Control-Expose-Headers", list.String()}, Header{"Access-Control-Allow-Origin", "*"})
	allows := Headers{{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Headers", list.String()}}
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	mega := strings.Repeat("\xff\x00 ,", 1<<20)
	tests := map[string]*Attempt{
		"ten thousand origins":     observed(crossing("GET", api+"/x", &Response{Status: 200, Headers: crowd})),
		"ten thousand names":       observed(crossing("GET", api+"/x", &Response{Status: 200, Headers: exposed})),
		"ten thousand names asked": observed(permission("PUT", list.String()+"z", api+"/x", &Response{Status: 200, Headers: allows})),
		"megabytes":                observed(crossing("GET", api+"/x", reply(200, "Access-Control-Allow-Origin", mega))),
		"megabytes of Location":    observed(crossing("GET", api+"/x", reply(302, "Access-Control-Allow-Origin", "*", "Location", mega))),
		"every byte":               observed(crossing("GET", api+"/x", reply(200, string(everyByte), string(everyByte), "Access-Control-Allow-Origin", string(everyByte)))),
		"an Origin of every byte":  observed(sent("GET", api+"/x", reply(200, "Access-Control-Allow-Origin", web), "Origin", string(everyByte))),
		"no names":                 observed(crossing("GET", api+"/x", reply(200, "", "", "", "x"))),
		"a status that is none":    observed(crossing("GET", api+"/x", reply(-1))),
	}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			all := JudgeAll(a)
			if all.Outcome() == Allowed && name != "ten thousand names" {
				t.Errorf("%s", all.Outcome())
			}
			if data, err := json.Marshal(all); err != nil || !json.Valid(data) {
				t.Errorf("%v: %.200s", err, data)
			}
		})
	}
}

// TestHostileText: a decoder of pasted text sees anything.
func TestHostileText(t *testing.T) {
	for name, text := range map[string]string{
		"markers":           strings.Repeat("Access to fetch at '", 50_000),
		"markers of Safari": strings.Repeat("Origin Method Request header field ", 30_000),
		"half messages":     strings.Repeat("Access to fetch at 'http://a' from origin '", 20_000),
		"net errors":        strings.Repeat("net::ERR_FAILED ", 60_000),
		"one line":          strings.Repeat("a", 4<<20),
		"line breaks":       strings.Repeat("\n", 4<<20),
		"bytes":             strings.Repeat("\xff\x00\u2018", 1<<18),
		"Firefox":           strings.Repeat(firefoxPrefix, 10_000),
	} {
		if got := Decode(text); len(got) > maxMessages {
			t.Errorf("%s: %d messages", name, len(got))
		}
	}
	if got := Decode(strings.Repeat("x\n", maxText) + "TypeError: Failed to fetch"); len(got) != 0 {
		t.Errorf("%v from beyond the limit", got)
	}
}
