package tui

import (
	"strings"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
	"corsdash/internal/safe"
	"corsdash/internal/session"
)

// drawList draws the list: a line of titles, then the rows.
func (m *model) drawList(p *pane) {
	cols := columns(p.w - 2*margin)
	m.drawTitles(p, cols)
	if p.full() {
		return
	}
	_, at := m.live.place()
	ground := selected
	if m.focus != focusList {
		ground = marked
	}
	shown := 0
	m.live.visible(func(i int, pg *session.Page, r *session.Row) {
		if i == at {
			p.on(ground)
		}
		m.drawRow(p, cols, pg, r)
		shown++
	})
	if shown == 0 {
		m.drawNothing(p)
	}
}

var columnTitles = [...]safe.Text{
	columnMark: "", columnClock: "time", columnMethod: "method", columnStatus: "st", columnPath: "path", columnOrigin: "origin",
	columnOutcome: "outcome", columnCause: "cause", columnTook: "took", columnSize: "size",
}

func (m *model) drawTitles(p *pane, cols []column) {
	p.gap(margin)
	for i, c := range cols {
		if i > 0 {
			p.gap(1)
		}
		if c.id == columnTook || c.id == columnSize {
			p.right(dim, columnTitles[c.id], c.width)
			continue
		}
		p.fit(dim, columnTitles[c.id], c.width)
	}
	p.end()
}

// drawNothing says why a list is empty although there is traffic.
func (m *model) drawNothing(p *pane) {
	p.end()
	switch {
	case !m.live.found.active():
		p.line(dim, "  nothing yet")
	case !m.live.found.complete(m.live.rows):
		p.line(dim, "  searching …")
	default:
		p.line(dim, "  nothing matches the filter")
	}
}

// drawRow draws one exchange. It is on the way of every frame: no formatting
// through interfaces, and cleaned text comes from a cache where it costs.
func (m *model) drawRow(p *pane, cols []column, pg *session.Page, r *session.Row) {
	end := margin
	for i := range cols {
		c := &cols[i]
		p.to(end)
		end += c.width + 1
		switch c.id {
		case columnMark:
			m.drawMark(p, r)
		case columnClock:
			p.text(dim, clock(r.Started))
		case columnMethod:
			m.drawMethod(p, pg.Text(r.Method), c.width, r)
		case columnStatus:
			m.drawStatus(p, r)
		case columnPath:
			m.drawPath(p, pg, r, c.width)
		case columnOrigin:
			p.fit(dim, origin(pg.Text(r.Origin)), c.width)
		case columnOutcome:
			in, text := outcome(m.st, r)
			p.fit(in, text, c.width)
		case columnCause:
			p.fit(dim, cause(pg, r), c.width)
		case columnTook:
			if r.Flags&session.Running != 0 {
				p.right(note, "open", c.width)
			} else {
				p.right(dim, duration(r.Took()), c.width)
			}
		case columnSize:
			if r.Status != 0 {
				p.right(dim, size(r.ResponseSize()), c.width)
			}
		}
	}
	p.end()
}

// drawMark draws two signs: how bad it is, and what sort it is.
func (m *model) drawMark(p *pane, r *session.Row) {
	g := &m.st.glyph
	switch {
	case r.Severity() == diag.Blocks, r.Outcome() == "blocked":
		p.text(bad, g.blocked)
	case r.Severity() == diag.Error, r.Class != exchange.OK && r.Class != exchange.ClientGone, r.Status >= 500:
		p.text(bad, g.failed)
	case r.Severity() == diag.Warning, r.Status >= 400, r.Class != exchange.OK:
		p.text(warn, g.warning)
	case r.Severity() == diag.Security:
		p.text(warn, g.security)
	case r.Severity() == diag.Info:
		p.text(note, g.info)
	default:
		p.gap(1)
	}
	switch {
	case r.Flags&session.Upgraded != 0:
		p.text(note, g.socket)
	case r.Flags&session.Running != 0:
		p.text(note, g.open)
	case r.Flags&session.Preflight != 0:
		p.text(dim, g.preflight)
	case isRedirect(r):
		p.text(note, g.hop)
	}
}

