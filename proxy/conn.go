package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

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
	misled error // why no request on this connection can be served

	deadline time.Time // read deadline in force
	closing  bool      // no further request on this connection
	watched  chan struct{}

	mu      sync.Mutex
	idle    bool
	stopped bool // Close wants the connection gone
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

// negotiate finds out by the first bytes which protocol the client speaks. It
// reports false when the connection is not ours to serve any more.
func (c *conn) negotiate() bool {
	c.setDeadline(time.Now().Add(idleTimeout))
	first, err := c.br.Peek(1)
	if err != nil {
		c.nc.Close()
		return false
	}
	const handshake = 0x16 // RFC 8446 section 5.1
	speaksTLS := first[0] == handshake
	switch {
	case speaksTLS && c.p.tls != nil:
		return c.startTLS()
	case speaksTLS:
		c.misled = errSpeaksTLS
		c.refuseHead(time.Now(), time.Now(), c.misled)
		c.nc.Close()
		return false
	case c.p.tls != nil:
		c.misled = errSpeaksWeb
	case c.prefersHTTP2():
		c.p.handOver(unread(c.nc, c.br))
		return false
	}
	return true
}

func (c *conn) startTLS() bool {
	c.setDeadline(time.Now().Add(headTimeout))
	tc := tls.Server(unread(c.nc, c.br), c.p.tls)
	if err := tc.HandshakeContext(context.Background()); err != nil {
		c.p.log.Info("TLS handshake with a client failed", "client", c.nc.RemoteAddr(), "error", err)
		c.nc.Close()
		return false
	}
	if tc.ConnectionState().NegotiatedProtocol == "h2" {
		c.p.handOver(tc)
		return false
	}
	c.use(tc, "https")
	return true
}

// prefersHTTP2 tells HTTP/2 with prior knowledge (RFC 9113 section 3.4) from
// HTTP/1.1.
func (c *conn) prefersHTTP2() bool {
	const preface = "PRI * HTTP/2.0"
	for n := 1; n <= len(preface); n++ {
		if n == 2 {
			c.setDeadline(time.Now().Add(headTimeout))
		}
		p, err := c.br.Peek(n)
		if err != nil || string(p) != preface[:n] {
			return false
		}
	}
	return true
}

// unread makes a connection that gives back first what br has read of it.
func unread(nc net.Conn, br *bufio.Reader) net.Conn {
	rest, _ := br.Peek(br.Buffered())
	return &prefixConn{Conn: nc, rest: append([]byte(nil), rest...)}
}

type prefixConn struct {
	net.Conn
	rest []byte
}

func (c *prefixConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// CloseWrite lets crypto/tls and others close half of the connection.
func (c *prefixConn) CloseWrite() error { return halfClose(c.Conn) }

// serve answers requests until the connection ends.
func (c *conn) serve() {
	defer func() {
		if c.up != nil {
			c.p.pool.put(c.up)
		}
		c.nc.Close()
	}()
	for c.await() {
		if !c.readHead() {
			return
		}
		c.p.handle(&c.flight)
		if c.closing || !c.body.Done() {
			c.linger()
			return
		}
		c.w.Reset()
		c.shrink()
	}
}

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

// shrink gives up buffers that one unusual request has made large.
func (c *conn) shrink() {
	const keep = 64 << 10
	if cap(c.raw) > keep {
		c.raw = nil
	}
	if cap(c.flight.out) > keep {
		c.flight.out = nil
	}
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

// kill closes the connection under whoever uses it.
func (c *conn) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	rawConn(c.nc).Close()
}

// rawConn is the connection below TLS. Closing that one does not wait for a
// write that hangs, and does not tell the peer that all is well.
func rawConn(nc net.Conn) net.Conn {
	for {
		switch inner := nc.(type) {
		case *tls.Conn:
			nc = inner.NetConn()
		case *prefixConn:
			nc = inner.Conn
		default:
			return nc
		}
	}
}

func (c *conn) setDeadline(t time.Time) {
	c.deadline = t
	c.nc.SetReadDeadline(t)
}

// linger ends the connection in order: closing a socket with unread data
// resets it, and the reset would overtake the answer. So our half is closed
// first, and what the client still sends is read and dropped. Chromium reads
// an early answer only after it has sent its whole body.
func (c *conn) linger() {
	if halfClose(c.nc) != nil {
		return
	}
	buf := takeScratch()
	defer giveScratch(buf)
	for end := time.Now().Add(lingerMax); time.Now().Before(end); {
		c.nc.SetReadDeadline(time.Now().Add(lingerFor))
		if _, err := c.br.Read(*buf); err != nil {
			return
		}
	}
}

func halfClose(nc net.Conn) error {
	if h, ok := nc.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return nc.Close()
}
