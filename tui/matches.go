package tui

import (
	"slices"
	"sort"

	"corsdash/internal/filter"
	"corsdash/internal/session"
)

// matches are the exchanges a filter takes, found from the newest backwards so
// that the screen fills at once. New exchanges are looked at as they come.
//
// What was looked at is one run of IDs that grows at both ends.
type matches struct {
	filter *filter.Filter
	token  int      // of the search; results of another one are dropped
	lo, hi uint64   // lo <= ID < hi were looked at
	older  []uint64 // found going backwards, falling
	newer  []uint64 // found as they came, rising
	busy   bool     // a stretch is being looked at in the background
	again  []uint64 // rows that changed meanwhile
}

const (
	scanAtOnce = 4096    // rows looked at in between, while somebody waits
	scanStep   = 1 << 17 // rows looked at by one command
)

// search starts over with another filter. The rows of now are looked at
// backwards, those to come forwards.
func (m *matches) search(f *filter.Filter, rows session.Rows) {
	next := uint64(1)
	if n := rows.Len(); n > 0 {
		next = rows.At(n-1).ID + 1
	}
	*m = matches{filter: f, token: m.token + 1, lo: next, hi: next}
}

// active reports whether anything is left out.
func (m *matches) active() bool { return !m.filter.All() }

func (m *matches) len() int { return len(m.older) + len(m.newer) }

// at is the i-th match, the oldest first.
func (m *matches) at(i int) uint64 {
	if i < len(m.older) {
		return m.older[len(m.older)-1-i]
	}
	return m.newer[i-len(m.older)]
}

// find returns the place of the first match with that ID or a higher one, and
// whether it is that one.
func (m *matches) find(id uint64) (int, bool) {
	i := sort.Search(m.len(), func(i int) bool { return m.at(i) >= id })
	return i, i < m.len() && m.at(i) == id
}

// complete reports whether all rows were looked at.
func (m *matches) complete(rows session.Rows) bool {
	return rows.Len() == 0 || rows.FirstID() >= m.lo && placeOf(rows, m.hi) == rows.Len()
}

// forget drops matches whose rows were dropped.
func (m *matches) forget(rows session.Rows) {
	first := rows.FirstID()
	for len(m.older) > 0 && m.older[len(m.older)-1] < first {
		m.older = m.older[:len(m.older)-1]
	}
	n := sort.Search(len(m.newer), func(i int) bool { return m.newer[i] >= first })
	m.newer = m.newer[n:]
}

// catchUp looks at rows that came in, unless they are too many.
func (m *matches) catchUp(rows session.Rows) {
	from := placeOf(rows, m.hi)
	if n := rows.Len() - from; n == 0 || n > scanAtOnce {
		return
	}
	m.take(stretch{m.token, true, m.hi, rows.At(rows.Len()-1).ID + 1, scan(m.filter, rows, from, rows.Len())})
}

// stretch is what was found in a run of IDs, from <= ID < to, rising.
type stretch struct {
	token    int
	newer    bool // at the upper end of what was looked at
	from, to uint64
	found    []uint64
}

// next says what to look at next, as a function that does it elsewhere, or nil
// when everything was.
func (m *matches) next(rows session.Rows) func() stretch {
	n := rows.Len()
	if m.busy || n == 0 {
		return nil
	}
	f, token, lo, hi := m.filter, m.token, m.lo, m.hi
	if from := placeOf(rows, hi); from < n {
		m.busy = true
		to := min(from+scanStep, n)
		return func() stretch {
			return stretch{token, true, hi, rows.At(to-1).ID + 1, scan(f, rows, from, to)}
		}
	}
	to := placeOf(rows, lo)
	if to == 0 {
		return nil
	}
	m.busy = true
	from := max(to-scanStep, 0)
	return func() stretch {
		return stretch{token, false, rows.At(from).ID, lo, scan(f, rows, from, to)}
	}
}

// arrived adds what was found in the background. It is false for the stretch
// of another search.
func (m *matches) arrived(rows session.Rows, s stretch) bool {
	if s.token != m.token {
		return false
	}
	m.busy = false
	m.take(s)
	again := m.again
	m.again = nil
	m.revise(rows, again)
	return true
}

func (m *matches) take(s stretch) {
	if s.newer && s.from == m.hi { // and was not looked at meanwhile
		m.newer, m.hi = append(m.newer, s.found...), max(s.to, m.hi)
	}
	if s.newer {
		return
	}
	for _, id := range slices.Backward(s.found) {
		m.older = append(m.older, id)
	}
	m.lo = min(m.lo, s.from)
}

// revise looks again at rows that changed.
func (m *matches) revise(rows session.Rows, ids []uint64) {
	if m.busy {
		m.again = append(m.again, ids...)
	}
	for _, id := range ids {
		if id < m.lo || id >= m.hi {
			continue
		}
		row, ok := rows.Index(id)
		if !ok {
			continue
		}
		i, has := m.find(id)
		takes := len(scan(m.filter, rows, row, row+1)) > 0
		switch {
		case takes && !has:
			m.insert(i, id)
		case has && !takes:
			m.remove(i)
		}
	}
}

func (m *matches) insert(i int, id uint64) {
	if n := len(m.older); i < n {
		m.older = slices.Insert(m.older, n-i, id)
		return
	}
	m.newer = slices.Insert(m.newer, i-len(m.older), id)
}

func (m *matches) remove(i int) {
	if n := len(m.older); i < n {
		m.older = slices.Delete(m.older, n-1-i, n-i)
		return
	}
	i -= len(m.older)
	m.newer = slices.Delete(m.newer, i, i+1)
}

// scan lists the IDs of those of rows from <= i < to that the filter takes.
func scan(f *filter.Filter, rows session.Rows, from, to int) (found []uint64) {
	rows.Read(from, to, func(p session.Page) {
		for i := range p.Rows {
			if f.Match(&p, &p.Rows[i]) {
				found = append(found, p.Rows[i].ID)
			}
		}
	})
	return found
}

// placeOf is the index of the first row with that ID or a higher one.
func placeOf(rows session.Rows, id uint64) int {
	if i, ok := rows.Index(id); ok {
		return i
	}
	n := rows.Len()
	if n == 0 || rows.At(n-1).ID < id {
		return n
	}
	return sort.Search(n, func(i int) bool { return rows.At(i).ID >= id })
}
