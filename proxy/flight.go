package proxy

import (
	"io"
	"sync"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// pieces is a message body on its way. wire.Body is the usual one.
type pieces interface {
	Next(scratch []byte) ([]byte, error)
	Buffered() bool
	Complete() bool
	Left() int64
	Trailer() []byte
}

// inbound is a request as the client sent it.
type inbound struct {
	head    wire.Head
	scheme  string // "http" or "https"
	host    []byte // authority the client named
	target  []byte // path and query, or *
	framing wire.Framing
	body    pieces
	remote  string
	http2   bool
}

// client is the side towards the browser: an HTTP/1.1 connection or an HTTP/2
// stream. After an error the client is gone.
type client interface {
	interim(status int, reason []byte, lines []wire.Line) error
	// start queues the head of the answer and returns its header lines as a
	// block, as they go out. last says that the connection ends with it.
	start(a *answer, last bool) (block []byte)
	piece(p []byte) error
	flush() error
	end(trailer []byte) error
	// cut ends the connection so that the client sees that something is
	// missing.
	cut(hard bool)
	// watch waits for the client to leave and calls gone; it is started once
	// the request's body has been read, and ends when unwatch returns.
	watch(gone func())
	unwatch()
	// stopReading makes a pending read of the request's body fail.
	stopReading()
}

// answer is the head of what the client gets.
type answer struct {
	status int
	reason []byte
	proto  []byte
	lines  []wire.Line
	kind   wire.Kind // framing towards the client
	length int64
}

// flight is one exchange under way. It belongs to the goroutine that serves
// it; what others touch (the draft, because an upload runs beside the
// download, and because the sweeper announces long exchanges) is under mu.
type flight struct {
	p      *Proxy
	in     inbound
	client client
	answer answer
	out    []byte // the upstream request, as far as it is in memory
	route  *route

	begun    time.Time     // first byte of the request was there
	sent     time.Time     // request written
	answered time.Time     // first byte of the answer
	outside  time.Duration // spent in dialling and other waiting that is not ours

	mu        sync.Mutex
	draft     exchange.Draft
	active    bool
	uploaded  bool      // the request's body has been read to its end
	watching  bool      // client.watch runs
	left      bool      // the client is gone
	badBody   error     // why the request's body could not be read
	cancel    io.Closer // ends the upstream's part
	announced time.Time
	dirty     bool // changed since it was announced
}

// begin starts the record. in must be filled.
func (f *flight) begin(origin []byte, begun time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = begun
	f.active, f.left, f.watching, f.dirty = true, false, false, true
	f.uploaded = f.in.framing.Kind == wire.None
	f.cancel, f.announced, f.route, f.badBody = nil, time.Time{}, nil, nil
	f.sent, f.answered, f.outside = time.Time{}, time.Time{}, 0
	d := &f.draft
	d.Reset(f.begun)
	d.Send, d.Wait, d.Receive = exchange.Unknown, exchange.Unknown, exchange.Unknown
	d.Client(f.in.remote)
	d.Request(f.in.head.Method, origin, f.in.target, f.in.head.Proto, f.in.head.Block)
}

// finish records the exchange. It runs whatever happened.
func (f *flight) finish() {
	now := time.Now()
	f.mu.Lock()
	watching := f.watching
	f.mu.Unlock()
	if watching {
		f.client.unwatch()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.draft
	d.Open = false
	d.Took = now.Sub(f.begun)
	if !f.answered.IsZero() {
		d.Receive = now.Sub(f.answered)
	}
	f.active, f.cancel = false, nil
	f.p.sink.Add(d)
}

// announce records a long exchange while it runs. Called by the sweeper.
func (f *flight) announce(now time.Time) {
	if !f.dirty || now.Sub(f.announced) < announceEvery {
		return
	}
	f.draft.Open, f.draft.Took = true, now.Sub(f.begun)
	f.p.sink.Add(&f.draft)
	f.draft.Open, f.dirty, f.announced = false, false, now
}

// attach names what must be closed to stop the upstream's part.
func (f *flight) attach(c io.Closer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cancel = c
	if f.left && c != nil {
		c.Close()
	}
}

// leave notes that the client is gone and stops the upstream.
func (f *flight) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.active {
		return
	}
	f.left = true
	if f.cancel != nil {
		f.cancel.Close()
	}
}

func (f *flight) clientLeft() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.left
}

func (f *flight) fail(class exchange.Class, detail string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.draft.Fail(class, detail)
}

func (f *flight) change(sentence string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.draft.Change(sentence)
}

func (f *flight) requestPiece(p []byte) {
	f.mu.Lock()
	f.draft.RequestBody(p, f.p.limit)
	f.dirty = true
	f.mu.Unlock()
}

func (f *flight) responsePiece(p []byte) {
	f.mu.Lock()
	f.draft.ResponseBody(p, f.p.limit)
	f.dirty = true
	f.mu.Unlock()
}

// uploadDone notes that nothing more is read from the client, and that it is
// therefore safe to watch it for leaving.
func (f *flight) uploadDone() {
	f.mu.Lock()
	f.uploaded = true
	if t := f.in.body.Trailer(); len(t) > 0 {
		f.draft.RequestTrailer(t)
	}
	f.mu.Unlock()
}

// registry knows the flights, for the sweeper and for Close.
type registry struct {
	mu     sync.Mutex
	all    map[*flight]struct{}
	closed bool
	empty  chan struct{} // closed when the last one has gone after close
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

func (r *registry) cutAll() {
	r.each(func(f *flight) {
		f.leave()
		f.client.cut(false)
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

func (f *flight) sweep(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	age := now.Sub(f.begun)
	if !f.active || age < watchAfter {
		return // begun is only written under mu too
	}
	if f.uploaded && !f.watching {
		f.watching = true
		f.client.watch(f.leave)
	}
	if age >= announceAfter {
		f.announce(now)
	}
}
