package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"corsdash/internal/wire"
)

// perGroup is how many connections Chromium opens to one host for HTTP/1.1.
const perGroup = 6

// pool keeps connections. Those that may carry credentials and those that may
// not are never shared.
type pool struct {
	dial   func(ctx context.Context, addr string) (net.Conn, error)
	mu     sync.Mutex
	groups map[string]*group
	open   map[*conn]struct{}
	closed bool
}

// group are the connections to one host.
type group struct {
	slots chan struct{}
	idle  []*conn // guarded by the pool
}

type conn struct {
	nc    net.Conn
	br    *bufio.Reader
	pool  *pool
	group *group
	used  bool // it has served a request before
}

var errClosed = errors.New("the browser was closed")

// take waits for a free slot and returns a connection, a used one if there is.
func (p *pool) take(ctx context.Context, m *message) (*conn, error) {
	g := p.group(fmt.Sprint(authority(m.url), m.credentialed))
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	if n := len(g.idle); n > 0 && !p.closed {
		c := g.idle[n-1]
		g.idle = g.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := p.connect(ctx, m, g)
	if err != nil {
		<-g.slots
	}
	return c, err
}

func (p *pool) connect(ctx context.Context, m *message, g *group) (*conn, error) {
	if m.url.Scheme != "http" && m.url.Scheme != "ws" {
		return nil, errNoTLS
	}
	host, port := m.url.Hostname(), m.url.Port()
	if port == "" {
		port = defaultPort(m.url.Scheme)
	}
	nc, err := p.dial(ctx, net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	c := &conn{nc: nc, br: bufio.NewReader(nc), pool: p, group: g}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		nc.Close()
		return nil, errClosed
	}
	if p.open == nil {
		p.open = map[*conn]struct{}{}
	}
	p.open[c] = struct{}{}
	return c, nil
}

func (p *pool) group(key string) *group {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.groups[key]
	if g == nil {
		g = &group{slots: make(chan struct{}, perGroup)}
		p.groups[key] = g
	}
	return g
}

// giveBack makes the connection available for the next request.
func (c *conn) giveBack() {
	c.used = true
	c.pool.mu.Lock()
	if c.pool.closed {
		c.pool.mu.Unlock()
		c.drop()
		return
	}
	c.group.idle = append(c.group.idle, c)
	c.pool.mu.Unlock()
	<-c.group.slots
}

// drop closes the connection.
func (c *conn) drop() {
	c.nc.Close()
	c.pool.mu.Lock()
	delete(c.pool.open, c)
	c.pool.mu.Unlock()
	<-c.group.slots
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := range p.open {
		c.nc.Close()
	}
}

// errNoTLS is what asking an https URL ends with: this browser speaks no TLS,
// and nothing in the demo does.
var errNoTLS = errors.New("no TLS here")

// errNotHere is a name outside this machine.
var errNotHere = errors.New("name does not resolve")

// dialLoopback connects to this machine only. "localhost" is tried as
// 127.0.0.1 first, where the demo listens.
func dialLoopback(ctx context.Context, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	hosts := []string{host}
	if ip, err := netip.ParseAddr(host); err != nil {
		if !loopbackName(host) {
			return nil, errNotHere
		}
		hosts = []string{"127.0.0.1", "::1"}
	} else if !ip.IsLoopback() {
		return nil, syscall.ENETUNREACH
	}
	d := net.Dialer{Timeout: 10 * time.Second}
	var first error
	for _, h := range hosts {
		nc, err := d.DialContext(ctx, "tcp", net.JoinHostPort(h, port))
		if err == nil {
			return nc, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// netName is Chromium's name for a failure of the network.
func netName(err error) string {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, errClosed):
		return "net::ERR_ABORTED"
	case errors.Is(err, errNotHere):
		return "net::ERR_NAME_NOT_RESOLVED"
	case errors.Is(err, errNoTLS):
		return "net::ERR_SSL_PROTOCOL_ERROR"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "net::ERR_ADDRESS_UNREACHABLE"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "net::ERR_CONNECTION_REFUSED"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "net::ERR_CONNECTION_RESET"
	case errors.Is(err, io.EOF):
		return "net::ERR_EMPTY_RESPONSE"
	case errors.Is(err, wire.ErrHeadTooLarge):
		return "net::ERR_RESPONSE_HEADERS_TOO_BIG"
	case errors.Is(err, wire.ErrMalformed):
		return "net::ERR_INVALID_HTTP_RESPONSE"
	}
	return "net::ERR_FAILED"
}
