package diag

import (
	"time"

	"corsdash/internal/cors"
	"corsdash/internal/diag/jar"
	"corsdash/internal/exchange"
)

// Options are what the engine needs from outside. The zero value works.
type Options struct {
	// Redactor names secrets, so that two sightings of one compare equal; give
	// the one of the session. Nil makes one of its own.
	Redactor *exchange.Redactor

	// Plain takes content codings off the beginning of a body, at most limit
	// bytes of it, and returns what it could. Nil leaves coded bodies unread.
	Plain func(encoding string, data []byte, limit int) ([]byte, error)

	Mute []Mute

	// Rules replaces the rules, for tests.
	Rules []Rule
}

// Engine ties exchanges together and diagnoses them. It belongs to one
// goroutine.
type Engine struct {
	env   env
	mutes []Mute
	rules []Rule
	now   time.Time

	clients   clients
	upstreams upstreams
	ledger    ledger
	tokens    tokens
	stories   stories

	permitted waiting // preflights answered, by the request they asked for
	redirects waiting // redirects, by where they lead
	kept      keeper
	dues      dues

	case_   Case
	found   []found
	touched []*record // to be looked at again
	results []Result
}

// record is an exchange and what was said of it.
type record struct {
	fact     *Fact
	attempt  *Attempt
	rev      int
	reported bool // rev, findings and said are those of a result given out
	findings []Finding
	said     cors.Outcome
	role     Role // as said
	story    uint64

	session  *Session
	refresh  *Refresh
	incident *Incident
	login    bool
	stored   []jar.Cookie // by its answer

	requested bool // the request has been taken up
	answered  bool // the answer has been
	waiting   bool // on the list of touched records
	weight    int  // while it is kept, 0 otherwise
}

// New returns an engine that has seen nothing.
func New(o Options) *Engine {
	if o.Redactor == nil {
		o.Redactor, _ = exchange.NewRedactor(exchange.RedactRules{}) // no rules, no error
	}
	if o.Rules == nil {
		o.Rules = Rules()
	}
	return &Engine{env: env{o.Redactor, o.Plain}, mutes: o.Mute, rules: o.Rules}
}

// Add takes the next exchange and returns its result, and after it the new
// results of earlier exchanges that this one explains. An exchange may come
// first while it runs and again, with the same ID, when it has ended. The
// results are valid until the next call.
func (e *Engine) Add(x *exchange.Exchange) []Result {
	e.results = e.results[:0]
	f := e.env.read(x)
	f.client = e.clients.of(f)
	f.Upstream = e.upstreams.of(f)
	f.Route = f.Upstream.route(f.Path)
	e.tick(f.End)
	r := e.kept.byID[x.ID]
	if r != nil && r.fact.Open() {
		e.renew(r, f)
	} else {
		r = &record{fact: f}
		e.place(r)
	}
	e.take(r)
	e.tell(r)
	e.revise()
	e.keep(r)
	return e.results
}

// Advance tells the engine that time has passed without an exchange, and
// returns the new results of those that waited for something which has not
// come. Due says when to call it.
func (e *Engine) Advance(now time.Time) []Result {
	e.results = e.results[:0]
	e.tick(now)
	e.revise()
	return e.results
}

// Finish tells the engine that no exchange follows, and returns the new results
// of all that waited for something.
func (e *Engine) Finish() []Result { return e.Advance(e.now.Add(time.Minute)) }

// Due is when something waited for is given up, if anything is.
func (e *Engine) Due() (at time.Time, ok bool) { return e.dues.next() }

// jump is how far time may run backwards before it is another capture that
// comes in, or a clock that was set. What is due then has no meaning any more.
const jump = time.Minute

// tick moves the time on and collects what is due.
func (e *Engine) tick(now time.Time) {
	if now.Before(e.now.Add(-jump)) {
		e.now, e.dues = now, dues{}
	}
	if now.After(e.now) {
		e.now = now
	}
	e.permitted.expire(e.now)
	e.redirects.expire(e.now)
	for _, r := range e.dues.pop(e.now) {
		e.touch(r)
	}
}

// renew replaces the record of a running exchange.
func (e *Engine) renew(r *record, f *Fact) {
	old := r.fact
	f.Token = old.Token
	r.attempt.replace(old, f)
	r.fact = f
	e.kept.weigh(r)
}

// place finds the attempt of a new exchange.
func (e *Engine) place(r *record) {
	f := r.fact
	if a := e.continued(f); a != nil {
		for _, earlier := range a.records {
			e.touch(earlier)
		}
		a.add(r)
		return
	}
	a := &Attempt{}
	a.add(r)
}

