package safe

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestLineShowsWhatCannotBeDrawn(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "GET /api?x=1", "GET /api?x=1"},
		{"empty", "", ""},
		{"letters", "Grüße, 世界 é", "Grüße, 世界 é"},
		{"line breaks", "a\r\nb\tc", `a\r\nb\tc`},
		{"controls", "\x00\x07\x1b[2J\x7f", `\x00\x07\x1b[2J\x7f`},
		{"OSC 52", "\x1b]52;c;aGk=\a", `\x1b]52;c;aGk=\x07`},
		{"no UTF-8", "a\xff\xe2\x82", `a\xff\xe2\x82`},
		{"surrogate in UTF-8", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"raw C1", "\x9b31m", `\x9b31m`},
		{"C1", "\u009b31m", "‹U+009B›31m"},
		{"next line", "a\u0085b\u2028c", "a‹U+0085›b‹U+2028›c"},
		{"bidi", "a\u202eb\u2067c\u200f", "a‹U+202E›b‹U+2067›c‹U+200F›"},
		{"NBSP in an origin", "http://localhost:3000\u00a0", "http://localhost:3000‹U+00A0›"},
		{"odd spaces", "\u2003\u3000", "‹U+2003›‹U+3000›"},
		{"zero width", "a\u200bb\ufeffc\u2060d\u00ade", "a‹U+200B›b‹U+FEFF›c‹U+2060›d‹U+00AD›e"},
		{"fillers", "\u3164\u115f\u2800", "‹U+3164›‹U+115F›‹U+2800›"},
		{"tags", "a\U000e0041\U000e007f", "a‹U+E0041›‹U+E007F›"},
		{"private use", "\ue000\U0010fffd", "‹U+E000›‹U+10FFFD›"},
		{"unassigned", "\u0378", "‹U+0378›"},
		{"non-character", "\uffff", "‹U+FFFF›"},
		{"two marks", "e\u0302\u0301", "e\u0302\u0301"},
		{"three marks", "e\u0302\u0301\u0300", "e\u0302\u0301‹U+0300›"},
		{"mark without base", "\u0301a", "‹U+0301›a"},
		{"mark behind an escape", "\x00\u0301", `\x00‹U+0301›`},
		{"emoji family", "👩\u200d👧!", "👩👧!"},
		{"emoji style", "⚠\ufe0f!", "⚠!"},
		{"two styles", "⚠\ufe0f\ufe0e", "⚠‹U+FE0E›"},
		{"style behind a letter", "a\ufe0f", "a‹U+FE0F›"},
		{"joiner between letters", "a\u200db", "a‹U+200D›b"},
		{"joiner at the end", "👩\u200d", "👩‹U+200D›"},
		{"joiners in a row", "👩\u200d\u200d👧", "👩‹U+200D›‹U+200D›👧"},
		{"flag", "🇩🇪", "🇩🇪"},
	}
	for _, test := range tests {
		if got := Line(test.in); string(got) != test.want {
			t.Errorf("%s: Line(%q) = %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

func TestBlockKeepsLines(t *testing.T) {
	tests := []struct{ in, want string }{
		{"a\nb\r\nc\rd", "a\nb\nc\\rd"},
		{"\tx\ny\tz\n世\tw", "    x\ny   z\n世  w"},
		{"\x01\tx", `\x01    x`},
		{"a\n\u0301", "a\n‹U+0301›"},
		{"plain", "plain"},
	}
	for _, test := range tests {
		if got := Block(test.in); string(got) != test.want {
			t.Errorf("Block(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestHostShowsBothForms(t *testing.T) {
	tests := []struct{ in, want string }{
		{"localhost:3000", "localhost:3000"},
		{"[::1]:8000", "[::1]:8000"},
		{"bücher.example:8000", "bücher.example:8000 (xn--bcher-kva.example:8000)"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example (bücher.example)"},
		{"XN--BCHER-KVA.example", "XN--BCHER-KVA.example (bücher.example)"},
		{"аpple.com", "аpple.com (xn--pple-43d.com)"},
		{"xn--a", "xn--a (‹U+0080›)"},
		{"a\u202eb.com", "a‹U+202E›b.com (xn--ab-g4t.com)"},
		{"not a host: ü", "not a host: ü"},
	}
	for _, test := range tests {
		if got := Host(test.in); string(got) != test.want {
			t.Errorf("Host(%q) = %q, want %q", test.in, got, test.want)
		}
		if again := Host(string(Host(test.in))); again != Host(test.in) {
			t.Errorf("Host of %q = %q", Host(test.in), again)
		}
	}
}

// checkSafe fails unless every rune of text may go to a terminal.
func checkSafe(t *testing.T, text Text, block bool) {
	t.Helper()
	if !utf8.ValidString(string(text)) {
		t.Errorf("%q is not UTF-8", text)
	}
	marks := 0
	for _, r := range text {
		if r == '\n' && block {
			continue
		}
		if !unicode.IsPrint(r) {
			t.Errorf("%q holds %U", text, r)
		}
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		} else if marks++; marks > maxMarks {
			t.Errorf("%q has too many marks at %U", text, r)
		}
	}
}

// Every rune comes out safe, stays what it is when cleaned again, and
// takes as many cells as the renderer thinks.
func TestEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r == 0x40000 {
			r = 0xe0000 // nothing is assigned between them
		} else if r == 0xe0200 {
			r = 0x10ff00
		}
		text := Line("a" + string(r) + "b")
		checkSafe(t, text, false)
		if got, want := Width(text), ansi.StringWidthWc(string(text)); got != want {
			t.Errorf("%U: %d cells, the renderer takes %d", r, got, want)
		}
		if again := Line(string(text)); again != text {
			t.Errorf("%U: %q becomes %q when cleaned again", r, text, again)
		}
		if t.Failed() {
			return
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[31m\u202e\u0301\u0301\u0301 ⚠\ufe0f👩\u200d👧 \xff\t\r\n")
	f.Add("xn--bcher-kva.example:80")
	f.Add("Xn--AAAAAA.\x05")
	f.Fuzz(func(t *testing.T, s string) {
		line, block, host := Line(s), Block(s), Host(s)
		checkSafe(t, line, false)
		checkSafe(t, block, true)
		checkSafe(t, host, false)
		if strings.Contains(string(line), "\n") {
			t.Errorf("Line(%q) = %q has a line break", s, line)
		}
		for name, again := range map[string]bool{
			"Line": Line(string(line)) == line, "Block": Block(string(block)) == block, "Host": Host(string(host)) == host,
		} {
			if !again {
				t.Errorf("%s of %q changes when cleaned again", name, s)
			}
		}
		checkCells(t, line)
	})
}

func BenchmarkLine(b *testing.B) {
	for _, bench := range []struct{ name, in string }{
		{"clean/44", "/api/v1/items?page=2&sort=name&filter=active"},
		{"clean/110", strings.Repeat("Mozilla/5.0 ", 9) + "x"},
		{"dirty", "/api/v1/items?page=2\x1b[31m&sort=n\u202eame&filter=ac\u00a0ti"},
		{"letters", "/api/größe?stadt=münchen&straße=grüner weg"},
		{"Chinese", strings.Repeat("世界", 20)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Line(bench.in)
			}
		})
	}
}
