package proxy

import (
	"bufio"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"corsdash/internal/wire"
)

// upConn is one HTTP/1.1 connection to an upstream.
type upConn struct {
	nc      net.Conn
	raw     syscall.RawConn // to see whether it still lives; nil when that cannot be asked
	br      *bufio.Reader
	w       wire.Writer
	head    wire.Head
	buf     []byte // of the head
	body    wire.Body
	key     string
	addr    string
	served  int       // exchanges it has completed
	since   time.Time // idle since
	refused bool      // it took less than the whole request; written by the upload

	dns, connect, tls time.Duration // how long it took to make
}

// Close cuts the connection. It may be called while others use it.
func (u *upConn) Close() error { return rawConn(u.nc).Close() }

// pool keeps unused upstream connections, the last used on top. An upstream
// gets as many as there are clients, because a connection made anew for each
// request is most of what a naive proxy costs.
type pool struct {
	mu     sync.Mutex
	idle   map[string][]*upConn
	closed bool
}

func (p *pool) get(key string) *upConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[key]
	n := len(list) - 1
	if n < 0 {
		return nil
	}
	u := list[n]
	list[n] = nil
	p.idle[key] = list[:n]
	return u
}

func (p *pool) put(u *upConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle[u.key]) >= maxIdleUp {
		u.Close()
		return
	}
	p.idle[u.key] = append(p.idle[u.key], u)
}

// prune closes what has been unused since before then.
func (p *pool) prune(then time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, list := range p.idle {
		p.idle[key] = slices.DeleteFunc(list, func(u *upConn) bool {
			old := u.since.Before(then)
			if old {
				u.Close()
			}
			return old
		})
		if len(p.idle[key]) == 0 {
			delete(p.idle, key)
		}
	}
}

// closeAll closes what is there, and what is put back later.
func (p *pool) closeAll() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.prune(time.Now().Add(time.Hour))
}

// connect finds a living connection to the flight's upstream or makes one.
// A client's connection keeps its upstream connection from one request to the
// next: what is bound to a connection (NTLM) goes on working.
func (f *flight) connect(s *settings, fresh bool) (*upConn, error) {
	key := f.route.key
	if c, ok := f.client.(*conn); ok && c.up != nil {
		u := c.up
		c.up = nil
		switch {
		case u.key != key:
			f.p.pool.put(u)
		case !fresh && f.usable(u):
			return u, nil
		default:
			u.Close()
		}
	}
	for !fresh {
		u := f.p.pool.get(key)
		if u == nil {
			break
		}
		if f.usable(u) {
			return u, nil
		}
		u.Close()
	}
	began := time.Now()
	u, err := f.p.dial(f, s)
	f.outside += time.Since(began)
	return u, err
}

// release gives the connection back after a complete exchange.
func (f *flight) release(u *upConn) {
	u.since = f.ended
	u.served++
	const keep = 64 << 10
	if cap(u.buf) > keep {
		u.buf = nil
	}
	if c, ok := f.client.(*conn); ok && !c.closing {
		c.up = u
		return
	}
	f.p.pool.put(u)
}

// checkAfter is how long a connection may have been idle before it is asked
// whether the upstream has closed it. Many servers do so after 5 s.
const checkAfter = 200 * time.Millisecond

// usable reports whether a connection used before can take this request. For
// one that could not be sent again the kernel is asked each time.
func (f *flight) usable(u *upConn) bool {
	idle := f.begun.Sub(u.since)
	switch {
	case idle > upstreamIdle:
		return false
	case u.raw == nil, idle < checkAfter && f.idempotent() && f.bodyRead():
		return true
	}
	return quiet(u.raw)
}