// continued is the attempt that a new exchange goes on with, nil for none.
func (e *Engine) continued(f *Fact) *Attempt {
	if !e.redirects.empty() {
		if u, ok := cors.ParseURL(f.URL()); ok {
			fits := func(a *Attempt) bool { return a.follows(f) }
			if a := e.redirects.take(f.client.hash^hashOf(u.String()), fits); a != nil {
				return a
			}
		}
	}
	if e.permitted.empty() || f.Origin == "" || f.Role == Preflight {
		return nil
	}
	key := f.client.hash ^ hashOf(f.Origin, f.Method(), f.URL())
	inTime := func(a *Attempt) bool {
		asked := a.Last().End
		return !f.Start.Before(asked.Add(-before)) && !f.Start.After(asked.Add(pairWindow))
	}
	a := e.permitted.take(key, func(a *Attempt) bool { return inTime(a) && a.judged.outcome != cors.Blocked })
	if a == nil {
		a = e.permitted.take(key, inTime)
	}
	return a
}

// take takes up what a new or renewed exchange shows.
func (e *Engine) take(r *record) {
	f, a := r.fact, r.attempt
	if !r.requested {
		r.requested = true
		e.takeRequest(r)
	}
	if a.credentials == "" {
		a.credentials = e.provenCredentials(f, a)
	}
	a.judged = a.judge()
	if r.answered || f.Open() && f.Status == 0 {
		return
	}
	r.answered = true
	f.Upstream.learn(f)
	e.takeAnswer(r)
	e.await(r)
	if len(watches) > 0 {
		e.watch(r)
	}
}

func (e *Engine) watch(r *record) {
	c := e.caseOf(r)
	for i := range watches {
		if watches[i].On&c.bits != 0 {
			watches[i].Note(c)
		}
	}
}

// await has an attempt wait for what must come next.
func (e *Engine) await(r *record) {
	f, a := r.fact, r.attempt
	if a.Last() != f || len(a.Facts) >= maxFacts || a.waits != 0 {
		return
	}
	if f.Role == Preflight {
		if a.judged.outcome == cors.Allowed {
			e.ledger.note(f)
		}
		if a.next.after != nil && a.next.after != f { // of a hop: known by its URL
			e.redirects.add(a, f.client.hash^hashOf(a.next.url.String()), e.now)
			return
		}
		e.permitted.add(a, f.client.hash^hashOf(f.Origin, f.Asks, f.URL()), e.now)
		e.dues.add(f.End.Add(pairWindow), r)
		return
	}
	next, ok := a.expect(f)
	if !ok || a.judged != nil && a.judged.outcome == cors.Blocked {
		return // where the browser stops, nothing follows
	}
	a.next = next
	e.redirects.add(a, f.client.hash^hashOf(next.url.String()), e.now)
}

// touch puts an earlier exchange on the list of those to be looked at again.
func (e *Engine) touch(r *record) {
	if r != nil && !r.waiting && r.reported {
		r.waiting = true
		e.touched = append(e.touched, r)
	}
}

// tell gives out the result of the exchange that has just come.
func (e *Engine) tell(r *record) {
	if r.rev == 0 {
		r.rev = 1
	}
	e.note(r, e.evaluate(r))
	e.results = append(e.results, r.result())
}

// revise looks at touched exchanges again and gives out what has changed.
func (e *Engine) revise() {
	for i := 0; i < len(e.touched); i++ {
		r := e.touched[i]
		r.waiting = false
		findings := e.evaluate(r)
		if sameFindings(findings, r.findings) && r.outcome() == r.said && r.role == r.fact.Role && r.storyID() == r.story {
			continue
		}
		if !r.fact.Open() {
			r.rev++
		}
		e.note(r, findings)
		e.results = append(e.results, r.result())
	}
	e.touched = e.touched[:0]
}

func (e *Engine) note(r *record, findings []Finding) {
	r.findings, r.said, r.role, r.story = findings, r.outcome(), r.fact.Role, r.storyID()
	r.reported = true
}

func (r *record) storyID() uint64 {
	if r.incident != nil {
		return r.incident.ID
	}
	return 0
}

func (r *record) result() Result {
	res := Result{
		Exchange: r.fact.X, Trimmed: r.fact.trimmed, Attempt: r.attempt.ID, Role: r.fact.Role, Rev: r.rev,
		Story: r.story, Findings: r.findings, outcome: r.said, judged: r.attempt.judged,
	}
	if res.judged != nil && len(r.findings) > 0 {
		res.judged.all() // such a result is kept, and would keep the whole attempt
	}
	return res
}
