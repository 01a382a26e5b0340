package tui

import (
	"corsdash/internal/safe"
	"corsdash/internal/session"

	tea "charm.land/bubbletea/v2"
)

// drawTitle draws the top line: the views, and what stands between whom.
func (m *model) drawTitle(p *pane) {
	p.on(bar)
	p.text(accent, " corsdash ")
	m.viewAt = m.viewAt[:0]
	for i, v := range m.views {
		in := dim
		if i == m.view {
			in = strong
		}
		m.viewAt = append(m.viewAt, p.column())
		p.gap(1)
		p.text(accent, integer(int64(i+1)))
		p.text(in, " "+safe.Line(v.title)+" ")
	}
	if m.info.Demo {
		p.text(note, " demo ")
	}
	p.gap(1)
	way := m.way()
	p.right(dim, safe.Truncate(way, max(p.left-1, 0), m.st.glyph.ellipsis)+" ", p.left)
	p.end()
}

// way says from where to where requests go.
func (m *model) way() safe.Text {
	if m.info.Listen == "" {
		return "a saved session"
	}
	text := safe.Line(m.info.Listen)
	for i, r := range m.info.Routes {
		if i == 0 {
			text += " " + m.st.glyph.arrow + " "
		} else {
			text += ", "
		}
		if r.Prefix != "" && r.Prefix != "/" {
			text += safe.Line(r.Prefix) + " " + m.st.glyph.arrow + " "
		}
		text += safe.Line(r.Target)
	}
	return text
}

// clickTitle goes to the view whose name was clicked.
func (m *model) clickTitle(x int) tea.Cmd {
	for i := len(m.viewAt) - 1; i >= 0; i-- {
		if x >= m.viewAt[i] {
			return m.show(i)
		}
	}
	return nil
}

// banner is the one thing that has to be said above the rest, the worst first.
func (m *model) banner() safe.Text {
	if m.stats.File.State == session.Failing {
		return "Not saved: " + safe.Line(m.stats.File.Reason)
	}
	if n := len(m.info.Problems); n > 0 {
		return safe.Line(m.info.Problems[0]) + andMore(n-1)
	}
	for _, r := range m.info.Routes {
		if r.Problem != "" {
			return safe.Line(r.Target) + ": " + safe.Line(r.Problem)
		}
	}
	return safe.Line(m.info.Notice)
}

func andMore(n int) safe.Text {
	if n == 0 {
		return ""
	}
	return " (and " + integer(int64(n)) + " more)"
}

func (m *model) drawBanner(p *pane) {
	in := warn
	if m.stats.File.State != session.Failing && len(m.info.Problems) == 0 && m.info.Notice != "" {
		in = note
	}
	p.on(bar)
	p.text(in, " "+m.st.glyph.failed+" ")
	p.fit(in, m.banner(), p.left)
	p.end()
}

// segment is a piece of the status line. Those of the lowest rank go first
// when there is no room.
type segment struct {
	in   ink
	text safe.Text
	rank int
}

// drawStatusLine draws where the list stands on the left and how capture and
// file do on the right.
func (m *model) drawStatusLine(p *pane) {
	left, right := m.listStatus(), m.captureStatus()
	for width(left)+width(right) > p.w && len(left)+len(right) > 1 {
		dropLowest(&left, &right)
	}
	p.on(bar)
	for _, s := range left {
		p.gap(1)
		p.text(s.in, s.text)
		p.gap(1)
	}
	p.to(p.w - width(right))
	for _, s := range right {
		p.gap(1)
		p.text(s.in, s.text)
		p.gap(1)
	}
	p.end()
}

func width(list []segment) (w int) {
	for _, s := range list {
		w += safe.Width(s.text) + 2
	}
	return w
}

func dropLowest(lists ...*[]segment) {
	from, at := lists[0], -1
	for _, l := range lists {
		for i := range *l {
			if at < 0 || (*l)[i].rank < (*from)[at].rank {
				from, at = l, i
			}
		}
	}
	*from = append((*from)[:at:at], (*from)[at+1:]...)
}

