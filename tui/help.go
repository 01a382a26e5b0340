package tui

import (
	"strings"

	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
)

// help is the popup that lists the keys that work where it was opened, and runs
// them. It is made from the key table.
type help struct {
	all    []*binding
	line   input // what is searched for
	at     int   // selected, among those found
	height int
	top    int
}

func newHelp(m *model) *help { return &help{all: m.keys.in(m, m.localFirst()...)} }

func (h *help) scope() scope { return inHelp }

func (h *help) title() safe.Text { return "Keys that work here" }

// found are the bindings that have all the words typed.
func (h *help) found() (list []*binding) {
	words := strings.Fields(strings.ToLower(h.line.String()))
	for _, b := range h.all {
		text := strings.ToLower(b.help + " " + b.id + " " + string(labels(b)))
		has := true
		for _, w := range words {
			has = has && strings.Contains(text, w)
		}
		if has {
			list = append(list, b)
		}
	}
	return list
}

func (h *help) key(_ *model, k tea.KeyPressMsg) {
	if h.line.key(k) {
		h.at, h.top = 0, 0
	}
}

func (h *help) paste(text string) {
	h.line.insert(text)
	h.at, h.top = 0, 0
}

func (h *help) move(by int) { h.at = min(max(h.at+by, 0), max(len(h.found())-1, 0)) }

func (h *help) click(m *model, line int) tea.Cmd {
	i := h.top + line - 1
	if line < 1 || i >= len(h.found()) {
		return nil
	}
	if h.at == i {
		return m.runHelp()
	}
	h.at = i
	return nil
}

func (h *help) draw(m *model, p *pane) *tea.Cursor {
	p.on(field)
	p.text(dim, " search ")
	x, _ := h.line.draw(p, 0, 0)
	p.end()
	list := h.found()
	h.height = p.h - 1
	h.top = min(h.top, h.at)
	h.top = max(h.top, h.at-h.height+1)
	for i := h.top; i < len(list) && !p.full(); i++ {
		b := list[i]
		if i == h.at {
			p.on(selected)
		}
		p.gap(1)
		p.fit(accent, labels(b), min(helpKeys, p.w/3))
		p.gap(1)
		p.fit(plain, safe.Line(b.help), max(p.left-helpScope, p.left/2))
		p.right(dim, safe.Line(scopeNames[b.scope])+" ", p.left)
		p.end()
	}
	if len(list) == 0 {
		p.line(dim, " no key does that here")
	}
	return tea.NewCursor(x, 0)
}

// labels are all keys of a binding.
func labels(b *binding) (text safe.Text) {
	for i, k := range b.keys {
		if i > 0 {
			text += " "
		}
		text += label(k)
	}
	return text
}

func helping(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		if h, ok := m.popup.(*help); ok {
			h.move(by)
		}
		return nil
	}
}

// runHelp closes the help and does what was selected.
func (m *model) runHelp() tea.Cmd {
	h, ok := m.popup.(*help)
	if !ok {
		return nil
	}
	m.popup = nil
	if list := h.found(); h.at < len(list) && list[h.at].works(m) {
		return list[h.at].do(m)
	}
	return nil
}
