package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"
)

// errLoop is what dialling ourselves ends with.
var errLoop = errors.New("is corsdash itself")

// dial makes a connection to the flight's upstream.
func (p *Proxy) dial(f *flight, s *settings) (*upConn, error) {
	r := f.route
	ctx, cancel := context.WithTimeout(context.Background(), s.dialTimeout)
	defer cancel()
	f.attach(closeFunc(cancel))
	defer f.attach(nil)
	u := &upConn{key: r.key}
	began := time.Now()
	addrs, err := resolve(ctx, r.name)
	if err != nil {
		return nil, err
	}
	u.dns = time.Since(began)
	began = time.Now()
	nc, err := p.dialAny(ctx, r, addrs)
	if err != nil {
		return nil, err
	}
	u.connect = time.Since(began)
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
	u.tls = time.Since(began)
	return tc, nil
}

type closeFunc func()

func (f closeFunc) Close() error { f(); return nil }

// resolve finds the addresses of a name. "localhost" is both ::1 and
// 127.0.0.1, whatever the resolver says.
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

// dialAny tries the addresses in turn, and refuses to connect to ourselves.
// That only one of several answers is said once in the log.
func (p *Proxy) dialAny(ctx context.Context, r *route, addrs []netip.Addr) (net.Conn, error) {
	var errs []error
	for i, ip := range addrs {
		nc, err := dialOne(ctx, net.JoinHostPort(ip.Unmap().String(), r.port), len(addrs)-i)
		if err == nil && p.isSelf(nc.RemoteAddr()) {
			nc.Close()
			return nil, errLoop
		}
		if err == nil {
			if len(errs) > 0 && !r.told.Swap(true) {
				p.log.Info("upstream answers on one of its addresses only",
					"upstream", r.origin, "answers", nc.RemoteAddr().String(), "others", oneLine(errors.Join(errs...)))
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

// dialOne leaves time for the other addresses when this one is dead.
func dialOne(ctx context.Context, addr string, left int) (net.Conn, error) {
	if end, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(left))
		defer cancel()
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", addr)
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
