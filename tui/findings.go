package tui

import (
	"strings"
	"sync"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
	"corsdash/internal/safe"
)

// findingsKept is for how many exchanges the findings are kept. Rows only name
// the rule, and a finding takes a kilobyte or two.
const findingsKept = 4096

// findings are what was found of the newest exchanges of which anything was.
// The session fills it, the event loop reads it.
type findings struct {
	mu    sync.Mutex
	byID  map[uint64][]diag.Finding
	order [findingsKept]uint64 // IDs as they came, a ring
	next  int
}

// note takes a result from the session.
func (f *findings) note(r diag.Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := r.Exchange.ID
	_, known := f.byID[id]
	switch {
	case known:
		f.byID[id] = r.Findings
	case len(r.Findings) > 0:
		if f.byID == nil {
			f.byID = map[uint64][]diag.Finding{}
		}
		delete(f.byID, f.order[f.next])
		f.order[f.next] = id
		f.next = (f.next + 1) % findingsKept
		f.byID[id] = r.Findings
	}
}

// of returns the findings of an exchange, the cause first.
func (f *findings) of(id uint64) []diag.Finding {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byID[id]
}

var severityInks = map[diag.Severity]ink{
	diag.Blocks: bad, diag.Error: bad, diag.Warning: warn, diag.Security: warn, diag.Info: note,
}

// findingSheet lays out what was found: what it is, why, the evidence, the fix.
func (m *model) findingSheet(x *exchange.Exchange, w int) *sheet {
	s := &sheet{w: w}
	list := m.findings.of(x.ID)
	if len(list) == 0 {
		in, text := m.sentence(x)
		s.words(in, text)
		s.words(dim, "No rule has anything to say about this exchange.")
	}
	for i := range list {
		f := &list[i]
		s.gap()
		s.words(severityInks[f.Severity], m.sign(f.Severity)+" "+m.own(f.Title))
		advice, code, _ := strings.Cut(f.Fix, "\n")
		s.part("why", plain, m.own(f.Why))
		s.part("evidence", dim, m.own(strings.Join(f.Evidence, "\n")))
		s.part("fix", strong, m.own(advice))
		s.part("", literal, m.own(strings.TrimLeft(code, "\n")))
		s.part("rule", faint, safe.Line(f.Rule))
	}
	return s
}

// own cleans a text of ours that quotes the network, and masks what it quotes.
func (m *model) own(text string) safe.Text {
	if m.redactor != nil {
		text = m.redactor.Text(text)
	}
	return safe.Block(text)
}

// part adds a text that may have several lines behind its label.
func (s *sheet) part(label safe.Text, in ink, text safe.Text) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		s.wrap(span{dim, "  " + label}, 12, in, safe.Text(line))
		label = ""
	}
}

// sign is what stands for a severity.
func (m *model) sign(s diag.Severity) safe.Text {
	g := &m.st.glyph
	switch s {
	case diag.Blocks:
		return g.blocked
	case diag.Error:
		return g.failed
	case diag.Warning:
		return g.warning
	case diag.Security:
		return g.security
	}
	return g.info
}
