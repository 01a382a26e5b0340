// Package wire reads and writes HTTP/1.1 messages line by line and piece by
// piece, so that a proxy can pass on exactly what came: header names in their
// own case, lines in their own order, the target and the reason as bytes.
//
// Input is a buffered connection, output are views into buffers the caller
// owns. It decides about framing (RFC 9112 section 6) and nothing else: no
// dialling, no timeouts, no header semantics beyond framing.
package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Line is one header line. Name and Value lie in the head's buffer; Raw is the
// whole line without its line end, folded continuation lines included.
type Line struct{ Name, Value, Raw []byte }

// Head is a parsed start line with its header lines. All slices lie in the
// buffer given to the parser. A Head is meant to be reused.
type Head struct {
	Method, Target []byte // of a request
	Status         int    // of a response
	Reason         []byte
	Proto          []byte // "HTTP/1.1" or "HTTP/1.0"
	Block          []byte // the header lines as they stood, without the empty line
	Lines          []Line
}

// Minor reports the minor version, 0 or 1.
func (h *Head) Minor() int { return int(h.Proto[len(h.Proto)-1] - '0') }

// Get returns the value of the first line of that name (compared without
// case), and whether there is one.
func (h *Head) Get(name string) ([]byte, bool) {
	for i := range h.Lines {
		if Is(h.Lines[i].Name, name) {
			return h.Lines[i].Value, true
		}
	}
	return nil, false
}

// Has reports whether there is a line of that name.
func (h *Head) Has(name string) bool {
	_, ok := h.Get(name)
	return ok
}

// Is compares a header name without case. want must be lower case.
func Is(name []byte, want string) bool {
	if len(name) != len(want) {
		return false
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != want[i] {
			return false
		}
	}
	return true
}

// Errors of reading a head. What is wrong in detail is wrapped around
// ErrMalformed.
var (
	ErrHeadTooLarge = errors.New("header section too large")
	ErrMalformed    = errors.New("malformed HTTP")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// ReadHead reads up to and including the empty line that ends a head, appends
// it to buf and returns the whole. Empty lines before the start line are
// skipped (RFC 9112 section 2.2). more, when not nil, is called once if the
// head is not complete in what has arrived first; a server sets its deadline
// there. io.EOF means that the peer closed before the first byte.
func ReadHead(br *bufio.Reader, buf []byte, limit int, more func()) ([]byte, error) {
	start, skipped := len(buf), 0
	for {
		if br.Buffered() == 0 {
			if _, err := br.Peek(1); err != nil {
				return buf, eofIn(err, len(buf) > start)
			}
		}
		p, _ := br.Peek(br.Buffered())
		if len(buf) == start {
			if n := leadingBreaks(p); n > 0 {
				br.Discard(n)
				if skipped += n; skipped > limit {
					return buf, ErrHeadTooLarge
				}
				continue
			}
		}
		from := len(buf)
		buf = append(buf, p...)
		// The end may straddle what came before: look back three bytes.
		if end := headEnd(buf[start:], max(0, from-start-3)); end > 0 {
			br.Discard(start + end - from)
			if end > limit {
				return buf, ErrHeadTooLarge
			}
			return buf[:start+end], nil
		}
		br.Discard(len(p))
		if len(buf)-start > limit {
			return buf, ErrHeadTooLarge
		}
		if more != nil {
			more()
			more = nil
		}
	}
}

func eofIn(err error, begun bool) error {
	if err == io.EOF && begun {
		return io.ErrUnexpectedEOF
	}
	return err
}

func leadingBreaks(p []byte) (n int) {
	for n < len(p) && (p[n] == '\r' || p[n] == '\n') {
		n++
	}
	return n
}

// headEnd finds the offset behind the empty line, looking from offset from.
// Lines may end with a bare LF (RFC 9112 section 2.2 lets a recipient take it).
func headEnd(p []byte, from int) int {
	for i := from; ; {
		j := bytes.IndexByte(p[i:], '\n')
		if j < 0 {
			return 0
		}
		i += j + 1
		switch {
		case i < len(p) && p[i] == '\n':
			return i + 1
		case i+1 < len(p) && p[i] == '\r' && p[i+1] == '\n':
			return i + 2
		}
	}
}

// ParseRequest splits a request's head as read by ReadHead. It is strict where
// leniency would let two readers see two different messages: no white space in
// names or before the colon, no folded lines, no control bytes.
func (h *Head) ParseRequest(raw []byte) error {
	line, rest := cutLine(raw)
	h.Method, h.Target, h.Proto = nil, nil, nil
	i := bytes.IndexByte(line, ' ')
	j := bytes.LastIndexByte(line, ' ')
	if i < 1 || j <= i+1 {
		return malformed("request line %.60q", line)
	}
	h.Method, h.Target, h.Proto = line[:i], line[i+1:j], line[j+1:]
	if !isToken(h.Method) {
		return malformed("method %.40q", h.Method)
	}
	if hasSpace(h.Target) {
		return malformed("request target %.60q", h.Target)
	}
	if !knownProto(h.Proto) {
		return malformed("protocol %.20q", h.Proto)
	}
	h.lines(rest)
	for i := range h.Lines {
		if err := h.Lines[i].strict(); err != nil {
			return err
		}
	}
	return nil
}

// hasSpace reports white space or control bytes. Bytes above 0x7f pass: some
// clients send paths in raw UTF-8, and many servers take them.
func hasSpace(target []byte) bool {
	for _, c := range target {
		if c <= ' ' || c == 0x7f {
			return true
		}
	}
	return false
}

// strict refuses a line that another reader could understand differently. Raw
// is searched, because the value of a folded line may hide its fold.
func (l *Line) strict() error {
	if len(l.Name) == len(l.Raw) {
		return malformed("header line without a colon: %.40q", l.Raw)
	}
	if !isToken(l.Name) {
		return malformed("header name %.40q", l.Name)
	}
	if bytes.IndexByte(l.Raw, '\r') >= 0 || bytes.IndexByte(l.Raw, '\n') >= 0 || bytes.IndexByte(l.Raw, 0) >= 0 {
		return malformed("control byte or folded line in header %.40q", l.Name)
	}
	return nil
}

// ParseResponse splits a response's head. Header lines are taken as they are,
// however odd: what a browser makes of them is for the browser to decide.
func (h *Head) ParseResponse(raw []byte) error {
	line, rest := cutLine(raw)
	h.Status, h.Reason = 0, nil
	if len(line) < 12 || !knownProto(line[:8]) || line[8] != ' ' || (len(line) > 12 && line[12] != ' ') {
		return malformed("status line %.60q", line)
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return malformed("status line %.60q", line)
		}
		h.Status = h.Status*10 + int(c-'0')
	}
	if h.Status < 100 {
		return malformed("status %d", h.Status)
	}
	h.Proto = line[:8]
	if len(line) > 13 {
		h.Reason = line[13:]
	}
	h.lines(rest)
	return nil
}

