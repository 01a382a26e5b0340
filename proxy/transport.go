package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
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

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// TLS upstreams go through net/http's Transport, which speaks HTTP/2 to them
// where it can. The order of header lines of different names is lost there;
// HTTP/2 would not keep their case either.

var discardLogger = log.New(io.Discard, "", 0)

func newTransport(r *route, s *settings) *http.Transport {
	dialer := &net.Dialer{Timeout: s.dialTimeout}
	return &http.Transport{
		DialContext:            dialer.DialContext,
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
	req, upload, err := f.transportRequest()
	if err != nil {
		f.refuse(http.StatusBadRequest, exchange.BadRequest, "this request cannot be passed on: "+err.Error())
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f.attach(closeFunc(cancel))
	t := &transportTrace{f: f, start: time.Now()}
	resp, err := f.route.std.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, t.hooks())))
	f.answered = time.Now()
	t.times(f)
	if err != nil {
		f.failUpstream(err)
		f.stopUpload(upload.doneOrNil())
		return
	}
	defer resp.Body.Close()
	h := headOf(resp)
	f.prepare(h, framingOf(resp, f.in.head.Method))
	whole := f.relay(&transportBody{r: resp.Body, resp: resp})
	if !whole {
		cancel()
	}
	f.stopUpload(upload.doneOrNil())
	f.attach(nil)
}

// transportRequest reads back what compose wrote.
func (f *flight) transportRequest() (*http.Request, *uploadReader, error) {
	var h wire.Head
	if err := h.ParseRequest(f.out); err != nil {
		return nil, nil, err
	}
	path, query, hasQuery := strings.Cut(string(h.Target), "?")
	u := &url.URL{Scheme: "https", Host: net.JoinHostPort(f.route.name, f.route.port), Opaque: "", Path: path}
	u.Host = f.route.host
	// Opaque goes out as it is, so escapes survive that Path would change.
	u.Opaque = "//" + f.route.host + path
	u.RawQuery, u.ForceQuery = query, hasQuery && query == ""
	req := &http.Request{
		Method: string(h.Method), URL: u, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"User-Agent": nil}, ContentLength: 0,
	}
	for _, l := range h.Lines {
		switch {
		case wire.Is(l.Name, "host"):
			req.Host = string(l.Value)
		case wire.Is(l.Name, "content-length"), wire.Is(l.Name, "transfer-encoding"), wire.Is(l.Name, "connection"):
		default:
			name := textproto.CanonicalMIMEHeaderKey(string(l.Name))
			req.Header[name] = append(req.Header[name], string(l.Value))
		}
	}
	if f.in.framing.Kind == wire.None {
		f.uploadDone()
		return req, nil, nil
	}
	up := &uploadReader{f: f, done: make(chan struct{})}
	req.Body = up
	req.ContentLength = -1
	if f.in.framing.Kind == wire.Length {
		req.ContentLength = f.in.framing.Length
	}
	return req, up, nil
}

// uploadReader gives the client's body to the Transport.
type uploadReader struct {
	f    *flight
	rest []byte
	done chan struct{}
	once sync.Once
}

func (u *uploadReader) doneOrNil() chan struct{} {
	if u == nil {
		return nil
	}
	return u.done
}

func (u *uploadReader) Read(p []byte) (int, error) {
	if len(u.rest) == 0 {
		piece, err := u.f.in.body.Next(nil)
		if err == io.EOF {
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

// Close is called by the Transport when it wants no more.
func (u *uploadReader) Close() error {
	u.once.Do(func() { close(u.done) })
	return nil
}

// headOf makes a head of the Transport's response. Names come sorted, because
// their order on the wire is not known.
func headOf(resp *http.Response) *wire.Head {
	h := &wire.Head{Status: resp.StatusCode, Proto: []byte("HTTP/1.1")}
	if _, reason, ok := strings.Cut(resp.Status, " "); ok {
		h.Reason = []byte(reason)
	}
	names := make([]string, 0, len(resp.Header))
	for name := range resp.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range resp.Header[name] {
			h.Lines = append(h.Lines, line(name, v))
		}
	}
	if len(resp.Trailer) > 0 && resp.Header.Get("Trailer") == "" {
		for name := range resp.Trailer {
			h.Lines = append(h.Lines, line("Trailer", name))
		}
	}
	return h
}

func framingOf(resp *http.Response, method []byte) wire.Framing {
	switch {
	case string(method) == "HEAD" || resp.StatusCode == 204 || resp.StatusCode == 304 || resp.ContentLength == 0:
		return wire.Framing{}
	case resp.ContentLength > 0:
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
	if len(scratch) == 0 {
		scratch = make([]byte, readBuffer)
	}
	n, err := b.r.Read(scratch)
	b.err = err
	if n > 0 {
		return scratch[:n], nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return nil, err
}

// Buffered cannot know, so each piece is flushed: late bytes are worse than
// small writes.
func (b *transportBody) Buffered() bool { return b.err == io.EOF }
func (b *transportBody) Complete() bool { return false }
func (b *transportBody) Left() int64    { return -1 }

func (b *transportBody) Trailer() []byte {
	var block bytes.Buffer
	for name, values := range b.resp.Trailer {
		for _, v := range values {
			block.WriteString(name + ": " + v + "\r\n")
		}
	}
	return block.Bytes()
}

// transportTrace notes when things happened inside the Transport.
type transportTrace struct {
	f                       *flight
	start                   time.Time
	dns, connect, handshake time.Time
	d                       struct{ dns, connect, tls time.Duration }
	got, wrote              time.Time
	addr                    string
	reused                  bool
}

func (t *transportTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { t.dns = time.Now() },
		DNSDone:           func(httptrace.DNSDoneInfo) { t.d.dns = time.Since(t.dns) },
		ConnectStart:      func(string, string) { t.connect = time.Now() },
		ConnectDone:       func(_, _ string, _ error) { t.d.connect = time.Since(t.connect) },
		TLSHandshakeStart: func() { t.handshake = time.Now() },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { t.d.tls = time.Since(t.handshake) },
		GotConn: func(i httptrace.GotConnInfo) {
			t.got, t.reused, t.addr = time.Now(), i.Reused, i.Conn.RemoteAddr().String()
		},
		WroteRequest: func(httptrace.WroteRequestInfo) { t.wrote = time.Now() },
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			return t.f.interimFrom(code, header)
		},
	}
}

func (f *flight) interimFrom(code int, header textproto.MIMEHeader) error {
	h := headOf(&http.Response{StatusCode: code, Header: http.Header(header)})
	var block []byte
	for _, l := range h.Lines {
		block = append(append(block, l.Raw...), "\r\n"...)
	}
	f.mu.Lock()
	f.draft.Interim(code, block)
	f.mu.Unlock()
	if err := f.client.interim(code, []byte(http.StatusText(code)), h.Lines); err != nil {
		f.leave()
		return err
	}
	return nil
}

// times fills the draft. The Transport may still run hooks after an error, so
// only what a finished phase left is read.
func (t *transportTrace) times(f *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.draft
	d.DNS, d.Connect, d.TLS, d.Reused = t.d.dns, t.d.connect, t.d.tls, t.reused
	d.Address(t.addr)
	if t.got.IsZero() {
		return
	}
	d.Proxy = t.start.Sub(f.begun)
	if !t.wrote.IsZero() && t.wrote.Before(f.answered) {
		f.sent = t.wrote
		d.Send, d.Wait = t.wrote.Sub(t.got), f.answered.Sub(t.wrote)
	}
}
