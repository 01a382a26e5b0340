package session

import (
	"encoding/binary"
	"errors"
	"slices"

	"corsdash/internal/exchange"
)

// A block is a run of records as it goes into the file: at most blockRecords
// of them, or blockBytes of their bytes. Bodies of looseBody bytes and more
// are taken out of their records, so that the writer can store a body that
// keeps coming back only once.
const (
	blockRecords = 256
	blockBytes   = 512 << 10
	looseBody    = 2 << 10
)

// block is a block being filled, with the rows that go with it. It is reused,
// and lies outside the Go heap: a few MB that stay in use would let the heap
// grow by a multiple.
type block struct {
	mem     *memory
	pack    pack
	records []byte
	count   int
	loose   []loose
	bodies  []byte // one behind the other, in the order of loose
	hurried bool   // handed on because it was full: more than 5 MB or 2,560 exchanges a second come in
}

// loose is a body that was taken out of its record.
type loose struct {
	record   int // number of the record in the block
	response bool
	from, to int    // in bodies
	id       uint64 // in the table of bodies, set by encode
}

// recordsRoom and bodiesRoom are what a block has room for before it must use
// the Go heap. It takes an unusual exchange to get there.
const (
	recordsRoom = blockBytes
	bodiesRoom  = blockBytes + 300<<10
)

func newBlock() *block { return &block{mem: allocate(recordsRoom + bodiesRoom)} }

func (b *block) reset() {
	b.pack.reset()
	b.records = b.mem.bytes[:0:recordsRoom]
	b.bodies = b.mem.bytes[recordsRoom:recordsRoom]
	b.count, b.loose, b.hurried = 0, b.loose[:0], false
}

func (b *block) size() int {
	return len(b.records) + len(b.bodies) + len(b.pack.text) + len(b.pack.rows)*rowSize
}

func (b *block) full() bool {
	b.hurried = len(b.pack.rows) >= blockRecords || len(b.records)+len(b.bodies) >= blockBytes
	return b.hurried || len(b.pack.text) >= maxPackText
}

// add appends the exchange's record, built in d.
func (b *block) add(x *exchange.Exchange, d *exchange.Draft) {
	if len(x.Request.Body.Data) >= looseBody {
		y := *x
		b.takeOut(&y.Request.Body, false)
		x = &y
	}
	if x.Response != nil && len(x.Response.Body.Data) >= looseBody {
		y, response := *x, *x.Response
		b.takeOut(&response.Body, true)
		y.Response = &response
		x = &y
	}
	d.Reset(x.Timing.Started)
	d.Load(x)
	from, n := len(b.records), d.Len()
	b.records = slices.Grow(b.records, n)[:from+n]
	d.Encode(b.records[from:])
	b.count++
}

func (b *block) takeOut(body *exchange.Body, response bool) {
	from := len(b.bodies)
	b.bodies = append(b.bodies, body.Data...)
	b.loose = append(b.loose, loose{record: b.count, response: response, from: from, to: len(b.bodies)})
	body.Data = ""
}

// encode appends the block as it is compressed. place says for each loose body
// under which ID it is stored in the table of bodies, 0 for in the block. The
// layout: uvarint count of loose bodies; for each uvarint record*2+response,
// uvarint ID, uvarint size; uvarint size of the records; the records; the
// bodies with ID 0, in order.
func (b *block) encode(dst []byte, place func(body []byte) (id uint64, err error)) ([]byte, error) {
	dst = binary.AppendUvarint(dst, uint64(len(b.loose)))
	for i := range b.loose {
		l := &b.loose[i]
		var err error
		if l.id, err = place(b.bodies[l.from:l.to]); err != nil {
			return nil, err
		}
		key := uint64(l.record) << 1
		if l.response {
			key |= 1
		}
		dst = binary.AppendUvarint(dst, key)
		dst = binary.AppendUvarint(dst, l.id)
		dst = binary.AppendUvarint(dst, uint64(l.to-l.from))
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.records)))
	dst = append(dst, b.records...)
	for _, l := range b.loose {
		if l.id == 0 {
			dst = append(dst, b.bodies[l.from:l.to]...)
		}
	}
	return dst, nil
}

// blockReader walks over the records of an encoded block.
type blockReader struct {
	records []byte
	next    int // number of the next record
	bodies  []storedBody
}

// storedBody is where a record's loose body is: in data or in the table of
// bodies under id.
type storedBody struct {
	record   int
	response bool
	id       uint64
	data     []byte
}

var errBlock = errors.New("a block of exchanges cannot be read")

// readBlock checks the frame of an encoded block; src must stay as it is.
func readBlock(src []byte) (*blockReader, error) {
	in := cursor{src}
	n := in.uvarint()
	if n > uint64(len(src)/3) {
		return nil, errBlock
	}
	r := &blockReader{bodies: make([]storedBody, n)}
	sizes := make([]uint64, n)
	for i := range r.bodies {
		key := in.uvarint()
		r.bodies[i] = storedBody{record: int(key >> 1), response: key&1 != 0, id: in.uvarint()}
		sizes[i] = in.uvarint()
	}
	var ok bool
	if r.records, ok = in.take(in.uvarint()); !ok {
		return nil, errBlock
	}
	for i := range r.bodies {
		if r.bodies[i].id != 0 {
			continue
		}
		if r.bodies[i].data, ok = in.take(sizes[i]); !ok {
			return nil, errBlock
		}
	}
	if len(in.left) != 0 {
		return nil, errBlock
	}
	return r, nil
}

// take cuts n bytes off.
func (c *cursor) take(n uint64) (b []byte, ok bool) {
	if n > uint64(len(c.left)) {
		return nil, false
	}
	b, c.left = c.left[:n:n], c.left[n:]
	return b, true
}

// record returns the next record and where its loose bodies are, or false at
// the end.
func (r *blockReader) record() (rec exchange.Record, bodies []storedBody, ok bool, err error) {
	if len(r.records) == 0 {
		return nil, nil, false, nil
	}
	if rec, r.records, err = exchange.Next(r.records); err != nil {
		return nil, nil, false, err
	}
	from := 0
	for from < len(r.bodies) && r.bodies[from].record < r.next {
		from++
	}
	to := from
	for to < len(r.bodies) && r.bodies[to].record == r.next {
		to++
	}
	bodies, r.bodies = r.bodies[from:to], r.bodies[to:]
	r.next++
	return rec, bodies, true, nil
}

// putBack gives a decoded exchange the bodies that were taken out of its record.
func putBack(x *exchange.Exchange, bodies []storedBody, load func(id uint64) (string, error)) error {
	for _, b := range bodies {
		data := string(b.data)
		if b.id != 0 {
			var err error
			if data, err = load(b.id); err != nil {
				return err
			}
		}
		if !b.response {
			x.Request.Body.Data = data
		} else if x.Response != nil {
			x.Response.Body.Data = data
		}
	}
	return nil
}
