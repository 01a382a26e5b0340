package session

import (
	"sort"
	"sync"

	"corsdash/internal/diag"
)

const (
	chunkRows = 1 << 14

	// maxRowText bounds the memory of all rows' strings. Rows of hostile or
	// very long URLs are dropped before MaxRows is reached.
	maxRowText   = 128 << 20 / segmentSize
	maxChunkText = 16 << 20 / segmentSize

	// revisedKept is for how many revisions Revised can name the rows.
	revisedKept = 4096
)

// chunk is a run of rows, sorted by ID, with the segments of text that were
// started for it.
type chunk struct {
	mem      *memory
	rows     []Row // chunkRows of them
	first    int64 // number of rows[0], see table
	n        int   // how many readers see
	segments []uint32
}

// table holds the rows, oldest first, in chunks. A row has a number: rows that
// come in count up, rows read back from a file are put in front and count down.
//
// Writers take write. New rows are written behind what readers see and shown
// by publish; everything readers do see changes only under mu.
type table struct {
	write   sync.Mutex
	max     int // rows
	maxText int // segments of text
	texts   *texts
	filling int    // rows in the last chunk, published or not
	newest  uint64 // highest ID

	mu       sync.RWMutex
	chunks   []*chunk
	spare    *memory // of the last dropped chunk
	kept     int
	total    uint64               // rows ever
	worst    [len(severities)]int // rows ever, by severity
	revised  [revisedKept]uint64
	revision uint64
}

func newTable(maxRows int) *table {
	return &table{max: max(maxRows, 2*chunkRows), maxText: maxRowText, texts: newTexts()}
}

