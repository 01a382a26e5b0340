package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// readBuffer holds a request with a body of some 10 KB, so that both arrive
// in one read.
const readBuffer = 16 << 10

// conn is one HTTP/1.1 connection of a client. All its buffers live as long as
// it does; serving a request on it allocates nothing.
type conn struct {
	p      *Proxy
	nc     net.Conn
	br     *bufio.Reader
	w      wire.Writer
	body   wire.Body
	raw    []byte  // head of the current request
	origin []byte  // "http://host" of the current request
	up     *upConn // upstream connection of the last exchange, kept for the next
	flight flight
	scheme string

	deadline time.Time // read deadline in force
	closing  bool      // no further request on this connection

	mu      sync.Mutex
	idle    bool
	stopped bool          // Close wants the connection gone
	watched chan struct{} // closed when the watcher has ended
}

func (p *Proxy) newConn(nc net.Conn) *conn {
	c := &conn{p: p, idle: true}
	c.br = bufio.NewReaderSize(nc, readBuffer)
	c.use(nc, "http")
	c.flight.p, c.flight.client = p, c
	c.flight.in.body = &c.body
	c.flight.in.remote = nc.RemoteAddr().String()
	return c
}

// use sets the stream that requests come on.
func (c *conn) use(nc net.Conn, scheme string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nc, c.w.W, c.scheme, c.flight.in.scheme = nc, nc, scheme, scheme
	c.br.Reset(nc)
}

// run serves the connection from its first byte to its end.
func (c *conn) run() {
	if !c.p.flights.add(&c.flight) {
		c.nc.Close()
		return
	}
	defer c.p.flights.remove(&c.flight)
	if c.negotiate() {
		c.serve()
	}
}

// serve answers requests until the connection ends.
func (c *conn) serve() {
	defer func() {
		if c.up != nil {
			c.p.pool.put(c.up)
		}
		c.nc.Close()
	}()
	for !c.closing && c.await() {
		if !c.readHead() {
			return
		}
		c.p.handle(&c.flight)
		if !c.flight.in.bodyDone(&c.body) {
			c.linger()
			return
		}
		c.w.Reset()
	}
}

func (in *inbound) bodyDone(b *wire.Body) bool { return in.framing.Kind == wire.None || b.Done() }

// await waits for the first byte of the next request.
func (c *conn) await() bool {
	if c.br.Buffered() > 0 {
		return c.setIdle(false)
	}
	if !c.setIdle(true) {
		return false
	}
	// A deadline costs a timer; the one in force will do while it is far off.
	if now := time.Now(); c.deadline.Sub(now) < idleTimeout-5*time.Second {
		c.setDeadline(now.Add(idleTimeout))
	}
	_, err := c.br.Peek(1)
	return c.setIdle(false) && err == nil
}

// setIdle reports false when the proxy is closing.
func (c *conn) setIdle(idle bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = idle
	return !c.stopped
}

func (c *conn) closeWhenIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.idle {
		c.nc.Close()
	}
}

func (c *conn) setDeadline(t time.Time) {
	c.deadline = t
	c.nc.SetReadDeadline(t)
}

// readHead reads and checks the next request's head, and answers it itself
// where it cannot be passed on.
func (c *conn) readHead() bool {
	begun := time.Now()
	var err error
	c.raw, err = wire.ReadHead(c.br, c.raw[:0], maxHead, func() { c.setDeadline(begun.Add(headTimeout)) })
	f := &c.flight
	in := &f.in
	if err == nil {
		err = in.head.ParseRequest(c.raw)
	}
	if err == nil {
		in.framing, err = in.head.RequestFraming()
	}
	if err == nil {
		err = c.locate()
	}
	if err != nil {
		c.refuseHead(begun, err)
		return false
	}
	c.body.Reset(c.br, in.framing)
	c.closing = in.framing.Close
	if !c.body.Complete() {
		c.setDeadline(time.Time{}) // a long upload may take its time
	}
	c.origin = append(append(append(c.origin[:0], c.scheme...), "://"...), in.host...)
	f.begin(c.origin, begun)
	return true
}

// locate finds which host and path are meant (RFC 9112 section 3.2).
func (c *conn) locate() error {
	in := &c.flight.in
	in.target, in.host = in.head.Target, nil
	hosts := 0
	for i := range in.head.Lines {
		if wire.Is(in.head.Lines[i].Name, "host") {
			in.host = in.head.Lines[i].Value
			hosts++
		}
	}
	if hosts > 1 || (hosts == 0 && in.head.Minor() == 1) {
		return errors.New("a request needs exactly one Host header")
	}
	if string(in.head.Method) == "CONNECT" {
		return errors.New("CONNECT: corsdash is a reverse proxy, send it requests as if it were the server")
	}
	if in.target[0] == '/' || (len(in.target) == 1 && in.target[0] == '*') {
		return nil
	}
	// absolute-form: its authority counts, not Host
	_, rest, ok := bytes.Cut(in.target, []byte("://"))
	if !ok {
		return errors.New("request target is neither a path nor a URL")
	}
	n := bytes.IndexAny(rest, "/?")
	if n < 0 {
		in.host, in.target = rest, []byte("/")
		return nil
	}
	in.host, in.target = rest[:n], rest[n:]
	if in.target[0] == '?' {
		in.target = append([]byte("/"), in.target...)
	}
	return nil
}

