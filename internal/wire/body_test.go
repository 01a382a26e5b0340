package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func readBody(br *bufio.Reader, f Framing, scratch []byte) (body, trailer string, err error) {
	var b Body
	b.Reset(br, f)
	var all []byte
	for {
		p, err := b.Next(scratch)
		if err == io.EOF {
			return string(all), string(b.Trailer()), nil
		}
		if err != nil {
			return string(all), "", err
		}
		all = append(all, p...)
	}
}

func TestBody(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 4<<10)
	chunkedBig := "5\r\nhello\r\n10000\r\n" + big + "\r\n0\r\n\r\n"
	for _, tc := range []struct {
		name, in, body, trailer, rest string
		f                             Framing
	}{
		{"none", "next", "", "", "next", Framing{}},
		{"length", "hellonext", "hello", "", "next", Framing{Kind: Length, Length: 5}},
		{"long", big + "next", big, "", "next", Framing{Kind: Length, Length: int64(len(big))}},
		{"until close", "hello", "hello", "", "", Framing{Kind: UntilClose}},
		{"until close, long", big, big, "", "", Framing{Kind: UntilClose}},
		{"empty until close", "", "", "", "", Framing{Kind: UntilClose}},
		{"chunked", "5\r\nhello\r\n1;ext=\"x\"\r\n!\r\n00\r\n\r\nnext", "hello!", "", "next", Framing{Kind: Chunked, Strict: true}},
		{"chunked, long", chunkedBig, "hello" + big, "", "", Framing{Kind: Chunked, Strict: true}},
		{"trailer", "1 \r\na\r\n0;x\r\nA: 1\r\nb:2\r\n\r\nnext", "a", "A: 1\r\nb:2\r\n", "next", Framing{Kind: Chunked, Strict: true}},
		{"lenient", "1\na\n0\nA : 1\nContent-Length: 1\n\nnext", "a", "A : 1\r\nContent-Length: 1\r\n", "next", Framing{Kind: Chunked}},
	} {
		for name, br := range readers(tc.in) {
			for _, scratch := range [][]byte{nil, make([]byte, 100), make([]byte, 40<<10)} {
				if scratch != nil {
					br = readers(tc.in)[name]
				}
				body, trailer, err := readBody(br, tc.f, scratch)
				rest, _ := io.ReadAll(br)
				if err != nil || body != tc.body || trailer != tc.trailer || string(rest) != tc.rest {
					t.Errorf("%s, %s, scratch %d: %.40q, trailer %q, rest %q, %v", tc.name, name, len(scratch), body, trailer, rest, err)
				}
			}
		}
	}
}

func TestBodyErrors(t *testing.T) {
	for in, want := range map[string]error{
		"": io.ErrUnexpectedEOF, "5": io.ErrUnexpectedEOF, "5\r\n": io.ErrUnexpectedEOF, "5\r\nhel": io.ErrUnexpectedEOF, "5\r\nhello": io.ErrUnexpectedEOF,
		"0\r\n": io.ErrUnexpectedEOF, "0\r\nA: 1\r\n": io.ErrUnexpectedEOF,
		"x\r\n": ErrMalformed, "\r\n": ErrMalformed, "-1\r\n": ErrMalformed, "5\r\nhellox\r\n": ErrMalformed, "5 5\r\n": ErrMalformed,
		"8000000000000000\r\n": ErrMalformed, "FFFFFFFFFFFFFFFFF\r\n": ErrMalformed, strings.Repeat("0", 20<<10) + "\r\n": ErrMalformed,
		"0\r\n" + strings.Repeat("A: 1234567\r\n", 10<<10) + "\r\n": ErrMalformed,
	} {
		br := bufio.NewReaderSize(strings.NewReader(in), 16<<10)
		if _, _, err := readBody(br, Framing{Kind: Chunked}, nil); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", in, err, want)
		}
	}
	if _, _, err := readBody(bufio.NewReader(strings.NewReader("hel")), Framing{Kind: Length, Length: 5}, nil); err != io.ErrUnexpectedEOF {
		t.Errorf("cut: %v", err)
	}
	broken := errors.New("broken")
	br := bufio.NewReader(io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(broken)))
	if body, _, err := readBody(br, Framing{Kind: UntilClose}, nil); err != broken || body != "hel" {
		t.Errorf("broken: %q, %v", body, err)
	}
}

