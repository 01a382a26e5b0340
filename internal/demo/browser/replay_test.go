package browser

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"corsdash/internal/wire"

	"github.com/google/go-cmp/cmp"
)

// script plays the recorded servers, one exchange after the other.
type script struct {
	exchanges []recordedExchange
	mu        sync.Mutex
	next      int
	wrong     []string
	close     bool // after each answer
	group     sync.WaitGroup
}

func (s *script) wait() { s.group.Wait() }

func (s *script) complaints() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next < len(s.exchanges) {
		s.wrong = append(s.wrong, fmt.Sprintf("never asked: %s %s", s.exchanges[s.next].Request.Method, s.exchanges[s.next].Request.URL))
	}
	return strings.Join(s.wrong, "\n")
}

func (s *script) dial(_ context.Context, addr string) (net.Conn, error) {
	switch host, port, _ := net.SplitHostPort(addr); {
	case host != "localhost" && host != "127.0.0.1" && !strings.HasSuffix(host, ".test"):
		return nil, errNotHere
	case port == "8009":
		return nil, syscall.ECONNREFUSED
	}
	near, far := net.Pipe()
	s.group.Go(func() {
		defer far.Close()
		br := bufio.NewReader(far)
		for s.serve(far, br) {
		}
	})
	return near, nil
}

func (s *script) serve(nc net.Conn, br *bufio.Reader) bool {
	raw, err := wire.ReadHead(br, nil, 1<<20, nil)
	if err != nil {
		return false
	}
	var head wire.Head
	if err := head.ParseRequest(raw); err != nil {
		s.complain("sent " + err.Error())
		return false
	}
	framing, err := head.RequestFraming()
	if err != nil {
		s.complain("sent " + err.Error())
		return false
	}
	io.CopyN(io.Discard, br, framing.Length)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= len(s.exchanges) {
		s.wrong = append(s.wrong, fmt.Sprintf("asked too much: %s %s", head.Method, head.Target))
		return false
	}
	x := s.exchanges[s.next]
	s.next++
	if want, got := x.lines(), linesOf(&head); !slices.Equal(want, got) {
		s.wrong = append(s.wrong, "request "+strconv.Itoa(s.next)+": "+cmp.Diff(want, got))
	}
	_, err = nc.Write(x.answer())
	return err == nil && !s.close
}

func (x *recordedExchange) hasBareCR() bool {
	return x.Response != nil && slices.ContainsFunc(x.Response.Headers, func(h [2]string) bool {
		return strings.Contains(strings.ReplaceAll(h[1], "\r\n", ""), "\r")
	})
}

func (x *recordedExchange) isPreflight() bool {
	return x.Request.Method == "OPTIONS" && slices.ContainsFunc(x.Request.Headers, func(h [2]string) bool {
		return h[0] == "Access-Control-Request-Method"
	})
}

func (s *script) complain(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, text)
}

// lines are the start line and the header lines of a recorded request.
func (x *recordedExchange) lines() []string {
	u, err := url.Parse(x.Request.URL)
	if err != nil {
		return []string{err.Error()}
	}
	out := []string{x.Request.Method + " " + u.RequestURI()}
	for _, h := range x.Request.Headers {
		out = append(out, comparable(h[0], h[1]))
	}
	return sortedMiddle(out)
}

// sortedMiddle sorts the lines that Blink keeps in a hash table, between
// Content-Length and Accept or Origin: their order depends on all of them.
func sortedMiddle(lines []string) []string {
	from, to := 3, 3
	for to < len(lines) && !strings.HasPrefix(lines[to], "Origin:") && !strings.HasPrefix(lines[to], "Sec-Fetch") && !strings.HasPrefix(lines[to], "Referer") {
		to++
	}
	slices.Sort(lines[min(from, to):to])
	return lines
}

func linesOf(h *wire.Head) []string {
	out := []string{string(h.Method) + " " + string(h.Target)}
	for _, l := range h.Lines {
		if !bytes.HasPrefix(l.Name, []byte("sec-ch-ua")) { // the recordings leave them out
			out = append(out, comparable(string(l.Name), string(l.Value)))
		}
	}
	return sortedMiddle(out)
}

func comparable(name, value string) string {
	if name == "User-Agent" {
		return name
	}
	return name + ": " + value
}

// latin1 is the value as it stood on the wire: the recordings hold one
// character for each byte.
func latin1(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func (x *recordedExchange) answer() []byte {
	b := []byte("HTTP/1.1 " + strconv.Itoa(x.Response.Status) + " Reason\r\n")
	framed := false
	for _, h := range x.Response.Headers {
		b = append(b, h[0]+": "+latin1(h[1])...)
		if strings.HasSuffix(h[1], "\n") {
			b = append(b, ' ') // a continuation line that the recording has trimmed
		}
		b = append(b, "\r\n"...)
		framed = framed || x.Response.Status == 204 || strings.EqualFold(h[0], "Content-Length") || strings.EqualFold(h[0], "Transfer-Encoding")
	}
	if !framed {
		b = append(b, "Connection: close\r\n"...)
	}
	body := x.Response.Body
	if body == "" && x.Response.Size > 0 {
		body = "\x89PNG\r\n\x1a\n" + strings.Repeat("x", x.Response.Size) // the only kind of binary there is
		body = body[:x.Response.Size]
	}
	return append(append(b, "\r\n"...), body...)
}
