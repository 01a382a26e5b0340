package tui

import (
	"corsdash/internal/filter"
	"corsdash/internal/session"
)

// live is the list of exchanges as they come: which rows it shows, and where
// it stands. The place is kept as an exchange and the line it stands on, so
// that neither rows that come nor rows that go move what somebody looks at.
type live struct {
	rows   session.Rows
	since  uint64 // revision of the rows that was looked at
	found  matches
	cursor uint64 // ID of the selected exchange, 0 for none; it may be filtered out
	line   int    // of the list, on which it stands
	height int    // lines the list has
	follow bool   // the newest is selected
	frozen bool   // nothing newer than last is shown
	last   uint64
}

// look takes over what the session has now, and reports which of the exchanges
// that were there changed; all is true when any may have.
func (l *live) look(s *session.Session) (changed []uint64, all bool) {
	l.rows = s.Rows()
	ids, now, complete := s.Revised(l.since)
	l.since = now
	if l.found.active() {
		if !complete {
			l.found.search(l.found.filter, l.rows)
		}
		l.found.forget(l.rows)
		l.found.revise(l.rows, ids)
		l.found.catchUp(l.rows)
	}
	return ids, !complete
}

// narrow shows only what the filter takes.
func (l *live) narrow(f *filter.Filter) { l.found.search(f, l.rows) }

// len is how many rows there are to show.
func (l *live) len() int {
	n := l.rows.Len()
	if l.found.active() {
		n = l.found.len()
	}
	if l.frozen {
		n = min(n, l.indexOf(l.last+1))
	}
	return n
}

// missed is how many rows are held back.
func (l *live) missed() int {
	if !l.frozen {
		return 0
	}
	if l.found.active() {
		return l.found.len() - l.len()
	}
	return l.rows.Len() - l.len()
}

// indexOf is where the exchange of that ID stands, or the next one that does.
func (l *live) indexOf(id uint64) int {
	if l.found.active() {
		i, _ := l.found.find(id)
		return i
	}
	return placeOf(l.rows, id)
}

// id is the exchange at an index, 0 when its row was dropped.
func (l *live) id(i int) uint64 {
	if l.found.active() {
		return l.found.at(i)
	}
	return l.rows.At(i).ID
}

// place returns the first row shown and the selected one, which is -1 when
// there are none.
func (l *live) place() (top, at int) {
	n := l.len()
	if n == 0 {
		return 0, -1
	}
	at = n - 1
	if !l.follow && l.cursor != 0 {
		at = min(l.indexOf(l.cursor), n-1)
	}
	line := min(max(l.line, 0), max(l.height-1, 0))
	if l.follow {
		line = l.height - 1
	}
	return min(max(at-line, 0), max(n-l.height, 0)), at
}

// selected is the exchange keys act on, 0 when there is none.
func (l *live) selected() uint64 {
	if _, at := l.place(); at >= 0 {
		return l.id(at)
	}
	return 0
}

// moveTo selects a row. The list scrolls no more than it has to.
func (l *live) moveTo(i int) {
	top, at := l.place()
	if at < 0 {
		return
	}
	i = min(max(i, 0), l.len()-1)
	l.follow = false
	l.cursor = l.id(i)
	l.line = min(max(i-top, 0), max(l.height-1, 0))
}

func (l *live) move(by int) {
	_, at := l.place()
	l.moveTo(at + by)
}

// scroll moves the rows and keeps the selection, unless that would leave the
// screen.
func (l *live) scroll(by int) {
	top, at := l.place()
	if at < 0 {
		return
	}
	to := min(max(top+by, 0), max(l.len()-l.height, 0))
	at = min(max(at, to), to+max(l.height-1, 0))
	l.follow = false
	l.cursor = l.id(at)
	l.line = at - to
}

// pin stops following and keeps the selection where it is.
func (l *live) pin() {
	if _, at := l.place(); l.follow && at >= 0 {
		l.moveTo(at)
	}
	l.follow = false
}

// freeze holds back what comes from now on, or lets it in again.
func (l *live) freeze() {
	if l.frozen = !l.frozen; l.frozen {
		l.last = 0
		if n := l.rows.Len(); n > 0 {
			l.last = l.rows.At(n - 1).ID
		}
	}
}

// visible lends the rows on screen to f, each with its index.
func (l *live) visible(f func(i int, p *session.Page, r *session.Row)) {
	top, _ := l.place()
	end := min(top+l.height, l.len())
	if !l.found.active() {
		l.rows.Read(top, end, func(p session.Page) {
			for i := range p.Rows {
				f(p.First+i, &p, &p.Rows[i])
			}
		})
		return
	}
	for i := top; i < end; i++ {
		row, ok := l.rows.Index(l.found.at(i))
		if !ok {
			continue
		}
		l.rows.Read(row, row+1, func(p session.Page) { f(i, &p, &p.Rows[0]) })
	}
}
