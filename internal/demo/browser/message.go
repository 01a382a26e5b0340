package browser

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"corsdash/internal/wire"
)

// What this browser says of itself.
const (
	userAgent      = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
	brands         = `"Not:A-Brand";v="8", "Chromium";v="156"`
	acceptLanguage = "en-US,en;q=0.9"
)

// message is a request as it goes on the wire.
type message struct {
	method       string
	url          *url.URL
	connection   string // value of Connection; "" is keep-alive
	lines        []Header
	body         []byte
	credentialed bool
}

func (m *message) add(name, value string) { m.lines = append(m.lines, Header{name, value}) }

func (m *message) bytes() []byte {
	target := m.url.EscapedPath()
	if target == "" {
		target = "/"
	}
	if m.url.RawQuery != "" || m.url.ForceQuery {
		target += "?" + m.url.RawQuery
	}
	connection := m.connection
	if connection == "" {
		connection = "keep-alive"
	}
	b := []byte(m.method + " " + target + " HTTP/1.1\r\nHost: " + authority(m.url) + "\r\nConnection: " + connection + "\r\n")
	if len(m.body) > 0 || m.method == "POST" || m.method == "PUT" {
		b = append(b, "Content-Length: "+strconv.Itoa(len(m.body))+"\r\n"...)
	}
	for _, l := range m.lines {
		b = append(b, l.Name+": "+l.Value+"\r\n"...)
	}
	return append(append(b, "\r\n"...), m.body...)
}

// reply is what came back.
type reply struct {
	status  int
	reason  string
	headers []Header
	body    io.ReadCloser
	stream  *stream // the connection's own body; nil when it came from the cache
}

// redirect tells whether the reply sends the browser elsewhere. Without a
// usable Location it does not, whatever its status says.
func (r *reply) redirect() (location string, ok bool) {
	switch r.status {
	case 301, 302, 303, 307, 308:
		location, _ = first(r.headers, "Location") // others say the same, see contradiction
		return location, location != ""
	}
	return "", false
}

// maxDrain is how much of an unwanted body is read to save the connection.
const maxDrain = 16 << 10

// discard lets go of the body.
func (r *reply) discard() {
	io.CopyN(io.Discard, r.body, maxDrain)
	r.body.Close()
}

// reject lets go of a body that the page may not have. The cache does not get
// it either.
func (r *reply) reject() {
	if r.stream != nil {
		r.body = r.stream
	}
	r.discard()
}

// exchange sends the message and reads the head of the answer. A connection
// that had served before and turns out to be dead is replaced, as browsers do.
func (b *Browser) exchange(ctx context.Context, m message, upgrade bool) (*reply, *Failure) {
	for again := true; ; {
		c, err := b.pool.take(ctx, &m)
		if err != nil {
			return nil, netFailure(netName(err))
		}
		r, err := c.roundTrip(ctx, &m, upgrade)
		if err == nil && r.status == 421 && again {
			again = false // RFC 9110 section 15.5.20: once more, elsewhere
			r.body.Close()
			continue
		}
		if err == nil {
			return r, nil
		}
		if ctx.Err() != nil {
			return nil, netFailure("net::ERR_ABORTED")
		}
		spoke := errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrHeadTooLarge) || errors.Is(err, io.ErrUnexpectedEOF)
		if !c.used || spoke {
			return nil, netFailure(netName(err))
		}
	}
}

// maxHead is the longest head Chromium takes, in bytes.
const maxHead = 256 << 10

// roundTrip owns the connection until the body is read or an error returned.
func (c *conn) roundTrip(ctx context.Context, m *message, upgrade bool) (*reply, error) {
	stop := context.AfterFunc(ctx, func() { c.nc.Close() })
	fail := func(err error) (*reply, error) {
		stop()
		c.drop()
		return nil, err
	}
	// A server may answer and close before it has read everything: whether the
	// write went well shows in the answer.
	_, unsent := c.nc.Write(m.bytes())
	var head wire.Head
	for {
		raw, err := wire.ReadHead(c.br, nil, maxHead, nil)
		if errors.Is(err, io.ErrUnexpectedEOF) && bytes.HasPrefix(raw, []byte("HTTP/1")) {
			raw, err = append(raw, "\r\n\r\n"...), nil // Chromium takes what it got for the whole head
		}
		if err == nil {
			err = head.ParseResponse(raw)
		}
		if err != nil {
			return fail(errors.Join(unsent, err))
		}
		if bytes.IndexByte(raw, 0) >= 0 {
			return fail(wire.ErrMalformed)
		}
		if head.Status >= 200 || head.Status == 101 && upgrade {
			break
		}
	}
	r := &reply{status: head.Status, reason: string(head.Reason)}
	for _, l := range head.Lines {
		r.headers = append(r.headers, Header{string(bytes.TrimRight(l.Name, " \t")), unfolded(string(l.Value))})
	}
	r.stream = &stream{c: c, stop: stop, framing: head.ResponseFraming([]byte(m.method))}
	r.stream.body.Reset(c.br, r.stream.framing)
	r.body = r.stream
	return r, nil
}

// unfolded makes one line of a value that goes on in the next
// (RFC 9112 section 5.2).
func unfolded(value string) string {
	if !strings.Contains(value, "\n") {
		return value
	}
	var parts []string
	for part := range strings.SplitSeq(value, "\n") {
		parts = append(parts, strings.Trim(part, " \t\r"))
	}
	return strings.Trim(strings.Join(parts, " "), " ")
}
