package tui

import (
	"errors"

	"corsdash/internal/exchange"
	"corsdash/internal/safe"
	"corsdash/internal/session"

	tea "charm.land/bubbletea/v2"
)

// tab is a page of the details.
type tab struct {
	title safe.Text
	// sheet lays a page out at once; without it, the page may be long and is
	// built by a command.
	sheet func(m *model, x *exchange.Exchange, w int) *sheet
	build func(job pageJob) paper
}

// tabs lists the pages in their order.
func tabs() []tab {
	return []tab{
		{title: "Findings", sheet: (*model).findingSheet},
		{title: "Headers", sheet: (*model).headerSheet},
		{title: "Body", build: buildBody},
		{title: "Timing", sheet: (*model).timingSheet},
		{title: "Changes", sheet: (*model).changeSheet},
		{title: "Raw", build: buildRaw},
	}
}

// detail is the pane that shows one exchange.
type detail struct {
	open, zoom bool
	tab        int
	picked     bool // the tab is the user's choice
	sent       bool // the body shown is the request's

	asked   uint64             // exchange that was asked for last
	stale   bool               // it may have changed since
	reading bool               // an answer is on its way
	raw     *exchange.Exchange // as it is kept; nil when there is none to show
	x       *exchange.Exchange // raw as it may be shown
	err     error

	pages  []builtPage
	token  int // of the page that is being built
	busy   bool
	offset int // first line shown
	height int // lines there are for the page
	tabAt  []int
}

// builtPage is a page and what it was made for.
type builtPage struct {
	paper paper
	key   pageKey
}

// pageKey is what a page depends on, beside the exchange.
type pageKey struct {
	x    *exchange.Exchange
	w    int
	sent bool
	part bool // only the beginning, while the rest is on its way
}

// exchangeRead is the answer to a question for an exchange.
type exchangeRead struct {
	id  uint64
	raw *exchange.Exchange
	x   *exchange.Exchange
	err error
}

// pageBuilt is a page that took its time.
type pageBuilt struct {
	token int
	tab   int
	built builtPage
}

// next says what has to be read or built now, nil for nothing.
func (d *detail) next(m *model) tea.Cmd {
	if !d.open || m.areas.detail.w == 0 {
		return nil
	}
	if id := m.live.selected(); id != 0 && (id != d.asked || d.stale) && !d.reading {
		d.asked, d.stale, d.reading = id, false, true
		return readExchange(m.session, m.redactor, id)
	}
	return d.buildPage(m)
}

// readExchange reads an exchange and masks what is small of it. Bodies are
// masked when they are looked at.
func readExchange(s *session.Session, mask *exchange.Redactor, id uint64) tea.Cmd {
	return func() tea.Msg {
		raw, err := s.Exchange(id)
		if err != nil {
			return exchangeRead{id: id, err: err}
		}
		return exchangeRead{id: id, raw: raw, x: masked(mask, withoutBodies(raw))}
	}
}

// masked is x with its secrets replaced, or x itself when they are shown.
func masked(mask *exchange.Redactor, x *exchange.Exchange) *exchange.Exchange {
	if mask == nil {
		return x
	}
	return mask.Exchange(x)
}

// withoutBodies keeps what bodies were like, but not their bytes.
func withoutBodies(x *exchange.Exchange) *exchange.Exchange {
	out := *x
	out.Request.Body = x.Request.Body.Plain("")
	if x.Response != nil {
		r := *x.Response
		r.Body = r.Body.Plain("")
		out.Response = &r
	}
	if x.Socket != nil {
		s := *x.Socket
		s.Frames = nil
		out.Socket = &s
	}
	return &out
}

// read takes an exchange that was read, unless another one is wanted by now.
func (d *detail) read(m *model, msg exchangeRead) {
	d.reading = false
	if msg.id != m.live.selected() {
		return
	}
	if d.raw == nil || msg.raw == nil || d.raw.ID != msg.id {
		d.offset, d.sent = 0, false
		if !d.picked {
			d.tab = firstTab(len(m.findings.of(msg.id)))
		}
	}
	d.raw, d.x, d.err = msg.raw, msg.x, msg.err
	if d.x != nil && !hasBody(d.raw, false) && hasBody(d.raw, true) {
		d.sent = true
	}
}

