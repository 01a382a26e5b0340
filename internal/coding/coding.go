// Package coding takes HTTP content codings off a captured body.
//
// Input is the value of Content-Encoding and the bytes that were captured,
// which may be cut anywhere and may be hostile. Output is never longer than
// the limit. The package reads bodies only; what passes through the proxy
// stays coded, and nothing here may be used on it.
package coding

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What ends a decoding early. All of them come with the bytes decoded so far.
var (
	ErrTruncated = errors.New("the body ends before its content coding does")
	ErrLimit     = errors.New("the decoded body is larger than the limit")
	ErrUnknown   = errors.New("unknown content coding")
	ErrCorrupt   = errors.New("the body is not what its content coding says")
)

// maxCodings is how many codings of one body are taken off. Each costs a
// decoder; a list of a thousand is an attack, and curl stops at five, too.
const maxCodings = 5

// Plain takes the codings off data, of which at most limit bytes result.
//
// encoding is a Content-Encoding value: gzip, x-gzip, deflate (zlib, or the
// raw deflate some servers send and browsers accept), br, zstd, identity, or
// several of them in a list, of which the last was applied last. Names have no
// case. Nothing is done to an empty body, such as that of a HEAD.
//
// The error wraps one of the Err values. With ErrUnknown nothing was decoded
// and nil is returned. Beside the result a decoder holds its window: 32 KB for
// gzip and deflate, at most 8 MB for zstd (RFC 9659) and 16 MB for br (RFC 7932).
//
// The result may share memory with data when there was no coding to take off.
func Plain(encoding string, data []byte, limit int) ([]byte, error) {
	codings, err := split(encoding)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	limit = max(limit, 0)
	if len(codings) == 0 {
		if len(data) > limit {
			return data[:limit:limit], ErrLimit
		}
		return data, nil
	}
	return decode(codings, data, limit)
}

// split lists the codings in the order they were applied, without identity.
func split(encoding string) ([]string, error) {
	var codings []string
	for name := range strings.SplitSeq(encoding, ",") {
		name = strings.ToLower(strings.Trim(name, " \t"))
		switch name {
		case "", "identity":
		case "gzip", "x-gzip", "deflate", "br", "zstd":
			codings = append(codings, name)
		default:
			return nil, fmt.Errorf("%w %q", ErrUnknown, name)
		}
	}
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("%w: a list of %d, at most %d are taken off", ErrUnknown, len(codings), maxCodings)
	}
	return codings, nil
}

func decode(codings []string, data []byte, limit int) ([]byte, error) {
	var chain [maxCodings]layer
	body := bytes.NewReader(data)
	var src io.Reader = body
	layers := chain[:0]
	defer func() {
		body.Reset(nil) // what is pooled must not hold the body
		for _, l := range layers {
			release(l)
		}
	}()
	for i := len(codings) - 1; i >= 0; i-- {
		l := acquire(codings[i])
		layers = append(layers, l)
		if err := l.Reset(src); err != nil {
			return nil, sorted(codings[i], err)
		}
		src = l
	}
	out, err := readUpTo(src, limit)
	if err != nil && err != ErrLimit {
		err = sorted(strings.Join(codings, ", "), err)
	}
	return out, err
}

// sorted turns a decoder's own error into one of ours.
func sorted(coding string, err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w (%s)", ErrTruncated, coding)
	}
	return fmt.Errorf("%w (%s): %w", ErrCorrupt, coding, err)
}

// readUpTo reads all of src, or limit bytes and ErrLimit. Small bodies, which
// are nearly all, cost one allocation of their size; larger ones double up.
func readUpTo(src io.Reader, limit int) ([]byte, error) {
	page := pages.Get().(*[pageSize]byte)
	defer pages.Put(page)
	var out []byte
	for {
		// One byte more than fits tells a body of limit bytes from a larger one.
		n, err := fill(src, page[:min(limit-len(out)+1, pageSize)])
		if room := limit - len(out); n > room {
			return grown(out, page[:room], limit), ErrLimit
		}
		out = grown(out, page[:n], limit)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// grown appends p to out without ever taking more room than limit.
func grown(out, p []byte, limit int) []byte {
	if need := len(out) + len(p); need > cap(out) {
		room := min(max(2*cap(out), need), limit)
		out = append(make([]byte, 0, room), out...)
	}
	return append(out, p...)
}

// fill is io.ReadFull that hands on the error of src itself, and does not
// trust src to make progress.
func fill(src io.Reader, p []byte) (n int, err error) {
	for idle := 0; n < len(p) && err == nil; idle++ {
		var m int
		m, err = src.Read(p[n:])
		n += m
		if m > 0 {
			idle = 0
		}
		if idle > 100 {
			return n, io.ErrNoProgress
		}
	}
	return n, err
}
