package proxy

import (
	"sync"
	"sync/atomic"
	"time"
)

// registry knows the flights, for the sweeper and for Close. An HTTP/1.1
// connection has one flight for all its exchanges; one that is not active
// stands for a connection between two requests.
type registry struct {
	mu      sync.Mutex
	all     map[*flight]struct{}
	closed  bool
	empty   chan struct{} // closed when the last one has gone after close
	cutting atomic.Bool   // what begins now ends at once
}

// add reports false when the proxy is closing.
func (r *registry) add(f *flight) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.all[f] = struct{}{}
	return true
}

func (r *registry) remove(f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, f)
	if r.closed && len(r.all) == 0 {
		close(r.empty)
	}
}

// close lets nothing new in; the channel it returns is closed when all are out.
func (r *registry) close() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed, r.empty = true, make(chan struct{})
	if len(r.all) == 0 {
		close(r.empty)
	}
	return r.empty
}

func (r *registry) each(do func(*flight)) {
	r.mu.Lock()
	list := make([]*flight, 0, len(r.all))
	for f := range r.all {
		list = append(list, f)
	}
	r.mu.Unlock()
	for _, f := range list {
		do(f)
	}
}

// closeIdle closes HTTP/1.1 connections that wait for a request.
func (r *registry) closeIdle() {
	r.each(func(f *flight) {
		if c, ok := f.client.(*conn); ok {
			c.closeWhenIdle()
		}
	})
}

// cutAll stops everything. The flag comes first: a request whose head is being
// read while this runs finds it in begin.
func (r *registry) cutAll() {
	r.cutting.Store(true)
	r.each(func(f *flight) {
		f.leave()
		if c, ok := f.client.(*conn); ok {
			c.kill()
		}
	})
}

// sweep looks after exchanges that take long, so that the short ones need no
// timer and no second goroutine: it begins to watch for the client leaving,
// and announces what runs to the sink. It also drops idle upstream connections.
func (p *Proxy) sweep() {
	tick := time.NewTicker(watchAfter)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-p.closed:
			return
		case now := <-tick.C:
			p.flights.each(func(f *flight) { f.sweep(now) })
			if n%100 == 0 {
				p.pool.prune(now.Add(-upstreamIdle))
			}
		}
	}
}
