package tui

import (
	"slices"
	"strings"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/safe"
)

// headerSheet lays out the header lines of request and answer as they stood on
// the wire.
func (m *model) headerSheet(x *exchange.Exchange, w int) *sheet {
	s := &sheet{w: w}
	r := &x.Request
	s.add(span{strong, "Request  "}, span{dim, safe.Line(r.Method + " " + target(r.URL) + " " + r.Proto)})
	s.headers(r.Headers)
	s.trailers(r.Trailers)
	for _, i := range x.Interim {
		s.gap()
		s.add(span{strong, "Interim answer  "}, span{note, integer(int64(i.Status))})
		s.headers(i.Headers)
	}
	s.gap()
	if x.Response == nil {
		s.add(span{strong, "No answer"})
		if x.Failure.Detail != "" {
			s.words(bad, safe.Line(x.Failure.Detail))
		}
		return s
	}
	a := x.Response
	s.add(span{strong, "Answer  "}, span{dim, safe.Line(a.Proto) + " "}, span{statusInk(a.Status), integer(int64(a.Status)) + " " + safe.Line(a.Reason)})
	s.headers(a.Headers)
	s.trailers(a.Trailers)
	return s
}

func (s *sheet) trailers(h exchange.Headers) {
	if len(h) > 0 {
		s.add(span{dim, "Trailers"})
		s.headers(h)
	}
}

// headers adds header lines, those that decide about CORS standing out.
func (s *sheet) headers(h exchange.Headers) {
	if len(h) == 0 {
		s.add(span{faint, "  none"})
		return
	}
	width := 0
	for _, l := range h {
		width = max(width, safe.Width(safe.Line(l.Name)))
	}
	width = min(width, labelWidth, s.w/2)
	for _, l := range h {
		in := dim
		if decides(l.Name) {
			in = accent
		}
		label := safe.Line(l.Name)
		if safe.Width(label) > width { // long names keep their line whole
			s.wrap(span{in, label}, min(safe.Width(label)+2, max(s.w-8, 1)), plain, safe.Line(l.Value))
			continue
		}
		s.wrap(span{in, label}, width+2, plain, safe.Line(l.Value))
	}
}

// decides reports whether a header has a say in what the browser allows.
func decides(header string) bool {
	header = strings.ToLower(header)
	return strings.HasPrefix(header, "access-control-") ||
		slices.Contains([]string{"origin", "vary", "location", "x-corsdash-error", "cross-origin-resource-policy", "timing-allow-origin"}, header)
}

// target is the path and query of a URL.
func target(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		return rest[i:]
	}
	return "/"
}

// changeSheet lays out what the proxy changed.
func (m *model) changeSheet(x *exchange.Exchange, w int) *sheet {
	s := &sheet{w: w}
	if len(x.Changes) == 0 {
		s.words(plain, "corsdash changed nothing: what the browser sent reached the server, and what the server sent reached the browser, byte for byte.")
	}
	for _, c := range x.Changes {
		s.wrap(span{note, m.st.glyph.bullet}, 2, plain, safe.Line(c))
	}
	if x.Address != "" || x.Upstream != "" {
		s.gap()
	}
	for _, f := range [...]struct {
		label safe.Text
		value string
	}{{"client", x.Client}, {"server", x.Upstream}, {"address", x.Address}, {"source", x.Source.String()}} {
		if f.value != "" {
			s.wrap(span{dim, f.label}, 9, plain, safe.Line(f.value))
		}
	}
	return s
}

// phase is a part of the time an exchange took.
type phase struct {
	label safe.Text
	took  time.Duration
	in    ink
}

const (
	phaseLabel = 11
	phaseTook  = 9
)

// timingSheet lays out where the time went, as a waterfall.
func (m *model) timingSheet(x *exchange.Exchange, w int) *sheet {
	s := &sheet{w: w}
	t := x.Timing
	phases := []phase{
		{"DNS", t.DNS, note}, {"connect", t.Connect, note}, {"TLS", t.TLS, note},
		{"send", t.Send, accent}, {"wait", t.Wait, warn}, {"receive", t.Receive, good},
	}
	var sum time.Duration
	for _, ph := range phases {
		sum += max(ph.took, 0)
	}
	total := max(t.Took, sum)
	s.add(span{dim, safe.Pad("started", phaseLabel)}, span{plain, safe.Text(t.Started.Local().Format("2006-01-02 15:04:05.000"))})
	s.add(span{dim, safe.Pad("took", phaseLabel)}, span{strong, orUnknown(t.Took)})
	s.gap()
	var at time.Duration
	for _, ph := range phases {
		s.add(m.bar(ph, at, total, max(w-phaseLabel-phaseTook-1, 0))...)
		at += max(ph.took, 0)
	}
	s.gap()
	s.add(span{dim, safe.Pad("corsdash", phaseLabel)}, span{plain, orUnknown(t.Proxy)}, span{dim, share(t.Proxy, t.Took)})
	if t.Reused {
		s.add(span{dim, safe.Pad("connection", phaseLabel)}, span{plain, "used before, so nothing to look up or to open"})
	}
	return s
}

func orUnknown(d time.Duration) safe.Text {
	if d < 0 {
		return "not measured"
	}
	return precise(d)
}

// share says what part of the whole the proxy's own time is.
func share(part, whole time.Duration) safe.Text {
	if part < 0 || whole <= 0 {
		return ""
	}
	return " of its own, " + decimal(int64(part)*100, int64(whole)) + "% of the whole"
}

// bar draws a phase as a bar of width cells that begins at its share of total.
func (m *model) bar(ph phase, at, total time.Duration, width int) []span {
	label := span{dim, safe.Pad(ph.label, phaseLabel)}
	took := precise(ph.took)
	switch {
	case ph.took < 0:
		return []span{label, {faint, safe.PadLeft("?", phaseTook) + " not measured"}}
	case ph.took == 0:
		return []span{label, {faint, safe.PadLeft("-", phaseTook)}}
	}
	line := []span{label, {plain, safe.PadLeft(took, phaseTook)}}
	if total <= 0 || width < 4 {
		return line
	}
	start := int(int64(at) * int64(width) / int64(total))
	eighths := max(int(int64(ph.took)*int64(width)*8/int64(total)), 1)
	start = min(start, width-1)
	eighths = min(eighths, (width-start)*8)
	drawn := safe.Text(strings.Repeat(string(m.st.glyph.full), eighths/8)) + m.st.glyph.eighths[eighths%8]
	if drawn == "" {
		drawn = m.st.glyph.vertical
	}
	return append(line, span{plain, safe.Pad("", start+1)}, span{ph.in, drawn})
}
