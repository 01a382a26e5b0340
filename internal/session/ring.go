package session

import (
	"encoding/binary"
	"sync"

	"corsdash/internal/exchange"
)

// recordAlign keeps record starts on multiples of 8, so that a row can name a
// place in the ring in 32 bits (see place).
const recordAlign = 8

// ring holds the newest records, complete, in the order they came. Positions
// count bytes from the session's start and never wrap; the byte of position p
// lies at p modulo the ring's size. What lies between done and head waits for
// the consumer and is never overwritten; what lies before it is kept until the
// ring comes round again.
type ring struct {
	mu     sync.Mutex
	mem    *memory
	size   uint64
	head   uint64 // end of what is written
	done   uint64 // start of what the consumer has not seen
	idle   bool   // the consumer sleeps and wants a wake-up
	closed bool
	lastID uint64
	shed   uint64   // exchanges dropped for want of room
	bytes  uint64   // all bytes ever written
	cut    []uint64 // IDs of open exchanges whose end was shed
	wake   chan struct{}
}

// newRing allocates a ring of about size bytes.
func newRing(size int) *ring {
	size = max(size, minMemory) &^ (recordAlign - 1)
	return &ring{
		mem: allocate(size), size: uint64(size), idle: true,
		wake: make(chan struct{}, 1), cut: make([]uint64, 0, 256),
	}
}

// add copies the draft's record into the ring. Without room before the
// consumer's position, or when the record would take more than a quarter of
// the ring, it drops the exchange and counts it.
func (r *ring) add(d *exchange.Draft) {
	n := d.Len()
	r.mu.Lock()
	defer r.mu.Unlock()
	need := aligned(uint64(n))
	at, ok := r.room(need)
	if !ok {
		r.drop(d)
		return
	}
	if d.ID == 0 {
		d.ID = r.lastID + 1
	}
	r.lastID = max(r.lastID, d.ID)
	off := at % r.size
	d.Encode(r.mem.bytes[off : off+uint64(n)])
	r.head = at + need
	r.bytes += uint64(n)
	if r.idle {
		r.idle = false
		r.signal()
	}
}

// room finds the position for n contiguous bytes and marks what it skips.
func (r *ring) room(n uint64) (at uint64, ok bool) {
	if r.closed || n > r.size/4 {
		return 0, false
	}
	at = r.head
	if left := r.size - at%r.size; left < n {
		at += left
	}
	if at+n-r.done > r.size {
		return 0, false
	}
	if at != r.head {
		binary.LittleEndian.PutUint32(r.mem.bytes[r.head%r.size:], 0)
	}
	return at, true
}

// drop counts an exchange that found no room. One that is known as open will
// never be heard of again; its ID is passed on, so that its row can say so.
func (r *ring) drop(d *exchange.Draft) {
	r.shed++
	if d.ID != 0 && !d.Open && len(r.cut) < cap(r.cut) {
		r.cut = append(r.cut, d.ID)
	}
}

func (r *ring) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// pending returns what waits for the consumer, and the IDs in cut, which it
// appends to ids. When nothing waits, the next add sends a wake-up.
func (r *ring) pending(ids []uint64) (from, to uint64, cut []uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids = append(ids, r.cut...)
	r.cut = r.cut[:0]
	r.idle = r.done == r.head
	return r.done, r.head, ids
}

// at returns the record at or after pos and the position behind it. pos must
// lie in what pending returned. The record is the ring's own memory, good
// until release passes it.
func (r *ring) at(pos uint64) (rec exchange.Record, start, next uint64) {
	off := pos % r.size
	n := uint64(binary.LittleEndian.Uint32(r.mem.bytes[off:]))
	if n == 0 {
		pos += r.size - off
		off, n = 0, uint64(binary.LittleEndian.Uint32(r.mem.bytes))
	}
	return exchange.Record(r.mem.bytes[off : off+n : off+n]), pos, pos + aligned(n)
}

// release lets add overwrite what lies before pos.
func (r *ring) release(pos uint64) {
	r.mu.Lock()
	r.done = pos
	r.mu.Unlock()
}

// copyPiece is how much read copies under one lock: a long body must not hold
// up the proxy.
const copyPiece = 64 << 10

// read copies the record of that ID out of the ring, if it is still there.
func (r *ring) read(p place, id uint64) (exchange.Record, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pos, ok := r.resolve(p)
	if !ok {
		return nil, false
	}
	off := pos % r.size
	rec, _, err := exchange.Next(r.mem.bytes[off:])
	if err != nil || rec.ID() != id {
		return nil, false
	}
	out := make([]byte, 0, len(rec))
	for {
		piece := rec[len(out):min(len(rec), len(out)+copyPiece)]
		if out = append(out, piece...); len(out) == len(rec) {
			return out, true
		}
		r.mu.Unlock()
		r.mu.Lock()
		if r.head-pos > r.size {
			return nil, false
		}
	}
}

// place is a position in the ring cut down to 32 bits, in units of
// recordAlign. It is good for 32 GB of traffic; read checks the record's ID,
// so an older one cannot be mistaken.
type place uint32

func placeOf(pos uint64) place { return place(pos / recordAlign) }

// resolve finds the newest position of that place that is still in the ring.
func (r *ring) resolve(p place) (pos uint64, ok bool) {
	back := uint64(uint32(r.head/recordAlign)-uint32(p)) * recordAlign
	if back == 0 || back > r.size || back > r.head {
		return 0, false
	}
	return r.head - back, true
}

func (r *ring) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
}

func aligned(n uint64) uint64 { return (n + recordAlign - 1) &^ (recordAlign - 1) }