// refuseHead answers a request that cannot be passed on. A client that closed
// or sent nothing gets no answer.
func (c *conn) refuseHead(begun time.Time, err error) {
	c.closing = true
	status, detail := 400, err.Error()
	var timeout net.Error
	switch {
	case errors.Is(err, wire.ErrHeadTooLarge):
		status, detail = 431, "the request's header section is over 256 KB: look for cookies that pile up"
	case errors.As(err, &timeout) && timeout.Timeout():
		if len(c.raw) == 0 {
			return
		}
		status, detail = 408, "the request's header section did not arrive within 10 s"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), isReset(err):
		return
	}
	f := &c.flight
	f.in.framing = wire.Framing{Close: true}
	c.body.Reset(c.br, f.in.framing)
	c.salvage()
	f.begin(c.origin, begun)
	f.refuse(status, exchange.BadRequest, detail)
	f.finish()
	c.linger()
}

// salvage takes what it can from a head that did not parse, so that the answer
// can carry CORS headers and the record shows what came.
func (c *conn) salvage() {
	in := &c.flight.in
	line, rest, _ := bytes.Cut(c.raw[:min(len(c.raw), maxHead)], []byte("\n"))
	words := bytes.Fields(line)
	in.head = wire.Head{Method: []byte("?"), Proto: []byte("HTTP/1.1"), Lines: in.head.Lines[:0]}
	in.target, in.host = []byte("/"), nil
	if len(words) > 0 {
		in.head.Method = words[0]
	}
	if len(words) > 1 {
		in.target = words[1]
	}
	in.head.Block = rest
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok {
			in.head.Lines = append(in.head.Lines, wire.Line{Name: name, Value: bytes.TrimSpace(value), Raw: bytes.TrimRight(line, "\r")})
		}
	}
	if host, ok := in.head.Get("host"); ok {
		in.host = host
	}
	c.origin = append(append(append(c.origin[:0], c.scheme...), "://"...), in.host...)
}

// linger reads on for a moment, because closing a socket with unread data
// resets it, and the reset would overtake the answer.
func (c *conn) linger() {
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	c.nc.SetReadDeadline(time.Now().Add(lingerFor))
	io.CopyN(io.Discard, c.br, 64<<20)
}

// The client interface.

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

func (c *conn) start(a *answer, last bool) (block []byte) {
	old := c.flight.in.head.Minor() == 0
	c.w.Reset()
	c.w.StatusLine(a.status, a.reason)
	from := c.w.Buffered()
	keptTE, keptConn := false, false
	for i := range a.lines {
		l := &a.lines[i]
		switch {
		case wire.Is(l.Name, "transfer-encoding"):
			if old || a.kind != wire.Chunked {
				continue
			}
			keptTE = true
		case wire.Is(l.Name, "connection") && a.status != 101:
			if last || old {
				continue
			}
			keptConn = true
		}
		c.w.Raw(l.Raw)
	}
	if a.kind == wire.Chunked && old {
		a.kind, last = wire.UntilClose, true
	}
	if a.kind == wire.Chunked && !keptTE {
		c.w.Line("Transfer-Encoding", "chunked")
	}
	c.w.Chunked = a.kind == wire.Chunked
	switch {
	case last && a.status != 101:
		c.w.Line("Connection", "close")
		c.closing = true
	case old && !keptConn && a.status != 101:
		c.w.Line("Connection", "keep-alive")
	}
	block = c.w.Since(from)
	c.w.AppendString("\r\n")
	return block
}

func (c *conn) piece(p []byte) error     { return c.w.Piece(p) }
func (c *conn) flush() error             { return c.w.Flush() }
func (c *conn) end(trailer []byte) error { return c.w.End(trailer) }

// cut closes the connection under an unfinished answer: with a reset where
// the upstream was reset, or plainly.
func (c *conn) cut(hard bool) {
	c.closing = true
	if tcp, ok := c.nc.(*net.TCPConn); ok && hard {
		tcp.SetLinger(0)
	}
	c.nc.Close()
}

// watch peeks for the end of the connection in a goroutine of its own. A byte
// of a next request ends the watch as well; that client is alive.
func (c *conn) watch(gone func()) {
	done := make(chan struct{})
	c.mu.Lock()
	c.watched = done
	c.mu.Unlock()
	go func() {
		defer close(done)
		if _, err := c.br.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			gone()
		}
	}()
}

func (c *conn) unwatch() {
	c.mu.Lock()
	done := c.watched
	c.mu.Unlock()
	c.nc.SetReadDeadline(time.Unix(1, 0))
	<-done
	c.setDeadline(time.Time{})
}

// sniff tells HTTP/2 with prior knowledge from HTTP/1.1 by its first bytes.
func sniff(br *bufio.Reader) (http2 bool) {
	const preface = "PRI * HTTP/2.0"
	for n := 1; n <= len(preface); n++ {
		p, err := br.Peek(n)
		if err != nil || string(p) != preface[:n] {
			return false
		}
	}
	return true
}
