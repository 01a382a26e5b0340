package report

import (
	"io"
	"sync"
	"time"

	"corsdash/internal/diag"
)

const (
	// flushAfter is how long a printed result may wait for others. It is below
	// what a person notices and long enough to make one write of a burst.
	flushAfter = 10 * time.Millisecond
	flushSize  = 64 << 10
	// keepCapacity is what the buffer keeps: one huge body must not stay.
	keepCapacity = 1 << 20
)

// Stream prints results to a writer while they come. Its methods may be called
// from any goroutine.
//
// A slow reader holds up Add, and thereby the session's consumer, which then
// sheds capture; it never holds up traffic. The first failed write ends the
// stream: what comes later is dropped.
type Stream struct {
	print  Printer
	broken chan struct{}

	mu    sync.Mutex
	w     io.Writer
	buf   []byte
	timer *time.Timer
	armed bool
	err   error
}

// NewStream returns a stream that must be closed.
func NewStream(w io.Writer, print Printer) *Stream {
	s := &Stream{w: w, print: print, broken: make(chan struct{})}
	s.timer = time.AfterFunc(time.Hour, s.idle)
	s.timer.Stop()
	return s
}

// Add prints one result.
func (s *Stream) Add(r diag.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.buf = s.print(s.buf, r)
	switch {
	case len(s.buf) >= flushSize:
		s.flush()
	case len(s.buf) > 0 && !s.armed:
		s.armed = true
		s.timer.Reset(flushAfter)
	}
}

func (s *Stream) idle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	s.flush()
}

func (s *Stream) flush() {
	if len(s.buf) == 0 || s.err != nil {
		return
	}
	_, err := s.w.Write(s.buf)
	s.buf = s.buf[:0]
	if cap(s.buf) > keepCapacity {
		s.buf = nil
	}
	if err != nil {
		s.err, s.buf = err, nil
		close(s.broken)
	}
}

// Broken is closed when a write has failed, because the reader is gone, say.
func (s *Stream) Broken() <-chan struct{} { return s.broken }

// Close writes what is left and returns the error that ended the stream, if
// one did. It waits for the reader.
func (s *Stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	s.flush()
	return s.err
}
