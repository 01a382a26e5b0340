package wire

import (
	"bufio"
	"bytes"
	"io"
)

// maxTrailer bounds the trailer section of a chunked body, in bytes.
const maxTrailer = 64 << 10

// Body reads a message body piece by piece. The zero value is an empty body.
type Body struct {
	br      *bufio.Reader
	kind    Kind
	left    int64 // bytes left of the body (Length) or of the chunk (Chunked)
	owed    bool  // the line end behind a chunk is still to come
	strict  bool  // see Framing
	done    bool
	trailer []byte
}

// Reset begins a body that follows the head just read from br.
func (b *Body) Reset(br *bufio.Reader, f Framing) {
	*b = Body{br: br, kind: f.Kind, left: f.Length, strict: f.Strict, done: f.Kind == None, trailer: b.trailer[:0]}
}

// Done reports whether the whole body was read.
func (b *Body) Done() bool { return b.done }

// Trailer is the block of trailer lines of a chunked body, once it is done.
func (b *Body) Trailer() []byte { return b.trailer }

// Buffered reports whether Next will return without waiting for the peer. A
// relay flushes when it does not, so a wrong yes would hold back an event.
func (b *Body) Buffered() bool {
	if b.done {
		return true
	}
	n := b.br.Buffered()
	if n == 0 || b.kind != Chunked || b.left > 0 {
		return n > 0
	}
	p, _ := b.br.Peek(n)
	return chunkReady(p, b.owed)
}

// chunkReady reports whether p, between two chunks, holds the first byte of
// the next one or the end of the body.
func chunkReady(p []byte, owed bool) bool {
	if owed {
		i := bytes.IndexByte(p, '\n')
		p = p[i+1:]
		if i < 0 {
			return false
		}
	}
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		return false
	}
	line, _ := cutLine(p)
	if size, ok := chunkSize(line); ok && size == 0 {
		return headEnd(p, i) > 0
	}
	return len(p) > i+1
}

// Complete reports whether all of a body of known length has already arrived.
func (b *Body) Complete() bool {
	return b.done || (b.kind == Length && int64(b.br.Buffered()) >= b.left)
}

// Left is how many bytes are still to come, -1 when that is unknown.
func (b *Body) Left() int64 {
	if b.done {
		return 0
	}
	if b.kind == Length {
		return b.left
	}
	return -1
}

// Skip tells the body that n bytes of a known length were taken from the
// connection by other means, past an empty buffer.
func (b *Body) Skip(n int64) {
	b.left -= n
	b.done = b.left == 0
}

// Next returns the next piece, io.EOF after the last one, and
// io.ErrUnexpectedEOF when the body was cut. A piece lies in the connection's
// buffer or in scratch and is valid until the next call. With a scratch larger
// than that buffer, big bodies pass without being copied twice.
func (b *Body) Next(scratch []byte) ([]byte, error) {
	if b.done {
		return nil, io.EOF
	}
	if b.kind == Chunked && b.left == 0 {
		if err := b.nextChunk(); err != nil {
			return nil, err
		}
	}
	p, err := b.read(scratch)
	if err != nil {
		if err == io.EOF && b.kind == UntilClose {
			b.done = true
			return nil, io.EOF
		}
		return nil, eofIn(err, true)
	}
	if b.kind != UntilClose {
		b.left -= int64(len(p))
		b.done = b.kind == Length && b.left == 0
	}
	return p, nil
}

func (b *Body) read(scratch []byte) ([]byte, error) {
	want := b.left
	if b.kind == UntilClose {
		want = 1 << 62
	}
	if b.br.Buffered() == 0 && len(scratch) > b.br.Size() && want > int64(b.br.Size()) {
		n, err := b.br.Read(scratch[:min(int64(len(scratch)), want)])
		if n > 0 {
			err = nil
		}
		return scratch[:n], err
	}
	if b.br.Buffered() == 0 {
		if _, err := b.br.Peek(1); err != nil {
			return nil, err
		}
	}
	n := int(min(int64(b.br.Buffered()), want))
	p, _ := b.br.Peek(n)
	b.br.Discard(n)
	return p, nil
}

// nextChunk reads the line that begins a chunk, and the trailer behind the
// last one (RFC 9112 section 7.1).
func (b *Body) nextChunk() error {
	if b.owed {
		if line, err := b.line(); err != nil {
			return err
		} else if len(line) != 0 {
			return malformed("no line end after a chunk")
		}
		b.owed = false
	}
	line, err := b.line()
	if err != nil {
		return err
	}
	size, ok := chunkSize(line)
	if !ok {
		return malformed("chunk size %.40q", line)
	}
	if size == 0 {
		return b.readTrailer()
	}
	b.left, b.owed = size, true
	return nil
}

// readTrailer returns io.EOF when all is well: the body ends there.
func (b *Body) readTrailer() error {
	for {
		line, err := b.line()
		if err != nil {
			return err
		}
		if len(line) == 0 {
			b.done = true
			return io.EOF
		}
		if len(b.trailer)+len(line) > maxTrailer {
			return malformed("trailer section over %d bytes", maxTrailer)
		}
		if b.strict {
			if err := checkTrailer(line); err != nil {
				return err
			}
		}
		b.trailer = append(append(b.trailer, line...), '\r', '\n')
	}
}

// checkTrailer refuses fields that a server could take for framing or routing
// when it merges trailers into the header (RFC 9110 section 6.5.1).
func checkTrailer(raw []byte) error {
	l := parseLine(raw)
	if err := l.strict(); err != nil {
		return err
	}
	for _, name := range [...]string{"content-length", "transfer-encoding", "host", "trailer", "connection"} {
		if Is(l.Name, name) {
			return malformed("trailer %.40q", l.Name)
		}
	}
	return nil
}

func (b *Body) line() ([]byte, error) {
	p, err := b.br.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return nil, malformed("chunk line over %d bytes", b.br.Size())
	}
	if err != nil {
		return nil, eofIn(err, true)
	}
	line, _ := cutLine(p)
	if b.strict && (len(p)-len(line) != 2 || bytes.IndexByte(line, '\r') >= 0) {
		return nil, malformed("line end in a chunked body that is not CRLF")
	}
	return line, nil
}

// chunkSize reads the hex number before any chunk extension.
func chunkSize(line []byte) (size int64, ok bool) {
	i := 0
	for ; i < len(line); i++ {
		d, hex := hexDigit(line[i])
		if !hex {
			break
		}
		if size > 1<<58 {
			return 0, false
		}
		size = size<<4 | int64(d)
	}
	rest := trim(line[i:])
	return size, i > 0 && (len(rest) == 0 || rest[0] == ';')
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
