package proxy

import (
	"time"

	"corsdash/internal/exchange"
)

// frameScanner follows WebSocket framing (RFC 6455 section 5.2) in a stream
// that is cut anywhere. It only looks.
type frameScanner struct {
	flight *flight
	out    bool
	opaque bool // not WebSocket, or not any more

	head [14]byte // the frame head so far
	have int
	left int64 // payload bytes still to come
	key  [4]byte
	at   int64 // payload bytes seen

	frame    exchange.Frame
	payload  []byte
	masked   bool
	kept     int  // room taken by the frames recorded in this direction
	farewell bool // a close frame has passed
}

// frameCost is the room a frame takes beside its payload.
const frameCost = 32

// scan is called with the flight's lock held.
func (s *frameScanner) scan(p []byte) {
	for len(p) > 0 && !s.opaque {
		if !s.inFrame() {
			if p = s.takeHead(p); !s.inFrame() || s.opaque {
				return
			}
		}
		n := min(int64(len(p)), s.left)
		s.keep(p[:n])
		p = p[n:]
		if s.left -= n; s.left == 0 {
			s.finish()
		}
	}
}

func (s *frameScanner) inFrame() bool { return s.have == s.headLen() }

// headLen is the length of the frame's head, as far as its first two bytes
// tell; more than there can be until they are there.
func (s *frameScanner) headLen() int {
	if s.have < 2 {
		return len(s.head) + 1
	}
	n := 2
	switch s.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if s.head[1]&0x80 != 0 {
		n += 4
	}
	return n
}

func (s *frameScanner) takeHead(p []byte) []byte {
	for len(p) > 0 && !s.inFrame() {
		s.head[s.have] = p[0]
		s.have++
		p = p[1:]
	}
	if s.inFrame() {
		s.begin()
	}
	return p
}

func (s *frameScanner) begin() {
	first, second := s.head[0], s.head[1]
	size := int64(second & 0x7f)
	switch size {
	case 126:
		size = int64(s.head[2])<<8 | int64(s.head[3])
	case 127:
		size = 0
		for _, b := range s.head[2:10] {
			size = size<<8 | int64(b)
		}
	}
	if s.opaque = size < 0; s.opaque {
		return
	}
	if s.masked = second&0x80 != 0; s.masked {
		copy(s.key[:], s.head[s.have-4:s.have])
	}
	s.left, s.at = size, 0
	s.payload = s.payload[:0]
	s.frame = exchange.Frame{Out: s.out, Opcode: first & 0x0f, Final: first&0x80 != 0, Compressed: first&0x40 != 0, Size: size}
	if s.room() > 0 {
		s.frame.At = time.Since(s.flight.begun)
	}
}

func (s *frameScanner) room() int { return s.flight.p.limit - s.kept }

// keep records what there is room for, unmasked.
func (s *frameScanner) keep(p []byte) {
	room := max(s.room()-len(s.payload), 0)
	from := len(s.payload)
	s.payload = append(s.payload, p[:min(len(p), room)]...)
	if s.masked {
		for i := range s.payload[from:] {
			s.payload[from+i] ^= s.key[(s.at+int64(i))&3]
		}
	}
	s.at += int64(len(p))
}

// finish counts the frame, and records it while there is room.
func (s *frameScanner) finish() {
	const closeFrame = 8
	d := &s.flight.draft
	if s.out {
		d.FramesOut++
	} else {
		d.FramesIn++
	}
	s.farewell = s.farewell || s.frame.Opcode == closeFrame
	if s.room() > 0 {
		d.Frame(s.frame, s.payload)
		s.kept += len(s.payload) + frameCost
	}
	s.have = 0
}
