package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// TLS upstreams go through net/http's Transport, which speaks HTTP/2 to them
// where it can. The order of header lines of different names is lost there;
// HTTP/2 would not keep their case either.

var discardLogger = log.New(io.Discard, "", 0)

func (p *Proxy) newTransport(r *route, s *settings) *http.Transport {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, s.dialTimeout)
		defer cancel()
		addrs, err := resolve(ctx, r.name)
		if err != nil {
			return nil, err
		}
		return p.dialAny(ctx, r, addrs)
	}
	return &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        r.tlsConfig,
		TLSHandshakeTimeout:    s.dialTimeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    maxIdleUp,
		IdleConnTimeout:        upstreamIdle,
		ResponseHeaderTimeout:  s.responseTimeout,
		MaxResponseHeaderBytes: maxHead,
		ReadBufferSize:         readBuffer,
		WriteBufferSize:        readBuffer,
	}
}

// viaTransport serves the flight over net/http's client.
func (f *flight) viaTransport(s *settings) {
	f.compose(s)
	req, err := f.transportRequest()
	if err != nil {
		f.refuse(http.StatusBadRequest, exchange.BadRequest, "this request cannot be passed on: "+err.Error())
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f.attach(closeFunc(cancel))
	var uploading chan struct{}
	if up, ok := req.Body.(*uploadReader); ok {
		up.trailer = req.Trailer
		uploading = up.done
	}
	t := &transportTrace{f: f, start: time.Now()}
	resp, err := f.route.std.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, t.hooks())))
	t.close()
	if err != nil {
		f.failUpstream(err)
		f.stopUpload(uploading)
		return
	}
	defer resp.Body.Close()
	f.prepare(headOf(resp), framingOf(resp, f.in.head.Method))
	if !f.relay(&transportBody{r: resp.Body, resp: resp}) {
		cancel()
	}
	f.stopUpload(uploading)
	f.attach(nil)
}

// transportRequest reads back what compose wrote.
func (f *flight) transportRequest() (*http.Request, error) {
	var h wire.Head
	if err := h.ParseRequest(f.out); err != nil {
		return nil, err
	}
	req := &http.Request{
		Method: string(h.Method), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		URL: f.route.url(string(h.Target)), Header: http.Header{"User-Agent": nil},
	}
	cases := map[string]string{}
	for _, l := range h.Lines {
		switch {
		case wire.Is(l.Name, "host"):
			req.Host = string(l.Value)
		case wire.Is(l.Name, "trailer"):
			req.Trailer = announced(req.Trailer, string(l.Value))
		case wire.Is(l.Name, "content-length"), wire.Is(l.Name, "transfer-encoding"), wire.Is(l.Name, "connection"):
		case !httpguts.ValidHeaderFieldValue(string(l.Value)):
			return nil, fmt.Errorf("control byte in header %s", l.Name)
		default:
			// In the client's case, which net/http keeps with HTTP/1.1; that of
			// the first line of a name, so that its lines stay in order.
			name := string(l.Name)
			key := textproto.CanonicalMIMEHeaderKey(name)
			if first, ok := cases[key]; ok {
				name = first
			}
			cases[key] = name
			req.Header[name] = append(req.Header[name], string(l.Value))
		}
	}
	if f.in.framing.Kind == wire.None {
		f.uploadDone()
		return req, nil
	}
	req.Body = &uploadReader{f: f, done: make(chan struct{})}
	req.ContentLength = -1
	if f.in.framing.Kind == wire.Length {
		req.ContentLength = f.in.framing.Length
	}
	return req, nil
}

// url makes the URL of a target. Opaque goes out as it is, so escapes survive
// that Path would change; but it cannot begin with two slashes.
func (r *route) url(target string) *url.URL {
	path, query, hasQuery := strings.Cut(target, "?")
	u := &url.URL{Scheme: "https", Host: r.host, Opaque: path, RawQuery: query, ForceQuery: hasQuery && query == ""}
	if path == "*" || strings.HasPrefix(path, "//") {
		u.Opaque, u.Path, u.RawPath = "", path, path
		if plain, err := url.PathUnescape(path); err == nil {
			u.Path = plain
		}
	}
	return u
}

