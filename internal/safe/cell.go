package safe

import (
	"iter"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Width is how many cells t takes on one line, counted rune by rune like
// wcwidth. Terminals count so until they confirm that they count graphemes.
func Width(t Text) (w int) {
	if dirty(string(t)) == len(t) {
		return len(t)
	}
	for _, r := range t {
		w += runeWidth(r)
	}
	return w
}

// runeWidth must agree with the renderer, which is charmbracelet/x/ansi: marks
// and formats take no cell, and runes of ambiguous width take two only if the
// user says so in the environment. A test compares the two rune by rune.
func runeWidth(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	return cells.RuneWidth(r)
}

var cells = func() runewidth.Condition {
	wide, _ := strconv.ParseBool(os.Getenv("RUNEWIDTH_EASTASIAN"))
	return runewidth.Condition{EastAsianWidth: wide, StrictEmojiNeutral: true}
}()

// Truncate cuts t to at most w cells. If it has to cut, the last of them show
// tail, which must be safe itself; a tail wider than w is cut as well.
func Truncate(t Text, w int, tail string) Text {
	w = max(w, 0)
	if len(t) <= w && dirty(string(t)) == len(t) || Width(t) <= w {
		return t
	}
	room := w - Width(Text(tail))
	if room < 0 {
		return Text(tail[:fit(tail, w)])
	}
	return t[:fit(string(t), room)] + Text(tail)
}

// fit is how many bytes of s fit into w cells, marks included.
func fit(s string, w int) int {
	if n := min(w, len(s)); dirty(s[:n]) == n && (n == len(s) || s[n] < utf8.RuneSelf) {
		return n
	}
	for i, r := range s {
		if w -= runeWidth(r); w < 0 {
			return i
		}
	}
	return len(s)
}

// Pad fills t up with spaces to w cells. What is wider stays as it is.
func Pad(t Text, w int) Text {
	if missing := w - Width(t); missing > 0 {
		return t + Text(spaces(missing))
	}
	return t
}

// PadLeft is Pad with the spaces in front, for numbers.
func PadLeft(t Text, w int) Text {
	if missing := w - Width(t); missing > 0 {
		return Text(spaces(missing)) + t
	}
	return t
}

// Fit makes t exactly w cells wide: cut with tail, or filled up with spaces.
func Fit(t Text, w int, tail string) Text { return Pad(Truncate(t, w, tail), w) }

func spaces(n int) string {
	const blanks = "                                                                "
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Split yields the parts of t in order, and of each whether it is an escape
// that stands for something that cannot be drawn. Text that was written like
// an escape by its sender cannot be told from one.
func Split(t Text) iter.Seq2[Text, bool] {
	return func(yield func(Text, bool) bool) {
		for rest := t; rest != ""; {
			from, to := nextEscape(string(rest))
			if from > 0 && !yield(rest[:from], false) {
				return
			}
			if to > from && !yield(rest[from:to], true) {
				return
			}
			rest = rest[to:]
		}
	}
}

// nextEscape is the span of the first escape in s, which is len(s) twice when
// there is none.
func nextEscape(s string) (from, to int) {
	for from < len(s) {
		i := strings.IndexAny(s[from:], `\‹`)
		if i < 0 {
			break
		}
		from += i
		if n := escapeLen(s[from:]); n > 0 {
			return from, from + n
		}
		from++
		for from < len(s) && !utf8.RuneStart(s[from]) {
			from++
		}
	}
	return len(s), len(s)
}

// escapeLen is the length of the escape s begins with, 0 when with none.
func escapeLen(s string) int {
	if code, ok := strings.CutPrefix(s, "‹U+"); ok {
		n := 0
		for n < len(code) && strings.IndexByte("0123456789ABCDEF", code[n]) >= 0 {
			n++
		}
		if n >= 4 && n <= 6 && strings.HasPrefix(code[n:], "›") {
			return len("‹U+") + n + len("›")
		}
		return 0
	}
	if len(s) < 2 || s[0] != '\\' {
		return 0
	}
	if strings.IndexByte("nrt", s[1]) >= 0 {
		return 2
	}
	if len(s) >= 4 && s[1] == 'x' && isHex(s[2]) && isHex(s[3]) {
		return 4
	}
	return 0
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
