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
}

// RequestFraming applies RFC 9112 section 6.3 to a request. What two servers
// could read in two ways is refused, because that is how requests are smuggled.
func (h *Head) RequestFraming() (Framing, error) {
	f := Framing{Close: !h.persistent()}
	coding, chunked := h.transferCoding()
	length, n, err := h.contentLength()
	switch {
	case err != nil:
		return f, err
	case coding && n > 0:
		return f, malformed("both Transfer-Encoding and Content-Length")
	case coding && !chunked:
		return f, malformed("transfer coding other than chunked")
	case coding && h.Minor() == 0:
		return f, malformed("Transfer-Encoding with HTTP/1.0")
	case coding:
		f.Kind = Chunked
	case n > 0 && length > 0:
		f.Kind, f.Length = Length, length
	}
	return f, nil
}

// ResponseFraming applies RFC 9112 section 6.3 to the response to a request
// with that method. It does not refuse: contradictory lengths go on to the
// client, which has its own opinion, and the connection is not used again.
func (h *Head) ResponseFraming(method []byte) Framing {
	f := Framing{Close: !h.persistent()}
	if string(method) == "HEAD" || h.Status < 200 || h.Status == 204 || h.Status == 304 {
		return f
	}
	coding, chunked := h.transferCoding()
	if coding {
		f.Kind = Chunked
		if !chunked {
			f.Kind, f.Close = UntilClose, true
		}
		return f
	}
	length, n, err := h.contentLength()
	switch {
	case n == 0 || (err != nil && length < 0):
		f.Kind, f.Close = UntilClose, true
	case length > 0:
		f.Kind, f.Length = Length, length
	}
	f.Close = f.Close || err != nil
	return f
}

// persistent applies RFC 9112 section 9.3.
func (h *Head) persistent() bool {
	keep := h.Minor() == 1
	for i := range h.Lines {
		if !Is(h.Lines[i].Name, "connection") {
			continue
		}
		if HasToken(h.Lines[i].Value, "close") {
			return false
		}
		keep = keep || HasToken(h.Lines[i].Value, "keep-alive")
	}
	return keep
}

// transferCoding reports whether there is a Transfer-Encoding, and whether
// chunked is its last coding and stands once.
func (h *Head) transferCoding() (present, chunked bool) {
	for i := range h.Lines {
		if !Is(h.Lines[i].Name, "transfer-encoding") {
			continue
		}
		if chunked {
			return true, false // something follows chunked
		}
		present = true
		v := h.Lines[i].Value
		last := v[bytes.LastIndexByte(v, ',')+1:]
		chunked = Is(trim(last), "chunked")
		if chunked && HasToken(v[:len(v)-len(last)], "chunked") {
			return true, false
		}
	}
	return present, chunked
}

// contentLength returns the length, how many values were given, and an error
// when they disagree or are no numbers. The first readable value is returned
// beside the error; -1 when there is none.
func (h *Head) contentLength() (length int64, n int, err error) {
	length = -1
	for i := range h.Lines {
		if !Is(h.Lines[i].Name, "content-length") {
			continue
		}
		for rest := h.Lines[i].Value; ; {
			item, tail, more := bytes.Cut(rest, []byte{','})
			v, ok := parseLength(trim(item))
			n++
			switch {
			case !ok:
				err = malformed("Content-Length %.40q", item)
			case length >= 0 && v != length:
				err = malformed("two different Content-Length values")
			default:
				length = v
			}
			if !more {
				break
			}
			rest = tail
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