func TestBodyKnowsWhatIsLeft(t *testing.T) {
	var b Body
	b.Reset(bufio.NewReader(strings.NewReader("hello")), Framing{Kind: Length, Length: 5})
	if b.Left() != 5 || b.Complete() || b.Buffered() {
		t.Errorf("at first: left %d, complete %v, buffered %v", b.Left(), b.Complete(), b.Buffered())
	}
	b.br.Peek(1)
	if !b.Complete() || !b.Buffered() {
		t.Error("all of it has arrived")
	}
	b.Next(nil)
	if b.Left() != 0 || !b.Done() {
		t.Errorf("at last: left %d, done %v", b.Left(), b.Done())
	}
	b.Reset(b.br, Framing{Kind: Chunked})
	if b.Left() != -1 || b.Done() || b.Complete() {
		t.Error("nobody knows the length of chunks")
	}
}

// blocked delivers one piece and then fails the test when it is asked again.
type blocked struct {
	t     *testing.T
	piece string
	told  *bool
}

func (b *blocked) Read(p []byte) (int, error) {
	if b.piece == "" {
		if *b.told {
			b.t.Errorf("Buffered said yes, and Next had to wait")
		}
		return 0, io.ErrNoProgress
	}
	n := copy(p, b.piece)
	b.piece = b.piece[n:]
	return n, nil
}

// Whatever part of a chunked body has arrived: when Buffered says yes, Next
// does not wait, and when it says no, Next would.
func TestBufferedIsExact(t *testing.T) {
	const whole = "3\r\nabc\r\n0b;x\r\nhello world\r\n0\r\nA: 1\r\n\r\n"
	for cut := range len(whole) + 1 {
		told := false
		var b Body
		b.Reset(bufio.NewReader(&blocked{t, whole[:cut], &told}), Framing{Kind: Chunked, Strict: true})
		b.br.Peek(1)
		for {
			told = b.Buffered()
			_, err := b.Next(nil)
			if err == nil && told {
				continue
			}
			if !told && err != io.ErrNoProgress && cut > 0 {
				t.Errorf("cut at %d: Buffered said no, and Next returned %v", cut, err)
			}
			break
		}
	}
}

