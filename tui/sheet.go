package tui

import (
	"strings"
	"unicode/utf8"

	"corsdash/internal/safe"
)

// paper is what a tab of the details shows: lines that are drawn one by one,
// however many there are.
type paper interface {
	lines() int
	draw(p *pane, i int)
}

// span is a piece of a line.
type span struct {
	in   ink
	text safe.Text
}

// sheet is a paper of few lines, laid out for a width.
type sheet struct {
	w    int
	rows [][]span
}

func (s *sheet) lines() int { return len(s.rows) }

func (s *sheet) draw(p *pane, i int) {
	for _, sp := range s.rows[i] {
		p.network(sp.in, sp.text)
	}
	p.end()
}

// add adds a line, which is cut if it is too long.
func (s *sheet) add(spans ...span) { s.rows = append(s.rows, spans) }

// gap adds a blank line, unless there is nothing above it.
func (s *sheet) gap() {
	if len(s.rows) > 0 {
		s.add()
	}
}

// wrap adds text behind a label, on as many lines as it takes. What goes over
// stands below the text, so that labels stay alone in their column.
func (s *sheet) wrap(label span, width int, in ink, text safe.Text) {
	if s.w < width+8 { // a column of its own would leave nothing for the text
		s.add(label)
		label, width = span{}, 0
	}
	head := []span{{label.in, safe.Fit(label.text, width, "…")}}
	for i, line := range folded(text, s.w-width) {
		if i > 0 {
			head = []span{{plain, safe.Pad("", width)}}
		}
		s.add(append(head, span{in, line})...)
	}
}

// words adds sentences, broken between words.
func (s *sheet) words(in ink, text safe.Text) {
	line := safe.Text("")
	for word := range strings.SplitSeq(string(text), " ") {
		next := line + " " + safe.Text(word)
		if line == "" {
			next = safe.Text(word)
		}
		if line != "" && safe.Width(next) > s.w {
			s.add(span{in, line})
			next = safe.Text(word)
		}
		line = next
	}
	for _, part := range folded(line, s.w) {
		s.add(span{in, part})
	}
}

// folded cuts text into lines of at most w cells, of which there is one at
// least, and near the end of a line between words if it can.
func folded(text safe.Text, w int) (lines []safe.Text) {
	w = max(w, 2) // a wide character needs two
	for {
		// Looking at all of a long text for each of its lines would take for ever.
		head := lead(text, w)
		if len(head) == len(text) && safe.Width(text) <= w {
			return append(lines, text)
		}
		head = safe.Truncate(head, w, "")
		if head == "" {
			return append(lines, text)
		}
		if i := strings.LastIndexAny(string(head), " ;,&"); i > len(head)*2/3 {
			head = head[:i+1]
		}
		lines, text = append(lines, head), text[len(head):]
	}
}

// lead is the beginning of a text, long enough to fill w cells and one more: no
// character takes more than four bytes and two marks.
func lead(text safe.Text, w int) safe.Text {
	n := 12 * (w + 1)
	if n >= len(text) {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// textPage is a long text, folded at a width.
type textPage struct {
	text  safe.Text
	json  bool
	start []uint32 // where lines start; of JSON, the highest bit says within a string
}

const withinString = 1 << 31

func (t *textPage) lines() int { return len(t.start) }

func (t *textPage) draw(p *pane, i int) {
	from, to := t.start[i]&^withinString, uint32(len(t.text))
	if i+1 < len(t.start) {
		to = t.start[i+1] &^ withinString
	}
	line := safe.Text(strings.TrimSuffix(string(t.text[from:to]), "\n"))
	if t.json {
		drawJSON(p, line, t.start[i]&withinString != 0)
	} else {
		p.network(plain, line)
	}
	p.end()
}

// newTextPage lays out text, which must be below 2 GB.
func newTextPage(text safe.Text, w int, json bool) *textPage {
	t := &textPage{text: text, json: json, start: make([]uint32, 0, len(text)/32+1)}
	t.start = append(t.start, 0)
	w = max(w, 2)
	column, inside := 0, false
	for i := 0; i < len(text); {
		c := text[i]
		n, cells := 1, 1
		if c >= utf8.RuneSelf {
			_, n = utf8.DecodeRuneInString(string(text[i:]))
			cells = safe.Width(text[i : i+n])
		}
		if c == '\n' {
			i++
			t.start = append(t.start, uint32(i))
			column, inside = 0, false
			continue
		}
		if column += cells; column > w {
			t.start = append(t.start, t.mark(uint32(i), inside))
			column = cells
		}
		if json && c == '"' && !(inside && escapedAt(string(text), i)) {
			inside = !inside
		}
		i += n
	}
	if len(text) > 0 && text[len(text)-1] == '\n' {
		t.start = t.start[:len(t.start)-1]
	}
	return t
}

func (t *textPage) mark(at uint32, inside bool) uint32 {
	if inside {
		at |= withinString
	}
	return at
}

// escapedAt reports whether an odd number of backslashes stands before text[i].
func escapedAt(text string, i int) bool {
	n := 0
	for i > n && text[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// hexPage shows bytes.
type hexPage struct {
	data    string
	perLine int
}

func newHexPage(data string, w int) *hexPage {
	// Offset, three cells a byte and one more, and the characters.
	per := 32
	for per > 4 && 10+4*per+1 > w {
		per /= 2
	}
	return &hexPage{data, per}
}

func (h *hexPage) lines() int { return (len(h.data) + h.perLine - 1) / h.perLine }

func (h *hexPage) draw(p *pane, i int) {
	const digits = "0123456789abcdef"
	from := i * h.perLine
	part := h.data[from:min(from+h.perLine, len(h.data))]
	var offset [8]byte
	for d := range offset {
		offset[d] = digits[from>>(28-4*d)&15]
	}
	p.text(dim, safe.Text(offset[:]))
	p.gap(2)
	for _, c := range []byte(part) {
		in := plain
		if c == 0 {
			in = faint
		}
		p.text(in, safe.Text([]byte{digits[c>>4], digits[c&15], ' '}))
	}
	p.to(10 + 3*h.perLine + 1)
	for _, c := range []byte(part) {
		if c < ' ' || c > '~' {
			p.text(faint, ".")
		} else {
			p.text(literal, safe.Text([]byte{c}))
		}
	}
	p.end()
}
