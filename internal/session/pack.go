package session

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"unsafe"

	"corsdash/internal/exchange"
)

// pack holds the rows that a block added or changed, with their strings. It is
// what a saved session's list is read back from: decoding a row costs tens of
// nanoseconds, where reading it from a table would cost microseconds.
//
// The strings lie one behind the other as in a segment of texts, and a row's
// handles are offsets into them. To load a pack is to copy its strings into a
// segment and to add the offset they got to every handle.
type pack struct {
	rows   []Row
	what   []packed // beside each row
	text   []byte
	recent [512]Text // direct-mapped by hash, to find strings again
}

// packed says what a pack's row is to the rows that came before.
type packed uint8

const (
	added    packed = iota // the exchange's first record is in this block
	replaced               // a later record of a known exchange is in this block
	rejudged               // only what Row.judge sets counts; the record is in an older block
)

// maxPackText keeps a pack's strings well below a segment.
const maxPackText = segmentSize / 2

func (p *pack) reset() {
	p.rows, p.what = p.rows[:0], p.what[:0]
	p.text = append(p.text[:0], 0, 0) // offset 0 is the handle 0
	clear(p.recent[:])
}

// add puts a row in. A pack has one row at most of an exchange.
func (p *pack) add(r Row, f facts, what packed) {
	r.place = 0
	r.setTexts(p, f, &Row{})
	if what == replaced {
		if i := p.find(r.ID); i >= 0 {
			p.rows[i], p.what[i] = r, min(p.what[i], replaced)
			return
		}
	}
	p.rows, p.what = append(p.rows, r), append(p.what, what)
}

// find looks for an exchange's row, from the end, where it mostly is.
func (p *pack) find(id uint64) int {
	for i := len(p.rows) - 1; i >= 0; i-- {
		if p.rows[i].ID == id {
			return i
		}
	}
	return -1
}

// rejudge notes a later diagnosis. r is the exchange's row, rule its rule.
func (p *pack) rejudge(r Row, rule string) {
	h := p.keep(0, rule)
	if i := p.find(r.ID); i >= 0 {
		p.rows[i].takeJudgement(&r, h)
		return
	}
	judged := Row{ID: r.ID, Started: r.Started}
	judged.takeJudgement(&r, h)
	p.rows, p.what = append(p.rows, judged), append(p.what, rejudged)
}

// takeJudgement copies what judge set.
func (r *Row) takeJudgement(from *Row, rule Text) {
	r.attempt, r.role, r.severity, r.outcome, r.Rule = from.attempt, from.role, from.severity, from.outcome, rule
}

// keep returns the handle of a string.
func (p *pack) keep(_ Text, s string) Text {
	if s == "" {
		return 0
	}
	s, cut := shorten(s)
	slot := &p.recent[maphash.String(packSeed, s)%uint64(len(p.recent))]
	if *slot == 0 || p.string(*slot) != s+cut {
		*slot = Text(len(p.text))
		p.text = binary.LittleEndian.AppendUint16(p.text, uint16(len(s)+len(cut)))
		p.text = append(append(p.text, s...), cut...)
	}
	return *slot
}

var packSeed = maphash.MakeSeed()

// string reads a string of the pack without copying it, good until reset. The
// handle must have been checked.
func (p *pack) string(h Text) string {
	if h == 0 {
		return ""
	}
	n := binary.LittleEndian.Uint16(p.text[h:])
	return unsafe.String(unsafe.SliceData(p.text[int(h)+textHead:]), int(n))
}

// texts lists the handles of a row, for what is done to all of them.
func (r *Row) texts() [9]*Text {
	return [...]*Text{&r.Method, &r.Host, &r.Target, &r.Upstream, &r.Origin, &r.Referer, &r.Mime, &r.Client, &r.Rule}
}

// packVersion is the first byte of an encoded pack. After it, all as uvarints:
// how many rows, how many bytes of text; then the words of each row; then the
// text as it is.
const packVersion = 1

