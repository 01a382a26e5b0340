package session

import (
	"context"
	"database/sql"
	"slices"
)

// loader reads the rows of a saved session back, newest first, and puts them
// in front of those there are.
//
// A pack's row may have been overtaken by one in a later pack: the exchange
// went on, or was diagnosed anew. As the later pack comes first, what it says
// is held in later until the place of the row is reached.
type loader struct {
	archive *archive
	table   *table
	later   map[uint64]overtaking
	rows    []Row    // of the chunk being filled, newest first
	own     []uint32 // its segments of text
	segment *memory  // the one being filled
	number  uint32
	used    int
	lowest  uint64 // of all rows so far
	looks   int    // at entries of later, by insertSkipped
	pack    pack
	buf     []byte
}

// looksMax bounds the time a file made up for that can cost.
const looksMax = 1 << 24

// overtaking is a newer state of a row.
type overtaking struct {
	row   Row
	whole bool // not only the diagnosis
}

func newLoader(a *archive, t *table) *loader {
	return &loader{archive: a, table: t, later: make(map[uint64]overtaking), lowest: ^uint64(0)}
}

// load reads all rows, or as many as the table takes. progress is called after
// every chunk.
func (l *loader) load(ctx context.Context, progress func()) error {
	rows, err := l.archive.db.QueryContext(ctx, "SELECT data FROM pack ORDER BY block DESC")
	if err != nil {
		return unreadable(l.archive.path, err)
	}
	defer rows.Close()
	defer progress()
	defer l.finishChunk()
	var packed sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&packed); err != nil {
			return unreadable(l.archive.path, err)
		}
		if err := l.unpack(packed); err != nil {
			return err
		}
		for i := len(l.pack.rows) - 1; i >= 0; i-- {
			l.row(i)
		}
		if len(l.rows) < chunkRows-blockRecords {
			continue
		}
		if !l.finishChunk() {
			return nil
		}
		progress()
	}
	if err := rows.Err(); err != nil {
		return unreadable(l.archive.path, err)
	}
	l.insertSkipped(0)
	return nil
}

// unpack decodes a pack and moves its strings into the table's memory.
func (l *loader) unpack(packed []byte) (err error) {
	if l.buf, err = l.archive.decompress(l.buf, packed); err != nil {
		return err
	}
	if err := l.pack.decode(l.buf); err != nil {
		return damaged(l.archive.path, err)
	}
	text := l.pack.text
	if l.segment == nil || l.used+len(text) > segmentSize {
		l.segment, l.number = l.table.claimSegment()
		l.own = append(l.own, l.number)
		l.used = textHead
	}
	copy(l.segment.bytes[l.used:], text)
	offset := Text(l.number<<segmentBits | uint32(l.used))
	for i := range l.pack.rows {
		for _, h := range l.pack.rows[i].texts() {
			if *h != 0 {
				*h += offset
			}
		}
	}
	l.used += len(text)
	return nil
}

// row takes one row of the pack, going from the newest to the oldest.
func (l *loader) row(i int) {
	r := l.pack.rows[i]
	newer, overtaken := l.later[r.ID]
	if overtaken {
		r = newer.over(r)
	}
	if what := l.pack.what[i]; what != added {
		l.later[r.ID] = overtaking{r, what == replaced || newer.whole}
		return
	}
	delete(l.later, r.ID)
	l.insertSkipped(r.ID)
	l.append(r)
}

// over puts the newer state over the older one.
func (o overtaking) over(r Row) Row {
	if o.whole {
		return o.row
	}
	r.takeJudgement(&o.row, o.row.Rule)
	return r
}

// append adds the next older row. IDs that do not fall are those of a file
// somebody made up; the table must stay sorted.
func (l *loader) append(r Row) {
	if r.ID < l.lowest {
		l.lowest = r.ID
		l.rows = append(l.rows, r)
	}
}

// insertSkipped adds the rows above id whose first record never reached the
// file, while a later one did.
func (l *loader) insertSkipped(id uint64) {
	if l.lowest-id <= 1 || l.looks > looksMax {
		return
	}
	l.looks += len(l.later)
	var skipped []Row
	for at, o := range l.later {
		if at > id && at < l.lowest {
			if o.whole {
				skipped = append(skipped, o.row)
			}
			delete(l.later, at)
		}
	}
	slices.SortFunc(skipped, func(a, b Row) int { return -1 * compareID(a, b) })
	for _, r := range skipped {
		l.append(r)
	}
}

func compareID(a, b Row) int {
	if a.ID < b.ID {
		return -1
	}
	return 1
}

// finishChunk puts the rows read so far in front of the table, and reports
// whether it takes more.
func (l *loader) finishChunk() (more bool) {
	slices.Reverse(l.rows)
	more = l.table.prepend(l.rows, l.own)
	l.rows, l.own, l.segment = l.rows[:0], nil, nil
	return more
}