func TestFraming(t *testing.T) {
	const http11, http10 = "HTTP/1.1", "HTTP/1.0"
	for _, tc := range []struct {
		proto, method, status, lines string
		want                         Framing
	}{
		{http11, "GET", "200", "", Framing{Kind: UntilClose, Close: true}},
		{http11, "GET", "200", "Content-Length: 0", Framing{}},
		{http11, "GET", "200", "Content-Length: 5", Framing{Kind: Length, Length: 5}},
		{http10, "GET", "200", "Content-Length: 5", Framing{Kind: Length, Length: 5, Close: true}},
		{http10, "GET", "200", "Content-Length: 5\nConnection: Keep-Alive", Framing{Kind: Length, Length: 5}},
		{http11, "GET", "200", "Content-Length: 5\nConnection: x, close", Framing{Kind: Length, Length: 5, Close: true}},
		{http11, "GET", "200", "Content-Length: 5\nContent-Length: 5", Framing{Kind: Length, Length: 5}},
		{http11, "GET", "200", "Content-Length: 5\nContent-Length: 6", Framing{Kind: Length, Length: 5, Close: true}},
		{http11, "GET", "200", "Content-Length: x", Framing{Kind: UntilClose, Close: true}},
		{http11, "GET", "200", "Content-Length: 5, x", Framing{Kind: Length, Length: 5, Close: true}},
		{http11, "GET", "200", "Content-Length : 5", Framing{Kind: Length, Length: 5}},
		{http11, "GET", "200", "Transfer-Encoding: chunked", Framing{Kind: Chunked}},
		{http11, "GET", "200", "Transfer-Encoding : chunked", Framing{Kind: Chunked}},
		{http11, "GET", "200", "transfer-encoding: CHUNKED\nContent-Length: 5", Framing{Kind: Chunked, Close: true}},
		{http11, "GET", "200", "Transfer-Encoding: chunked\nTransfer-Encoding: chunked", Framing{Kind: Chunked, Close: true}},
		{http11, "GET", "200", "Transfer-Encoding: gzip", Framing{Kind: UntilClose, Close: true}},
		{http11, "GET", "200", "Transfer-Encoding: identity\nContent-Length: 5", Framing{Kind: Length, Length: 5, Close: true}},
		{http11, "HEAD", "200", "Content-Length: 5", Framing{}},
		{http11, "HEAD", "200", "Transfer-Encoding: chunked", Framing{}},
		{http11, "GET", "204", "Content-Length: 5", Framing{}},
		{http11, "GET", "304", "Content-Length: 5", Framing{}},
		{http11, "GET", "100", "", Framing{}},
	} {
		var h Head
		block := strings.ReplaceAll(tc.lines, "\n", "\r\n")
		if err := h.ParseResponse([]byte(tc.proto + " " + tc.status + " x\r\n" + block + "\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if got := h.ResponseFraming([]byte(tc.method)); got != tc.want {
			t.Errorf("%s %s %q: %+v, want %+v", tc.method, tc.status, tc.lines, got, tc.want)
		}
	}
}

// writes counts the calls and keeps the bytes.
type writes struct {
	bytes.Buffer
	calls int
	err   error
}

func (w *writes) Write(p []byte) (int, error) {
	w.calls++
	w.Buffer.Write(p)
	return len(p), w.err
}

func TestWriterGathers(t *testing.T) {
	out := &writes{}
	w := Writer{W: out}
	w.Reset()
	w.StatusLine(200, []byte("OK"))
	w.Line("Transfer-Encoding", "chunked")
	w.AppendString("\r\n")
	w.Chunked = true
	w.Piece([]byte("hello"))
	w.Piece(nil)
	w.Piece([]byte("0123456789abcdef"))
	w.End([]byte("A: 1\r\n"))
	want := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nA: 1\r\n\r\n"
	if out.String() != want || out.calls != 1 {
		t.Errorf("%d writes: %q", out.calls, out.String())
	}
	w.Reset()
	if w.Chunked || w.Buffered() != 0 || w.Flush() != nil || out.calls != 1 {
		t.Error("reset keeps nothing and writes nothing")
	}
}

func TestWriterPassesLargePieces(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		for _, size := range []int{flushAt / 4, flushAt - 1, flushAt, 4 * flushAt} {
			out := &writes{}
			w := Writer{W: out, Chunked: chunked}
			piece := bytes.Repeat([]byte("x"), size)
			for range 5 {
				if err := w.Piece(piece); err != nil {
					t.Fatal(err)
				}
			}
			w.End(nil)
			kind := Framing{Kind: UntilClose}
			if chunked {
				kind.Kind = Chunked
			}
			body, _, err := readBody(bufio.NewReader(&out.Buffer), kind, nil)
			if err != nil || len(body) != 5*size || strings.Trim(body, "x") != "" {
				t.Errorf("chunked %v, %d: %d bytes, %v", chunked, size, len(body), err)
			}
			if cap(w.buf) > 4*flushAt {
				t.Errorf("%d: the buffer has grown to %d", size, cap(w.buf))
			}
		}
	}
}

func TestWriterReturnsErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, size := range []int{1, 4 * flushAt} {
		w := Writer{W: &writes{err: broken}, Chunked: true}
		err := w.Piece(make([]byte, size))
		if err == nil {
			err = w.End(nil)
		}
		if err != broken {
			t.Errorf("%d: %v", size, err)
		}
	}
}
