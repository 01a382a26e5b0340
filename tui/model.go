package tui

import (
	"context"
	"sync"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/filter"
	"corsdash/internal/safe"
	"corsdash/internal/session"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// focus is which pane the keys go to.
type focus uint8

const (
	focusList focus = iota
	focusDetail
)

// model is everything the dashboard knows: a few independent facts, no modes.
// It belongs to the program's event loop.
type model struct {
	ctx     context.Context
	opts    Options
	session *session.Session
	mask    *exchange.Redactor
	keys    *keymap
	views   []view

	// What the terminal is like.
	w, h    int
	dark    bool
	ascii   bool
	profile colorprofile.Profile
	st      *styles

	// What there is to show.
	info  Info
	stats session.Stats
	toast toast

	// Where the user is.
	view     int
	focus    focus
	mouse    bool
	redactor *exchange.Redactor // mask, or nil while secrets are shown
	live     live
	detail   detail
	prompt   prompt
	history  []string
	servers  servers
	stack    int
	popup    popup // nil when none is open
	sure     bool  // asked whether to quit without having saved

	findings findings

	paths  pathCache
	areas  areas
	viewAt []int // columns of the views' names
	tabs   []tab
	screen tea.View
	cursor *tea.Cursor

	// Room that every frame uses again.
	scratch pane
	lines   [][]byte
	joined  []byte

	crashed  *crashed
	quitting chan struct{}
	quitOnce sync.Once
}

// popup is what lies over the views and takes all keys.
type popup interface {
	scope() scope
	title() safe.Text
	draw(m *model, p *pane) (cursor *tea.Cursor)
	key(m *model, k tea.KeyPressMsg)
	paste(text string)
	click(m *model, line int) tea.Cmd
}

// toast is a sentence that goes by itself.
type toast struct {
	text  safe.Text
	until time.Time
}

const toastTime = 5 * time.Second

func (m *model) say(text safe.Text) { m.toast = toast{text, time.Now().Add(toastTime)} }

func newModel(ctx context.Context, o Options) *model {
	m := &model{
		ctx: ctx, opts: o, session: o.Session, mask: o.Redactor, keys: newKeymap(bindings()), views: views(), tabs: tabs(),
		dark: true, profile: colorprofile.TrueColor, mouse: o.Mouse, quitting: make(chan struct{}),
	}
	if m.mask == nil {
		m.mask, _ = exchange.NewRedactor(exchange.RedactRules{}) // fails on bad rules only
	}
	m.redactor = m.mask
	m.ascii = o.ASCII || plainCharset(environment(o.Env))
	m.session.Subscribe(m.findings.note)
	m.live.follow = true
	m.detail.pages = make([]builtPage, len(m.tabs))
	m.restyle()
	m.refresh()
	return m
}

// restyle follows what is known of the terminal.
func (m *model) restyle() {
	m.st = newStyles(themeFor(m.opts.Theme, m.dark, m.profile), m.profile, m.ascii)
}

// refresh looks at what is outside: the program around, and the figures.
func (m *model) refresh() {
	if m.opts.Info != nil {
		m.info = m.opts.Info()
	}
	m.stats = m.session.Stats()
	if !m.toast.until.IsZero() && time.Now().After(m.toast.until) {
		m.toast = toast{}
	}
}

// choosing reports whether there is no server yet to stand in front of.
func (m *model) choosing() bool { return len(m.info.Routes) == 0 && m.opts.Choose != nil }

func (m *model) hasServer() bool { return !m.choosing() }

// empty reports whether there was no traffic at all.
func (m *model) empty() bool { return m.live.rows.Len() == 0 && m.stats.Total == 0 }

// scopes are where keys are looked up, in that order.
func (m *model) scopes() []scope {
	switch {
	case m.popup != nil:
		return []scope{m.popup.scope()}
	case m.prompt.open:
		return []scope{inPrompt}
	case m.choosing():
		return []scope{inServers}
	case m.focus == focusDetail && m.detail.open:
		return []scope{anywhere, inDetail}
	case m.empty():
		return []scope{anywhere, inEmpty}
	}
	return []scope{anywhere, inList}
}

// filterNow is the filter in force.
func (m *model) filterNow() *filter.Filter { return m.live.found.filter }
