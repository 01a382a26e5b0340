package proxy

import (
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"
)

// transportTrace notes when things happen inside the Transport. Its hooks run
// on the Transport's goroutines, and may do so after the exchange has ended;
// the trace is closed then.
type transportTrace struct {
	f     *flight
	start time.Time

	mu                      sync.Mutex
	closed                  bool
	dns, connect, handshake span
	got, wrote              time.Time
	addr                    string
	reused                  bool
}

// span is the time from the first beginning of a phase to its last end:
// several addresses may be tried.
type span struct {
	began time.Time
	took  time.Duration
}

func (s *span) begin() {
	if s.began.IsZero() {
		s.began = time.Now()
	}
}

func (s *span) end() { s.took = time.Since(s.began) }

// note runs do unless the exchange is over.
func (t *transportTrace) note(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		do()
	}
}

func (t *transportTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { t.note(func() { t.dns.begin() }) },
		DNSDone:           func(httptrace.DNSDoneInfo) { t.note(func() { t.dns.end() }) },
		ConnectStart:      func(_, _ string) { t.note(func() { t.connect.begin() }) },
		ConnectDone:       func(_, _ string, _ error) { t.note(func() { t.connect.end() }) },
		TLSHandshakeStart: func() { t.note(func() { t.handshake.begin() }) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { t.note(func() { t.handshake.end() }) },
		GotConn: func(i httptrace.GotConnInfo) {
			t.note(func() { t.got, t.reused, t.addr = time.Now(), i.Reused, i.Conn.RemoteAddr().String() })
		},
		// With HTTP/2, word of the whole request may come after the answer.
		WroteHeaders: func() { t.note(func() { t.wrote = time.Now() }) },
		WroteRequest: func(httptrace.WroteRequestInfo) { t.note(func() { t.wrote = time.Now() }) },
		Got1xxResponse: func(code int, header textproto.MIMEHeader) (err error) {
			t.note(func() { err = t.f.interimFrom(code, http.Header(header)) })
			return err
		},
	}
}

func (f *flight) interimFrom(code int, header http.Header) error {
	h := headOf(&http.Response{StatusCode: code, Header: header})
	h.Reason, h.Block = []byte(http.StatusText(code)), blockOf(h.Lines)
	return f.passInterim(h)
}

// close ends the trace and writes down what it saw.
func (t *transportTrace) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	f := t.f
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered, f.sent = time.Now(), t.start
	// An answer may overtake the word that its request was written.
	if wrote := latest(t.got, t.wrote); !t.got.IsZero() {
		f.sent = wrote
		f.draft.Send, f.draft.Wait = wrote.Sub(t.got), f.answered.Sub(wrote)
	}
	d := &f.draft
	d.Proxy, d.Reused = t.start.Sub(f.ready), t.reused
	if !t.reused {
		d.DNS, d.Connect, d.TLS = t.dns.took, t.connect.took, t.handshake.took
	}
	d.Address(t.addr)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
