package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/net/http/httpguts"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// inbound is a request as the client sent it.
type inbound struct {
	head    wire.Head
	proto   []byte // what the client speaks, "HTTP/1.1" or "HTTP/2.0"
	scheme  string // "http" or "https"
	host    []byte // authority the client named
	target  []byte // path and query, or *
	framing wire.Framing
	body    pieces
	remote  string
	foreign bool // the target named another authority than Host did
}

// path is the target as it stands in a URL: "*" is the server as a whole (RFC
// 9112 section 3.3).
func (in *inbound) path() []byte {
	if in.asterisk() {
		return nil
	}
	return in.target
}

func (in *inbound) asterisk() bool { return len(in.target) == 1 && in.target[0] == '*' }

// Reasons to refuse a request that concern more than its syntax.
var (
	errHost      = errors.New("a request needs exactly one Host header")
	errConnect   = errors.New("CONNECT: corsdash is a reverse proxy, send it requests as if it were the server")
	errTarget    = errors.New("request target is neither a path nor an http URL")
	errSpeaksTLS = errors.New("this port speaks plain HTTP, and the client began a TLS handshake: write http:// in its URL, or give corsdash a certificate")
	errSpeaksWeb = errors.New("this port speaks TLS, and the client sent plain HTTP: write https:// in its URL")
)

// locate finds which host and path are meant (RFC 9112 section 3.2).
func (in *inbound) locate() error {
	in.target, in.host, in.foreign = in.head.Target, nil, false
	hosts := 0
	for i := range in.head.Lines {
		if wire.Is(in.head.Lines[i].Name, "host") {
			in.host = in.head.Lines[i].Value
			hosts++
		}
	}
	switch {
	case hosts > 1 || (hosts == 0 && in.head.Minor() == 1):
		return errHost
	case string(in.head.Method) == "CONNECT":
		return errConnect
	case in.target[0] == '/':
		return nil
	case in.asterisk() && string(in.head.Method) == "OPTIONS":
		return nil
	}
	return in.takeAuthority()
}

// takeAuthority reads an absolute-form target. Its authority counts, not Host.
func (in *inbound) takeAuthority() error {
	scheme, rest, ok := bytes.Cut(in.target, []byte("://"))
	if !ok || !(wire.Is(scheme, "http") || wire.Is(scheme, "https")) {
		return errTarget
	}
	n := bytes.IndexAny(rest, "/?#")
	if n < 0 {
		n = len(rest)
	}
	in.foreign = string(in.host) != string(rest[:n])
	in.host, in.target = rest[:n], rest[n:]
	if n == 0 {
		return errTarget
	}
	if len(in.target) == 0 || in.target[0] != '/' {
		in.target = append([]byte("/"), in.target...)
	}
	return nil
}

// readHead reads and checks the next request's head, and answers it itself
// where it cannot be passed on.
func (c *conn) readHead() bool {
	begun := time.Now()
	ready, slow := begun, false
	raw, err := wire.ReadHead(c.br, c.raw[:0], maxHead, func() {
		slow = true
		c.setDeadline(begun.Add(headTimeout))
	})
	c.raw = raw
	if slow {
		ready = time.Now()
	}
	if err == nil {
		err = c.checkHead()
	}
	if err != nil {
		c.refuseHead(begun, ready, err)
		return false
	}
	in := &c.flight.in
	in.proto = in.head.Proto
	c.body.Reset(c.br, in.framing)
	c.closing = in.framing.Close
	if !c.body.Complete() {
		c.setDeadline(time.Time{}) // a long upload may take its time
	}
	c.flight.begin(c.originOf(in), in.path(), begun, ready)
	return true
}

func (c *conn) checkHead() error {
	in := &c.flight.in
	if err := in.head.ParseRequest(c.raw); err != nil {
		return err
	}
	var err error
	if in.framing, err = in.head.RequestFraming(); err != nil {
		return err
	}
	if c.misled != nil {
		return c.misled
	}
	return in.locate()
}

// originOf builds "http://host". A client of HTTP/1.0 need not name a host.
func (c *conn) originOf(in *inbound) []byte {
	c.origin = append(append(c.origin[:0], c.scheme...), "://"...)
	if len(in.host) == 0 {
		c.origin = append(c.origin, c.nc.LocalAddr().String()...)
		return c.origin
	}
	c.origin = append(c.origin, in.host...)
	return c.origin
}

// refuseHead answers a request that cannot be passed on. A client that closed
// or sent nothing gets no answer.
func (c *conn) refuseHead(begun, ready time.Time, err error) {
	c.closing = true
	status, detail := 400, err.Error()
	switch {
	case errors.Is(err, wire.ErrHeadTooLarge):
		status, detail = 431, "the request's header section is over 256 KB: look for cookies that pile up"
	case isTimeout(err):
		if len(c.raw) == 0 {
			return
		}
		status, detail = 408, "the request's header section did not arrive within 10 s"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), isReset(err):
		return
	}
	f := &c.flight
	c.salvage()
	f.begin(c.originOf(&f.in), f.in.path(), begun, ready)
	f.uploadDone()
	f.refuse(status, exchange.BadRequest, detail)
	f.finish()
	c.linger()
}

// salvage takes what it can from a head that did not parse, so that the answer
// can carry CORS headers and the record shows what came. Values with control
// bytes are left alone: the answer repeats some.
func (c *conn) salvage() {
	in := &c.flight.in
	line, rest, _ := bytes.Cut(c.raw[:min(len(c.raw), maxHead)], []byte("\n"))
	words := bytes.Fields(line)
	in.head = wire.Head{Method: []byte("?"), Proto: []byte("HTTP/1.1"), Block: rest, Lines: in.head.Lines[:0]}
	in.framing, in.proto = wire.Framing{Close: true}, in.head.Proto
	in.target, in.host = []byte("/"), nil
	if len(words) > 0 {
		in.head.Method = words[0]
	}
	if len(words) > 1 {
		in.target = words[1]
	}
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if value = bytes.TrimSpace(value); ok && httpguts.ValidHeaderFieldValue(string(value)) {
			in.head.Lines = append(in.head.Lines, wire.Line{Name: name, Value: value, Raw: bytes.TrimRight(line, "\r")})
		}
	}
	in.host, _ = in.head.Get("host")
	c.body.Reset(c.br, in.framing)
}
