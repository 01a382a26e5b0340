package tui

import (
	"strings"

	"corsdash/internal/safe"
)

// pane is a rectangle that is drawn line by line from the top. It cannot be
// overfilled: what does not fit on a line or below the last one is left out,
// and what is missing is filled up.
//
// Text goes in as safe.Text, so that nothing of the network gets here without
// having been cleaned; our own words are constants and convert by themselves.
type pane struct {
	st   *styles
	w, h int

	buf    []byte
	ends   []int  // where each line ends in buf
	left   int    // cells left on the line being drawn
	ground ground // of the line being drawn
	pen    string // the sequence in force, "" at the start of a line
}

func newPane(st *styles, w, h int) *pane {
	p := &pane{}
	p.reset(st, w, h)
	return p
}

// reset starts over with an empty pane. The room it had is used again.
func (p *pane) reset(st *styles, w, h int) {
	w, h = max(w, 0), max(h, 0)
	*p = pane{st: st, w: w, h: h, left: w, buf: p.buf[:0], ends: p.ends[:0]}
}

// on sets the ground of the rest of the line. Lines begin on the page.
func (p *pane) on(g ground) { p.ground = g }

// full reports whether the last line is done.
func (p *pane) full() bool { return len(p.ends) == p.h }

// column is how many cells of the line are drawn.
func (p *pane) column() int { return p.w - p.left }

func (p *pane) ink(i ink) {
	if sgr := p.st.sgr[p.ground][i]; sgr != p.pen {
		p.buf = append(p.buf, sgr...)
		p.pen = sgr
	}
}

// text draws what fits of t.
func (p *pane) text(i ink, t safe.Text) {
	w := safe.Width(t)
	if w > p.left {
		t = safe.Truncate(t, p.left, "")
		w = safe.Width(t)
	}
	p.put(i, t, w)
}

// put draws t, which is w cells wide and fits.
func (p *pane) put(i ink, t safe.Text, w int) {
	if t == "" || p.left == 0 || p.full() {
		return
	}
	p.ink(i)
	p.buf = append(p.buf, t...)
	p.left -= w
}

// network draws text of the network, escapes in their own ink.
func (p *pane) network(i ink, t safe.Text) {
	if !strings.ContainsAny(string(t), `\‹`) {
		p.text(i, t)
		return
	}
	for part, escaped := range safe.Split(t) {
		if escaped {
			p.text(escape, part)
		} else {
			p.text(i, part)
		}
	}
}

// fit draws t in exactly w cells, with an ellipsis if it has to be cut.
func (p *pane) fit(i ink, t safe.Text, w int) {
	w = min(w, p.left)
	t, n := p.fitted(t, w)
	p.put(i, t, n)
	p.gap(w - n)
}

// right draws t at the right end of w cells.
func (p *pane) right(i ink, t safe.Text, w int) {
	w = min(w, p.left)
	t, n := p.fitted(t, w)
	p.gap(w - n)
	p.put(i, t, n)
}

// fitted is t cut to w cells, and how many it takes then.
func (p *pane) fitted(t safe.Text, w int) (safe.Text, int) {
	n := safe.Width(t)
	if n <= w {
		return t, n
	}
	t = safe.Truncate(t, w, p.st.glyph.ellipsis)
	return t, safe.Width(t)
}

// gap draws n blanks.
func (p *pane) gap(n int) {
	n = min(n, p.left)
	if n <= 0 || p.full() {
		return
	}
	// Blanks look the same in all inks without reverse video and underline.
	p.ink(plain)
	for p.left -= n; n > 0; n -= len(blanks) {
		p.buf = append(p.buf, blanks[:min(n, len(blanks))]...)
	}
}

const blanks = "                                                                "

// to draws blanks up to a column.
func (p *pane) to(column int) { p.gap(column - p.column()) }

// repeat draws a sign of one cell n times.
func (p *pane) repeat(i ink, sign safe.Text, n int) {
	for ; n > 0 && p.left > 0; n-- {
		p.text(i, sign)
	}
}

// end fills the line up and starts the next one.
func (p *pane) end() {
	if p.full() {
		return
	}
	p.gap(p.left)
	p.ends = append(p.ends, len(p.buf))
	p.left, p.ground, p.pen = p.w, page, ""
}

// line draws a line of one text.
func (p *pane) line(i ink, t safe.Text) {
	p.text(i, t)
	p.end()
}

// done fills up with blank lines.
func (p *pane) done() {
	for !p.full() {
		p.end()
	}
}

// row is a finished line.
func (p *pane) row(y int) []byte {
	from := 0
	if y > 0 {
		from = p.ends[y-1]
	}
	return p.buf[from:p.ends[y]]
}
