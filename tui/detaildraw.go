package tui

import (
	"strconv"

	"corsdash/internal/exchange"
	"corsdash/internal/safe"
	"corsdash/internal/session"
)

// detailHead is how many lines stand above the tabs: who asked for what, what
// came of it, and why.
const detailHead = 3

// drawDetail draws the pane of one exchange.
func (m *model) drawDetail(p *pane) {
	d := &m.detail
	d.height = max(p.h-detailHead-1, 0)
	page := d.page(m)
	if page != nil {
		d.offset = min(d.offset, max(page.lines()-d.height, 0))
	}
	m.drawHeadline(p)
	m.drawTabs(p)
	switch {
	case d.err != nil:
		p.gap(1)
		p.line(warn, gone(d.err))
	case page == nil:
		p.gap(1)
		p.line(dim, "reading …")
	default:
		for i := d.offset; i < page.lines() && !p.full(); i++ {
			p.gap(1)
			page.draw(p, i)
		}
	}
}

// drawHeadline draws the lines above the tabs.
func (m *model) drawHeadline(p *pane) {
	d := &m.detail
	p.on(bar)
	in := dim
	if m.focus == focusDetail {
		in = accent
		p.text(accent, m.st.glyph.cursor)
	} else {
		p.gap(1)
	}
	p.text(in, "#"+safe.Text(strconv.FormatUint(d.asked, 10)))
	p.gap(1)
	if d.x == nil {
		p.end()
		p.end()
		p.end()
		return
	}
	p.text(strong, shown(d.x.Request.Method))
	p.gap(1)
	p.fit(plain, shown(d.x.Request.URL), p.left)
	p.end()
	p.gap(1)
	m.drawOutcome(p, d.x)
	p.end()
	p.gap(1)
	in, text := m.sentence(d.x)
	p.fit(in, text, p.left)
	p.end()
}

// drawOutcome draws the line that says what came of the request.
func (m *model) drawOutcome(p *pane, x *exchange.Exchange) {
	sep := func() { p.text(faint, " "+m.st.glyph.bullet+" ") }
	switch r := x.Response; {
	case r != nil:
		p.text(statusInk(r.Status), integer(int64(r.Status)))
		if r.Reason != "" {
			p.text(statusInk(r.Status), " "+shown(r.Reason))
		}
	case x.Open:
		p.text(note, "no answer yet")
	default:
		p.text(bad, "no answer")
	}
	if row, ok := m.row(x.ID); ok && row.Outcome() != "" && row.Outcome() != "failed" {
		sep()
		in, text := outcome(m.st, &row)
		p.text(in, text)
	}
	sep()
	if x.Open {
		p.text(note, "still open")
	} else {
		p.text(dim, duration(x.Timing.Took))
	}
	if r := x.Response; r != nil {
		sep()
		p.text(dim, size(r.Body.Size))
	}
	if o, ok := x.Request.Headers.Get("Origin"); ok {
		sep()
		p.text(dim, safe.Truncate("from "+safe.Host(cut(o)), p.left, m.st.glyph.ellipsis))
	}
	if m.detail.raw.Redacted {
		sep()
		p.text(dim, "read from the file, secrets redacted")
	}
}

// row is the row of an exchange.
func (m *model) row(id uint64) (session.Row, bool) {
	i, ok := m.live.rows.Index(id)
	if !ok {
		return session.Row{}, false
	}
	r := m.live.rows.At(i)
	return r, r.ID == id
}

// failures say what went wrong on the network, to follow the upstream's name.
var failures = map[exchange.Class]safe.Text{
	exchange.Refused:     "Nobody listens at the server's port: it is not running, or on another one.",
	exchange.DNS:         "The server's name does not resolve.",
	exchange.TLS:         "The TLS handshake with the server failed.",
	exchange.Timeout:     "The server took too long.",
	exchange.Reset:       "The server closed the connection before it answered.",
	exchange.Garbage:     "What the server sent is not HTTP.",
	exchange.Cut:         "The server broke off in the middle of its answer.",
	exchange.ClientGone:  "The client left before the answer was complete.",
	exchange.BadRequest:  "The request is not HTTP that can be passed on.",
	exchange.BadHost:     "Its Host is not one corsdash answers to; --allow-host adds it.",
	exchange.Loop:        "The server behind corsdash is corsdash itself.",
	exchange.NoRoute:     "No route takes this path; --route adds one.",
	exchange.Unreachable: "The server cannot be reached.",
}

// sentence is what a colleague would say about the exchange.
func (m *model) sentence(x *exchange.Exchange) (ink, safe.Text) {
	if list := m.findings.of(x.ID); len(list) > 0 {
		return severityInks[list[0].Severity], safe.Line(string(m.own(cut(list[0].Title))))
	}
	if text, ok := failures[x.Failure.Class]; ok {
		if x.Upstream != "" {
			text += " (" + safe.Line(x.Upstream) + ")"
		}
		if x.Failure.Detail != "" {
			text += " " + shown(x.Failure.Detail)
		}
		return bad, text
	}
	if row, ok := m.row(x.ID); ok {
		if rule := m.live.rows.Text(row.Rule); rule != "" {
			return warn, safe.Line(rule)
		}
		if row.Flags&session.EndLost != 0 {
			return warn, "Its end was not seen: the capture could not keep up."
		}
	}
	switch {
	case x.Socket != nil:
		return note, "Upgraded: " + grouped(uint64(x.Socket.FramesOut)) + " messages out, " + grouped(uint64(x.Socket.FramesIn)) + " in."
	case x.Open:
		return note, "The answer is still coming in."
	case x.Response != nil && x.Response.Status/100 == 3 && x.Response.Headers.Has("Location"):
		return note, "Sent on to " + shown(x.Response.Headers.First("Location"))
	case x.Response != nil && x.Upstream != "":
		return dim, "Answered by " + safe.Line(x.Upstream)
	}
	return plain, ""
}

// drawTabs draws the names of the tabs.
func (m *model) drawTabs(p *pane) {
	d := &m.detail
	d.tabAt = d.tabAt[:0]
	for i, t := range m.tabs {
		if i > 0 {
			p.gap(1)
		}
		d.tabAt = append(d.tabAt, p.column())
		in := dim
		if i == d.tab {
			in = strong
			if m.focus == focusDetail {
				in = accent
			}
			p.text(in, "["+t.title+"]")
			continue
		}
		p.gap(1)
		p.text(in, t.title)
		if n := m.tabCount(i); n > 0 {
			p.text(note, " "+integer(int64(n)))
		}
		p.gap(1)
	}
	if page := d.page(m); page != nil && page.lines() > d.height && d.height > 0 {
		at := integer(int64(d.offset*100/max(page.lines()-d.height, 1))) + "%"
		p.right(dim, at+" ", p.left)
	}
	p.end()
}

// tabCount is a figure worth showing beside a tab.
func (m *model) tabCount(i int) int {
	x := m.detail.x
	switch {
	case x == nil:
	case m.tabs[i].title == "Findings":
		return len(m.findings.of(x.ID))
	case m.tabs[i].title == "Changes":
		return len(x.Changes)
	}
	return 0
}

// shownLimit is more than any screen shows of one line, in bytes. Some URLs are
// megabytes long, and would have to be cleaned for every frame.
const shownLimit = 8 << 10

func cut(s string) string { return s[:min(len(s), shownLimit)] }

// shown cleans what can be shown of s on one line.
func shown(s string) safe.Text { return safe.Line(cut(s)) }
