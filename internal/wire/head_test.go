package wire

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const limit = 4 << 10

// readers deliver the same bytes in different pieces.
func readers(s string) map[string]*bufio.Reader {
	return map[string]*bufio.Reader{
		"whole":    bufio.NewReaderSize(strings.NewReader(s), 16<<10),
		"bytewise": bufio.NewReaderSize(iotest.OneByteReader(strings.NewReader(s)), 32),
		"halves":   bufio.NewReaderSize(iotest.HalfReader(strings.NewReader(s)), 64),
		"small":    bufio.NewReaderSize(strings.NewReader(s), 32),
	}
}

func TestReadHeadTakesTheHeadAndNoMore(t *testing.T) {
	for _, tc := range []struct{ in, head, rest string }{
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\nbody", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "body"},
		{"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", ""},
		{"\r\n\r\n\nGET / HTTP/1.1\r\n\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\r\n"},
		{"A\nB\n\nC", "A\nB\n\n", "C"},
		{"A\r\nB\n\r\nC", "A\r\nB\n\r\n", "C"},
		{"A\r\r\n\r\nC", "A\r\r\n\r\n", "C"},
		{"A\n\r\rB\r\n\r\n", "A\n\r\rB\r\n\r\n", ""},
	} {
		for name, br := range readers(tc.in) {
			head, err := ReadHead(br, []byte("kept"), limit, nil)
			if err != nil || string(head) != "kept"+tc.head {
				t.Errorf("%q, %s: %q, %v", tc.in, name, head, err)
			}
			if rest, _ := io.ReadAll(br); string(rest) != tc.rest {
				t.Errorf("%q, %s: left %q", tc.in, name, rest)
			}
		}
	}
}

func TestReadHeadErrors(t *testing.T) {
	long := strings.Repeat("x", limit)
	for _, tc := range []struct {
		in   string
		want error
	}{
		{"", io.EOF}, {"\r\n", io.EOF}, {"G", io.ErrUnexpectedEOF}, {"GET / HTTP/1.1\r\nHost: x\r\n", io.ErrUnexpectedEOF},
		{long + "\r\n\r\n", ErrHeadTooLarge}, {long + long, ErrHeadTooLarge}, {strings.Repeat("\r\n", limit), ErrHeadTooLarge},
	} {
		for name, br := range readers(tc.in) {
			if _, err := ReadHead(br, nil, limit, nil); !errors.Is(err, tc.want) {
				t.Errorf("%.20q, %s: %v, want %v", tc.in, name, err, tc.want)
			}
		}
	}
	for name, br := range readers(long[:limit-4] + "\r\n\r\n") {
		if _, err := ReadHead(br, nil, limit, nil); err != nil {
			t.Errorf("a head as large as the limit, %s: %v", name, err)
		}
	}
}

func TestReadHeadTellsThatMoreIsNeeded(t *testing.T) {
	for name, br := range readers("A\r\n\r\n") {
		calls := 0
		ReadHead(br, nil, limit, func() { calls++ })
		if want := map[string]int{"bytewise": 1}[name]; calls != want {
			t.Errorf("%s: called %d times, want %d", name, calls, want)
		}
	}
}

// plain is a head without its bytes.
type plain struct {
	Method, Target, Proto, Reason string
	Status                        int
	Lines                         [][3]string
}

func plainOf(h *Head) plain {
	p := plain{Method: string(h.Method), Target: string(h.Target), Proto: string(h.Proto), Reason: string(h.Reason), Status: h.Status}
	for _, l := range h.Lines {
		p.Lines = append(p.Lines, [3]string{string(l.Name), string(l.Value), string(l.Raw)})
	}
	return p
}

func TestParseRequest(t *testing.T) {
	var h Head
	if err := h.ParseRequest([]byte("PUT /a%2F?b HTTP/1.1\r\nHost:x\r\nx-A:  1\t \r\nX-a:\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	want := plain{Method: "PUT", Target: "/a%2F?b", Proto: "HTTP/1.1", Lines: [][3]string{
		{"Host", "x", "Host:x"}, {"x-A", "1", "x-A:  1\t "}, {"X-a", "", "X-a:"},
	}}
	if d := cmp.Diff(want, plainOf(&h)); d != "" {
		t.Error(d)
	}
	if v, ok := h.Get("x-a"); !ok || string(v) != "1" || h.Minor() != 1 || string(h.Block) != "Host:x\r\nx-A:  1\t \r\nX-a:\r\n" || h.Has("nope") {
		t.Errorf("get %q, block %q", v, h.Block)
	}
	if err := h.ParseRequest([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil || len(h.Lines) != 0 || h.Minor() != 0 || len(h.Block) != 0 {
		t.Errorf("reused: %+v, %v", plainOf(&h), err)
	}
}

func TestParseResponse(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want plain
	}{
		{"HTTP/1.1 200 OK\r\nA : 1\r\nnonsense\r\n\r\n", plain{Proto: "HTTP/1.1", Status: 200, Reason: "OK",
			Lines: [][3]string{{"A ", "1", "A : 1"}, {"nonsense", "", "nonsense"}}}},
		{"HTTP/1.0 404\n\n", plain{Proto: "HTTP/1.0", Status: 404}},
		{"HTTP/1.1 999  two  words \r\n\r\n", plain{Proto: "HTTP/1.1", Status: 999, Reason: " two  words "}},
		{"HTTP/1.1 200 \r\nA: 1\r\n \r\n\t 2 \r\nB: 3\r\n 4\r\n\r\n", plain{Proto: "HTTP/1.1", Status: 200, Lines: [][3]string{
			{"A", "1\r\n \r\n\t 2", "A: 1\r\n \r\n\t 2 "}, {"B", "3\r\n 4", "B: 3\r\n 4"}}}},
		{"HTTP/1.1 200 \r\n first\r\nContent-Length:\r\n 5\r\n\r\n", plain{Proto: "HTTP/1.1", Status: 200, Lines: [][3]string{
			{" first", "", " first"}, {"Content-Length", "5", "Content-Length:\r\n 5"}}}},
	} {
		var h Head
		if err := h.ParseResponse([]byte(tc.in)); err != nil {
			t.Errorf("%q: %v", tc.in, err)
		}
		if d := cmp.Diff(tc.want, plainOf(&h)); d != "" {
			t.Errorf("%q: %s", tc.in, d)
		}
	}
	for _, in := range []string{"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 200OK", "HTTP/1.1 099 x", "HTTP/1.1 -10 x", "HTTP/2.0 200 OK", "http/1.1 200 OK", "HTTP/1.1  200 OK", "ICY 200 OK xxxx"} {
		var h Head
		if err := h.ParseResponse([]byte(in + "\r\n\r\n")); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestHasToken(t *testing.T) {
	for _, list := range []string{"close", "Close", " close ", "a,close", "a, CLOSE\t,b", ",close,"} {
		if !HasToken([]byte(list), "close") {
			t.Errorf("%q has it", list)
		}
	}
	for _, list := range []string{"", "closed", "clos", "a close", "\"close\"", "close;q=1"} {
		if HasToken([]byte(list), "close") {
			t.Errorf("%q has it not", list)
		}
	}
}
