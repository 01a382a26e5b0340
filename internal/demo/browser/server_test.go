package browser

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"corsdash/internal/wire"
)

// testServer answers each request with what answer says, and remembers the
// requests: "GET http://localhost:8000/x" and the header lines.
type testServer struct {
	answer func(line string, h *wire.Head) string
	mu     sync.Mutex
	got    []string
	lines  [][]string
	dials  int
	once   bool // close each connection after one answer
}

// tab opens a page on http://localhost:5173/ that talks to the server, with a
// clock that stands still until told.
func (s *testServer) tab(t *testing.T) (*Browser, *testClock) {
	t.Helper()
	clock := &testClock{at: time.Unix(1_800_000_000, 0)}
	b, err := New(Options{Page: "http://localhost:5173/", Dial: s.dial, Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b, clock
}

type testClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (s *testServer) dial(context.Context, string) (net.Conn, error) {
	near, far := net.Pipe()
	s.mu.Lock()
	s.dials++
	s.mu.Unlock()
	go func() {
		defer far.Close()
		br := bufio.NewReader(far)
		for s.serve(far, br) {
		}
	}()
	return near, nil
}

func (s *testServer) serve(nc net.Conn, br *bufio.Reader) bool {
	raw, err := wire.ReadHead(br, nil, 1<<20, nil)
	var h wire.Head
	if err != nil || h.ParseRequest(raw) != nil {
		return false
	}
	f, _ := h.RequestFraming()
	io.CopyN(io.Discard, br, f.Length)
	host, _ := h.Get("host")
	line := string(h.Method) + " http://" + string(host) + string(h.Target)
	var lines []string
	for _, l := range h.Lines {
		lines = append(lines, string(l.Name)+": "+string(l.Value))
	}
	s.mu.Lock()
	s.got, s.lines = append(s.got, line), append(s.lines, lines)
	s.mu.Unlock()
	answer := s.answer(line, &h)
	if answer == "" {
		return false
	}
	_, err = nc.Write([]byte(answer))
	return err == nil && !s.once
}

// asked are the requests so far.
func (s *testServer) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

// last is the value of a header of the last request, "-" when it is not there.
func (s *testServer) last(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines[len(s.lines)-1] {
		if value, ok := strings.CutPrefix(l, name+": "); ok {
			return value
		}
	}
	return "-"
}

// ok is an answer of status 200 with these header lines and body.
func ok(body string, lines ...string) string { return answer("200 OK", body, lines...) }

func answer(status, body string, lines ...string) string {
	return "HTTP/1.1 " + status + "\r\n" + strings.Join(append(lines, "Content-Length: "+itoa(len(body)), "", ""), "\r\n") + body
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// do performs a request and reads its body.
func do(t *testing.T, b *Browser, req Request) (*Response, string, error) {
	t.Helper()
	resp, err := b.Do(t.Context(), req)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	return resp, string(body), err
}
