package proxy

import (
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"corsdash/internal/wire"
)

// serveHTTP2 adapts one HTTP/2 stream of net/http to a flight.
func (p *Proxy) serveHTTP2(w http.ResponseWriter, r *http.Request) {
	s := &stream{w: w, r: r, rc: http.NewResponseController(w)}
	f := &flight{p: p, client: s}
	if !p.flights.add(f) {
		panic(http.ErrAbortHandler)
	}
	defer p.flights.remove(f)
	s.fill(&f.in)
	f.begin([]byte(f.in.scheme+"://"+r.Host), time.Now())
	p.handle(f)
	if s.aborted {
		panic(http.ErrAbortHandler) // resets the stream: the client sees a cut
	}
}

// stream is the client side of an HTTP/2 exchange.
type stream struct {
	w        http.ResponseWriter
	r        *http.Request
	rc       *http.ResponseController
	mu       sync.Mutex
	stop     chan struct{}
	stopped  chan struct{}
	aborted  bool
	bodyless bool
}

// fill makes lines of net/http's header map. HTTP/2 has lower-case names; the
// order of different names is not known any more, so they come sorted.
func (s *stream) fill(in *inbound) {
	r := s.r
	in.http2, in.remote, in.scheme = true, r.RemoteAddr, "http"
	if r.TLS != nil {
		in.scheme = "https"
	}
	in.host, in.target = []byte(r.Host), []byte(r.RequestURI)
	h := &in.head
	h.Method, h.Target, h.Proto = []byte(r.Method), in.target, []byte(r.Proto)
	h.Lines = append(h.Lines, line("host", r.Host))
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range r.Header[name] {
			h.Lines = append(h.Lines, line(strings.ToLower(name), v))
		}
	}
	for _, l := range h.Lines {
		h.Block = append(append(h.Block, l.Raw...), "\r\n"...)
	}
	switch {
	case r.ContentLength > 0:
		in.framing = wire.Framing{Kind: wire.Length, Length: r.ContentLength}
	case r.ContentLength < 0:
		in.framing = wire.Framing{Kind: wire.Chunked}
	}
	in.body = &streamBody{r: r, none: in.framing.Kind == wire.None}
}

// streamBody reads the request's body.
type streamBody struct {
	r    *http.Request
	buf  []byte
	none bool
	err  error
}

func (b *streamBody) Next(scratch []byte) ([]byte, error) {
	if b.none {
		return nil, io.EOF
	}
	if b.err != nil {
		return nil, b.err
	}
	if len(scratch) == 0 {
		if b.buf == nil {
			b.buf = make([]byte, readBuffer)
		}
		scratch = b.buf
	}
	n, err := b.r.Body.Read(scratch)
	b.err = err
	if n > 0 {
		return scratch[:n], nil
	}
	return nil, err
}

func (b *streamBody) Buffered() bool { return false }
func (b *streamBody) Complete() bool { return b.none }
func (b *streamBody) Left() int64    { return -1 }

func (b *streamBody) Trailer() []byte {
	var block bytes.Buffer
	for name, values := range b.r.Trailer {
		for _, v := range values {
			block.WriteString(name + ": " + v + "\r\n")
		}
	}
	return block.Bytes()
}

// The client interface.

func (s *stream) interim(status int, _ []byte, lines []wire.Line) error {
	if status == http.StatusContinue {
		return nil // net/http sends it when the body is read
	}
	h := s.w.Header()
	for _, l := range lines {
		h.Add(string(l.Name), string(l.Value))
	}
	s.w.WriteHeader(status)
	clear(h)
	return s.rc.Flush()
}

func (s *stream) start(a *answer, _ bool) (block []byte) {
	h := s.w.Header()
	// net/http would fill these in; nil keeps it from doing so.
	h["Date"], h["Content-Type"] = nil, nil
	for _, l := range a.lines {
		if wire.Is(l.Name, "transfer-encoding") || wire.Is(l.Name, "connection") {
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(string(l.Name))
		h[name] = append(h[name], string(l.Value))
		block = append(append(append(append(block, bytes.ToLower(l.Name)...), ": "...), l.Value...), "\r\n"...)
	}
	if a.kind == wire.Length && len(h["Content-Length"]) == 0 {
		h["Content-Length"] = []string{strconv.FormatInt(a.length, 10)}
	}
	a.reason, a.proto = nil, []byte("HTTP/2.0")
	s.w.WriteHeader(a.status)
	return block
}

func (s *stream) piece(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	_, err := s.w.Write(p)
	return err
}

func (s *stream) flush() error { return s.rc.Flush() }

func (s *stream) end(trailer []byte) error {
	for len(trailer) > 0 {
		line, rest, _ := bytes.Cut(trailer, []byte("\r\n"))
		trailer = rest
		if name, value, ok := bytes.Cut(line, []byte(":")); ok {
			s.w.Header().Add(http.TrailerPrefix+string(name), string(bytes.TrimSpace(value)))
		}
	}
	return nil
}

func (s *stream) cut(bool) { s.aborted = true }

// watch waits for the stream's context, which net/http ends when the client
// resets the stream or goes.
func (s *stream) watch(gone func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	s.stop, s.stopped = stop, stopped
	s.mu.Unlock()
	go func() {
		defer close(stopped)
		select {
		case <-s.r.Context().Done():
			gone()
		case <-stop:
		}
	}()
}

func (s *stream) unwatch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.stop)
	<-s.stopped
}

func (s *stream) stopReading() { s.r.Body.Close() }
