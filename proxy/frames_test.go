package proxy

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"corsdash/internal/exchange"
)

// appendFrame writes a frame (RFC 6455 section 5.2); long chooses the widest
// length, which is legal to read if not to send.
func appendFrame(b []byte, f exchange.Frame, masked, long bool) []byte {
	first := f.Opcode
	if f.Final {
		first |= 0x80
	}
	if f.Compressed {
		first |= 0x40
	}
	var mask byte
	if masked {
		mask = 0x80
	}
	n := len(f.Data)
	switch {
	case long || n > 0xffff:
		b = binary.BigEndian.AppendUint64(append(b, first, mask|127), uint64(n))
	case n > 125:
		b = binary.BigEndian.AppendUint16(append(b, first, mask|126), uint16(n))
	default:
		b = append(b, first, mask|byte(n))
	}
	if !masked {
		return append(b, f.Data...)
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	for i := range n {
		b = append(b, f.Data[i]^key[i&3])
	}
	return b
}

// scanned feeds the stream in pieces that end at the cuts.
func scanned(stream []byte, out bool, limit int, cuts ...int) *exchange.Socket {
	f := &flight{p: &Proxy{limit: limit}}
	f.draft.Reset(time.Now())
	f.draft.Upgraded()
	s := frameScanner{flight: f, out: out}
	from := 0
	for _, cut := range append(cuts, len(stream)) {
		s.scan(stream[from:cut])
		from = cut
	}
	x, err := f.draft.Encode(make([]byte, f.draft.Len())).Decode(-1)
	if err != nil {
		panic(err)
	}
	return x.Socket
}

var ignoreAt = cmpopts.IgnoreFields(exchange.Frame{}, "At")

func TestFramesAreFoundWhereverTheStreamIsCut(t *testing.T) {
	long := make([]byte, 300)
	want := []exchange.Frame{
		{Out: true, Opcode: 1, Final: true, Data: "hello"},
		{Out: true, Opcode: 9, Final: true},
		{Out: true, Opcode: 2, Compressed: true, Data: string(long)},
		{Out: true, Opcode: 0, Final: true, Data: "end"},
		{Out: true, Opcode: 8, Final: true, Data: "\x03\xe8"},
	}
	var stream []byte
	for i := range want {
		want[i].Size = int64(len(want[i].Data))
		stream = appendFrame(stream, want[i], i%2 == 0, i == 3)
	}
	for cut := range len(stream) {
		got := scanned(stream, true, 1<<20, cut, min(cut+3, len(stream)))
		if d := cmp.Diff(want, got.Frames, ignoreAt); d != "" || got.FramesOut != 5 || got.FramesIn != 0 {
			t.Fatalf("cut at %d: %+v\n%s", cut, got, d)
		}
	}
}

func TestFramesAreCountedBeyondTheLimit(t *testing.T) {
	var stream []byte
	for range 10 {
		stream = appendFrame(stream, exchange.Frame{Opcode: 2, Final: true, Data: string(make([]byte, 100))}, false, false)
	}
	got := scanned(stream, false, 150)
	if got.FramesIn != 10 || len(got.Frames) != 2 || len(got.Frames[0].Data) != 100 || len(got.Frames[1].Data) != 18 || got.Frames[1].Size != 100 {
		t.Errorf("%d counted, %d kept: %+v", got.FramesIn, len(got.Frames), got.Frames)
	}
}

// FuzzFrames compares the scanner with itself on the uncut stream, and with a
// plain reading of the frames.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(frameIn+closeIn), uint16(1), uint16(3))
	f.Add([]byte(frameOut+closeOut), uint16(4), uint16(9))
	f.Add([]byte("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), uint16(0), uint16(2))
	f.Add([]byte("\x82\x7e\x00\x03abc\x00\x00"), uint16(3), uint16(5))
	f.Fuzz(func(t *testing.T, stream []byte, a, b uint16) {
		i := min(int(a), len(stream))
		j := max(i, min(int(b), len(stream)))
		got := scanned(stream, false, 1<<16, i, j)
		want := plainFrames(stream)
		if d := cmp.Diff(want, got.Frames, ignoreAt, cmpopts.EquateEmpty()); d != "" || int(got.FramesIn) != len(want) {
			t.Errorf("%q cut at %d and %d: -want +got\n%s", stream, i, j, d)
		}
	})
}

// plainFrames reads whole frames from a whole stream.
func plainFrames(p []byte) (list []exchange.Frame) {
	for len(p) >= 2 {
		f := exchange.Frame{Opcode: p[0] & 15, Final: p[0]&0x80 != 0, Compressed: p[0]&0x40 != 0}
		n, masked := uint64(p[1]&0x7f), p[1]&0x80 != 0
		p = p[2:]
		switch {
		case n == 126 && len(p) >= 2:
			n, p = uint64(binary.BigEndian.Uint16(p)), p[2:]
		case n == 127 && len(p) >= 8:
			n, p = binary.BigEndian.Uint64(p), p[8:]
		case n >= 126:
			return list
		}
		var key [4]byte
		if masked && len(p) < 4 {
			return list
		} else if masked {
			key, p = [4]byte(p), p[4:]
		}
		if n > uint64(len(p)) {
			return list
		}
		data := make([]byte, n)
		for i := range data {
			data[i] = p[i] ^ key[i&3]
		}
		f.Size, f.Data, p = int64(n), string(data), p[n:]
		list = append(list, f)
	}
	return list
}
