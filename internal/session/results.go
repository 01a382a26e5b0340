package session

import (
	"fmt"
	"sync"

	"corsdash/internal/diag"
)

// resultsKept is of how many exchanges with findings the results are kept.
const resultsKept = 8192

// results keeps the newest results that have findings, without their
// exchanges.
type results struct {
	mu    sync.Mutex
	byID  map[uint64]diag.Result
	order [resultsKept]uint64 // IDs in the order they came in, a ring
	next  int
}

// keep takes over what a result says. A result without findings replaces one
// that had some.
func (r *results) keep(res diag.Result) {
	id := res.Exchange.ID
	res.Exchange = nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.byID[id]; !known {
		if len(res.Findings) == 0 {
			return
		}
		if r.byID == nil {
			r.byID = make(map[uint64]diag.Result)
		}
		delete(r.byID, r.order[r.next])
		r.order[r.next] = id
		r.next = (r.next + 1) % resultsKept
	}
	r.byID[id] = res
}

func (r *results) get(id uint64) (diag.Result, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	res, ok := r.byID[id]
	return res, ok
}

const (
	// neighbours are how many exchanges around an attempt are diagnosed
	// together with it when its result is no longer kept.
	neighboursBefore = 16
	neighboursAfter  = 32
)

// Result returns an exchange with its diagnosis. The results of the newest
// exchanges with findings are kept; for others the engine looks again at the
// exchange and at those around it. The error is that of Exchange.
func (s *Session) Result(id uint64) (diag.Result, error) {
	x, err := s.Exchange(id)
	if err != nil {
		return diag.Result{}, err
	}
	if res, ok := s.results.get(id); ok {
		res.Exchange = x
		return res, nil
	}
	rows := s.Rows()
	at, ok := rows.Index(id)
	if !ok {
		return s.alone(id, []uint64{id})
	}
	row := rows.At(at)
	from := at
	if first, ok := rows.Index(row.Attempt()); ok {
		from = min(first, at)
	}
	from = max(from, at-neighboursAfter) - neighboursBefore
	var ids []uint64
	for i := max(from, 0); i < min(at+neighboursAfter, rows.Len()); i++ {
		if r := rows.At(i); r.ID != 0 {
			ids = append(ids, r.ID)
		}
	}
	return s.alone(id, ids)
}

// alone has a fresh engine diagnose some exchanges and returns what it says of
// one of them. Exchanges that are gone are left out.
func (s *Session) alone(id uint64, ids []uint64) (found diag.Result, err error) {
	engine := diag.New(s.diagnosis)
	for _, at := range ids {
		x, err := s.Exchange(at)
		if err != nil {
			continue
		}
		for _, res := range s.diagnose(&engine, x) {
			if res.Exchange.ID == id {
				found = res
			}
		}
	}
	if found.Exchange == nil {
		return found, fmt.Errorf("%w: it went while it was looked at", ErrGone)
	}
	return found, nil
}
