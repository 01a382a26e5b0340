package tui

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"corsdash/internal/safe"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

func TestIndentJSON(t *testing.T) {
	for src, want := range map[string]string{
		`{"a":1,"b":[true,null],"c":{},"d":[ ]}`: "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ],\n  \"c\": {},\n  \"d\": []\n}",
		`"a{,}\"b"`:                              `"a{,}\"b"`,
		"{\"a\":1}\n{\"a\":2}\n":                 "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}",
		"1 2\n\"x\"":                             "1\n2\n\"x\"",
		`{"cut":[1,"in the midd`:                 "{\n  \"cut\": [\n    1,\n    \"in the midd",
		`}}]`:                                    "\n}\n}\n]",
		`{"a":"\\"}`:                             "{\n  \"a\": \"\\\\\"\n}",
		strings.Repeat("[", 1000) + "1":          "",
	} {
		got := indentJSON(src)
		if want != "" && got != want {
			t.Errorf("%s becomes\n%s\nwant\n%s", src, got, want)
		}
		if len(got) > 100*len(src)+100 {
			t.Errorf("%d bytes become %d", len(src), len(got))
		}
	}
}

// FuzzIndentJSON holds that JSON stays the same JSON, and that of anything else
// no byte but blanks comes or goes.
func FuzzIndentJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"c\"d"}],"e":{}}`, "1 2 3", `[[[`, `"\`, "{\"a\": }\n\n{", `nul`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got := indentJSON(src)
		if strip(got) != strip(src) {
			t.Errorf("%q becomes %q", src, got)
		}
		var a, b bytes.Buffer
		if json.Compact(&a, []byte(src)) == nil {
			if err := json.Compact(&b, []byte(got)); err != nil || a.String() != b.String() {
				t.Errorf("%q becomes %q: %v", src, got, err)
			}
		}
	})
}

func strip(s string) string {
	return strings.NewReplacer(" ", "", "\n", "", "\t", "", "\r", "").Replace(s)
}

// FuzzTextPage holds that a page shows all of a text, in order, and that no
// line of it is too wide.
func FuzzTextPage(f *testing.F) {
	f.Add("a line\nand another one that is longer\n\n", 10, false)
	f.Add(`{"a": "a long string with \" inside", "b": 1}`, 7, true)
	f.Add("你好世界 e\u0301\u0302 \x1b[2J\tx", 3, false)
	f.Fuzz(func(t *testing.T, src string, w int, json bool) {
		if w < 2 || w > 200 || len(src) > 1<<16 {
			return
		}
		text := safe.Block(src)
		page := newTextPage(text, w, json)
		st := newStyles(&darkTheme, colorprofile.TrueColor, false)
		var shown strings.Builder
		for i := range page.lines() {
			p := newPane(st, w, 1)
			page.draw(p, i)
			line := ansi.Strip(string(p.row(0)))
			if got := ansi.StringWidthWc(line); got != w {
				t.Fatalf("line %d is %d cells wide: %q", i, got, line)
			}
			shown.WriteString(line)
		}
		// A mark at the end of a full line may be left out.
		if letters(shown.String()) != letters(string(text)) {
			t.Errorf("%q is shown as %q", text, shown.String())
		}
	})
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Me) || safe.Width(safe.Text(string(r))) == 0 {
			return -1
		}
		return r
	}, strip(s))
}

func TestJSONIsColoured(t *testing.T) {
	st := newStyles(&darkTheme, colorprofile.TrueColor, false)
	p := newPane(st, 60, 1)
	drawJSON(p, `  "key": [-1.5e3, "text: \"1\"", true, null],`, false)
	p.end()
	for text, in := range map[string]ink{`"key"`: name, "-1.5e3": number, `"text: \"1\""`: literal, "true": keyword, "null": keyword} {
		want := st.sgr[page][in] + text
		if !strings.Contains(string(p.row(0)), want) {
			t.Errorf("%s is not drawn in ink %d: %q", text, in, p.row(0))
		}
	}
	p = newPane(st, 60, 1)
	drawJSON(p, `rest of a string", 7`, true)
	p.end()
	if want := st.sgr[page][literal] + `rest of a string"`; !strings.Contains(string(p.row(0)), want) {
		t.Errorf("the rest of a string is %q", p.row(0))
	}
}

