package tui

import tea "charm.land/bubbletea/v2"

// What keys and mouse do to list and details.

func moving(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.live.move(by)
		return nil
	}
}

func paging(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.live.move(by * max(m.live.height-1, 1))
		return nil
	}
}

func scrolling(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.detail.scroll(by)
		return nil
	}
}

func scrollingPages(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.detail.scroll(by * max(m.detail.height-1, 1))
		return nil
	}
}

func tabbing(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.detail.turn(by)
		return nil
	}
}

func (m *model) hasRows() bool    { return m.live.len() > 0 }
func (m *model) detailOpen() bool { return m.detail.open }

// isSplit reports whether list and details are both on screen.
func (m *model) isSplit() bool { return m.areas.main.h > 0 && m.areas.detail.h > 0 }

func (m *model) toTop() tea.Cmd {
	m.live.moveTo(0)
	return nil
}

// toBottom follows from there on, as a log does, unless an exchange is being
// looked at: then the next one must not take its place.
func (m *model) toBottom() tea.Cmd {
	m.live.moveTo(m.live.len() - 1)
	m.live.follow = !m.detail.open && !m.live.frozen
	return nil
}

func (m *model) toggleFollow() tea.Cmd {
	if m.live.follow {
		m.live.pin()
		return nil
	}
	m.live.follow, m.live.frozen = true, false
	return nil
}

func (m *model) toggleFreeze() tea.Cmd {
	m.live.freeze()
	return nil
}

func (m *model) openDetail() tea.Cmd {
	m.live.pin()
	m.detail.open, m.focus = true, focusDetail
	return nil
}

func (m *model) closeDetail() {
	m.detail.open, m.detail.zoom, m.detail.picked, m.focus = false, false, false, focusList
}

func (m *model) otherFocus() tea.Cmd {
	if m.focus == focusDetail {
		m.focus = focusList
	} else {
		m.focus = focusDetail
	}
	return nil
}

func (m *model) toggleZoom() tea.Cmd {
	m.detail.zoom = !m.detail.zoom
	m.focus = focusDetail
	return nil
}

// click selects; a click on what is selected already opens it.
func (m *model) click(at tea.Mouse) tea.Cmd {
	if at.Button != tea.MouseLeft {
		return nil
	}
	a := &m.areas
	switch {
	case m.popup != nil:
		return m.clickPopup(at)
	case m.prompt.open:
		return nil
	case a.title.has(at.X, at.Y):
		return m.clickTitle(at.X)
	case m.choosing():
		return m.servers.click(m, at.Y-a.main.y)
	case a.main.has(at.X, at.Y):
		return m.clickList(at.Y - a.main.y - 1)
	case a.detail.has(at.X, at.Y):
		m.focus = focusDetail
		m.detail.click(at.X-a.detail.x, at.Y-a.detail.y)
	}
	return nil
}

func (m *model) clickList(line int) tea.Cmd {
	top, at := m.live.place()
	i := top + line
	if line < 0 || i >= m.live.len() {
		return nil
	}
	m.focus = focusList
	if i == at && !m.live.follow {
		return m.openDetail()
	}
	m.live.moveTo(i)
	return nil
}

func (m *model) clickPopup(at tea.Mouse) tea.Cmd {
	r := m.popupArea()
	if !r.has(at.X, at.Y) {
		return m.closePopup()
	}
	return m.popup.click(m, at.Y-r.y-1)
}

const wheelLines = 3

func (m *model) wheel(at tea.Mouse) tea.Cmd {
	by, key := wheelLines, "down"
	switch at.Button {
	case tea.MouseWheelUp:
		by, key = -by, "up"
	case tea.MouseWheelDown:
	default:
		return nil
	}
	switch {
	case m.popup != nil, m.choosing():
		if b := m.keys.find(m, key, m.scopes()...); b != nil {
			return b.do(m)
		}
	case m.areas.detail.has(at.X, at.Y):
		m.detail.scroll(by)
	case m.areas.main.has(at.X, at.Y):
		m.live.scroll(by)
	}
	return nil
}
