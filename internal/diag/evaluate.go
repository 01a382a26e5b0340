package diag

import (
	"cmp"
	"slices"

	"corsdash/internal/cors"
	"corsdash/internal/diag/fix"
)

// found is a match and the rule it is of.
type found struct {
	rule  *Rule
	match Match
	order int
}

// caseOf puts together what rules see of an exchange. There is one case, used
// again and again.
func (e *Engine) caseOf(r *record) *Case {
	a := r.attempt
	e.case_ = Case{
		Fact: r.fact, Attempt: a, Outcome: r.fact.plainOutcome(), Now: e.now, engine: e, record: r,
		Session: r.session, Refresh: r.refresh, Incident: r.incident,
	}
	c := &e.case_
	if a.judged != nil {
		c.Outcome = a.judged.outcome
		c.Decides = a.judged.decisive == r.fact
		if !a.judged.lazy {
			c.Verdict = decided(&a.judged.verdicts, c.Outcome)
		}
	}
	c.bits = c.conditions()
	return c
}

// evaluate runs the rules over an exchange.
func (e *Engine) evaluate(r *record) []Finding {
	c := e.caseOf(r)
	e.found = e.found[:0]
	for i := range e.rules {
		rule := &e.rules[i]
		if rule.On&c.bits == 0 || len(e.mutes) > 0 && e.muted(rule.ID, c.Path) {
			continue
		}
		if m, ok := rule.Check(c); ok {
			if m.Severity == "" {
				m.Severity = rule.Severity
			}
			e.found = append(e.found, found{rule, m, i})
		}
	}
	if len(e.found) == 0 {
		return nil
	}
	slices.SortFunc(e.found, byPriority)
	return e.findings(c, e.found)
}

// byPriority orders what breaks something before what may or merely could be
// better, and within those by the class of the cause.
func byPriority(a, b found) int {
	return cmp.Or(
		cmp.Compare(tier(a.match.Severity), tier(b.match.Severity)),
		cmp.Compare(a.rule.Class, b.rule.Class),
		cmp.Compare(a.match.Severity.rank(), b.match.Severity.rank()),
		cmp.Compare(a.order, b.order),
	)
}

func tier(s Severity) int { return max(s.rank(), 1) }

// findings turns matches into findings and folds the consequences under their
// causes.
func (e *Engine) findings(c *Case, list []found) []Finding {
	out := make([]Finding, len(list))
	for i := range list {
		out[i] = e.finding(c, &list[i])
	}
	for i := range list {
		for j := range list {
			if i == j || out[j].Under != "" || !hides(&list[i], &list[j]) || out[i].Under == list[j].rule.ID {
				continue
			}
			out[j].Under = list[i].rule.ID
		}
	}
	for i := range out { // a consequence of a consequence is one of the cause
		for n := 0; n < len(out) && out[i].Under != ""; n++ {
			at := slices.IndexFunc(out, func(f Finding) bool { return f.Rule == out[i].Under })
			if out[at].Under == "" {
				break
			}
			out[i].Under = out[at].Under
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Compare(min(len(a.Under), 1), min(len(b.Under), 1))
	})
	return out
}

// hides reports whether what b says follows from a: the rule says so, or both
// say why the browser refuses the exchange and a comes first by its class. One
// answer is refused for one reason.
func hides(a, b *found) bool {
	if slices.Contains(a.rule.Hides, b.rule.ID) {
		return true
	}
	return b.match.Severity == Blocks && a.match.Severity.rank() <= Error.rank() && a.rule.Class < b.rule.Class
}

func (e *Engine) finding(c *Case, m *found) Finding {
	rule, match := m.rule, &m.match
	f := Finding{
		Rule: rule.ID, Severity: match.Severity, Title: match.Title, Why: cmp.Or(match.Why, rule.Cause),
		Evidence: match.Evidence, Spec: rule.Spec, Mistaken: rule.Mistaken, Probe: rule.Probe,
		Topic: cmp.Or(match.Topic, rule.Topic), Values: c.values(match.Values),
	}
	f.Stack = match.Stack
	if f.Stack == "" && f.Topic != "" {
		f.Stack = c.Stack()
	}
	advice := fix.Fill(cmp.Or(match.Fix, rule.Fix), f.Values)
	f.Fix = withCode(advice, fix.Render(f.Topic, f.Stack, f.Values))
	f.Exchanges = append(f.Exchanges, c.ID)
	for _, other := range match.Also {
		if other != nil && !slices.Contains(f.Exchanges, other.ID) {
			f.Exchanges = append(f.Exchanges, other.ID)
		}
	}
	slices.Sort(f.Exchanges)
	return f
}

// sameFindings reports whether a diagnosis is the one given before.
func sameFindings(a, b []Finding) bool {
	return slices.EqualFunc(a, b, func(x, y Finding) bool {
		return x.Rule == y.Rule && x.Severity == y.Severity && x.Title == y.Title && x.Under == y.Under &&
			x.Why == y.Why && slices.Equal(x.Exchanges, y.Exchanges) && slices.Equal(x.Evidence, y.Evidence)
	})
}

// outcome is what became of the exchange's attempt. A preflight that has passed
// has passed, whatever becomes of the request it asked for.
func (r *record) outcome() cors.Outcome {
	j := r.attempt.judged
	switch {
	case j == nil:
		return r.fact.plainOutcome()
	case r.fact.Role == Preflight && j.decisive != r.fact && r.attempt.Last() != r.fact:
		return cors.Allowed
	}
	return j.outcome
}
