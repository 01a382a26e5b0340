package proxy

import (
	"errors"
	"fmt"
	"io"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// viaConn serves the flight over a plain HTTP/1.1 connection.
func (f *flight) viaConn(s *settings) {
	f.compose(s)
	if f.in.framing.Kind == wire.None || f.in.body.Complete() {
		f.takeBody()
	}
	for again := true; ; again = false {
		u, err := f.connect(s, !again)
		if err != nil {
			f.failUpstream(err)
			return
		}
		uploading, err := f.ask(u, s)
		if err == nil {
			f.answerFrom(u, uploading)
			return
		}
		f.attach(nil)
		u.Close()
		if !again || !errors.Is(err, errStale) || uploading != nil || f.clientLeft() {
			f.failUpstream(err)
			f.stopUpload(uploading)
			return
		}
	}
}

// takeBody moves a body that has arrived already behind the head, so that both
// go out in one write and can go out again.
func (f *flight) takeBody() {
	for {
		p, err := f.in.body.Next(nil)
		if err != nil {
			break
		}
		f.requestPiece(p)
		f.out = append(f.out, p...)
	}
	f.uploadDone()
}

// answerFrom passes the answer on and decides about both connections.
func (f *flight) answerFrom(u *upConn, uploading chan struct{}) {
	if u.head.Status == 101 {
		f.tunnel(u)
		return
	}
	framing := u.head.ResponseFraming(f.in.head.Method)
	u.body.Reset(u.br, framing)
	f.prepare(&u.head, framing)
	if !u.body.Complete() {
		u.nc.SetReadDeadline(time.Time{}) // a stream may be silent for as long as it likes
	}
	whole := f.relay(&u.body)
	early := !f.bodyRead()
	f.stopUpload(uploading)
	f.attach(nil)
	if whole && !framing.Close && !early && !u.refused && u.br.Buffered() == 0 && !f.clientLeft() {
		f.release(u)
		return
	}
	u.Close()
}

// prepare makes the client's head from the upstream's.
func (f *flight) prepare(h *wire.Head, framing wire.Framing) {
	a := &f.answer
	a.status, a.reason, a.proto = h.Status, h.Reason, http11
	a.kind, a.length = framing.Kind, framing.Length
	a.lines = a.lines[:0]
	listed := connectionLines(h.Lines)
	for i := range h.Lines {
		if !dropAnswerLine(&h.Lines[i], listed, h.Status == 101) {
			a.lines = append(a.lines, h.Lines[i])
		}
	}
	f.learnOrigin()
	if !f.route.keepHost {
		f.keepOnProxy(a.lines)
	}
}

var http11 = []byte("HTTP/1.1")

func dropAnswerLine(l *wire.Line, listed [][]byte, upgrade bool) bool {
	switch {
	case wire.Is(l.Name, "connection"):
		return !upgrade && !wire.Is(l.Value, "keep-alive")
	case wire.Is(l.Name, "upgrade"):
		return !upgrade
	case wire.Is(l.Name, "keep-alive"), wire.Is(l.Name, "proxy-connection"):
		return true
	}
	return isListed(l.Name, listed)
}

// learnOrigin notes an origin that the upstream allows by its name.
func (f *flight) learnOrigin() {
	for i := range f.answer.lines {
		l := &f.answer.lines[i]
		if wire.Is(l.Name, "access-control-allow-origin") {
			if origin, ok := f.in.head.Get("origin"); ok && string(origin) == string(l.Value) {
				f.p.known.learn(origin)
			}
			return
		}
	}
}

// relay sends head and body to the client. It reports whether the upstream's
// part is complete.
func (f *flight) relay(body pieces) bool {
	a := &f.answer
	block := f.client.start(a, f.in.framing.Close || !f.bodyRead())
	f.mu.Lock()
	f.draft.Response(a.status, a.reason, a.proto, block)
	f.draft.Proxy += time.Since(f.answered)
	f.dirty = true
	f.mu.Unlock()
	if !body.Buffered() && f.client.flush() != nil {
		return f.lost()
	}
	if err := f.pieces(body); err != nil {
		f.ended = time.Now()
		if errors.Is(err, errClient) {
			return f.lost()
		}
		return f.cutShort(err)
	}
	trailer := body.Trailer()
	if len(trailer) > 0 {
		f.mu.Lock()
		f.draft.ResponseTrailer(trailer)
		f.mu.Unlock()
	}
	if f.client.end(trailer) != nil {
		f.lost()
	}
	f.ended = time.Now()
	return true
}

// errClient marks a failure on the client's side.
var errClient = errors.New("the client is gone")

// pieces passes the body on. It flushes whenever the next piece would have to
// be waited for, so that nothing is late and a burst is one write.
func (f *flight) pieces(body pieces) error {
	var scratch []byte
	if left := body.Left(); left < 0 || left > readBuffer {
		buf := takeScratch()
		defer giveScratch(buf)
		scratch = *buf
	}
	for {
		p, err := body.Next(scratch)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		f.responsePiece(p)
		if f.client.piece(p) != nil || (!body.Buffered() && f.client.flush() != nil) {
			return errClient
		}
	}
}

// lost notes that the client left before it had everything.
func (f *flight) lost() bool {
	f.leave()
	f.gone("before the end of the answer")
	f.client.cut(false)
	return false
}

// cutShort passes a cut on: the client must see that something is missing.
func (f *flight) cutShort(err error) bool {
	if f.clientLeft() {
		return f.lost()
	}
	f.client.flush()
	cause := f.because(err)
	if bad := (badBody{}); errors.As(cause, &bad) {
		f.fail(exchange.BadRequest, "the request's body is broken: "+bad.Error())
	} else {
		f.fail(exchange.Cut, fmt.Sprintf("the upstream ended the connection in the middle of the body (%v)", cause))
	}
	f.client.cut(isReset(err))
	return false
}

// stopUpload waits for the upload to end. An upstream that has answered may go
// on reading, and a client go on sending: as long as bytes move, for a while.
func (f *flight) stopUpload(uploading chan struct{}) {
	if uploading == nil {
		return
	}
	select {
	case <-uploading:
		return
	default:
	}
	tick := time.NewTicker(lingerFor)
	defer tick.Stop()
	before := int64(-1)
	for end := time.Now().Add(lingerMax); time.Now().Before(end); {
		select {
		case <-uploading:
			return
		case <-tick.C:
		}
		f.mu.Lock()
		now := f.passed
		f.mu.Unlock()
		if now == before {
			break
		}
		before = now
	}
	f.stop(errStalled)
	f.client.stopReading()
	<-uploading
}
