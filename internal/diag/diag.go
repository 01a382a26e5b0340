// Package diag says what really went wrong: it ties exchanges together and
// runs the rules over them.
//
// Exchanges go in one by one, in the order they ended; results come out. The
// package holds bounded state and must not use a clock, the network, a file
// or a global: the same exchanges give the same results.
package diag

import "corsdash/internal/exchange"

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

// Finding is one diagnosed fact.
type Finding struct {
	Rule      string
	Severity  Severity
	Title     string // one line, what a colleague would say
	Why       string
	Fix       string
	Evidence  []string
	Exchanges []uint64
}

// Result is what is known of one exchange. Rev counts from 1 and rises when
// later traffic changes the diagnosis.
type Result struct {
	Exchange *exchange.Exchange
	Attempt  uint64 // ID of the attempt's first exchange
	Role     Role
	Rev      int
	Findings []Finding
}

// Engine ties exchanges together and diagnoses them. It belongs to one
// goroutine.
type Engine struct{}

// New returns an engine that has seen nothing.
func New() *Engine { return &Engine{} }

// Add takes the next exchange and returns its result, and after it the new
// results of earlier exchanges that this one explains.
func (e *Engine) Add(x *exchange.Exchange) []Result {
	return []Result{{Exchange: x, Attempt: x.ID, Role: roleOf(x), Rev: 1}}
}

func roleOf(x *exchange.Exchange) Role {
	if x.Request.Method == "OPTIONS" && x.Request.Headers.Has("Origin") &&
		x.Request.Headers.Has("Access-Control-Request-Method") {
		return Preflight
	}
	return Actual
}
