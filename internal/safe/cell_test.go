package safe

import (
	"strings"
	"testing"
)

func TestTruncateAndPad(t *testing.T) {
	tests := []struct {
		in   string
		w    int
		want string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd…"},
		{"abcdef", 1, "…"},
		{"abcdef", 0, ""},
		{"abcdef", -1, ""},
		{"", 3, "   "},
		{"abc", 5, "abc  "},
		{"世界", 4, "世界"},
		{"世界x", 4, "世… "},
		{"世界", 3, "世…"},
		{"世界", 2, "… "},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"abc\u0301def", 4, "abc\u0301…"},
	}
	for _, test := range tests {
		got := Fit(Line(test.in), test.w, "…")
		if string(got) != test.want || Width(got) != max(test.w, 0) {
			t.Errorf("Fit(%q, %d) = %q of width %d, want %q", test.in, test.w, got, Width(got), test.want)
		}
	}
	if got := PadLeft("12", 5); got != "   12" {
		t.Errorf("PadLeft = %q", got)
	}
	if got := Pad("x", 200); len(got) != 200 {
		t.Errorf("Pad to 200 has %d bytes", len(got))
	}
	if got := Truncate("abc", 2, "..."); got != ".." {
		t.Errorf("a tail too wide gives %q", got)
	}
}

func TestSplitMarksEscapes(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"a\r\n\x1bb", `a[\r][\n][\x1b]b`},
		{"\u00a0x\u202e", "[‹U+00A0›]x[‹U+202E›]"},
		{`C:\dir\x ‹U+zz› ‹›`, `C:\dir\x ‹U+zz› ‹›`},
		{"", ""},
	}
	for _, test := range tests {
		var got strings.Builder
		for part, escaped := range Split(Line(test.in)) {
			if escaped {
				part = "[" + part + "]"
			}
			got.WriteString(string(part))
		}
		if got.String() != test.want {
			t.Errorf("Split(%q) = %s, want %s", test.in, got.String(), test.want)
		}
	}
	for range Split("a\\nb") {
		break // stopping early must be possible
	}
}

// checkCells fails unless the cell functions agree with each other on text.
func checkCells(t *testing.T, text Text) {
	t.Helper()
	for w := range 12 {
		if got := Width(Fit(text, w, "…")); got != w {
			t.Errorf("Fit(%q, %d) is %d cells wide", text, w, got)
		}
	}
	var parts strings.Builder
	for part := range Split(text) {
		parts.WriteString(string(part))
	}
	if parts.String() != string(text) {
		t.Errorf("the parts of %q are %q", text, parts.String())
	}
}

func BenchmarkFit(b *testing.B) {
	for name, text := range map[string]Text{
		"cut": "/api/v1/items?page=2&sort=name&filter=active", "padded": "/api/v1/items", "wide": "/api/世界/größe",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Fit(text, 30, "…")
			}
		})
	}
}
