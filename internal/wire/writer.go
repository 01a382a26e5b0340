package wire

import (
	"io"
	"strconv"
)

// flushAt is the size from which a writer passes on what it has gathered.
const flushAt = 32 << 10

// Writer gathers a head and pieces of a body and writes them with as few
// system calls as it can. It keeps its buffer from message to message.
type Writer struct {
	W   io.Writer
	buf []byte
	// Chunked puts chunk framing around the pieces.
	Chunked bool
}

// Reset begins a message.
func (w *Writer) Reset() {
	w.Chunked = false
	if cap(w.buf) > 2*flushAt {
		w.buf = nil
	}
	w.buf = w.buf[:0]
}

// Buffered is how many bytes wait for a flush.
func (w *Writer) Buffered() int { return len(w.buf) }

// Append adds bytes of a head.
func (w *Writer) Append(p []byte) { w.buf = append(w.buf, p...) }

// AppendString adds bytes of a head.
func (w *Writer) AppendString(s string) { w.buf = append(w.buf, s...) }

// Line adds one header line.
func (w *Writer) Line(name, value string) {
	w.buf = append(append(append(append(w.buf, name...), ": "...), value...), "\r\n"...)
}

// ContentLength adds that header line; n is in bytes.
func (w *Writer) ContentLength(n int64) {
	w.buf = append(w.buf, "Content-Length: "...)
	w.buf = append(strconv.AppendInt(w.buf, n, 10), "\r\n"...)
}

// Raw adds a header line as it stood.
func (w *Writer) Raw(line []byte) {
	w.buf = append(append(w.buf, line...), "\r\n"...)
}

// StatusLine adds an HTTP/1.1 status line.
func (w *Writer) StatusLine(status int, reason []byte) {
	w.buf = append(w.buf, "HTTP/1.1 "...)
	w.buf = strconv.AppendInt(w.buf, int64(status), 10)
	w.buf = append(append(append(w.buf, ' '), reason...), "\r\n"...)
}

// Piece adds a piece of the body. Large pieces are written at once.
func (w *Writer) Piece(p []byte) error {
	if len(p) == 0 {
		return nil // an empty chunk would end the body
	}
	if w.Chunked {
		w.buf = strconv.AppendInt(w.buf, int64(len(p)), 16)
		w.buf = append(w.buf, "\r\n"...)
	}
	if len(w.buf)+len(p) > flushAt {
		if err := w.large(p); err != nil {
			return err
		}
	} else {
		w.buf = append(w.buf, p...)
	}
	if w.Chunked {
		w.buf = append(w.buf, "\r\n"...)
	}
	return nil
}

// large writes what waits, then the piece itself without copying it. The line
// end behind a chunk travels with the next write.
func (w *Writer) large(p []byte) error {
	if len(p) < flushAt/2 {
		w.buf = append(w.buf, p...)
		return w.Flush()
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := w.W.Write(p)
	return err
}

// End ends the body; trailer is a block of header lines or empty.
func (w *Writer) End(trailer []byte) error {
	if w.Chunked {
		w.buf = append(w.buf, "0\r\n"...)
		w.buf = append(append(w.buf, trailer...), "\r\n"...)
	}
	return w.Flush()
}

// Flush writes what was gathered.
func (w *Writer) Flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.W.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// Since returns what was gathered from that offset on. It is valid until the
// next call that adds or writes.
func (w *Writer) Since(from int) []byte { return w.buf[from:] }
