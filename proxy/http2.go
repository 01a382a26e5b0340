package proxy

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

func (p *Proxy) startHTTP2() {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	p.h2conns = make(chan net.Conn)
	p.h2 = &http.Server{
		Handler: http.HandlerFunc(p.serveHTTP2), Protocols: protocols, TLSConfig: p.tls,
		MaxHeaderBytes: maxHead, IdleTimeout: idleTimeout, ReadHeaderTimeout: headTimeout,
		ErrorLog: discardLogger,
	}
	go p.h2.Serve(&chanListener{conns: p.h2conns, closed: make(chan struct{})})
}

// handOver gives a connection that speaks HTTP/2 to net/http.
func (p *Proxy) handOver(nc net.Conn) {
	nc.SetReadDeadline(time.Time{})
	select {
	case p.h2conns <- nc:
	case <-p.closed:
		nc.Close()
	}
}

// chanListener feeds accepted connections to an http.Server.
type chanListener struct {
	conns  <-chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *chanListener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *chanListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *chanListener) Addr() net.Addr { return &net.TCPAddr{} }

// serveHTTP2 adapts one HTTP/2 stream of net/http to a flight.
func (p *Proxy) serveHTTP2(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	s := &stream{w: w, r: r, rc: http.NewResponseController(w)}
	f := &flight{p: p, client: s}
	if !p.flights.add(f) {
		panic(http.ErrAbortHandler)
	}
	defer p.flights.remove(f)
	err := s.fill(&f.in)
	f.begin([]byte(f.in.scheme+"://"+r.Host), f.in.path(), begun, time.Now())
	if err != nil {
		f.refuse(http.StatusBadRequest, exchange.BadRequest, err.Error())
		f.finish()
	} else {
		p.handle(f)
	}
	if s.aborted {
		panic(http.ErrAbortHandler) // resets the stream: the client sees a cut
	}
}

// stream is the client side of an HTTP/2 exchange.
type stream struct {
	w       http.ResponseWriter
	r       *http.Request
	rc      *http.ResponseController
	stop    chan struct{}
	stopped chan struct{}
	aborted bool
}

// fill writes net/http's request as an HTTP/1.1 head and has it checked as
// such: what passes here goes to HTTP/1.1 upstreams. HTTP/2 has lower-case
// names; the order of different names is not known any more, so they come
// sorted.
func (s *stream) fill(in *inbound) error {
	r := s.r
	in.proto, in.remote, in.scheme = []byte(r.Proto), r.RemoteAddr, "http"
	if r.TLS != nil {
		in.scheme = "https"
	}
	in.frame(r)
	in.body = &streamBody{r: r, none: in.framing.Kind == wire.None}
	raw := []byte(r.Method + " " + r.RequestURI + " HTTP/1.1\r\n")
	raw = appendLine(raw, "host", r.Host)
	for _, name := range names(r.Header) {
		if name == "Host" || (name == "Content-Length" && in.framing.Kind == wire.Chunked) {
			continue
		}
		for _, v := range r.Header[name] {
			raw = appendLine(raw, strings.ToLower(name), v)
		}
	}
	if len(r.Trailer) > 0 {
		raw = appendLine(raw, "trailer", strings.ToLower(strings.Join(names(r.Trailer), ", ")))
	}
	err := in.head.ParseRequest(append(raw, "\r\n"...))
	if err == nil {
		err = in.locate()
	}
	if err != nil {
		in.target, in.host = []byte("/"), []byte(r.Host)
	}
	return err
}

// frame decides how the body travels in HTTP/1.1: a length has no room for
// trailers.
func (in *inbound) frame(r *http.Request) {
	switch {
	case r.ContentLength == 0 && len(r.Trailer) == 0:
	case r.ContentLength > 0 && len(r.Trailer) == 0:
		in.framing = wire.Framing{Kind: wire.Length, Length: r.ContentLength}
	default:
		in.framing = wire.Framing{Kind: wire.Chunked}
	}
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
	lines := linesOf(b.r.Trailer)
	for i := range lines {
		lines[i] = line(strings.ToLower(string(lines[i].Name)), string(lines[i].Value))
	}
	return blockOf(lines)
}

// The client interface.

// interim must not flush: that would send the final head.
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
	return nil
}

// start leaves out what HTTP/2 cannot carry: header lines about the
// connection, and those that are not quite header lines.
func (s *stream) start(a *answer, _ bool) (block []byte) {
	h := s.w.Header()
	// net/http would fill these in; nil keeps it from doing so.
	h["Date"], h["Content-Type"], h["Content-Length"] = nil, nil, nil
	for _, l := range a.lines {
		switch {
		case wire.Is(l.Name, "transfer-encoding"), wire.Is(l.Name, "connection"), wire.Is(l.Name, "trailer"):
			continue
		case !httpguts.ValidHeaderFieldName(string(l.Name)), !httpguts.ValidHeaderFieldValue(string(l.Value)):
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(string(l.Name))
		h[name] = append(h[name], string(l.Value))
		block = appendLine(block, strings.ToLower(name), string(l.Value))
	}
	if a.kind == wire.Length && a.length > 0 && h["Content-Length"] == nil {
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
	s.stop, s.stopped = stop, stopped
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
	close(s.stop)
	<-s.stopped
}

func (s *stream) stopReading() { s.r.Body.Close() }
