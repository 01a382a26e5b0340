package tui

import (
	"strings"
	"unicode"

	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
)

// maxInput bounds what is typed or pasted into one line, in characters.
const maxInput = 4096

// input is a line that is being typed.
type input struct {
	text []rune
	at   int // where the next character goes
}

func (e *input) String() string { return string(e.text) }

func (e *input) set(text string) {
	e.text = []rune(text)
	e.at = len(e.text)
}

// insert puts text in. Line breaks and tabs of something pasted become blanks,
// other control characters are left out.
func (e *input) insert(text string) {
	text = strings.TrimRight(text, "\r\n")
	var add []rune
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			add = append(add, ' ')
		case !unicode.IsControl(r):
			add = append(add, r)
		}
	}
	add = add[:min(len(add), maxInput-len(e.text))]
	e.text = append(e.text[:e.at], append(add, e.text[e.at:]...)...)
	e.at += len(add)
}

// key edits the line as shells do. It is false for keys that mean nothing here.
func (e *input) key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left", "ctrl+b":
		e.at = max(e.at-1, 0)
	case "right", "ctrl+f":
		e.at = min(e.at+1, len(e.text))
	case "home", "ctrl+a":
		e.at = 0
	case "end", "ctrl+e":
		e.at = len(e.text)
	case "alt+left", "alt+b", "ctrl+left":
		e.at = e.word(-1)
	case "alt+right", "alt+f", "ctrl+right":
		e.at = e.word(1)
	case "backspace", "ctrl+h":
		e.cut(e.at-1, e.at)
	case "delete", "ctrl+d":
		e.cut(e.at, e.at+1)
	case "ctrl+w", "alt+backspace":
		e.cut(e.word(-1), e.at)
	case "alt+d":
		e.cut(e.at, e.word(1))
	case "ctrl+u":
		e.cut(0, e.at)
	case "ctrl+k":
		e.cut(e.at, len(e.text))
	default:
		if k.Text == "" {
			return false
		}
		e.insert(k.Text)
	}
	return true
}

// word is where the next word ends in one direction or the other.
func (e *input) word(step int) int {
	at := e.at
	blank := func() bool {
		i := at
		if step < 0 {
			i--
		}
		return e.text[i] == ' '
	}
	inside := func() bool { return at+step >= 0 && at+step <= len(e.text) }
	for inside() && blank() {
		at += step
	}
	for inside() && !blank() {
		at += step
	}
	return at
}

func (e *input) cut(from, to int) {
	from, to = max(from, 0), min(to, len(e.text))
	if from >= to {
		return
	}
	e.text = append(e.text[:from], e.text[to:]...)
	e.at = from
}

// draw draws the line into the rest of the pane's line and returns the column
// of the cursor, and that of the first character it shows with its index. It
// scrolls so that the cursor is inside. Characters from <= i < to are wrong.
func (e *input) draw(p *pane, from, to int) (cursor, first int) {
	room := p.left - 1
	for first < e.at && safe.Width(safe.Line(string(e.text[first:e.at]))) > room {
		first++
	}
	cursor = p.column()
	for i := first; i < len(e.text); {
		end, in := e.stretch(i, from, to)
		p.text(in, safe.Line(string(e.text[i:end])))
		if end <= e.at {
			cursor = p.column()
		}
		i = end
	}
	return min(cursor, p.w-1), first
}

// stretch is how far the characters from i on look the same; the cursor ends
// one, too.
func (e *input) stretch(i, from, to int) (end int, in ink) {
	end, in = len(e.text), plain
	if i >= from && i < to {
		in = bad
	}
	for _, stop := range [...]int{from, to, e.at} {
		if stop > i {
			end = min(end, stop)
		}
	}
	return end, in
}
