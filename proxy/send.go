package proxy

import (
	"errors"
	"net"
	"os"
	"time"

	"corsdash/internal/wire"
)

// A connection as the client side of an exchange.

func (c *conn) interim(status int, reason []byte, lines []wire.Line) error {
	if c.flight.in.head.Minor() == 0 {
		return nil // HTTP/1.0 knows no interim answers
	}
	c.w.StatusLine(status, reason)
	for i := range lines {
		c.w.Raw(lines[i].Raw)
	}
	c.w.AppendString("\r\n")
	return c.w.Flush()
}

// start adapts the framing: an HTTP/1.0 client knows no chunks, and an answer
// that would end with its connection is chunked, so that its end can be told
// from a cut.
func (c *conn) start(a *answer, last bool) (block []byte) {
	old := c.flight.in.head.Minor() == 0
	switch {
	case a.status == 101:
		last = false
	case a.kind == wire.UntilClose && !old:
		a.kind = wire.Chunked
	case a.kind == wire.Chunked && old:
		a.kind = wire.UntilClose
	}
	last = last || a.kind == wire.UntilClose
	c.w.Reset()
	c.w.StatusLine(a.status, a.reason)
	from := c.w.Buffered()
	c.lines(a, old, last)
	if last {
		c.closing = true
	}
	c.w.Chunked = a.kind == wire.Chunked
	block = c.w.Since(from)
	c.w.AppendString("\r\n")
	return block
}

// lines writes the header lines, and those about framing and the connection
// that are missing.
func (c *conn) lines(a *answer, old, last bool) {
	var coding, length, connection bool
	for i := range a.lines {
		l := &a.lines[i]
		switch {
		case wire.Is(l.Name, "transfer-encoding"):
			if a.kind != wire.Chunked {
				continue
			}
			coding = true
		case wire.Is(l.Name, "content-length"):
			if a.kind == wire.Chunked || a.kind == wire.UntilClose {
				// RFC 9112 section 6.3: it must not travel beside chunks.
				c.flight.change("left out Content-Length: " + string(l.Value) + ", the answer's end is marked otherwise")
				continue
			}
			length = true
		case wire.Is(l.Name, "connection") && a.status != 101:
			if last || old {
				continue
			}
			connection = true
		}
		c.w.Raw(l.Raw)
	}
	if a.kind == wire.Chunked && !coding {
		c.w.Line("Transfer-Encoding", "chunked")
	}
	if a.kind == wire.Length && !length {
		c.w.ContentLength(a.length)
	}
	switch {
	case a.status == 101:
	case last:
		c.w.Line("Connection", "close")
	case old && !connection:
		c.w.Line("Connection", "keep-alive")
	}
}

func (c *conn) piece(p []byte) error     { return c.w.Piece(p) }
func (c *conn) flush() error             { return c.w.Flush() }
func (c *conn) end(trailer []byte) error { return c.w.End(trailer) }

// cut closes the connection under an unfinished answer: with a reset where
// the upstream was reset, or where a plain end would look like the end of the
// answer; and never with the farewell of TLS, which says that all is there.
func (c *conn) cut(hard bool) {
	c.closing = true
	raw := rawConn(c.nc)
	if tcp, ok := raw.(*net.TCPConn); ok && (hard || c.flight.answer.kind == wire.UntilClose) {
		tcp.SetLinger(0)
	}
	raw.Close()
}

// watch peeks for the end of the connection in a goroutine of its own. Bytes
// of a next request do not end the watch while there is room for more.
//
// A client that only closes its sending half counts as gone, as with net/http
// and nginx: the two cannot be told apart, and the one is rare.
func (c *conn) watch(gone func()) {
	done := make(chan struct{})
	c.watched = done
	c.nc.SetReadDeadline(time.Time{})
	go func() {
		defer close(done)
		for n := 1; n <= c.br.Size(); n = c.br.Buffered() + 1 {
			if _, err := c.br.Peek(n); err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					gone()
				}
				return
			}
		}
	}()
}

func (c *conn) unwatch() {
	c.nc.SetReadDeadline(time.Unix(1, 0))
	<-c.watched
	c.setDeadline(time.Time{})
}

// stopReading makes a pending read of the request's body fail.
func (c *conn) stopReading() {
	c.closing = true
	c.nc.SetReadDeadline(time.Unix(1, 0))
}