func TestFolded(t *testing.T) {
	for _, c := range []struct {
		text safe.Text
		w    int
		want string
	}{
		{"", 10, ""}, {"short", 10, "short"}, {"exactly ten", 11, "exactly ten"},
		{"two words here", 11, "two words |here"}, {"abcdefghij", 4, "abcd|efgh|ij"}, {"你好世界", 5, "你好|世界"}, {"你", 1, "你"},
	} {
		if got := strings.Join(texts(folded(c.text, c.w)), "|"); got != c.want {
			t.Errorf("%q in %d cells is %q, want %q", c.text, c.w, got, c.want)
		}
	}
}

// TestLongHeadersAreFolded would take minutes if each line cost the whole text.
func TestLongHeadersAreFolded(t *testing.T) {
	for _, text := range []string{"x", "é", "e\u0301\u0302", "你", "\U0001f600"} {
		long := safe.Text(strings.Repeat(text, 1<<20/len(text)))
		lines := folded(long, 79)
		if got := strings.Join(texts(lines), ""); got != string(long) {
			t.Errorf("%q: %d bytes of %d are left", text, len(got), len(long))
		}
		for i, l := range lines[:len(lines)-1] {
			if w := safe.Width(l); w < 78 || w > 79 {
				t.Fatalf("%q: line %d is %d cells wide", text, i, w)
			}
		}
	}
}

func texts(lines []safe.Text) (out []string) {
	for _, l := range lines {
		out = append(out, string(l))
	}
	return out
}

func TestFigures(t *testing.T) {
	for got, want := range map[safe.Text]safe.Text{
		duration(-1): "", duration(0): "0.0ms", duration(850 * time.Microsecond): "0.9ms", duration(12 * time.Millisecond): "12ms",
		duration(1234 * time.Millisecond): "1.2s", duration(99 * time.Second): "99.0s", duration(3 * time.Minute): "3m0s", duration(30 * time.Hour): "30h",
		size(0): "0 B", size(999): "999 B", size(1000): "1.0 KB", size(10 << 10): "10 KB", size(5 << 20): "5.0 MB", size(1 << 62): "4194304 TB",
		grouped(1): "1", grouped(1234): "1,234", grouped(1234567): "1,234,567", rate(0.25): "0.3", rate(1234): "1,234",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for d := time.Microsecond; d < 90*time.Hour; d += d/7 + 1 {
		if n := utf8.RuneCountInString(string(duration(d))); n > 6 {
			t.Errorf("%v takes %d cells: %q", d, n, duration(d))
		}
	}
	for n := int64(1); n < 1<<50; n += n/7 + 1 {
		if len(size(n)) > 6 {
			t.Errorf("%d bytes take %d cells: %q", n, len(size(n)), size(n))
		}
	}
}

func TestInput(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"a b c", "abc|"}, {"a b left c", "ac|b"}, {"a b home x end y", "xaby|"}, {"a b backspace", "a|"}, {"a b left delete", "a|"},
		{"a space b c ctrl+w d", "a d|"}, {"a space b ctrl+a ctrl+k", "|"}, {"a space b ctrl+u", "|"}, {"a space b c alt+b x", "a x|bc"},
		{"a space b alt+b alt+b alt+f x", "ax| b"}, {"a left left right right right b", "ab|"}, {"backspace delete ctrl+w a", "a|"},
	} {
		var e input
		for _, k := range strings.Fields(c.keys) {
			if !e.key(keyOf(k)) {
				t.Errorf("%s: %s does nothing", c.keys, k)
			}
		}
		got := string(e.text[:e.at]) + "|" + string(e.text[e.at:])
		if got != c.want {
			t.Errorf("%s gives %q, want %q", c.keys, got, c.want)
		}
	}
	var e input
	e.insert("a\nb\tc\x1b[2J\x00\n")
	if e.String() != "a b c[2J" {
		t.Errorf("pasted %q", e.String())
	}
	e.insert(strings.Repeat("x", 2*maxInput))
	if len(e.text) != maxInput {
		t.Errorf("the line is %d characters long", len(e.text))
	}
}
