// Package proxy is the logging reverse proxy: it passes requests to their
// upstreams and hands a record of each exchange to a sink.
//
// It changes nothing it is not told to change, and notes what it changed. The
// HTTP/1.1 side reads and writes messages itself (internal/wire), because
// net/http sorts header lines, folds their case, rewrites reasons and answers
// malformed requests without CORS headers, each of which a browser or a
// careful reader can see. HTTP/2 towards the client and TLS towards the
// upstream are net/http's. The package never judges what it sees and knows
// neither the session nor the screen.
package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"corsdash/internal/exchange"
)

// Options say what to proxy and how. Zero values are usable except for Sink
// and Routes.
type Options struct {
	Routes          []Route
	Sink            exchange.Sink
	BodyLimit       int           // bytes captured of each body; 0 means DefaultBodyLimit, negative none
	AllowHosts      []string      // names accepted in Host beside localhost, *.localhost and IP addresses
	AllowOrigins    []string      // origins that may read corsdash's own answers with credentials, beside loopback ones
	CACert          string        // PEM file with further roots for TLS upstreams
	CertFile        string        // PEM files: listen with TLS
	KeyFile         string        //
	Forwarded       bool          // add X-Forwarded-For, -Host and -Proto
	DialTimeout     time.Duration // 0 means 10 s
	ResponseTimeout time.Duration // from request sent to first byte of the answer; 0 means 5 min, where browsers give up too
	Log             *slog.Logger
}

// DefaultBodyLimit is how much of a body is captured, in bytes.
const DefaultBodyLimit = 256 << 10

// Limits that protect the proxy, not the upstream.
const (
	maxHead         = 256 << 10         // bytes of a head; Chromium refuses larger response heads too
	headTimeout     = 10 * time.Second  // from first to last byte of a request's head
	idleTimeout     = 125 * time.Second // between requests on a connection, longer than browsers keep one
	upstreamIdle    = 60 * time.Second  // an unused upstream connection is closed after this
	maxIdleUp       = 512               // unused upstream connections kept for one upstream
	watchAfter      = 50 * time.Millisecond
	announceAfter   = 400 * time.Millisecond // an exchange running longer is recorded as open
	announceEvery   = time.Second            // and again after that long, longer when there is much to record
	lingerFor       = 2 * time.Second        // how long an unread request body may be silent before it is given up
	lingerMax       = 30 * time.Second       // and how long it is read and dropped at all
	shutdownGrace   = 500 * time.Millisecond
	responseDefault = 5 * time.Minute
)

// Proxy is a running or ready-to-run proxy.
type Proxy struct {
	sink  exchange.Sink
	limit int
	log   *slog.Logger
	tls   *tls.Config

	state  atomic.Pointer[settings] // swapped as a whole by Reconfigure
	serial atomic.Int64

	pool    pool
	flights registry
	known   originSet
	h2      *http.Server
	h2conns chan net.Conn

	mu        sync.Mutex
	listeners []net.Listener
	closed    chan struct{}
	closeOnce sync.Once
}

// settings are what a reload can change while traffic passes.
type settings struct {
	routes          []*route
	serial          int64 // counts the settings there have been
	allowHosts      map[string]bool
	allowOrigins    map[string]bool
	forwarded       bool
	dialTimeout     time.Duration
	responseTimeout time.Duration
}

// New checks the options and makes a proxy that does not listen yet.
func New(o Options) (*Proxy, error) {
	if o.Sink == nil {
		return nil, errors.New("proxy needs a sink")
	}
	p := &Proxy{sink: o.Sink, limit: o.BodyLimit, log: o.Log, closed: make(chan struct{})}
	if p.limit == 0 {
		p.limit = DefaultBodyLimit
	}
	p.limit = max(p.limit, 0)
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if o.CertFile != "" || o.KeyFile != "" {
		cert, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("load the certificate to listen with: %w", err)
		}
		p.tls = &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}}
	}
	if err := p.Reconfigure(o); err != nil {
		return nil, err
	}
	p.pool.idle = map[string][]*upConn{}
	p.flights.all = map[*flight]struct{}{}
	p.startHTTP2()
	go p.sweep()
	return p, nil
}

// Reconfigure swaps routes, allow-lists and timeouts. Exchanges under way end
// as they began. On an error nothing changes.
func (p *Proxy) Reconfigure(o Options) error {
	s := &settings{
		serial:     p.serial.Add(1),
		allowHosts: lowerSet(o.AllowHosts), allowOrigins: lowerSet(o.AllowOrigins), forwarded: o.Forwarded,
		dialTimeout: orDefault(o.DialTimeout, 10*time.Second), responseTimeout: orDefault(o.ResponseTimeout, responseDefault),
	}
	roots, err := loadRoots(o.CACert)
	if err != nil {
		return err
	}
	for _, r := range o.Routes {
		compiled, err := p.compile(r, roots, s)
		if err != nil {
			return err
		}
		s.routes = append(s.routes, compiled)
	}
	if err := sortRoutes(s.routes); err != nil {
		return err
	}
	if old := p.state.Swap(s); old != nil {
		old.close()
	}
	return nil
}

// close drops the idle connections that belong to these settings.
func (s *settings) close() {
	for _, r := range s.routes {
		r.close()
	}
}

func loadRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the CA certificate: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s: expected PEM", file)
	}
	return roots, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// Close stops listening, gives exchanges under way a moment to end, then cuts
// them. Every one of them is recorded before Close returns.
func (p *Proxy) Close() error {
	p.closeOnce.Do(func() {
		close(p.closed)
		p.mu.Lock()
		closeAll(p.listeners)
		p.mu.Unlock()
		empty := p.flights.close()
		p.flights.closeIdle()
		ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		p.h2.Shutdown(ctx)
		p.h2.Close()
		select {
		case <-empty:
		case <-ctx.Done():
			p.flights.cutAll()
			<-empty
		}
		p.pool.closeAll()
		p.state.Load().close()
	})
	return nil
}
