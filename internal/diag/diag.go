// Package diag says what really went wrong: it ties exchanges together and
// runs the rules over them.
//
// Exchanges go in one by one, in the order they ended; results come out. The
// package holds bounded state and must not use a clock, the network, a file
// or a global: the same exchanges give the same results.
//
// On its way an exchange becomes a Fact, finds its Attempt (its preflight, its
// redirects), is judged by the browsers' rules in package cors, leaves its
// traces in history, cookie jar and auth stories, and as a Case meets the
// Rules. What they find are Findings, the cause first.
package diag

import (
	"corsdash/internal/cors"
	"corsdash/internal/diag/fix"
	"corsdash/internal/exchange"
)

// Role is the part an exchange plays in its attempt. The names are part of
// the JSON stream.
type Role string

// The roles.
const (
	Actual    Role = "actual"
	Preflight Role = "preflight"
	Hop       Role = "hop" // answered with a redirect that was followed
)

// Severity ranks findings. The names are part of the JSON stream.
type Severity string

// The severities, worst first.
const (
	Blocks   Severity = "blocks" // the browser refuses the response
	Error    Severity = "error"  // broken, but not by CORS
	Warning  Severity = "warning"
	Security Severity = "security"
	Info     Severity = "info"
)

// rank orders severities, worst first.
func (s Severity) rank() int {
	switch s {
	case Blocks:
		return 0
	case Error:
		return 1
	case Warning:
		return 2
	case Security:
		return 3
	}
	return 4
}

// Finding is one diagnosed fact.
type Finding struct {
	Rule      string
	Severity  Severity
	Title     string // one line, what a colleague would say
	Why       string
	Fix       string   // advice in one line, and code for the stack behind it where that is known
	Evidence  []string // "#12 response: server: uvicorn"
	Exchanges []uint64
	Under     string // the rule of the finding this one follows from, "" for a cause of its own
	Spec      string // link to the standard or document behind it
	Mistaken  string // what it is often mistaken for
	Probe     string // name of the probe that would confirm it, "" when the capture is proof
	Topic     string // of the fix, see FixFor
	Stack     string // the fix's stack, "" when it is not known
	Values    fix.Values
}

// FixFor is the finding's fix for another stack, one of fix.Stacks.
func (f *Finding) FixFor(stack string) string {
	advice, _, _ := cutLine(f.Fix)
	return withCode(advice, fix.Render(f.Topic, stack, f.Values))
}

// Result is what is known of one exchange. Rev counts from 1 and rises when
// later traffic changes the diagnosis.
type Result struct {
	Exchange *exchange.Exchange
	Trimmed  bool   // Exchange holds only the beginning of its bodies; look it up by its ID
	Attempt  uint64 // ID of the attempt's first exchange
	Role     Role
	Rev      int
	Story    uint64    // ID of the auth story it is part of, 0 for none
	Findings []Finding // the cause first, what follows from it behind it

	outcome cors.Outcome
	judged  *judgement
}

// Outcome is what became of the attempt in the browser that made it, as far as
// it has gone: for a preflight, whether it passes. It is "" while nobody knows.
func (r *Result) Outcome() cors.Outcome { return r.outcome }

// Verdicts are all browsers' verdicts on the attempt, nil where CORS has no
// say. They are worked out when they are first asked for; that takes some
// microseconds.
func (r *Result) Verdicts() *cors.Verdicts {
	if r.judged == nil {
		return nil
	}
	return r.judged.all()
}

// Headline is the finding to show when there is room for one, nil for none.
func (r *Result) Headline() *Finding {
	if len(r.Findings) == 0 {
		return nil
	}
	return &r.Findings[0]
}
