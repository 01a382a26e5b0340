package session

import (
	"fmt"
	"runtime/debug"
	"time"

	"corsdash/internal/crash"
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

const (
	// settle is how long the consumer waits after a wake-up for more to come:
	// one wake-up then serves a whole batch. At 500 exchanges a second most of
	// the consumer's cost is in waking up; people do not see 10 ms.
	settle = 10 * time.Millisecond

	// batchBytes is how much the consumer takes before it gives room back to
	// Add and shows what it has.
	batchBytes = 1 << 20
)

// consume is the consumer goroutine.
func (s *Session) consume() {
	defer crash.Catch()
	defer close(s.closed)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wake := s.ring.wake
		if s.catchUp() {
			wake = awake
		}
		if wait, ok := s.due(); ok {
			timer.Reset(wait)
		}
		select {
		case done := <-s.flushes:
			s.catchUp()
			s.saver.flush(done)
			continue
		case <-s.closing:
			s.catchUp()
			s.end()
			return
		case <-timer.C:
			s.advance(time.Now())
			s.saver.handIfDue()
			continue
		case <-wake:
		}
		if wake != awake {
			time.Sleep(settle)
		}
	}
}

// due is when the consumer has something to do although nothing comes in.
func (s *Session) due() (wait time.Duration, ok bool) {
	wait, ok = s.saver.due()
	if at, waits := s.engine.Due(); waits && live(at, time.Now()) {
		if until := time.Until(at); !ok || until < wait {
			wait, ok = until, true
		}
	}
	return wait, ok
}

// live reports whether what the engine waits for belongs to the present.
// Exchanges from files bring their own time along; what they wait for is
// decided by those that follow.
func live(at, now time.Time) bool { return now.Sub(at) < time.Minute && at.Sub(now) < time.Minute }

// advance has the engine give up what it has waited for in vain.
func (s *Session) advance(now time.Time) {
	at, waits := s.engine.Due()
	if !waits || at.After(now) || !live(at, now) {
		return
	}
	var results []diag.Result
	s.guard("diagnosing", 0, func() { results = s.engine.Advance(now) })
	if len(results) == 0 {
		return
	}
	for i := range results {
		s.table.rejudge(&results[i])
	}
	s.report(0, results)
	if s.saver != nil {
		s.guard("saving", 0, func() { s.saver.revise(results) })
	}
	s.notify()
}

// end closes the file.
func (s *Session) end() {
	if s.saved != nil {
		<-s.saved.loaded
	}
	if s.saver != nil {
		s.saver.end()
	} else if s.file != nil {
		s.file.forgetArchive()
	}
}

// awake stands in for a wake-up while there may be more to take.
var awake = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// catchUp takes all that was added before and reports whether there was any.
func (s *Session) catchUp() bool {
	from, to, cut := s.ring.pending(nil)
	s.take(from, to, cut)
	return from != to
}

// take handles the records between two positions of the ring.
func (s *Session) take(from, to uint64, cut []uint64) {
	count, start := 0, from
	for from < to {
		rec, at, next := s.ring.at(from)
		s.one(rec, placeOf(at))
		count, from = count+1, next
		if from-start >= batchBytes || from == to {
			s.show(from, count, from-start)
			count, start = 0, from
		}
	}
	for _, id := range cut {
		s.table.loseEnd(id)
	}
	if len(cut) > 0 {
		s.notify()
	}
}

func (s *Session) show(upto uint64, count int, bytes uint64) {
	s.ring.release(upto)
	s.rate.add(count, bytes)
	s.table.publish()
	s.notify()
}

// one handles one record.
func (s *Session) one(rec exchange.Record, at place) {
	x, err := rec.Decode(-1)
	if err != nil {
		s.log.Error("a captured exchange cannot be read and is left out; please report this", "id", rec.ID(), "err", err)
		return
	}
	results := s.diagnose(&s.engine, x)
	what := s.table.put(&results[0], at)
	for i := 1; i < len(results); i++ {
		s.table.rejudge(&results[i])
	}
	s.report(x.ID, results)
	if s.saver != nil {
		s.guard("saving", x.ID, func() { s.saver.take(results, what) })
	}
}

// report keeps the results and calls the subscribers, who get whole exchanges:
// of earlier ones the engine has kept only what it needs.
func (s *Session) report(id uint64, results []diag.Result) {
	listened := len(*s.subscribers.Load()) > 0
	for i := range results {
		s.results.keep(results[i])
		if results[i].Trimmed && listened {
			if x, err := s.Exchange(results[i].Exchange.ID); err == nil {
				results[i].Exchange, results[i].Trimmed = x, false
			}
		}
	}
	for _, f := range *s.subscribers.Load() {
		s.guard("reporting", id, func() {
			for _, res := range results {
				f(res)
			}
		})
	}
}

// diagnose asks the engine. A rule that panics costs the engine its memory.
func (s *Session) diagnose(engine **diag.Engine, x *exchange.Exchange) (results []diag.Result) {
	s.guard("diagnosing", x.ID, func() { results = (*engine).Add(x) })
	if len(results) == 0 {
		*engine = diag.New(s.diagnosis)
		results = []diag.Result{{Exchange: x, Attempt: x.ID, Role: diag.Actual, Rev: 1}}
	}
	return results
}

// guard keeps a mistake in our own rules and outputs from ending the proxy.
func (s *Session) guard(doing string, id uint64, f func()) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error(doing+" an exchange failed; please report this",
				"id", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	f()
}
