package proxy

import (
	"errors"
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
	for try := 0; ; try++ {
		u, err := f.connect(s, try > 0)
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
		u.nc.Close()
		again := try == 0 && errors.Is(err, errStale) && uploading == nil && !f.clientLeft()
		if !again {
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
	if u.head.Status == 101 && f.wantsUpgrade() {
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
	if whole && !framing.Close && !early && u.br.Buffered() == 0 {
		f.release(u)
		return
	}
	u.nc.Close()
}

// prepare makes the client's head from the upstream's.
func (f *flight) prepare(h *wire.Head, framing wire.Framing) {
	a := &f.answer
	a.status, a.reason, a.proto = h.Status, h.Reason, h.Proto
	a.kind, a.length = framing.Kind, framing.Length
	if a.kind == wire.UntilClose {
		a.kind = wire.Chunked // its end shall be told from a cut
	}
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
	var scratch []byte
	if left := body.Left(); left < 0 || left > readBuffer {
		buf := takeScratch()
		defer giveScratch(buf)
		scratch = *buf
	}
	if !body.Buffered() && f.client.flush() != nil {
		return f.lost()
	}
	for {
		p, err := body.Next(scratch)
		if err == io.EOF {
			break
		}
		if err != nil {
			return f.cutShort(err)
		}
		f.responsePiece(p)
		if f.client.piece(p) != nil || (!body.Buffered() && f.client.flush() != nil) {
			return f.lost()
		}
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
	return true
}

// lost notes that the client left before it had everything.
func (f *flight) lost() bool {
	f.leave()
	f.fail(exchange.ClientGone, "the client closed the connection before the end of the answer")
	f.client.cut(false)
	return false
}

// cutShort passes a cut on: the client must see that something is missing.
func (f *flight) cutShort(err error) bool {
	if f.clientLeft() {
		return f.lost()
	}
	f.client.flush()
	f.fail(exchange.Cut, "the upstream ended the connection in the middle of the body ("+err.Error()+")")
	f.client.cut(isReset(err))
	return false
}

// stopUpload waits for the upload to end. After a complete answer an upstream
// gets a moment to read the rest; then it is given up.
func (f *flight) stopUpload(uploading chan struct{}) {
	if uploading == nil {
		return
	}
	timer := time.NewTimer(lingerFor)
	defer timer.Stop()
	select {
	case <-uploading:
		return
	case <-timer.C:
	}
	f.mu.Lock()
	if f.cancel != nil {
		f.cancel.Close()
	}
	f.mu.Unlock()
	f.client.stopReading()
	<-uploading
}

// stopReading makes a pending read of the request's body fail.
func (c *conn) stopReading() {
	c.closing = true
	c.nc.SetReadDeadline(time.Unix(1, 0))
}
