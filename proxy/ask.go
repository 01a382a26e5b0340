package proxy

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"corsdash/internal/wire"
)

// When is a request sent again? Only when a connection that has served before
// turns out to be closed before one byte of an answer came, when all of the
// request is still in memory, and when doing it twice does no harm: because
// nothing of it was written, or because its method is idempotent. Then once,
// on a new connection. A POST that the upstream may have seen is not repeated.

// errStale marks the failure of a connection that may be tried anew.
var errStale = errors.New("the upstream had closed the idle connection")

// idempotent applies RFC 9110 section 9.2.2.
func (f *flight) idempotent() bool {
	switch string(f.in.head.Method) {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE":
		return true
	}
	return false
}

func (u *upConn) stale(err error, harmless bool) error {
	if u.served > 0 && harmless && (errors.Is(err, io.EOF) || isReset(err)) {
		return errors.Join(errStale, err)
	}
	return err
}

// ask writes the request and reads the answer's head, passing interim answers
// on. f.out holds the head, and the body too when that was all there. Its
// uploading is closed when nobody reads from the client any more.
func (f *flight) ask(u *upConn, s *settings) (uploading chan struct{}, err error) {
	f.attach(u)
	u.w.Reset()
	began := time.Now()
	if n, err := u.nc.Write(f.out); err != nil {
		return nil, u.stale(err, n == 0 || f.idempotent())
	}
	wrote := time.Now()
	whole := f.bodyRead()
	f.mu.Lock()
	f.sent = wrote
	f.draft.Proxy = began.Sub(f.ready) - f.outside
	f.mu.Unlock()
	if whole {
		u.nc.SetReadDeadline(wrote.Add(s.responseTimeout))
	} else {
		u.nc.SetReadDeadline(time.Time{})
		uploading = make(chan struct{})
		go f.upload(u, s.responseTimeout, uploading)
	}
	if err = f.readHead(u, s, whole); err != nil {
		return uploading, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.draft
	d.Send, d.Wait = max(f.sent.Sub(began), 0), max(f.answered.Sub(f.sent), 0)
	if d.Reused = u.served > 0; !d.Reused {
		d.DNS, d.Connect, d.TLS = u.dns, u.connect, u.tls
	}
	d.Address(u.addr)
	return uploading, nil
}

// readHead reads the final head; 1xx answers before it go to the client.
func (f *flight) readHead(u *upConn, s *settings, whole bool) error {
	for first := true; ; first = false {
		if _, err := u.br.Peek(1); err != nil {
			return u.stale(err, first && f.idempotent())
		}
		f.hears(u, s, whole)
		var err error
		if u.buf, err = wire.ReadHead(u.br, u.buf[:0], maxHead, nil); err != nil {
			return err
		}
		if err = u.head.ParseResponse(u.buf); err != nil {
			return err
		}
		switch {
		case u.head.Status >= 200:
			return nil
		case u.head.Status == 101 && f.wantsUpgrade():
			return nil
		case u.head.Status == 101:
			return errUnasked
		}
		if err = f.passInterim(&u.head); err != nil {
			return err
		}
		f.waitsAgain(u, s)
	}
}

var errUnasked = errors.New("it switched protocols though nobody asked it to")

// hears notes the first byte of an answer. From here on the upload sets no
// deadline any more; the rest of the head gets one.
func (f *flight) hears(u *upConn, s *settings, whole bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered = time.Now()
	if !whole {
		u.nc.SetReadDeadline(f.answered.Add(s.responseTimeout))
	}
}

// waitsAgain takes that back after an interim answer.
func (f *flight) waitsAgain(u *upConn, s *settings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered = time.Time{}
	if f.uploaded {
		u.nc.SetReadDeadline(time.Now().Add(s.responseTimeout))
	} else {
		u.nc.SetReadDeadline(time.Time{})
	}
}

func (f *flight) passInterim(h *wire.Head) error {
	f.mu.Lock()
	f.draft.Interim(h.Status, h.Block)
	f.mu.Unlock()
	if err := f.client.interim(h.Status, h.Reason, h.Lines); err != nil {
		f.leave()
		return err
	}
	return nil
}

// upload passes the request's body on beside the answer, so that an answer
// that comes before its end is seen, and both may stream. When the upstream
// stops reading, the rest is read and dropped: closing on a client that still
// writes would destroy the answer on its way. timeout is how long the upstream
// may take no byte.
func (f *flight) upload(u *upConn, timeout time.Duration, done chan struct{}) {
	defer close(done)
	u.w.Chunked = f.in.framing.Kind == wire.Chunked
	scratch := takeScratch()
	defer giveScratch(scratch)
	for last := false; !last; {
		p, err := f.in.body.Next(*scratch)
		if last = err == io.EOF; last {
			f.uploadDone() // before it is written: the answer may be faster than we are
		} else if err != nil {
			f.uploadFailed(err)
			return
		}
		f.requestPiece(p)
		if !u.refused {
			u.nc.SetWriteDeadline(time.Now().Add(timeout))
			u.refused = !f.pass(u, p, last)
		}
	}
	u.nc.SetWriteDeadline(time.Time{})
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answered.IsZero() {
		f.sent = time.Now()
		u.nc.SetReadDeadline(f.sent.Add(timeout))
	}
}

// pass writes a piece, or the end of the body. It reports false when the
// upstream takes no more.
func (f *flight) pass(u *upConn, p []byte, last bool) bool {
	var err error
	if last {
		err = u.w.End(f.in.body.Trailer())
	} else if err = u.w.Piece(p); err == nil && !f.in.body.Buffered() {
		err = u.w.Flush()
	}
	if isTimeout(err) {
		f.stop(errStalled)
	}
	return err == nil
}

var errStalled error = stalled{}

// stalled is a timeout like those of package net.
type stalled struct{}

func (stalled) Error() string   { return "it stopped reading the request's body" }
func (stalled) Timeout() bool   { return true }
func (stalled) Temporary() bool { return false }

// badBody is a request body that is not HTTP.
type badBody struct{ error }

// uploadFailed ends the upstream's part after the client broke off. A body
// that is not HTTP gets an answer; a client that left needs none.
func (f *flight) uploadFailed(err error) {
	switch {
	case isTimeout(err): // we stopped reading ourselves
	case errors.Is(err, wire.ErrMalformed):
		f.stop(badBody{err})
	default:
		f.leave()
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// scratch buffers carry large bodies past the connection's own buffer.
const scratchSize = 128 << 10

var scratchPool = sync.Pool{New: func() any { b := make([]byte, scratchSize); return &b }}

func takeScratch() *[]byte  { return scratchPool.Get().(*[]byte) }
func giveScratch(b *[]byte) { scratchPool.Put(b) }
