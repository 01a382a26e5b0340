package cors

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestDecodeVectors reads every message that the browsers printed back to what
// the recording says it is about.
func TestDecodeVectors(t *testing.T) {
	for _, name := range []string{"chromium", "firefox"} {
		read := 0
		for _, v := range vectors(t, name) {
			if v.Expect.Console == "" {
				continue
			}
			read++
			got := Decode(v.Expect.Console)
			if len(got) != 1 {
				t.Errorf("%s: %d messages in %q", v.ID, len(got), v.Expect.Console)
				continue
			}
			engine, _ := ParseEngine(name)
			truth := Judge(&v.Attempt, engine)
			checkDecoded(t, &v, &truth, &got[0])
		}
		t.Logf("%s: %d messages", name, read)
	}
}

func checkDecoded(t *testing.T, v *vector, truth *Verdict, got *Message) {
	t.Helper()
	want := Message{
		Browser: v.Browser, Code: v.Expect.Code, URL: truth.where.url, API: got.API, Kind: got.Kind,
		Parameter: v.Expect.Parameter, Status: got.Status,
	}
	if truth.where.initial != truth.where.url && v.Browser == "chromium" {
		want.Initial = truth.where.initial
	}
	switch {
	case v.Browser == "chromium":
		want.Origin = v.PageOrigin
		if truth.where.space != "" {
			want.Parameter = truth.where.space
		} else if !utf8.ValidString(truth.Parameter) {
			want.Parameter = truth.Parameter // not recorded
		}
	case strings.Contains(codes[want.Code].text, "%"):
		want.Parameter = replaceInvalid(truth.Parameter)
	}
	if *got != want {
		t.Errorf("%s: %q\n got %+v\nwant %+v", v.ID, v.Expect.Console, *got, want)
	}
	if want := kinds[API(v.Hints.API)]; v.Browser == "chromium" && got.Kind != want {
		t.Errorf("%s: kind %q, want %q", v.ID, got.Kind, want)
	}
	if _, status, ok := strings.Cut(v.Expect.Console, "Status code: "); ok {
		if status = strings.TrimSuffix(status, "."); status == "(null)" {
			status = "0"
		}
		if got.Status != number(status) {
			t.Errorf("%s: status %d, want %s", v.ID, got.Status, status)
		}
	}
}

// TestDecodeGolden reads testdata/messages.txt: a title, a text as people paste
// it, and what is to be found in it, one line of JSON a message.
func TestDecodeGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split("\n"+string(data), "\n# ")[1:]
	for _, block := range blocks {
		title, rest, _ := strings.Cut(block, "\n")
		t.Run(title, func(t *testing.T) {
			text, want := golden(t, rest)
			if diff := cmp.Diff(want, Decode(text)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, m := range want {
				if i := m.Info(); m.Code != "" && (i.Meaning == "" || len(i.Causes) == 0 || i.Probe == "") {
					t.Errorf("nothing to say about %s", m.Code)
				}
			}
		})
	}
	if len(blocks) < 60 {
		t.Errorf("%d messages", len(blocks))
	}
}

func golden(t *testing.T, block string) (text string, want []Message) {
	t.Helper()
	for line := range strings.Lines(block) {
		expect, ok := strings.CutPrefix(line, "= ")
		if !ok {
			text += line
			continue
		}
		var m Message
		if err := json.Unmarshal([]byte(expect), &m); err != nil {
			t.Fatalf("%s: %v", expect, err)
		}
		want = append(want, m)
	}
	return text, want
}

// TestDecodeWebKit reads Safari's messages back, one for each of its codes.
func TestDecodeWebKit(t *testing.T) {
	for code, entry := range codes {
		if entry.engine != WebKit || code == WebKitModeSameOrigin {
			continue
		}
		v := Verdict{Engine: WebKit, Code: code, Parameter: "X-Thing", where: where{
			api: XHR, url: "https://api.example.com/a", initial: "https://api.example.com/a", page: "https://app.example.com", status: 404,
		}}
		if code == WebKitRedirectScheme || code == WebKitRedirectCredentials {
			v.where.to = "https://b.example.com/c"
		}
		got := Decode(v.Console())
		if len(got) != 1 || got[0].Code != code || got[0].API != XHR || got[0].Browser != "webkit" {
			t.Errorf("%s: %q\n%+v", code, v.Console(), got)
			continue
		}
		if strings.Contains(entry.text, "%") && got[0].Parameter != "X-Thing" {
			t.Errorf("%s: parameter %q", code, got[0].Parameter)
		}
		if v.where.to != "" && (got[0].URL != v.where.to || got[0].Initial != v.where.url) || v.where.to == "" && got[0].URL != v.where.url {
			t.Errorf("%s: %+v", code, got[0])
		}
	}
}
