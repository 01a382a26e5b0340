package session

import (
	"encoding/binary"
	"hash/maphash"
	"unsafe"
)

// Text is a handle to a string of a row, 0 for the empty string. Equal
// handles are equal strings; different handles may be equal strings too.
// Resolve it with Rows.Text or, without copying, with Page.Text.
type Text uint32

const (
	segmentBits = 20
	segmentSize = 1 << segmentBits
	segmentMax  = 1 << (32 - segmentBits)
	recentSlots = 1 << 14
	textHead    = 2 // u16 length before the bytes

	// maxText is how much of a string a row keeps, in bytes. Whole URLs are
	// in the exchange.
	maxText = 2048
	textCut = "…"
)

// texts stores the strings of rows, outside the Go heap, in segments of 1 MB.
// A handle is a segment's number and an offset in it. Strings are only ever
// added; a segment goes when the chunk of rows it was started for goes.
//
// Repeated strings are found again through a direct-mapped table, which keeps
// its size however many strings there are.
type texts struct {
	segments [segmentMax]*memory
	next     uint32 // the segment to claim next, if it is free
	last     uint32 // the segment being filled
	used     int    // bytes used in it, 0 when there is none
	live     int    // how many segments there are
	recent   [recentSlots]Text
	seed     maphash.Seed
}

func newTexts() *texts { return &texts{seed: maphash.MakeSeed()} }

// get returns the string of a handle without copying it. The handle of a
// segment that is gone gives "".
func (t *texts) get(h Text) string {
	m := t.segments[h>>segmentBits]
	if h == 0 || m == nil {
		return ""
	}
	off := int(h & (segmentSize - 1))
	n := int(binary.LittleEndian.Uint16(m.bytes[off:]))
	return unsafe.String(unsafe.SliceData(m.bytes[off+textHead:]), n)
}

// keep returns a handle for the string: old if that is its handle, one given
// out lately, or a new one, for which there must be room.
func (t *texts) keep(old Text, s string) Text {
	if s == "" {
		return 0
	}
	s, cut := shorten(s)
	if old != 0 && t.get(old) == s+cut {
		return old
	}
	slot := &t.recent[maphash.String(t.seed, s)%recentSlots]
	if *slot != 0 && t.get(*slot) == s+cut {
		return *slot
	}
	*slot = t.append(s, cut)
	return *slot
}

// fits reports whether n more bytes fit into the segment being filled.
func (t *texts) fits(n int) bool { return t.used != 0 && t.used+n <= segmentSize }

func (t *texts) append(s, cut string) Text {
	b := t.segments[t.last].bytes[t.used:]
	n := copy(b[textHead:], s)
	n += copy(b[textHead+n:], cut)
	binary.LittleEndian.PutUint16(b, uint16(n))
	h := Text(t.last<<segmentBits | uint32(t.used))
	t.used += textHead + n
	return h
}

// grow starts a new segment to append to and returns its number.
func (t *texts) grow() (segment uint32) {
	t.last = t.claim()
	t.used = textHead // offset 0 of segment 0 would be the handle 0
	return t.last
}

// claim allocates a segment. Numbers are given out in turn, so that the handle
// of a dropped row gives "" for a long time before it can mean another string.
// There are far more numbers than maxRowText allows segments.
func (t *texts) claim() (segment uint32) {
	for t.segments[t.next] != nil {
		t.next = (t.next + 1) % segmentMax
	}
	segment, t.next = t.next, (t.next+1)%segmentMax
	t.segments[segment] = allocate(segmentSize)
	t.live++
	return segment
}

// forget makes find blind for what was added so far, so that the next chunk of
// rows does not lean on the segments of an older one.
func (t *texts) forget() { t.recent = [recentSlots]Text{} }

func (t *texts) free(segment uint32) {
	t.segments[segment] = nil
	t.live--
}

// shorten cuts a string to what a row keeps, and says what to put behind it.
func shorten(s string) (kept, cut string) {
	if len(s) <= maxText {
		return s, ""
	}
	return s[:maxText-len(textCut)], textCut
}
