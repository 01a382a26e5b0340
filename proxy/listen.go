package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// PortInUse is what Listen returns when somebody else holds the port.
type PortInUse struct {
	Addr string // the address asked for
	Next string // the next free address on the same host, "" when none was found
}

func (e *PortInUse) Error() string {
	if e.Next == "" {
		return fmt.Sprintf("listen on %s: the port is in use", e.Addr)
	}
	return fmt.Sprintf("listen on %s: the port is in use; %s is free", e.Addr, e.Next)
}

// Listen opens the port. "localhost:8900" listens on both loopback addresses
// where the machine has both.
func (p *Proxy) Listen(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address %q: write it like 127.0.0.1:8900", addr)
	}
	hosts := []string{host}
	if host == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	for i, h := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(h, port))
		if err != nil && i > 0 {
			p.log.Info("not listening on the second loopback address", "address", h, "error", err)
			continue
		}
		if errors.Is(err, syscall.EADDRINUSE) {
			return &PortInUse{Addr: addr, Next: nextFree(h, port)}
		}
		if err != nil {
			return fmt.Errorf("listen on %s: %w", addr, err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		p.mu.Lock()
		p.listeners = append(p.listeners, l)
		p.mu.Unlock()
	}
	return nil
}

func nextFree(host, port string) string {
	n, err := strconv.Atoi(port)
	if err != nil {
		return ""
	}
	for next := n + 1; next <= min(n+20, 65535); next++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(next)))
		if err == nil {
			l.Close()
			return net.JoinHostPort(host, strconv.Itoa(next))
		}
	}
	return ""
}

// Addr is the first address the proxy listens on, nil before Listen.
func (p *Proxy) Addr() net.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.listeners) == 0 {
		return nil
	}
	return p.listeners[0].Addr()
}

// TLS reports whether the proxy listens with TLS.
func (p *Proxy) TLS() bool { return p.tls != nil }

// isSelf reports whether an upstream's address is our own listener.
func (p *Proxy) isSelf(addr net.Addr) bool {
	up, ok := addr.(*net.TCPAddr)
	if !ok {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.listeners {
		own, ok := l.Addr().(*net.TCPAddr)
		if ok && own.Port == up.Port && (own.IP.Equal(up.IP) || (own.IP.IsUnspecified() && isLocalIP(up.IP))) {
			return true
		}
	}
	return false
}

func isLocalIP(ip net.IP) bool {
	if ip.IsLoopback() {
		return true
	}
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}

// Serve accepts connections until ctx ends or Close is called; then it closes
// the proxy. It returns nil on an orderly end.
func (p *Proxy) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.Close() })
	defer stop()
	p.mu.Lock()
	listeners := append([]net.Listener(nil), p.listeners...)
	p.mu.Unlock()
	errs := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { errs <- p.accept(l) }()
	}
	var err error
	for range listeners {
		err = errors.Join(err, <-errs)
	}
	p.Close()
	return err
}

func (p *Proxy) accept(l net.Listener) error {
	for {
		nc, err := l.Accept()
		if err == nil {
			go p.newConn(nc).run()
			continue
		}
		select {
		case <-p.closed:
			return nil
		default:
		}
		if !temporary(err) {
			return fmt.Errorf("accept connections: %w", err)
		}
		// Out of file descriptors: others will close theirs.
		p.log.Warn("cannot accept a connection, trying again", "error", err)
		select {
		case <-p.closed:
			return nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func temporary(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.EINTR)
}

// negotiate finds out which protocol the client speaks. It reports false when
// the connection is not ours to serve any more.
func (c *conn) negotiate() bool {
	c.setDeadline(time.Now().Add(idleTimeout))
	if c.p.tls != nil {
		tc := tls.Server(c.nc, c.p.tls)
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
	if sniff(c.br) {
		c.p.handOver(&replayConn{Conn: c.nc, br: c.br})
		return false
	}
	return true
}

// handOver gives a connection that speaks HTTP/2 to net/http.
func (p *Proxy) handOver(nc net.Conn) {
	nc.SetReadDeadline(time.Time{})
	select {
	case p.h2conns <- nc:
	case <-p.closed:
		nc.Close()
	}
}

// replayConn gives back the bytes that were read to tell the protocol.
type replayConn struct {
	net.Conn
	br *bufio.Reader
}

func (c *replayConn) Read(p []byte) (int, error) { return c.br.Read(p) }

// chanListener feeds accepted connections to an http.Server.
type chanListener struct {
	conns  <-chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *chanListener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *chanListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *chanListener) Addr() net.Addr { return &net.TCPAddr{} }

func (p *Proxy) startHTTP2() {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	p.h2conns = make(chan net.Conn)
	p.h2 = &http.Server{
		Handler: http.HandlerFunc(p.serveHTTP2), Protocols: protocols, TLSConfig: p.tls,
		MaxHeaderBytes: maxHead, IdleTimeout: idleTimeout, ReadHeaderTimeout: headTimeout,
		ErrorLog: discardLogger,
	}
	go p.h2.Serve(&chanListener{conns: p.h2conns, closed: make(chan struct{})})
}