// words is a row as numbers, the order of which is the format. ID and start
// are told as the difference from the row before, zigzag.
type words [23]uint64

func (r *Row) words(what packed, before *Row) words {
	w := words{
		uint64(what), zigzag(r.ID - before.ID), zigzag(uint64(r.Started - before.Started)),
		uint64(r.took), uint64(r.request), uint64(r.response), uint64(r.attempt),
		uint64(r.Status), uint64(r.Source), uint64(r.Class), uint64(r.role),
		uint64(r.severity), uint64(r.outcome), uint64(r.Flags),
	}
	for i, h := range r.texts() {
		w[14+i] = uint64(*h)
	}
	return w
}

// row is the way back. It does not check what the numbers mean.
func (w *words) row(before *Row) (r Row, what packed) {
	r = Row{
		ID: before.ID + unzigzag(w[1]), Started: before.Started + int64(unzigzag(w[2])),
		took: approx(w[3]), request: approx(w[4]), response: approx(w[5]), attempt: uint32(w[6]),
		Status: uint16(w[7]), Source: exchange.Source(w[8]), Class: exchange.Class(w[9]), role: uint8(w[10]),
		severity: uint8(w[11]), outcome: uint8(w[12]), Flags: Flags(w[13]),
	}
	for i, h := range r.texts() {
		*h = Text(w[14+i])
	}
	return r, packed(w[0])
}

func zigzag(v uint64) uint64   { return v<<1 ^ uint64(int64(v)>>63) }
func unzigzag(v uint64) uint64 { return v>>1 ^ -(v & 1) }

// encode appends the pack to dst.
func (p *pack) encode(dst []byte) []byte {
	dst = append(dst, packVersion)
	dst = binary.AppendUvarint(dst, uint64(len(p.rows)))
	dst = binary.AppendUvarint(dst, uint64(len(p.text)))
	before := &Row{}
	for i := range p.rows {
		for _, w := range p.rows[i].words(p.what[i], before) {
			dst = binary.AppendUvarint(dst, w)
		}
		before = &p.rows[i]
	}
	return append(dst, p.text...)
}

var errPack = errors.New("the list of exchanges cannot be read")

// decode reads an encoded pack into p. The pack may come from a hostile file:
// every handle and number of the result is good to use.
func (p *pack) decode(src []byte) error {
	p.reset()
	if len(src) == 0 || src[0] != packVersion {
		return errPack
	}
	in := cursor{src[1:]}
	rows, text := in.uvarint(), in.uvarint()
	if rows > uint64(len(src)/len(words{})) || text < textHead || text >= segmentSize || text > uint64(len(src)) {
		return errPack
	}
	body := in.left[:max(0, len(in.left)-int(text))]
	p.text = append(p.text[:0], in.left[len(body):]...)
	in.left = body
	before := &Row{}
	for range rows {
		var w words
		for i := range w {
			w[i] = in.uvarint()
		}
		r, what := w.row(before)
		if !p.sound(&r, what) {
			return errPack
		}
		p.rows, p.what = append(p.rows, r), append(p.what, what)
		before = &p.rows[len(p.rows)-1]
	}
	if len(in.left) != 0 || len(p.text) != int(text) {
		return errPack
	}
	return nil
}

// sound reports whether a row out of a file can be shown.
func (p *pack) sound(r *Row, what packed) bool {
	if r.ID == 0 || what > rejudged || int(r.role) >= len(roles) ||
		int(r.severity) >= len(severities) || int(r.outcome) >= len(outcomes) {
		return false
	}
	for _, h := range r.texts() {
		if int(*h)+textHead > len(p.text) ||
			int(*h)+textHead+int(binary.LittleEndian.Uint16(p.text[*h:])) > len(p.text) {
			return false
		}
	}
	return true
}

// cursor reads numbers from bytes that may end anywhere.
type cursor struct{ left []byte }

// uvarint returns the next number; a broken one is 0 and ends the bytes.
func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.left)
	if n <= 0 {
		c.left = nil
		return 0
	}
	c.left = c.left[n:]
	return v
}
