package proxy

import (
	"bufio"
	"net"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// tunnelEnd is how long one direction may go on after the other has ended.
const tunnelEnd = 5 * time.Second

// tunnel joins the two connections after a 101. Bytes pass as they come; the
// frames are counted beside them.
func (f *flight) tunnel(u *upConn) {
	defer u.Close()
	c := f.client.(*conn) // wantsUpgrade has seen to that
	f.endWatch()
	f.prepare(&u.head, wire.Framing{})
	block := c.start(&f.answer, false)
	f.mu.Lock()
	d := &f.draft
	d.Upgraded()
	d.Response(f.answer.status, f.answer.reason, f.answer.proto, block)
	d.Proxy += time.Since(f.answered)
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
	protocol, _ := f.in.head.Get("upgrade")
	opaque := !wire.HasToken(protocol, "websocket")
	ends := make(chan *pump, 2)
	for _, p := range [...]*pump{
		{dst: u.nc, src: c.nc, br: c.br, frames: frameScanner{flight: f, out: true, opaque: opaque}},
		{dst: c.nc, src: u.nc, br: u.br, frames: frameScanner{flight: f, opaque: opaque}},
	} {
		go func() {
			p.run()
			ends <- p
		}()
	}
	first, second := <-ends, <-ends
	f.noteEnd(first, first.frames.farewell || second.frames.farewell || opaque)
}

// noteEnd records how a socket ended. A WebSocket ends with a close frame (RFC
// 6455 section 7.1.2); without one, somebody fell over.
func (f *flight) noteEnd(first *pump, fair bool) {
	switch {
	case f.p.flights.cutting.Load():
		f.gone("while the socket was open")
	case fair && !isReset(first.err):
	case first.frames.out:
		f.gone("without a close frame")
	default:
		f.fail(exchange.Cut, "the upstream ended the connection without a close frame ("+first.err.Error()+")")
	}
}

// pump is one direction of a tunnel.
type pump struct {
	dst, src net.Conn
	br       *bufio.Reader // of src
	frames   frameScanner
	err      error // how it ended
}

// run copies until this direction ends, passes the end on, and leaves the
// other direction a moment.
func (p *pump) run() {
	p.err = p.copy()
	halfClose(p.dst)
	end := time.Now().Add(tunnelEnd)
	p.dst.SetReadDeadline(end)
	p.src.SetWriteDeadline(end)
}

// copy uses the connection's own buffer, so that a thousand idle sockets cost
// no more than a thousand idle connections.
func (p *pump) copy() error {
	f := p.frames.flight
	for {
		if _, err := p.br.Peek(1); err != nil {
			return err
		}
		piece, _ := p.br.Peek(p.br.Buffered())
		f.mu.Lock()
		p.frames.scan(piece)
		f.dirty = true
		f.mu.Unlock()
		if _, err := p.dst.Write(piece); err != nil {
			return err
		}
		p.br.Discard(len(piece))
	}
}
