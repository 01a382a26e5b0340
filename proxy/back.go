package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"corsdash/internal/wire"
)

// upConn is one HTTP/1.1 connection to an upstream.
type upConn struct {
	nc     net.Conn
	raw    syscall.RawConn // to see whether it still lives; nil when that cannot be asked
	br     *bufio.Reader
	w      wire.Writer
	head   wire.Head
	buf    []byte // of the head
	body   wire.Body
	key    string
	addr   string
	served int       // exchanges it has completed
	since  time.Time // idle since

	dns, connect, tls time.Duration // how long it took to make
}

func (u *upConn) Close() error { return u.nc.Close() }

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
	if len(list) == 0 {
		return nil
	}
	u := list[len(list)-1]
	p.idle[key] = list[:len(list)-1]
	return u
}

func (p *pool) put(u *upConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle[u.key]) >= maxIdleUp {
		u.nc.Close()
		return
	}
	p.idle[u.key] = append(p.idle[u.key], u)
}

// prune closes what has been unused since before then. The bottom of each
// stack is the oldest.
func (p *pool) prune(then time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, list := range p.idle {
		n := 0
		for n < len(list) && list[n].since.Before(then) {
			list[n].nc.Close()
			n++
		}
		if n == len(list) {
			delete(p.idle, key)
		} else if n > 0 {
			p.idle[key] = append(list[:0], list[n:]...)
		}
	}
}

func (p *pool) closeAll() {
	p.prune(time.Now().Add(time.Hour))
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
}

// connect finds a living connection to the flight's upstream or makes one.
// A client's connection keeps its upstream connection from one request to the
// next: what is bound to a connection (NTLM) goes on working.
func (f *flight) connect(s *settings, fresh bool) (*upConn, error) {
	key := f.route.key()
	if c, ok := f.client.(*conn); ok && c.up != nil {
		u := c.up
		c.up = nil
		if u.key != key {
			f.p.pool.put(u)
		} else if !fresh && u.alive(f.begun) {
			return u, nil
		} else {
			u.nc.Close()
		}
	}
	for !fresh {
		u := f.p.pool.get(key)
		if u == nil {
			break
		}
		if u.alive(f.begun) {
			return u, nil
		}
		u.nc.Close()
	}
	began := time.Now()
	u, err := f.p.dial(f, s)
	f.outside += time.Since(began)
	return u, err
}

// release gives the connection back after a complete exchange.
func (f *flight) release(u *upConn) {
	u.since = time.Now()
	u.served++
	if c, ok := f.client.(*conn); ok && !c.closing {
		c.up = u
		return
	}
	f.p.pool.put(u)
}

// checkAfter is how long a connection may have been idle before it is asked
// whether the upstream has closed it. Many servers do so after 5 s.
const checkAfter = 200 * time.Millisecond

func (u *upConn) alive(now time.Time) bool {
	idle := now.Sub(u.since)
	if idle > upstreamIdle {
		return false
	}
	return idle < checkAfter || u.raw == nil || quiet(u.raw)
}

// dial makes a connection. "localhost" is both ::1 and 127.0.0.1, whatever the
// resolver says; that only one of them answers is worth a line in the log.
func (p *Proxy) dial(f *flight, s *settings) (*upConn, error) {
	r := f.route
	ctx, cancel := context.WithTimeout(context.Background(), s.dialTimeout)
	defer cancel()
	f.attach(closeFunc(cancel))
	defer f.attach(nil)
	u := &upConn{key: r.key()}
	began := time.Now()
	addrs, err := resolve(ctx, r.name)
	if err != nil {
		return nil, err
	}
	u.dns = time.Since(began)
	began = time.Now()
	nc, err := p.dialFirst(ctx, addrs, r.port, r.origin)
	if err != nil {
		return nil, err
	}
	u.connect = time.Since(began)
	if p.isSelf(nc.RemoteAddr()) {
		nc.Close()
		return nil, errLoop
	}
	u.addr = nc.RemoteAddr().String()
	if tc, ok := nc.(*net.TCPConn); ok {
		u.raw, _ = tc.SyscallConn()
	}
	if r.tls {
		if nc, err = u.handshake(ctx, nc, r); err != nil {
			return nil, err
		}
	}
	u.nc, u.w.W = nc, nc
	u.br = bufio.NewReaderSize(nc, readBuffer)
	return u, nil
}

func (u *upConn) handshake(ctx context.Context, nc net.Conn, r *route) (net.Conn, error) {
	began := time.Now()
	config := r.tlsConfig.Clone()
	config.ServerName, config.NextProtos = r.name, []string{"http/1.1"}
	tc := tls.Client(nc, config)
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	u.tls, u.raw = time.Since(began), nil
	return tc, nil
}

type closeFunc func()

func (f closeFunc) Close() error { f(); return nil }

func resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	lower := strings.TrimSuffix(strings.ToLower(name), ".")
	if lower == "localhost" || strings.HasSuffix(lower, ".localhost") {
		return []netip.Addr{netip.IPv6Loopback(), netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{ip}, nil
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
}

// dialFirst tries the addresses in turn.
func (p *Proxy) dialFirst(ctx context.Context, addrs []netip.Addr, port, origin string) (net.Conn, error) {
	var errs []error
	var dialer net.Dialer
	for i, ip := range addrs {
		try, cancel := ctx, context.CancelFunc(func() {})
		if end, ok := ctx.Deadline(); ok && i < len(addrs)-1 {
			// A dead first address must leave time for the next one.
			try, cancel = context.WithTimeout(ctx, time.Until(end)/2)
		}
		nc, err := dialer.DialContext(try, "tcp", net.JoinHostPort(ip.Unmap().String(), port))
		cancel()
		if err == nil {
			if len(errs) > 0 {
				p.log.Info("upstream answers on one of its addresses only", "upstream", origin, "answers", nc.RemoteAddr(), "others", errors.Join(errs...))
			}
			return nc, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// errStale means that a connection used before turned out to be closed before
// a byte of the answer came.
var errStale = errors.New("the upstream had closed the idle connection")

// ask writes the request and reads the answer's head, passing interim answers
// on. f.out holds the head, and the body too when that was all there.
func (f *flight) ask(u *upConn, s *settings) (uploading chan struct{}, err error) {
	f.attach(u)
	u.w.Reset()
	wrote := time.Now()
	if _, err := u.nc.Write(f.out); err != nil {
		return nil, u.stale(err)
	}
	if !f.bodyRead() {
		uploading = make(chan struct{})
		go f.upload(u, uploading)
	}
	f.sent = time.Now()
	u.nc.SetReadDeadline(f.sent.Add(s.responseTimeout))
	if _, err := u.br.Peek(1); err != nil {
		return uploading, u.stale(err)
	}
	f.answered = time.Now()
	f.mu.Lock()
	d := &f.draft
	d.Send, d.Wait = f.sent.Sub(wrote), f.answered.Sub(f.sent)
	d.Proxy = wrote.Sub(f.begun) - f.outside
	if d.Reused = u.served > 0; !d.Reused {
		d.DNS, d.Connect, d.TLS = u.dns, u.connect, u.tls
	}
	d.Address(u.addr)
	f.mu.Unlock()
	return uploading, f.readHead(u)
}

func (u *upConn) stale(err error) error {
	if u.served > 0 && (errors.Is(err, io.EOF) || isReset(err)) {
		return errors.Join(errStale, err)
	}
	return err
}

// readHead reads the final head; 1xx answers before it go to the client.
func (f *flight) readHead(u *upConn) (err error) {
	for {
		if u.buf, err = wire.ReadHead(u.br, u.buf[:0], maxHead, nil); err != nil {
			return err
		}
		if err = u.head.ParseResponse(u.buf); err != nil {
			return err
		}
		if u.head.Status >= 200 || u.head.Status == 101 {
			return nil
		}
		f.mu.Lock()
		f.draft.Interim(u.head.Status, u.head.Block)
		f.mu.Unlock()
		if err = f.client.interim(u.head.Status, u.head.Reason, u.head.Lines); err != nil {
			f.leave()
			return err
		}
	}
}

// upload passes the request's body on beside the answer, so that an answer
// that comes before its end is seen, and both may stream. When the upstream
// stops reading, the rest is read and dropped: closing on a client that still
// writes would destroy the answer on its way.
func (f *flight) upload(u *upConn, done chan struct{}) {
	defer close(done)
	w := &u.w
	w.Chunked = f.in.framing.Kind == wire.Chunked
	scratch := takeScratch()
	defer giveScratch(scratch)
	refused := false
	for {
		p, err := f.in.body.Next(*scratch)
		if err == io.EOF {
			if !refused {
				w.End(f.in.body.Trailer())
			}
			f.uploadDone()
			return
		}
		if err != nil {
			f.uploadFailed(err)
			return
		}
		f.requestPiece(p)
		if refused {
			continue
		}
		if err = w.Piece(p); err == nil && !f.in.body.Buffered() {
			err = w.Flush()
		}
		refused = err != nil
	}
}

// uploadFailed ends the upstream's part after the client broke off. A body
// that is not HTTP gets an answer; a client that left needs none.
func (f *flight) uploadFailed(err error) {
	if isTimeout(err) {
		return // we stopped reading ourselves
	}
	if !errors.Is(err, wire.ErrMalformed) {
		f.leave()
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.badBody = err
	if f.cancel != nil {
		f.cancel.Close()
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// scratch buffers carry large bodies past the connection's own buffer.
const scratchSize = 128 << 10

var scratchPool = sync.Pool{New: func() any { b := make([]byte, scratchSize); return &b }}

func takeScratch() *[]byte  { return scratchPool.Get().(*[]byte) }
func giveScratch(b *[]byte) { scratchPool.Put(b) }
