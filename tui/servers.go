package tui

import (
	"strings"

	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
)

// servers is the page that asks which server to stand in front of.
type servers struct {
	list    []Server
	looking bool
	looked  bool
	err     error // of looking, or of the last choice
	at      int
	line    input // an address typed instead
	taking  string
	token   int
}

// serversFound is what Options.Discover found.
type serversFound struct {
	token int
	list  []Server
	err   error
}

// serverChosen is what became of Options.Choose.
type serverChosen struct {
	addr string
	err  error
}

// discover looks for servers on this machine.
func (m *model) discover() tea.Cmd {
	if m.opts.Discover == nil {
		m.servers.looked = true
		return nil
	}
	s := &m.servers
	s.looking, s.err = true, nil
	s.token++
	token, ctx, look := s.token, m.ctx, m.opts.Discover
	return func() tea.Msg {
		list, err := look(ctx)
		return serversFound{token, list, err}
	}
}

func (s *servers) found(msg serversFound) {
	if msg.token != s.token {
		return
	}
	s.looking, s.looked = false, true
	s.list, s.err = msg.list, msg.err
	s.at = min(s.at, max(len(s.list)-1, 0))
}

func choosing(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		s := &m.servers
		s.at = min(max(s.at+by, 0), max(len(s.list)-1, 0))
		return nil
	}
}

// takeServer takes what was typed, or else the selected server.
func (m *model) takeServer() tea.Cmd {
	s := &m.servers
	addr := strings.TrimSpace(s.line.String())
	if addr == "" && s.at < len(s.list) {
		addr = s.list[s.at].Addr
	}
	if addr == "" || s.taking != "" {
		return nil
	}
	s.taking, s.err = addr, nil
	choose := m.opts.Choose
	return func() tea.Msg { return serverChosen{addr, choose(addr)} }
}

func (m *model) serverChosen(msg serverChosen) {
	m.servers.taking = ""
	m.servers.err = msg.err
	m.refresh()
	if msg.err == nil {
		m.say("corsdash stands in front of " + safe.Line(msg.addr))
	}
}

func (s *servers) click(m *model, line int) tea.Cmd {
	i := line - serversHead
	if i < 0 || i >= len(s.list) {
		return nil
	}
	if i == s.at {
		return m.takeServer()
	}
	s.at = i
	return nil
}

// serversHead is how many lines stand above the list.
const serversHead = 5

func (s *servers) draw(m *model, p *pane) {
	p.end()
	p.line(strong, "  Which server should corsdash stand in front of?")
	p.on(field)
	p.text(dim, "  address ")
	x, _ := s.line.draw(p, 0, 0)
	p.end()
	m.setCursor(x, m.areas.main.y+2)
	s.drawState(p)
	p.end()
	for i, server := range s.list {
		if i == s.at {
			p.on(selected)
		}
		p.gap(2)
		p.fit(accent, safe.Host(server.Addr), min(24, p.w/2))
		p.gap(1)
		p.fit(plain, orElse(safe.Line(server.Name), "HTTP"), 30)
		p.gap(1)
		p.fit(dim, safe.Line(server.Title), p.left)
		p.end()
	}
}

func orElse(text, other safe.Text) safe.Text {
	if text == "" {
		return other
	}
	return text
}

// drawState is the line that says what goes on.
func (s *servers) drawState(p *pane) {
	p.gap(2)
	switch {
	case s.taking != "":
		p.line(note, "asking "+safe.Line(s.taking)+" …")
	case s.err != nil:
		p.line(bad, safe.Line(s.err.Error()))
	case s.looking:
		p.line(dim, "looking for servers on this machine …")
	case len(s.list) == 0 && s.looked:
		p.line(dim, "no server answers on this machine; start yours, or type an address: 8000, localhost:8000 or a URL")
	default:
		p.line(dim, "type an address (8000, localhost:8000 or a URL), or take one of these:")
	}
}
