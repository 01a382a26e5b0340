package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"corsdash/internal/exchange"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come. Nothing waits that
// long unless it fails.
const patience = 10 * time.Second

// sink decodes what the proxy hands over.
type sink struct {
	mu   sync.Mutex
	ids  uint64
	list chan *exchange.Exchange
}

func (s *sink) Add(d *exchange.Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.ID == 0 {
		s.ids++
		d.ID = s.ids
	}
	x, err := d.Encode(make([]byte, d.Len())).Decode(-1)
	if err != nil {
		panic(err)
	}
	s.list <- x
}

// fixture is a running proxy.
type fixture struct {
	*Proxy
	t    testing.TB
	sink *sink
	addr string
}

// start runs a proxy in front of the upstream.
func start(t testing.TB, upstream string, change ...func(*Options)) *fixture {
	t.Helper()
	o := Options{Routes: []Route{{Target: upstream}}}
	for _, c := range change {
		c(&o)
	}
	f := open(t, o)
	if err := f.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	f.serve()
	return f
}

func open(t testing.TB, o Options) *fixture {
	t.Helper()
	s := &sink{list: make(chan *exchange.Exchange, 1<<16)}
	if o.Sink == nil {
		o.Sink = s
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return &fixture{Proxy: p, t: t, sink: s}
}

func (f *fixture) serve() {
	f.addr = f.Addr().String()
	served := make(chan error, 1)
	go func() { served <- f.Serve(context.Background()) }()
	f.t.Cleanup(func() {
		f.Close()
		if err := <-served; err != nil {
			f.t.Error("Serve:", err)
		}
	})
}

// next returns the next exchange that has ended.
func (f *fixture) next() *exchange.Exchange {
	f.t.Helper()
	for {
		if x := f.any(); !x.Open {
			return x
		}
	}
}

// any returns the next record, of an open exchange too.
func (f *fixture) any() *exchange.Exchange {
	f.t.Helper()
	select {
	case x := <-f.sink.list:
		return x
	case <-time.After(patience):
		f.t.Fatal("no exchange was recorded")
		return nil
	}
}

// get sends a request with a client of its own connection.
func (f *fixture) get(path string, lines ...string) (*http.Response, string) {
	f.t.Helper()
	c := f.dial()
	c.send("GET " + path + " HTTP/1.1\r\nHost: " + f.addr + "\r\n" + block(lines) + "\r\n")
	return c.answer("GET")
}

func block(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// peer is one end of a connection under the test's control.
type peer struct {
	net.Conn
	t  testing.TB
	br *bufio.Reader
}

func newPeer(t testing.TB, nc net.Conn) *peer {
	nc.SetDeadline(time.Now().Add(patience))
	return &peer{nc, t, bufio.NewReaderSize(nc, 64<<10)}
}

func (f *fixture) dial() *peer {
	f.t.Helper()
	nc, err := net.Dial("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { nc.Close() })
	return newPeer(f.t, nc)
}

func (c *peer) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatalf("send %.60q: %v", text, err)
	}
}

// expect reads exactly that text.
func (c *peer) expect(text string) {
	c.t.Helper()
	got := make([]byte, len(text))
	n, err := io.ReadFull(c.br, got)
	if string(got[:n]) != text {
		c.t.Fatalf("bytes differ (%v), -want +got:\n%s", err, cmp.Diff(lines(text), lines(string(got[:n]))))
	}
}

func lines(s string) []string { return strings.SplitAfter(s, "\n") }

// expectEnd wants the peer to close in order.
func (c *peer) expectEnd() {
	c.t.Helper()
	if p, err := c.br.Peek(1); err != io.EOF {
		c.t.Fatalf("want the end of the connection, got %q, %v", p, err)
	}
}

// head reads a head, up to its empty line.
func (c *peer) head() string {
	c.t.Helper()
	var b strings.Builder
	for {
		line, err := c.br.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			c.t.Fatalf("read a head: %v after %q", err, b.String())
		}
		if line == "\r\n" {
			return b.String()
		}
	}
}

// answer reads a whole answer.
func (c *peer) answer(method string) (*http.Response, string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.br, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("read the answer: %v", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("read the body of the answer: %v after %d bytes", err, len(body))
	}
	return resp, string(body)
}

// rawBackend serves each connection with do. It is closed when do returns.
func rawBackend(t testing.TB, do func(c *peer)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveRaw(t, l, do)
	return "http://" + l.Addr().String()
}

func serveRaw(t testing.TB, l net.Listener, do func(c *peer)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[nc] = true
			mu.Unlock()
			wg.Go(func() {
				defer nc.Close()
				do(newPeer(failNot{t}, nc))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for nc := range open {
			nc.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
}

// failNot lets a backend's goroutine end when its connection does: what went
// wrong shows at the client.
type failNot struct{ testing.TB }

func (f failNot) Fatalf(format string, args ...any) { panic(over{fmt.Sprintf(format, args...)}) }
func (f failNot) Helper()                           {}

type over struct{ why string }

// scripted makes a backend that answers each request head with the same bytes
// and hands out what it saw.
func scripted(t testing.TB, answer string) (url string, seen chan string) {
	seen = make(chan string, 64)
	return rawBackend(t, func(c *peer) {
		defer quietly()
		for {
			seen <- c.head()
			c.send(answer)
		}
	}), seen
}

func quietly() {
	if r := recover(); r != nil {
		if _, ok := r.(over); !ok {
			panic(r)
		}
	}
}

func backend(t testing.TB, handler http.HandlerFunc) (url string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// receive takes from a channel what must come.
func receive[T any](t testing.TB, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
	}
	return v
}

// eventually polls a condition that must come true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