// announced adds the names of a Trailer line to a request's trailer. The
// Transport sends only trailers it was told of beforehand.
func announced(trailer http.Header, list string) http.Header {
	if trailer == nil {
		trailer = http.Header{}
	}
	for name := range strings.SplitSeq(list, ",") {
		trailer[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = nil
	}
	return trailer
}

// uploadReader gives the client's body to the Transport, which may close it
// while a Read is under way.
type uploadReader struct {
	f       *flight
	rest    []byte
	trailer http.Header
	done    chan struct{} // closed when nobody reads any more

	mu              sync.Mutex
	reading, closed bool
}

var errBodyClosed = errors.New("the request's body is closed")

func (u *uploadReader) Read(p []byte) (int, error) {
	if !u.enter() {
		return 0, errBodyClosed
	}
	defer u.exit()
	if len(u.rest) == 0 {
		piece, err := u.f.in.body.Next(nil)
		if err == io.EOF {
			u.takeTrailer()
			u.f.uploadDone()
			return 0, io.EOF
		}
		if err != nil {
			u.f.uploadFailed(err)
			return 0, err
		}
		u.f.requestPiece(piece)
		u.rest = piece
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *uploadReader) takeTrailer() {
	var h wire.Head
	h.ParseTrailer(u.f.in.body.Trailer())
	for _, l := range h.Lines {
		name := textproto.CanonicalMIMEHeaderKey(string(l.Name))
		if _, ok := u.trailer[name]; ok {
			u.trailer[name] = append(u.trailer[name], string(l.Value))
		}
	}
}

func (u *uploadReader) enter() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reading = !u.closed
	return u.reading
}

func (u *uploadReader) exit() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reading = false
	if u.closed {
		close(u.done)
	}
}

// Close is called by the Transport when it wants no more.
func (u *uploadReader) Close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.closed && !u.reading {
		close(u.done)
	}
	u.closed = true
	return nil
}

// headOf makes a head of the Transport's response. Names come sorted, because
// their order on the wire is not known.
func headOf(resp *http.Response) *wire.Head {
	h := &wire.Head{Status: resp.StatusCode, Proto: http11, Lines: linesOf(resp.Header)}
	if _, reason, ok := strings.Cut(resp.Status, " "); ok && resp.ProtoMajor == 1 {
		h.Reason = []byte(reason)
	}
	if len(resp.Trailer) > 0 && !h.Has("trailer") {
		h.Lines = append(h.Lines, line("Trailer", strings.Join(names(resp.Trailer), ", ")))
	}
	return h
}

func names(h http.Header) []string {
	list := make([]string, 0, len(h))
	for name := range h {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func linesOf(h http.Header) (lines []wire.Line) {
	for _, name := range names(h) {
		for _, v := range h[name] {
			lines = append(lines, line(name, v))
		}
	}
	return lines
}

func blockOf(lines []wire.Line) (block []byte) {
	for i := range lines {
		block = append(append(block, lines[i].Raw...), "\r\n"...)
	}
	return block
}

// framingOf is the framing towards the client. A length cannot travel with
// trailers in HTTP/1.1.
func framingOf(resp *http.Response, method []byte) wire.Framing {
	switch {
	case string(method) == "HEAD" || resp.StatusCode == 204 || resp.StatusCode == 304:
		return wire.Framing{}
	case resp.ContentLength >= 0 && len(resp.Trailer) == 0:
		return wire.Framing{Kind: wire.Length, Length: resp.ContentLength}
	}
	return wire.Framing{Kind: wire.Chunked}
}

// transportBody reads a response body for the relay.
type transportBody struct {
	r    io.Reader
	resp *http.Response
	err  error
}

func (b *transportBody) Next(scratch []byte) ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	n, err := b.r.Read(scratch)
	b.err = err
	if n > 0 || err == nil {
		return scratch[:n], nil
	}
	return nil, err
}

// Buffered cannot know, so each piece is flushed: late bytes are worse than
// small writes.
func (b *transportBody) Buffered() bool  { return b.err == io.EOF }
func (b *transportBody) Complete() bool  { return false }
func (b *transportBody) Left() int64     { return -1 }
func (b *transportBody) Trailer() []byte { return blockOf(linesOf(b.resp.Trailer)) }
