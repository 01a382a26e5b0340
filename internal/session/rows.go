package session

import (
	"sort"
	"strings"
	"unsafe"
)

const rowSize = int(unsafe.Sizeof(Row{}))

// pageRows is the most a Page holds: how long a reader keeps the consumer
// waiting.
const pageRows = 4096

// Rows is a view of the rows there were when Session.Rows was called, oldest
// first, IDs rising. It costs nothing to take. Rows that change later show
// their newest state, rows that are dropped later read as zero Rows.
type Rows struct {
	table *table
	from  int64
	to    int64
}

func (t *table) view() Rows {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.chunks) == 0 {
		return Rows{table: t}
	}
	last := t.chunks[len(t.chunks)-1]
	return Rows{t, t.chunks[0].first, last.first + int64(last.n)}
}

// Len is the number of rows in the view.
func (v Rows) Len() int { return int(v.to - v.from) }

// FirstID is the ID of the oldest row, 0 when there is none.
func (v Rows) FirstID() uint64 { return v.At(0).ID }

// At returns row i of 0 to Len-1, or a zero Row when it was dropped.
func (v Rows) At(i int) (r Row) {
	v.Read(i, i+1, func(p Page) { r = p.Rows[0] })
	return r
}

// Text returns a copy of the string behind a handle of a row of this view.
func (v Rows) Text(h Text) string {
	if v.table == nil {
		return ""
	}
	v.table.mu.RLock()
	defer v.table.mu.RUnlock()
	return strings.Clone(v.table.texts.get(h))
}

// Index finds the row of an exchange.
func (v Rows) Index(id uint64) (i int, ok bool) {
	t := v.table
	if t == nil {
		return 0, false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	at := sort.Search(len(t.chunks), func(i int) bool {
		c := t.chunks[i]
		return c.n == 0 || c.rows[0].ID > id
	}) - 1
	if at < 0 {
		return 0, false
	}
	c := t.chunks[at]
	in := indexOf(c.rows[:c.n], id)
	number := c.first + int64(in)
	return int(number - v.from), in >= 0 && number >= v.from && number < v.to
}

// Page is a run of rows lent to a function. Neither the rows nor the strings
// may be kept, the rows must not be written.
type Page struct {
	First int // index of Rows[0] in the view
	Rows  []Row
	texts *texts
}

// Text returns the string behind a handle without copying it. It is good until
// the function that was lent the page returns; strings.Clone what must stay.
func (p Page) Text(h Text) string { return p.texts.get(h) }

// Read lends the rows from <= i < to to f, in order, in pages of up to 4,096
// rows. New rows wait while f runs, so f must be quick and must not call the
// session. Rows that were dropped are left out.
func (v Rows) Read(from, to int, f func(Page)) {
	at, end := v.from+int64(max(from, 0)), min(v.from+int64(to), v.to)
	for at < end {
		at = v.page(at, end, f)
	}
}

// page lends one page and returns where the next one starts.
func (v Rows) page(at, end int64, f func(Page)) int64 {
	t := v.table
	t.mu.RLock()
	defer t.mu.RUnlock()
	i := sort.Search(len(t.chunks), func(i int) bool { return t.chunks[i].first > at }) - 1
	if i < 0 {
		if len(t.chunks) == 0 {
			return end
		}
		return t.chunks[0].first // what was before is dropped
	}
	c := t.chunks[i]
	from := int(at - c.first)
	to := int(min(end-c.first, int64(from+pageRows), int64(c.n)))
	if from >= to {
		return end
	}
	f(Page{First: int(at - v.from), Rows: c.rows[from:to:to], texts: t.texts})
	return c.first + int64(to)
}

// revisedSince names the rows that changed after revision since.
func (t *table) revisedSince(since uint64) (ids []uint64, now uint64, complete bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.revision-since > revisedKept {
		return nil, t.revision, false
	}
	for ; since < t.revision; since++ {
		ids = append(ids, t.revised[since%revisedKept])
	}
	return ids, t.revision, true
}
