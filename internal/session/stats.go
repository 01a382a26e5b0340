package session

import (
	"sync"
	"sync/atomic"
	"time"

	"corsdash/internal/diag"
)

// Stats are the session's figures.
type Stats struct {
	Total    uint64  // exchanges seen, shed ones not counted
	Kept     int     // rows in memory
	Shed     uint64  // exchanges dropped because the consumer was behind
	Bytes    uint64  // bytes captured, heads included
	Requests float64 // exchanges per second, over the last 2 s
	Rate     float64 // bytes captured per second, over the last 2 s

	// Severities counts the exchanges seen by the severity of their headline
	// finding, "" for those without. Of a saved session it counts those of
	// which the row was read.
	Severities map[diag.Severity]int

	Loading   bool   // rows of a saved session are still being read: Kept of Total are there
	Diagnosed uint64 // exchanges Diagnose has done, of Total
	File      FileStats
}

// progress is how far the work on a saved session is.
type progress struct {
	loading   atomic.Bool
	diagnosed atomic.Uint64
}

// Stats returns the figures of now.
func (s *Session) Stats() Stats {
	var out Stats
	s.ring.mu.Lock()
	out.Shed, out.Bytes = s.ring.shed, s.ring.bytes
	s.ring.mu.Unlock()
	s.table.figures(&out)
	out.Requests, out.Rate = s.rate.now()
	out.Loading, out.Diagnosed = s.progress.loading.Load(), s.progress.diagnosed.Load()
	out.File.State = NotSaving
	if s.file != nil {
		out.File = s.file.figures()
	}
	return out
}

func (t *table) figures(out *Stats) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out.Total, out.Kept = t.total, t.kept
	out.Severities = make(map[diag.Severity]int, len(severities))
	for i, n := range t.worst {
		if n != 0 {
			out.Severities[severities[i]] = n
		}
	}
}

const (
	rateSlot  = 250 * time.Millisecond
	rateSlots = 8 // what the average goes over
)

// rate counts in slots of time. One slot more than the average needs is the
// one being filled.
type rate struct {
	mu    sync.Mutex
	start time.Time
	last  int64 // slot being filled, counted from start
	count [rateSlots + 1]int
	bytes [rateSlots + 1]uint64
}

func (r *rate) add(count int, bytes uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.turn()
	r.count[i] += count
	r.bytes[i] += bytes
}

// turn empties the slots that passed unused and returns the current one.
func (r *rate) turn() (slot int) {
	now := int64(time.Since(r.start) / rateSlot)
	for n := max(r.last+1, now-rateSlots); n <= now; n++ {
		r.count[n%(rateSlots+1)], r.bytes[n%(rateSlots+1)] = 0, 0
	}
	r.last = now
	return int(now % (rateSlots + 1))
}

// now averages over the full slots, fewer in the session's first seconds.
func (r *rate) now() (count, bytes float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	current := r.turn()
	for i := range r.count {
		if i != current {
			count += float64(r.count[i])
			bytes += float64(r.bytes[i])
		}
	}
	span := (time.Duration(min(max(r.last, 1), rateSlots)) * rateSlot).Seconds()
	return count / span, bytes / span
}