// listStatus says where the list stands.
func (m *model) listStatus() (list []segment) {
	if m.toast.text != "" {
		return []segment{{note, m.toast.text, 9}}
	}
	l := &m.live
	switch {
	case m.choosing():
		list = append(list, segment{dim, "no server chosen yet", 5})
	case m.empty():
		list = append(list, segment{dim, "waiting for the first request", 5})
	case l.frozen:
		list = append(list, segment{warn, "frozen, " + grouped(uint64(l.missed())) + " new", 8})
	case l.follow:
		list = append(list, segment{good, "following", 8})
	default:
		_, at := l.place()
		list = append(list, segment{plain, grouped(uint64(at+1)) + "/" + grouped(uint64(l.len())), 8})
	}
	if l.found.active() && !m.prompt.open {
		list = append(list, segment{accent, "filter " + safe.Line(l.found.filter.String()), 6}, segment{dim, m.countMatches(), 4})
	}
	return list
}

// countMatches says how much the filter takes.
func (m *model) countMatches() safe.Text {
	l := &m.live
	if !l.found.active() {
		return grouped(uint64(l.rows.Len())) + " exchanges"
	}
	text := grouped(uint64(l.found.len())) + " of " + grouped(uint64(l.rows.Len()))
	if !l.found.complete(l.rows) {
		text += ", searching"
	}
	return text
}

// captureStatus says how capture and file do.
func (m *model) captureStatus() (list []segment) {
	s := &m.stats
	add := func(in ink, text safe.Text, rank int) { list = append(list, segment{in, text, rank}) }
	if m.redactor == nil {
		add(loud, "SECRETS SHOWN", 9)
	}
	if m.info.Secrets || s.File.Secrets && s.File.State != session.Complete {
		add(loud, "SECRETS SAVED", 9)
	}
	if s.Shed > 0 {
		add(bad, grouped(s.Shed)+" not captured", 8)
	}
	if !m.mouse && m.opts.Mouse {
		add(note, "mouse off", 3)
	}
	if s.Requests > 0 {
		add(plain, rate(s.Requests)+"/s", 3)
		add(dim, size(int64(s.Rate))+"/s", 1)
	}
	switch {
	case s.Loading:
		add(note, "loading "+grouped(uint64(s.Kept))+" of "+grouped(s.Total), 5)
	case uint64(s.Kept) < s.Total:
		add(dim, "newest "+grouped(uint64(s.Kept))+" of "+grouped(s.Total), 4)
	case s.Total > 0:
		add(dim, grouped(s.Total)+" exchanges", 2)
	}
	in, text := m.fileStatus()
	add(in, text, 7)
	return list
}

// fileStatus says what the session file does.
func (m *model) fileStatus() (ink, safe.Text) {
	f := &m.stats.File
	switch f.State {
	case session.Saving:
		if f.Dropped > 0 {
			return bad, "saving, " + grouped(f.Dropped) + " lost"
		}
		return good, "saving " + size(f.Size)
	case session.Failing:
		return loud, "NOT SAVING"
	case session.Complete:
		return dim, "saved " + size(f.Size)
	}
	return warn, "not saved"
}

// drawFooter draws the keys that matter here. Help and quit always stay.
func (m *model) drawFooter(p *pane) {
	var list []*binding
	for _, b := range m.keys.in(m, m.localFirst()...) {
		if b.foot != "" {
			list = append(list, b)
		}
	}
	keep := 0
	for keep < 2 && keep < len(list) && list[len(list)-1-keep].scope == anywhere {
		keep++
	}
	tail := list[len(list)-keep:]
	room := p.w
	for _, b := range tail {
		room -= m.footWidth(b)
	}
	for _, b := range list[:len(list)-keep] {
		if room -= m.footWidth(b); room < 0 {
			break
		}
		m.drawFoot(p, b)
	}
	for _, b := range tail {
		m.drawFoot(p, b)
	}
	p.end()
}

func (m *model) drawFoot(p *pane, b *binding) {
	p.gap(1)
	p.text(accent, label(b.keys[0]))
	p.gap(1)
	p.text(dim, m.foot(b))
	p.gap(1)
}

func (m *model) footWidth(b *binding) int {
	return safe.Width(label(b.keys[0])) + safe.Width(m.foot(b)) + 3
}

// foot is what the footer says of a key. One of them depends.
func (m *model) foot(b *binding) safe.Text {
	if b.id == "app.back" && m.detail.open {
		return "back"
	}
	return safe.Line(b.foot)
}

// label is how a key is written.
func label(key string) safe.Text {
	if l, ok := keyLabels[key]; ok {
		return safe.Line(l)
	}
	return safe.Line(key)
}

// localFirst are the scopes in the order of interest: what works here only
// stands before what works everywhere.
func (m *model) localFirst() []scope {
	scopes := m.scopes()
	out := append([]scope{}, scopes[1:]...)
	return append(out, scopes[0])
}
