package session

import (
	"bytes"
	"testing"

	"corsdash/internal/exchange"
)

func somePack() *pack {
	p := new(pack)
	p.reset()
	for id := uint64(1); id <= 20; id++ {
		res := resultOf(id, "/x?y=1")
		r, f := rowOf(res)
		p.add(r, f, packed(id%2))
	}
	p.rejudge(Row{ID: 99}, "rule")
	return p
}

// FuzzPack: what decodes can be shown and encodes to what decodes to the same.
func FuzzPack(f *testing.F) {
	whole := somePack().encode(nil)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{packVersion, 0xff, 0xff, 0xff, 0xff, 0x0f, 2, 0, 0})
	f.Fuzz(func(t *testing.T, src []byte) {
		var p, q pack
		if p.decode(src) != nil {
			return
		}
		for _, r := range p.rows {
			for _, h := range r.texts() {
				p.string(*h)
			}
			r.Role()
			r.Severity()
			r.Outcome()
		}
		if err := q.decode(p.encode(nil)); err != nil {
			t.Fatal("encoded again it does not decode:", err)
		}
		if len(p.rows) != len(q.rows) || !bytes.Equal(p.text, q.text) {
			t.Fatal("encoded again it is another pack")
		}
		for i := range p.rows {
			if p.rows[i] != q.rows[i] || p.what[i] != q.what[i] {
				t.Fatalf("row %d: %+v, then %+v", i, p.rows[i], q.rows[i])
			}
		}
	})
}

// FuzzBlock: a hostile block gives exchanges or an error, in bounded memory.
func FuzzBlock(f *testing.F) {
	b := newBlock()
	b.reset()
	var d exchange.Draft
	for n := range 3 {
		typical(&d, n, uniqueJSON(n, 3000))
		d.ID = uint64(n + 1)
		buf := make([]byte, d.Len())
		x, err := d.Encode(buf).Decode(-1)
		if err != nil {
			f.Fatal(err)
		}
		b.add(x, &d)
	}
	whole, err := b.encode(nil, func(body []byte) (uint64, error) { return uint64(len(body) % 2), nil })
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-100])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := readBlock(src)
		if err != nil {
			return
		}
		for {
			rec, bodies, ok, err := r.record()
			if err != nil || !ok {
				return
			}
			x, err := rec.Decode(-1)
			if err != nil {
				continue
			}
			if err := putBack(x, bodies, func(uint64) (string, error) { return "", nil }); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzUnpack: what is unpacked is what was packed, anything else is an error.
func FuzzUnpack(f *testing.F) {
	p, err := newPress()
	if err != nil {
		f.Fatal(err)
	}
	u, err := newUnpress()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("something to pack, something to pack"), true)
	f.Add([]byte("something to pack, something to pack"), false)
	f.Add([]byte{codecZstd, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff}, true)
	f.Add([]byte{codecS2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}, false)
	f.Fuzz(func(t *testing.T, src []byte, quick bool) {
		packed := p.pack(nil, src, quick)
		got, err := u.unpack(nil, packed)
		if err != nil || !bytes.Equal(got, src) {
			t.Fatalf("%d bytes came back as %d, %v", len(src), len(got), err)
		}
		packed[len(packed)-1] ^= 1
		if got, err := u.unpack(nil, packed); err == nil && !bytes.Equal(got, src) {
			t.Fatal("a damaged part was unpacked")
		}
		u.unpack(nil, src)
	})
}

// FuzzRing: whatever is added and read in whatever order, a record comes out
// whole or not at all.
func FuzzRing(f *testing.F) {
	f.Add([]byte{1, 200, 3, 255, 0, 255, 255, 255})
	f.Fuzz(func(t *testing.T, sizes []byte) {
		r := newRing(minMemory)
		type added struct {
			id uint64
			at place
		}
		var all []added
		next := uint64(1)
		for i, size := range sizes {
			var d exchange.Draft
			draftOf(&d, "/", bytes.Repeat([]byte{size}, int(size)*70))
			r.add(&d)
			if i%3 == 0 { // the consumer comes round
				from, to, _ := r.pending(nil)
				for from < to {
					rec, at, after := r.at(from)
					if rec.ID() != next {
						t.Fatalf("consumed %d instead of %d", rec.ID(), next)
					}
					all = append(all, added{rec.ID(), placeOf(at)})
					from, next = after, next+1
				}
				r.release(to)
			}
		}
		for _, a := range all {
			rec, ok := r.read(a.at, a.id)
			if !ok {
				continue
			}
			x, err := rec.Decode(-1)
			if err != nil || x.ID != a.id {
				t.Fatalf("exchange %d: %v", a.id, err)
			}
			if b := x.Response.Body.Data; len(b) > 0 && b[0] != b[len(b)-1] {
				t.Fatalf("exchange %d was overwritten in part", a.id)
			}
		}
	})
}