// put adds the row of a result, or replaces the one of the same ID, and says
// which. A row that was dropped already stays dropped.
func (t *table) put(res *diag.Result, at place) packed {
	r, f := rowOf(res)
	r.place = at
	t.write.Lock()
	defer t.write.Unlock()
	if r.ID > t.newest {
		t.append(r, f)
		return added
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.find(r.ID); old != nil {
		t.reserve(f)
		r.setTexts(t.texts, f, old)
		t.revise(old, r)
	}
	return replaced
}

// append writes a row behind the last one; publish shows it.
func (t *table) append(r Row, f facts) {
	if t.full() || !t.texts.fits(f.size()) {
		t.mu.Lock()
		if t.full() {
			t.addChunk()
		}
		t.reserve(f)
		t.mu.Unlock()
	}
	r.setTexts(t.texts, f, &Row{})
	t.newest = r.ID
	t.chunks[len(t.chunks)-1].rows[t.filling] = r
	t.filling++
}

// full reports whether the next row needs a new chunk.
func (t *table) full() bool {
	if len(t.chunks) == 0 {
		return true
	}
	return t.filling == len(t.chunks[len(t.chunks)-1].rows) || len(t.chunks[len(t.chunks)-1].segments) > maxChunkText
}

// reserve makes room for the strings. It runs under both locks.
func (t *table) reserve(f facts) {
	if t.texts.fits(f.size()) {
		return
	}
	last := t.chunks[len(t.chunks)-1]
	last.segments = append(last.segments, t.texts.grow())
}

// rejudge takes over a later diagnosis of an exchange whose row is here.
func (t *table) rejudge(res *diag.Result) {
	t.write.Lock()
	defer t.write.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.find(res.Exchange.ID)
	if old == nil {
		return
	}
	r := *old
	f := facts{rule: r.judge(res)}
	t.reserve(f)
	r.Rule = t.texts.keep(old.Rule, f.rule)
	t.revise(old, r)
}

// loseEnd marks an open exchange whose end was shed.
func (t *table) loseEnd(id uint64) {
	t.write.Lock()
	defer t.write.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.find(id); old != nil {
		r := *old
		r.Flags = r.Flags&^Running | EndLost
		t.revise(old, r)
	}
}

// revise overwrites a row. A row that is not published yet only changes.
func (t *table) revise(old *Row, r Row) {
	changed := *old != r
	last := t.chunks[len(t.chunks)-1]
	hidden := last.n < t.filling && r.ID >= last.rows[last.n].ID
	if !hidden && changed {
		t.worst[old.severity]--
		t.worst[r.severity]++
		t.revised[t.revision%revisedKept] = r.ID
		t.revision++
	}
	*old = r
}

// publish shows appended rows to readers.
func (t *table) publish() {
	t.write.Lock()
	defer t.write.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.show()
}

// show does publish's work under both locks.
func (t *table) show() {
	if len(t.chunks) == 0 {
		return
	}
	last := t.chunks[len(t.chunks)-1]
	t.count(last.rows[last.n:t.filling])
	t.total += uint64(t.filling - last.n)
	last.n = t.filling
}

// count takes rows that come to be seen into the figures.
func (t *table) count(rows []Row) {
	t.kept += len(rows)
	for i := range rows {
		t.worst[rows[i].severity]++
	}
}

// addChunk starts a chunk behind the last one and drops the oldest ones that
// are too much. It runs under both locks.
func (t *table) addChunk() {
	t.show()
	for t.kept > t.max-chunkRows || t.texts.live > t.maxText {
		if len(t.chunks) <= 1 {
			break
		}
		t.dropOldest()
	}
	c := t.newChunk()
	if n := len(t.chunks); n > 0 {
		c.first = t.chunks[n-1].first + int64(t.filling)
	}
	t.chunks = append(t.chunks, c)
	t.filling = 0
	t.texts.forget()
	t.texts.used = 0
}

func (t *table) newChunk() *chunk {
	mem := t.spare
	t.spare = nil
	if mem == nil {
		mem = allocate(chunkRows * rowSize)
	}
	return &chunk{mem: mem, rows: rowsIn(mem)}
}

func (t *table) dropOldest() {
	c := t.chunks[0]
	t.kept -= c.n
	for _, s := range c.segments {
		t.texts.free(s)
	}
	t.spare = c.mem
	t.chunks[0] = nil
	t.chunks = t.chunks[1:]
}

// claimSegment gives the loader a segment of text of its own.
func (t *table) claimSegment() (m *memory, number uint32) {
	t.write.Lock()
	defer t.write.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	number = t.texts.claim()
	return t.texts.segments[number], number
}

// prepend puts rows of a saved session, oldest first, in front of those there
// are, and reports whether there is room for more. The strings are in segments.
func (t *table) prepend(rows []Row, segments []uint32) (more bool) {
	t.write.Lock()
	defer t.write.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(rows) > 0 {
		c := &chunk{mem: allocate(min(len(rows), chunkRows) * rowSize), segments: segments}
		c.rows = rowsIn(c.mem)
		c.n = copy(c.rows, rows[len(rows)-min(len(rows), chunkRows):])
		rows, segments = rows[:len(rows)-c.n], nil
		if len(t.chunks) == 0 {
			t.filling, t.newest = c.n, max(t.newest, c.rows[c.n-1].ID)
		} else {
			c.first = t.chunks[0].first - int64(c.n)
		}
		t.chunks = append([]*chunk{c}, t.chunks...)
		t.count(c.rows)
	}
	return t.kept <= t.max-chunkRows && t.texts.live < t.maxText
}

// find returns the row of that ID, published or not, or nil. IDs rise without
// gaps as a rule, so the first guess mostly hits.
func (t *table) find(id uint64) *Row {
	i := sort.Search(len(t.chunks), func(i int) bool { return t.chunks[i].rows[0].ID > id }) - 1
	if i < 0 {
		return nil
	}
	rows := t.chunks[i].rows[:t.chunks[i].n]
	if i == len(t.chunks)-1 {
		rows = t.chunks[i].rows[:t.filling]
	}
	if at := indexOf(rows, id); at >= 0 {
		return &rows[at]
	}
	return nil
}

// placeOf tells where in the ring the exchange of a published row may be.
func (t *table) placeOf(id uint64) (at place, ok bool) {
	v := t.view()
	i, ok := v.Index(id)
	return v.At(i).place, ok
}

// indexOf finds the row of that ID in sorted rows, or returns -1.
func indexOf(rows []Row, id uint64) int {
	if len(rows) == 0 {
		return -1
	}
	if guess := id - rows[0].ID; guess < uint64(len(rows)) && rows[guess].ID == id {
		return int(guess)
	}
	at := sort.Search(len(rows), func(i int) bool { return rows[i].ID >= id })
	if at == len(rows) || rows[at].ID != id {
		return -1
	}
	return at
}
