package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
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
	hosts, anyPort := []string{host}, port == "0"
	if host == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	var opened []net.Listener
	for i, h := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(h, port))
		switch inUse := errors.Is(err, syscall.EADDRINUSE); {
		case inUse && (i == 0 || !anyPort):
			// Half of localhost will not do: browsers try ::1 first, and would
			// reach the other program.
			closeAll(opened)
			return &PortInUse{Addr: addr, Next: nextFree(host, port)}
		case err != nil && i > 0:
			p.log.Info("not listening on the second loopback address", "address", h, "error", err)
			continue
		case err != nil:
			return fmt.Errorf("listen on %s: %w", addr, err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		opened = append(opened, l)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listeners = append(p.listeners, opened...)
	return nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
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