// ParseTrailer splits a block of trailer lines.
func (h *Head) ParseTrailer(block []byte) { h.lines(block) }

func (h *Head) lines(rest []byte) {
	h.Lines = h.Lines[:0]
	block := rest
	for len(rest) > 0 {
		var line []byte
		before := rest
		line, rest = cutLine(rest)
		if len(line) == 0 {
			block = block[:len(block)-len(before)]
			break
		}
		if n := len(h.Lines); (line[0] == ' ' || line[0] == '\t') && n > 0 {
			h.Lines[n-1].fold(line)
			continue
		}
		h.Lines = append(h.Lines, parseLine(line))
	}
	h.Block = block
}

// parseLine splits at the colon. A line without one is all name.
func parseLine(line []byte) Line {
	l := Line{Name: line, Raw: line}
	if colon := bytes.IndexByte(line, ':'); colon >= 0 {
		l.Name, l.Value = line[:colon], trim(line[colon+1:])
	}
	return l
}

// fold joins a continuation line (obs-fold, RFC 9112 section 5.2). Raw and
// line lie behind each other in one buffer, so Raw just grows.
func (l *Line) fold(line []byte) {
	*l = parseLine(l.Raw[:cap(l.Raw)-cap(line)+len(line)])
	l.Value = bytes.Trim(l.Value, " \t\r\n")
}

func cutLine(p []byte) (line, rest []byte) {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		return p, nil
	}
	line, rest = p[:i], p[i+1:]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, rest
}

func trim(v []byte) []byte {
	for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	return v
}

func knownProto(p []byte) bool {
	return string(p) == "HTTP/1.1" || string(p) == "HTTP/1.0"
}

// token marks the bytes of RFC 9110 section 5.6.2.
var token = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		t[c] = true
	}
	return t
}()

func isToken(p []byte) bool {
	for _, c := range p {
		if !token[c] {
			return false
		}
	}
	return len(p) > 0
}
