// Package demo is what `corsdash demo` shows: a backend that breaks in the
// ways backends break, and a frontend that uses it, without anything else
// installed. The frontend is a simulated browser (internal/demo/browser), or a
// page for a real one; both perform the same scenarios (scenarios.go).
//
// Input are two addresses on loopback and the URL of the proxy in between.
// Output are the requests themselves, and what the page saw of each. The
// package must not know the proxy, the session or our verdicts, and it talks
// to nothing outside this machine.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Options say where the demo listens and how it behaves. Zero values are
// usable.
type Options struct {
	FrontendAddr string  // host:port on loopback; "" is 127.0.0.1:5173, or any port when that is taken
	BackendAddr  string  // host:port on loopback; "" is any port
	Seed         int64   // of the order and the pauses; 0 is a random one
	Speed        float64 // how much faster than life the demo's clock runs; 0 is 1
	Log          *slog.Logger
}

// Demo is a running demo: a frontend and a backend, each on its own port and
// therefore on its own origin.
type Demo struct {
	backend     *backend
	frontend    *http.Server
	backendURL  string
	frontendURL string
	api         atomic.Pointer[string] // where the page is told to ask
	clock       *clock
	seed        int64
	log         *slog.Logger
	cancel      context.CancelFunc
	done        chan struct{}
}

// usualFrontend is where Vite puts its dev server.
const usualFrontend = "127.0.0.1:5173"

// Start begins to serve. It ends with ctx or Close, at once. The error names
// the address that could not be had.
func Start(ctx context.Context, o Options) (*Demo, error) {
	front, err := listenFrontend(o.FrontendAddr)
	if err != nil {
		return nil, fmt.Errorf("listen for the demo's frontend: %w", err)
	}
	back, err := listenLoopback(orAny(o.BackendAddr))
	if err != nil {
		closeAll(front)
		return nil, fmt.Errorf("listen for the demo's backend: %w", err)
	}
	d := &Demo{seed: o.Seed, log: o.Log, done: make(chan struct{})}
	d.clock = &clock{start: time.Now(), speed: o.Speed}
	if o.Speed <= 0 {
		d.clock.speed = 1
	}
	if d.seed == 0 {
		d.seed = time.Now().UnixNano()
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	ctx, d.cancel = context.WithCancel(ctx)
	d.frontendURL = "http://localhost:" + port(front[0]) + "/"
	d.backendURL = "http://" + back.Addr().String()
	d.backend = &backend{
		ctx: ctx, page: "http://localhost:" + port(front[0]), clock: d.clock, log: d.log,
		routes: allRoutes(), open: map[net.Conn]struct{}{},
	}
	d.frontend = d.newFrontend()
	d.serve(ctx, front, back)
	return d, nil
}

func allRoutes() (all []Route) {
	for _, s := range scenarios {
		all = append(all, s.Routes...)
	}
	return all
}

// serve runs both servers until ctx ends, and then closes what is open.
func (d *Demo) serve(ctx context.Context, front []net.Listener, back net.Listener) {
	var group sync.WaitGroup
	for _, l := range front {
		group.Go(func() { d.frontend.Serve(l) })
	}
	group.Go(func() { d.backend.serve(back) })
	go func() {
		defer close(d.done)
		<-ctx.Done()
		back.Close()
		d.frontend.Close()
		d.backend.stop()
		group.Wait()
	}()
}

// Close stops the demo and waits until nothing of it runs any more.
func (d *Demo) Close() {
	d.cancel()
	<-d.done
}

// BackendURL is the broken backend's origin: the proxy's target.
func (d *Demo) BackendURL() string { return d.backendURL }

// FrontendURL is the page for real browsers, and the page whose scripts the
// simulated one runs.
func (d *Demo) FrontendURL() string { return d.frontendURL }

// listenFrontend listens where browsers look for localhost: on ::1 too, which
// they try first, and where another dev server may sit already.
func listenFrontend(addr string) ([]net.Listener, error) {
	if addr != "" {
		l, err := listenLoopback(addr)
		return []net.Listener{l}, err
	}
	if both, err := listenBoth(usualFrontend); err == nil {
		return both, nil
	}
	return listenBoth(orAny(""))
}

func listenBoth(addr string) ([]net.Listener, error) {
	four, err := listenLoopback(addr)
	if err != nil {
		return nil, err
	}
	six, err := listenLoopback(net.JoinHostPort("::1", port(four)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		four.Close()
		return nil, err
	case err != nil:
		return []net.Listener{four}, nil // this machine has no IPv6
	}
	return []net.Listener{four, six}, nil
}

func closeAll(list []net.Listener) {
	for _, l := range list {
		l.Close()
	}
}

func orAny(addr string) string {
	if addr == "" {
		return "127.0.0.1:0"
	}
	return addr
}

// listenLoopback refuses addresses that others could reach: the demo is broken
// on purpose.
func listenLoopback(addr string) (net.Listener, error) {
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	if !tcp.IP.IsLoopback() {
		return nil, fmt.Errorf("%s is not a loopback address: use 127.0.0.1", addr)
	}
	return net.ListenTCP("tcp", tcp)
}

func port(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }
