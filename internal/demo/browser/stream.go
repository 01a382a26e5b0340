package browser

import (
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"sync"

	"corsdash/internal/wire"
)

// stream is a body on its way. The connection goes back to the pool with the
// last byte.
type stream struct {
	c       *conn
	stop    func() bool // takes the connection from the request's context
	framing wire.Framing

	mu   sync.Mutex // Close may come from another goroutine than Read
	body wire.Body
	rest []byte
	end  error // set once the stream has let go of the connection
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) == 0 {
		if s.end != nil {
			return 0, s.end
		}
		piece, err := s.body.Next(nil)
		if err != nil {
			return 0, s.finish(err)
		}
		s.rest = piece
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// finish lets go of the connection, and names what cut the body.
func (s *stream) finish(err error) error {
	alive := s.stop()
	if err == io.EOF && alive && !s.framing.Close {
		s.end = io.EOF
		s.c.giveBack()
		return io.EOF
	}
	s.c.drop()
	switch {
	case err == io.EOF:
		s.end = io.EOF
	case !alive:
		s.end = netFailure("net::ERR_ABORTED")
	case errors.Is(err, wire.ErrMalformed):
		s.end = brokenBody("net::ERR_INVALID_CHUNKED_ENCODING")
	case errors.Is(err, io.ErrUnexpectedEOF) && s.framing.Kind == wire.Length:
		s.end = brokenBody("net::ERR_CONTENT_LENGTH_MISMATCH")
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.end = brokenBody("net::ERR_INCOMPLETE_CHUNKED_ENCODING")
	default:
		s.end = brokenBody(netName(err))
	}
	return s.end
}

// brokenBody is a failure after the page has got its response.
func brokenBody(net string) *Failure {
	return &Failure{Net: net, Console: []string{failedToLoad(net)}}
}

// Close gives up on the rest. A reader that waits for more is woken.
func (s *stream) Close() error {
	if s.mu.TryLock() {
		defer s.mu.Unlock()
		switch {
		case s.end != nil:
		case s.body.Done():
			s.finish(io.EOF)
		default:
			s.finish(io.ErrClosedPipe)
		}
		return nil
	}
	return s.c.nc.Close() // Read holds the lock, and finds out
}

// abort lets go of the connection whatever is on it.
func (s *stream) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.finish(io.ErrClosedPipe)
	}
}

// decoded takes the content coding off. Others than gzip are offered, as
// Chromium does, but nothing in the demo uses them.
func decoded(r *reply) (io.ReadCloser, *Failure) {
	coding, _ := get(r.headers, "Content-Encoding")
	switch strings.ToLower(coding) {
	case "gzip", "x-gzip":
		return &unzip{src: r.body}, nil
	case "br", "deflate", "zstd":
		r.body.Close()
		return nil, netFailure("net::ERR_CONTENT_DECODING_FAILED")
	}
	return r.body, nil // Chromium passes on what it does not know
}

// unzip begins with the first Read, because the first bytes may be late.
type unzip struct {
	src io.ReadCloser
	zr  *gzip.Reader
}

func (u *unzip) Read(p []byte) (int, error) {
	var err error
	if u.zr == nil {
		if u.zr, err = gzip.NewReader(u.src); err != nil {
			return 0, decodingError(err)
		}
	}
	n, err := u.zr.Read(p)
	if err == io.EOF {
		_, err = io.Copy(io.Discard, u.src) // the transfer coding has an end of its own
		if err == nil {
			err = io.EOF
		}
	}
	return n, decodingError(err)
}

func (u *unzip) Close() error { return u.src.Close() }

func decodingError(err error) error {
	var cut *Failure
	if err == nil || err == io.EOF || errors.As(err, &cut) {
		return err
	}
	return brokenBody("net::ERR_CONTENT_DECODING_FAILED")
}
