package tui

import (
	"time"

	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
)

// Messages are past tense: what has happened.
type (
	sessionChanged struct{}
	secondPassed   struct{}
	scanned        stretch
)

// settle is how long to wait after a change for more to come: it bounds how
// often the screen is drawn.
const settle = 30 * time.Millisecond

func (m *model) start() tea.Cmd {
	m.look()
	return tea.Batch(tea.RequestBackgroundColor, m.watch(), everySecond(), m.background())
}

// watch waits until the session has something new.
func (m *model) watch() tea.Cmd {
	changed, done := m.session.Changed(), m.ctx.Done()
	return func() tea.Msg {
		select {
		case <-changed:
		case <-done:
			return nil
		}
		timer := time.NewTimer(settle)
		defer timer.Stop()
		select {
		case <-timer.C:
			return sessionChanged{}
		case <-done:
			return nil
		}
	}
}

// everySecond is for what changes without traffic: rates that fall, settings,
// sentences that go.
func everySecond() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return secondPassed{} })
}

// update decides who acts. What then has to be read or computed elsewhere is
// started at the end, whatever the reason was.
func (m *model) update(msg tea.Msg) tea.Cmd {
	cmd := m.route(msg)
	m.layout()
	return tea.Batch(cmd, m.background())
}

func (m *model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.restyle()
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.restyle()

	case sessionChanged:
		m.refresh()
		m.look()
		return m.watch()
	case secondPassed:
		m.refresh()
		return everySecond()
	case scanned:
		m.live.found.arrived(m.live.rows, stretch(msg))
	case exchangeRead:
		m.detail.read(m, msg)
	case pageBuilt:
		m.detail.built(msg)
	case serversFound:
		m.servers.found(msg)
	case serverChosen:
		m.serverChosen(msg)

	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case tea.MouseClickMsg:
		return m.click(msg.Mouse())
	case tea.MouseWheelMsg:
		return m.wheel(msg.Mouse())
	}
	return nil
}

// look takes over the rows of now.
func (m *model) look() {
	changed, all := m.live.look(m.session)
	for _, id := range changed {
		all = all || id == m.detail.asked
	}
	if all {
		m.detail.stale = true
	}
}

// background starts what has to be done outside of the event loop: reading the
// exchange that is looked at, laying out its body, going on with a search.
func (m *model) background() tea.Cmd {
	var cmds []tea.Cmd
	if cmd := m.detail.next(m); cmd != nil {
		cmds = append(cmds, cmd)
	}
	if m.choosing() && !m.servers.looked && !m.servers.looking {
		cmds = append(cmds, m.discover())
	}
	if m.live.found.active() {
		if scan := m.live.found.next(m.live.rows); scan != nil {
			cmds = append(cmds, func() tea.Msg { return scanned(scan()) })
		}
	}
	return tea.Batch(cmds...)
}

// key finds out what a key means. Text goes where text is typed.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" {
		return m.quit()
	}
	if b := m.keys.find(m, k.String(), m.scopes()...); b != nil {
		if b.id != "app.back" {
			m.sure = false
		}
		return b.do(m)
	}
	switch {
	case m.popup != nil:
		m.popup.key(m, k)
	case m.prompt.open:
		if m.prompt.line.key(k) {
			m.filterTyped()
		}
	case m.choosing():
		m.servers.line.key(k)
	}
	return nil
}

// paste puts text where text is typed, and nowhere else: it must not run keys.
func (m *model) paste(text string) {
	switch {
	case m.popup != nil:
		m.popup.paste(text)
	case m.prompt.open:
		m.prompt.line.insert(text)
		m.filterTyped()
	case m.choosing():
		m.servers.line.insert(text)
	}
}

func (m *model) cancel() tea.Cmd {
	switch {
	case m.detail.open:
		m.closeDetail()
	case m.live.found.active():
		m.setFilter(nil)
	}
	return nil
}

// back is q: it closes what is open and quits from the list.
func (m *model) back() tea.Cmd {
	switch {
	case m.detail.open:
		m.closeDetail()
		return nil
	case m.unsaved() && !m.sure:
		m.sure = true
		m.say("nothing of this is saved; press q again to quit")
		return nil
	}
	return m.quit()
}

func (m *model) unsaved() bool {
	return m.stats.Total > 0 && m.stats.File.Path == ""
}

func (m *model) quit() tea.Cmd {
	m.quitOnce.Do(func() { close(m.quitting) })
	return tea.Quit
}

func (m *model) show(view int) tea.Cmd {
	m.view = view
	m.focus = focusList
	return nil
}

func (m *model) toggleSecrets() tea.Cmd {
	if m.redactor == nil {
		m.redactor = m.mask
	} else {
		m.redactor = nil
	}
	m.paths = pathCache{}
	m.detail.stale = true
	return nil
}

func (m *model) toggleMouse() tea.Cmd {
	if m.mouse = !m.mouse; m.mouse {
		m.say("the dashboard takes the mouse")
	} else {
		m.say("the terminal takes the mouse: select text as usual, M gives it back")
	}
	return nil
}

func (m *model) redraw() tea.Cmd { return tea.ClearScreen }

func (m *model) openHelp() tea.Cmd {
	m.popup = newHelp(m)
	return nil
}

func (m *model) closePopup() tea.Cmd {
	m.popup = nil
	return nil
}

// title is what the terminal shows above its window.
func (m *model) windowTitle() string {
	if m.info.Listen == "" {
		return "corsdash"
	}
	return string("corsdash " + safe.Line(m.info.Listen))
}