// firstTab is where the details of an exchange begin: at what was found, or
// else at the headers.
func firstTab(findings int) int {
	if findings > 0 {
		return 0
	}
	return 1
}

func hasBody(x *exchange.Exchange, sent bool) bool {
	if sent {
		return x.Request.Body.Size > 0
	}
	return x.Socket != nil || x.Response != nil && x.Response.Body.Size > 0
}

// pageJob is what a long page is made of.
type pageJob struct {
	raw  *exchange.Exchange
	mask *exchange.Redactor
	w    int
	sent bool
	part bool
}

// preview is how many bytes of a body are laid out first: enough for any
// screen, and done before anybody notices.
const preview = 64 << 10

// buildPage starts building the page on screen, if it is a long one that is not
// there yet.
func (d *detail) buildPage(m *model) tea.Cmd {
	t := m.tabs[d.tab]
	if t.build == nil || d.x == nil || d.busy {
		return nil
	}
	have := d.pages[d.tab]
	key := pageKey{x: d.x, w: m.pageWidth(), sent: d.sent}
	if have.key == key {
		return nil
	}
	key.part = isLong(d.raw, d.sent)
	if have.key == key { // the beginning is there
		key.part = false
	}
	d.busy = true
	d.token++
	token, at := d.token, d.tab
	job := pageJob{raw: d.raw, mask: m.redactor, w: key.w, sent: key.sent, part: key.part}
	return func() tea.Msg { return pageBuilt{token, at, builtPage{t.build(job), key}} }
}

func isLong(x *exchange.Exchange, sent bool) bool {
	if x.Socket != nil && !sent {
		return false
	}
	return len(x.Request.Body.Data) > preview || x.Response != nil && len(x.Response.Body.Data) > preview
}

func (d *detail) built(msg pageBuilt) {
	if msg.token != d.token {
		return
	}
	d.busy = false
	d.pages[msg.tab] = msg.built
}

// page returns what to show, nil while it is on its way. A page of the same
// exchange that was made for another width serves until the right one comes.
func (d *detail) page(m *model) paper {
	t := m.tabs[d.tab]
	have := &d.pages[d.tab]
	if d.x == nil {
		return nil
	}
	if t.sheet != nil {
		if key := (pageKey{x: d.x, w: m.pageWidth()}); have.key != key {
			*have = builtPage{t.sheet(m, d.x, key.w), key}
		}
		return have.paper
	}
	if have.key.x != nil && have.key.x.ID == d.x.ID && have.key.sent == d.sent {
		return have.paper
	}
	return nil
}

// scroll moves the page; draw keeps it within its ends.
func (d *detail) scroll(by int) { d.offset = max(d.offset+by, 0) }

// turn goes to another tab.
func (d *detail) turn(by int) {
	n := len(d.pages)
	d.goTo((d.tab + by + n) % n)
}

func (d *detail) goTo(tab int) {
	d.picked = true
	if tab != d.tab {
		d.tab, d.offset = tab, 0
	}
}

// click goes to the tab that was clicked.
func (d *detail) click(x, y int) {
	if y != detailHead {
		return
	}
	for i := len(d.tabAt) - 1; i >= 0; i-- {
		if x >= d.tabAt[i] {
			d.goTo(i)
			return
		}
	}
}

func (m *model) onBody() bool {
	d := &m.detail
	return m.tabs[d.tab].title == "Body" && d.raw != nil && hasBody(d.raw, true) && hasBody(d.raw, false)
}

func (m *model) otherBody() tea.Cmd {
	m.detail.sent = !m.detail.sent
	m.detail.offset = 0
	return nil
}

// pageWidth is the width a page is laid out for.
func (m *model) pageWidth() int { return max(m.areas.detail.w-2, 1) }

// gone says why there is nothing to show.
func gone(err error) safe.Text {
	if errors.Is(err, session.ErrGone) {
		return safe.Line("The details are gone: " + unwrapped(err, session.ErrGone))
	}
	return safe.Line("The details cannot be read: " + err.Error())
}

// unwrapped is what an error says behind the general reason.
func unwrapped(err, reason error) string {
	text := err.Error()
	if prefix := reason.Error() + ": "; len(text) > len(prefix) && text[:len(prefix)] == prefix {
		return text[len(prefix):] + "."
	}
	return text
}
