package proxy

import (
	"errors"
	"io"
	"net"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// tunnelEnd is how long the other direction may go on after one has ended.
const tunnelEnd = 5 * time.Second

// tunnel joins the two connections after a 101. Bytes pass as they come; the
// frames are counted beside them.
func (f *flight) tunnel(u *upConn) {
	defer u.nc.Close()
	c, ok := f.client.(*conn)
	if !ok {
		f.refuse(502, exchange.Garbage, f.route.origin+" switched protocols on a request that cannot")
		return
	}
	f.prepare(&u.head, wire.Framing{})
	block := c.start(&f.answer, false)
	f.mu.Lock()
	d := &f.draft
	d.Upgraded()
	d.Response(f.answer.status, f.answer.reason, f.answer.proto, block)
	d.Proxy += time.Since(f.answered)
	f.uploaded = false // the tunnel reads from the client, nobody else may
	f.announced, f.dirty = time.Time{}, true
	f.announce(time.Now())
	f.mu.Unlock()
	c.closing = true
	if c.flush() != nil {
		f.lost()
		return
	}
	c.nc.SetReadDeadline(time.Time{})
	u.nc.SetReadDeadline(time.Time{})
	up := make(chan error, 1)
	go func() { up <- f.pump(u.nc, c.nc, c.br, true) }()
	down := f.pump(c.nc, u.nc, u.br, false)
	halfClose(c.nc)
	c.nc.SetReadDeadline(time.Now().Add(tunnelEnd))
	u.nc.SetWriteDeadline(time.Now().Add(tunnelEnd))
	f.endTunnel(<-up, down)
	c.framing()
}

// framing marks the connection as fully read: what followed the 101 was not
// HTTP.
func (c *conn) framing() { c.flight.in.framing = wire.Framing{Close: true} }

func (f *flight) endTunnel(up, down error) {
	if down != nil && !errors.Is(down, io.EOF) && !isTimeout(down) && !errors.Is(down, net.ErrClosed) {
		f.fail(exchange.Cut, "the upstream ended the connection ("+down.Error()+")")
	}
}

type reader interface {
	Read([]byte) (int, error)
	Buffered() int
}

// pump copies one direction until it ends, then passes the end on.
func (f *flight) pump(dst, src net.Conn, br reader, out bool) error {
	buf := takeScratch()
	defer giveScratch(buf)
	frames := frameScanner{out: out, flight: f}
	for {
		n, err := br.Read(*buf)
		if n > 0 {
			f.mu.Lock()
			frames.scan((*buf)[:n])
			f.dirty = true
			f.mu.Unlock()
			if _, werr := dst.Write((*buf)[:n]); werr != nil {
				src.SetReadDeadline(time.Now()) // nobody takes it any more
				return werr
			}
		}
		if err != nil {
			halfClose(dst)
			if out {
				// The client is done; what the upstream still says has a moment.
				dst.SetReadDeadline(time.Now().Add(tunnelEnd))
			}
			return err
		}
	}
}

func halfClose(nc net.Conn) {
	if h, ok := nc.(interface{ CloseWrite() error }); ok {
		h.CloseWrite()
		return
	}
	nc.Close()
}

// frameScanner follows WebSocket framing (RFC 6455 section 5.2) in a stream
// that is cut anywhere. It only looks.
type frameScanner struct {
	out     bool
	flight  *flight
	head    [14]byte // the frame head so far
	have    int
	left    int64 // payload bytes still to come
	masked  bool
	key     [4]byte
	at      int64 // payload bytes seen
	frame   exchange.Frame
	payload []byte
	kept    int  // payload bytes kept of all frames in this direction
	lost    bool // not WebSocket after all
}

// scan is called with the flight's lock held.
func (s *frameScanner) scan(p []byte) {
	for len(p) > 0 && !s.lost {
		if s.left == 0 && !s.inFrame() {
			p = s.takeHead(p)
			if s.inFrame() && s.left == 0 {
				s.finish()
			}
			continue
		}
		n := int(min(int64(len(p)), s.left))
		s.keep(p[:n])
		p = p[n:]
		if s.left -= int64(n); s.left == 0 {
			s.finish()
		}
	}
}

func (s *frameScanner) inFrame() bool { return s.have > 0 && s.have == s.headLen() }

// headLen is the length of the frame's head, as far as its first two bytes
// tell; 14 until they are there.
func (s *frameScanner) headLen() int {
	if s.have < 2 {
		return len(s.head)
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
	for len(p) > 0 {
		s.head[s.have] = p[0]
		s.have++
		p = p[1:]
		if n := s.headLen(); s.have == n {
			s.begin(n)
			break
		}
	}
	return p
}

func (s *frameScanner) begin(n int) {
	s.masked = s.head[1]&0x80 != 0
	size := int64(s.head[1] & 0x7f)
	switch size {
	case 126:
		size = int64(s.head[2])<<8 | int64(s.head[3])
	case 127:
		size = 0
		for _, b := range s.head[2:10] {
			size = size<<8 | int64(b)
		}
	}
	if size < 0 {
		s.lost = true
		return
	}
	if s.masked {
		copy(s.key[:], s.head[n-4:n])
	}
	s.left, s.at = size, 0
	s.frame = exchange.Frame{
		Out: s.out, Opcode: s.head[0] & 0x0f, Final: s.head[0]&0x80 != 0, Compressed: s.head[0]&0x40 != 0,
		At: time.Since(s.flight.begun), Size: size,
	}
	s.payload = s.payload[:0]
}

func (s *frameScanner) keep(p []byte) {
	room := s.flight.p.limit - s.kept - len(s.payload)
	for i, b := range p[:max(0, min(len(p), room))] {
		if s.masked {
			b ^= s.key[(s.at+int64(i))&3]
		}
		s.payload = append(s.payload, b)
	}
	s.at += int64(len(p))
}

// finish counts the frame, and records it while there is room.
func (s *frameScanner) finish() {
	d := &s.flight.draft
	if s.out {
		d.FramesOut++
	} else {
		d.FramesIn++
	}
	if s.kept < s.flight.p.limit {
		d.Frame(s.frame, s.payload)
		s.kept += len(s.payload) + 32 // a frame without payload takes room as well
	}
	s.have = 0
}