func isRedirect(r *session.Row) bool { return r.Status/100 == 3 && r.Status != 304 }

func (m *model) drawMethod(p *pane, method string, width int, r *session.Row) {
	in := accent
	switch {
	case r.Flags&session.Preflight != 0 || method == "OPTIONS":
		in = dim
	case method == "GET" || method == "HEAD":
		in = plain
	case method == "DELETE":
		in = warn
	}
	p.fit(in, safe.Line(method), width)
}

func (m *model) drawStatus(p *pane, r *session.Row) {
	if r.Status == 0 {
		if r.Flags&session.Running != 0 {
			p.text(note, safe.Text(m.st.glyph.ellipsis))
		} else {
			p.text(bad, "ERR")
		}
		return
	}
	p.text(statusInk(int(r.Status)), integer(int64(r.Status)))
}

func statusInk(status int) ink {
	switch status / 100 {
	case 2:
		return good
	case 1, 3:
		return note
	case 4:
		return warn
	}
	return bad
}

// drawPath draws path and query. The path is what people look for.
func (m *model) drawPath(p *pane, pg *session.Page, r *session.Row, width int) {
	text := m.paths.get(r.ID)
	if text == "" {
		text = m.path(pg.Text(r.Target))
		m.paths.put(r.ID, text)
	}
	in := plain
	if r.Flags&session.Preflight != 0 {
		in = dim
	}
	text = safe.Truncate(text, width, m.st.glyph.ellipsis)
	if i := strings.IndexByte(string(text), '?'); i >= 0 {
		p.text(in, text[:i])
		p.text(dim, text[i:])
		return
	}
	p.text(in, text)
}

// path cleans a target, and masks the secrets in it. The string it is given is
// only lent.
func (m *model) path(target string) safe.Text {
	target = strings.Clone(target)
	if m.redactor != nil {
		target = m.redactor.URL(target)
	}
	return safe.Line(target)
}

// pathCache keeps cleaned paths of the rows that were on screen last.
type pathCache [512]struct {
	id   uint64
	text safe.Text
}

func (c *pathCache) get(id uint64) safe.Text {
	if slot := &c[id%uint64(len(c))]; slot.id == id {
		return slot.text
	}
	return ""
}

func (c *pathCache) put(id uint64, text safe.Text) {
	slot := &c[id%uint64(len(c))]
	slot.id, slot.text = id, text
}

// origin shows an origin without the scheme nearly all have.
func origin(origin string) safe.Text {
	return safe.Host(strings.TrimPrefix(origin, "http://"))
}

// outcome is one or two words on what came of it.
func outcome(st *styles, r *session.Row) (ink, safe.Text) {
	switch r.Outcome() {
	case "blocked":
		return bad, st.blocked
	case "allowed":
		return good, st.allowed
	case "conditional":
		return warn, "? depends"
	case "opaque":
		return dim, "opaque"
	case "not-cors":
		return dim, "not CORS"
	}
	switch {
	case r.Class == exchange.ClientGone:
		return warn, "client left"
	case r.Class != exchange.OK:
		return bad, st.failed[r.Class]
	case r.Flags&session.EndLost != 0:
		return dim, "end unseen"
	case r.Flags&session.Upgraded != 0:
		return note, "upgraded"
	case r.Flags&session.Running != 0:
		return note, "streaming"
	case r.Flags&session.Preflight != 0:
		return dim, "preflight"
	case isRedirect(r):
		return note, "redirect"
	}
	return plain, ""
}

// cause names the rule of the worst finding.
func cause(pg *session.Page, r *session.Row) safe.Text {
	if r.Rule != 0 {
		return safe.Line(strings.Clone(pg.Text(r.Rule)))
	}
	if r.Outcome() == "failed" && r.Class != exchange.OK {
		return safe.Text(r.Class.String())
	}
	return ""
}
