package wire

import (
	"bytes"
)

// Kind says how the end of a body is found.
type Kind uint8

// The kinds of framing.
const (
	None       Kind = iota // no body
	Length                 // Content-Length
	Chunked                // Transfer-Encoding: chunked
	UntilClose             // a response that ends with its connection
)

// Framing is how one body is delimited. Length is in bytes, for Kind Length.
// Close means that the connection cannot serve another message.
type Framing struct {
	Kind   Kind
	Length int64
	Close  bool
	Strict bool // a request's: its chunks must be written to the letter
}

// RequestFraming applies RFC 9112 section 6.3 to a request. What two servers
// could read in two ways is refused, because that is how requests are smuggled.
func (h *Head) RequestFraming() (Framing, error) {
	f := Framing{Close: !h.persistent(), Strict: true}
	codings, chunked := h.transferCodings()
	length, n, err := h.contentLength()
	switch {
	case err != nil:
		return f, err
	case codings > 0 && n > 0:
		return f, malformed("both Transfer-Encoding and Content-Length")
	case codings > 1 || (codings == 1 && !chunked):
		return f, malformed("transfer coding other than chunked")
	case codings == 1 && h.Minor() == 0:
		return f, malformed("Transfer-Encoding with HTTP/1.0")
	case codings == 1:
		f.Kind = Chunked
	case n > 0 && length > 0:
		f.Kind, f.Length = Length, length
	}
	return f, nil
}

// ResponseFraming applies RFC 9112 section 6.3 to the response to a request
// with that method, as leniently as browsers do: a doubled "chunked" is one,
// other codings do not matter beside a length, "Content-Length : 5" counts.
// It does not refuse: what is contradictory goes on to the client, which has
// its own opinion, and the connection is not used again.
func (h *Head) ResponseFraming(method []byte) Framing {
	f := Framing{Close: !h.persistent()}
	if string(method) == "HEAD" || h.Status < 200 || h.Status == 204 || h.Status == 304 {
		return f
	}
	codings, chunked := h.transferCodings()
	length, n, err := h.contentLength()
	f.Close = f.Close || err != nil || codings > 1 || (codings > 0 && n > 0)
	switch {
	case chunked:
		f.Kind = Chunked
	case length < 0:
		f.Kind, f.Close = UntilClose, true
	case length > 0:
		f.Kind, f.Length = Length, length
	}
	return f
}

// persistent applies RFC 9112 section 9.3.
func (h *Head) persistent() bool {
	keep := h.Minor() == 1
	for i := range h.Lines {
		if !h.Lines[i].is("connection") {
			continue
		}
		if HasToken(h.Lines[i].Value, "close") {
			return false
		}
		keep = keep || HasToken(h.Lines[i].Value, "keep-alive")
	}
	return keep
}

// is compares the name as Chromium does, which takes white space before the
// colon. In a request no such name comes this far.
func (l *Line) is(want string) bool {
	n := len(l.Name)
	return n >= len(want) && (Is(l.Name, want) || (n > len(want) && Is(trim(l.Name), want)))
}

// transferCodings counts the transfer codings, and reports whether chunked is
// among them.
func (h *Head) transferCodings() (n int, chunked bool) {
	for i := range h.Lines {
		if !h.Lines[i].is("transfer-encoding") {
			continue
		}
		v := h.Lines[i].Value
		n += 1 + bytes.Count(v, []byte{','})
		chunked = chunked || HasToken(v, "chunked")
	}
	return n, chunked
}

// contentLength returns the length, how many values were given, and an error
// when they disagree or are no numbers. The first readable value is returned
// beside the error; -1 when there is none.
func (h *Head) contentLength() (length int64, n int, err error) {
	length = -1
	for i := range h.Lines {
		if !h.Lines[i].is("content-length") {
			continue
		}
		for rest, more := h.Lines[i].Value, true; more; n++ {
			var item []byte
			item, rest, more = bytes.Cut(rest, []byte{','})
			v, ok := parseLength(trim(item))
			switch {
			case !ok:
				err = malformed("Content-Length %.40q", item)
			case length >= 0 && v != length:
				err = malformed("two different Content-Length values")
			default:
				length = v
			}
		}
	}
	return length, n, err
}

func parseLength(p []byte) (int64, bool) {
	if len(p) == 0 || len(p) > 18 {
		return 0, false
	}
	var v int64
	for _, c := range p {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	return v, true
}

// HasToken reports whether a comma-separated list holds the token, compared
// without case. want must be lower case.
func HasToken(list []byte, want string) bool {
	for len(list) > 0 {
		var item []byte
		item, list, _ = bytes.Cut(list, []byte{','})
		if Is(trim(item), want) {
			return true
		}
	}
	return false
}
