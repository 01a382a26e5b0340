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

// watchState says whether somebody waits for the client to leave.
type watchState uint8

const (
	unwatched watchState = iota
	watching
	watchOver // not to be started again during this exchange
)

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

	begun   time.Time     // first byte of the request was there
	ready   time.Time     // its head was complete
	ended   time.Time     // last byte of the answer
	outside time.Duration // spent in dialling and other waiting that is not ours

	mu        sync.Mutex
	draft     exchange.Draft
	active    bool
	uploaded  bool // the request's body has been read to its end
	watch     watchState
	left      bool      // the client is gone
	cause     error     // why we stopped the upstream's part ourselves
	cancel    io.Closer // ends the upstream's part
	sent      time.Time // request written, body included
	answered  time.Time // first byte of the final answer
	passed    int64     // bytes of the request's body so far
	announced time.Time
	dirty     bool // changed since it was announced
}

// begin starts the record. in must be filled. ready is when the request's head
// was complete.
func (f *flight) begin(origin, path []byte, begun, ready time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun, f.ready, f.ended, f.outside = begun, ready, time.Time{}, 0
	f.route = nil
	f.active, f.dirty, f.watch, f.left = true, true, unwatched, f.p.flights.cutting.Load()
	f.uploaded = f.in.framing.Kind == wire.None
	f.cause, f.cancel, f.announced = nil, nil, time.Time{}
	f.sent, f.answered, f.passed = time.Time{}, time.Time{}, 0
	d := &f.draft
	d.Reset(begun)
	d.Send, d.Wait, d.Receive = exchange.Unknown, exchange.Unknown, exchange.Unknown
	d.Client(f.in.remote)
	d.Request(f.in.head.Method, origin, path, f.in.proto, f.in.head.Block)
}

// finish records the exchange. It runs whatever happened.
func (f *flight) finish() {
	if f.ended.IsZero() {
		f.ended = time.Now()
	}
	f.endWatch()
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.draft
	d.Open = false
	d.Took = f.ended.Sub(f.begun)
	if !f.answered.IsZero() {
		d.Receive = f.ended.Sub(f.answered)
	}
	f.active, f.cancel = false, nil
	f.p.sink.Add(d)
}

// endWatch makes sure that nobody but the caller reads from the client.
func (f *flight) endWatch() {
	f.mu.Lock()
	was := f.watch
	f.watch = watchOver
	f.mu.Unlock()
	if was == watching {
		f.client.unwatch()
	}
}

// sweep looks after an exchange that takes long.
func (f *flight) sweep(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.active {
		return
	}
	age := now.Sub(f.begun)
	if age >= watchAfter && f.uploaded && f.watch == unwatched {
		f.watch = watching
		f.client.watch(f.leave)
	}
	if age >= announceAfter {
		f.announce(now)
	}
}

// announce records a long exchange while it runs. Each time costs a whole
// record, so large ones are announced less often: one busy stream must not
// push everything else out of the sink.
func (f *flight) announce(now time.Time) {
	wait := announceEvery * time.Duration(1+f.draft.Len()>>15)
	if !f.dirty || now.Sub(f.announced) < wait {
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

// stop ends the upstream's part for a reason that lies elsewhere. The first
// reason stands.
func (f *flight) stop(cause error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cause == nil {
		f.cause = cause
	}
	if f.cancel != nil {
		f.cancel.Close()
	}
}

// because returns why the upstream's part ended: the reason we had for
// stopping it, or else what its connection said.
func (f *flight) because(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cause != nil {
		return f.cause
	}
	return err
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

// gone records that there is nobody to answer any more.
func (f *flight) gone(when string) {
	who := "the client closed the connection "
	if f.p.flights.cutting.Load() {
		who = "corsdash was stopped "
	}
	f.fail(exchange.ClientGone, who+when)
}

func (f *flight) change(sentence string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.draft.Change(sentence)
}

func (f *flight) requestPiece(p []byte) {
	f.mu.Lock()
	f.draft.RequestBody(p, f.p.limit)
	f.passed += int64(len(p))
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

func (f *flight) bodyRead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.uploaded
}
