package tui

import (
	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// draw draws the whole screen into m.screen. A screen that is as it was keeps
// its string, and then nothing is sent to the terminal.
func (m *model) draw() {
	m.cursor = nil
	lines := m.blankLines()
	p := &m.scratch
	for _, part := range m.parts() {
		if part.area.w > 0 && part.area.h > 0 {
			p.reset(m.st, part.area.w, part.area.h)
			part.draw(p)
			p.done()
			for y := range p.h {
				lines[part.area.y+y] = append(lines[part.area.y+y], p.row(y)...)
			}
		}
	}
	if m.popup != nil {
		m.drawPopup(lines)
	}
	m.screen.AltScreen = true
	m.screen.WindowTitle = m.windowTitle()
	m.screen.Cursor = m.cursor
	m.screen.MouseMode = tea.MouseModeNone
	if m.mouse {
		m.screen.MouseMode = tea.MouseModeCellMotion
	}
	m.joined = joined(m.joined[:0], lines)
	if string(m.joined) != m.screen.Content {
		m.screen.Content = string(m.joined)
	}
}

// blankLines are as many lines as the screen has, in the room of those of the
// frame before.
func (m *model) blankLines() [][]byte {
	for len(m.lines) < m.h {
		m.lines = append(m.lines, nil)
	}
	lines := m.lines[:max(m.h, 0)]
	for i := range lines {
		lines[i] = lines[i][:0]
	}
	return lines
}

// layout divides the screen anew, after whatever may have changed its shape.
func (m *model) layout() {
	m.areas = arrange(m.w, m.h, m.shape())
	m.live.height = max(m.areas.main.h-1, 0)
}

// part is an area and what fills it.
type part struct {
	area rect
	draw func(*pane)
}

// parts lists what is on screen from left to right and from top to bottom.
func (m *model) parts() []part {
	a := &m.areas
	return []part{
		{a.title, m.drawTitle},
		{a.banner, m.drawBanner},
		{a.main, m.drawMain},
		{a.rule, m.drawRule},
		{a.detail, m.drawDetail},
		{a.prompt, func(p *pane) { m.setCursor(m.drawPrompt(p), a.prompt.y) }},
		{a.status, m.drawStatusLine},
		{a.foot, m.drawFooter},
	}
}

func (m *model) shape() shape {
	s := shape{banner: m.banner() != "", detail: m.detail.open, zoom: m.detail.zoom, rows: m.live.len()}
	if m.prompt.open {
		s.prompt = promptLines
	}
	return s
}

func (m *model) drawMain(p *pane) {
	switch {
	case m.choosing():
		m.servers.draw(m, p)
	case m.view == 0 && m.empty():
		m.drawEmpty(p)
	default:
		m.views[m.view].draw(m, p)
	}
}

func (m *model) drawRule(p *pane) {
	for !p.full() {
		p.line(faint, m.st.glyph.vertical)
	}
}

// setCursor has the terminal's cursor stand somewhere, for who types there and
// for screen readers.
func (m *model) setCursor(x, y int) {
	if x < 0 || y < 0 || y >= m.h {
		return
	}
	m.cursor = tea.NewCursor(min(x, max(m.w-1, 0)), y)
	m.cursor.Shape = tea.CursorBar
}

// popupArea is where the popup lies, its frame included. Status and keys stay
// in sight.
func (m *model) popupArea() rect {
	h := m.h
	if m.areas.foot.h > 0 {
		h = m.areas.status.y
	}
	return centred(m.w, h, popupWidth, popupHeight)
}

// drawPopup draws a frame with the popup in it over what is there.
func (m *model) drawPopup(lines [][]byte) {
	r := m.popupArea()
	if r.w < 3 || r.h < 3 {
		return
	}
	inside := newPane(m.st, r.w-2, r.h-2)
	if cursor := m.popup.draw(m, inside); cursor != nil {
		m.setCursor(r.x+1+cursor.X, r.y+1+cursor.Y)
	}
	inside.done()
	frame := newPane(m.st, r.w, 2)
	g := &m.st.glyph
	frame.text(accent, g.corners[0]+g.horizontal+" ")
	frame.text(strong, safe.Truncate(m.popup.title(), max(r.w-6, 0), g.ellipsis))
	frame.text(accent, " ")
	frame.repeat(accent, g.horizontal, frame.left-1)
	frame.line(accent, g.corners[1])
	frame.text(accent, g.corners[3])
	frame.repeat(accent, g.horizontal, frame.left-1)
	frame.line(accent, g.corners[2])
	side := m.st.sgr[page][accent] + string(g.vertical)
	for y := range r.h {
		over := frame.row(0)
		switch {
		case y == r.h-1:
			over = frame.row(1)
		case y > 0:
			over = []byte(side + string(inside.row(y-1)) + side)
		}
		lines[r.y+y] = m.overlaid(lines[r.y+y], over, r)
	}
}

// overlaid is a line with over in the place of the columns of r. Half of a wide
// character becomes a blank.
func (m *model) overlaid(line, over []byte, r rect) []byte {
	blank := m.st.sgr[page][plain]
	left := ansi.TruncateWc(string(line), r.x, "")
	right := ansi.TruncateLeftWc(string(line), r.x+r.w, "")
	out := append([]byte(left), blank...)
	for n := r.x - ansi.StringWidthWc(left); n > 0; n-- {
		out = append(out, ' ')
	}
	out = append(append(out, over...), blank...)
	for n := m.w - r.x - r.w - ansi.StringWidthWc(right); n > 0; n-- {
		out = append(out, ' ')
	}
	return append(out, right...)
}

func joined(out []byte, lines [][]byte) []byte {
	for i, l := range lines {
		if i > 0 {
			out = append(out, '\n')
		}
		out = append(out, l...)
	}
	return out
}
