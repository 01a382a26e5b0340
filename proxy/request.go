package proxy

import (
	"bytes"
	"fmt"
	"strconv"

	"corsdash/internal/wire"
)

// The request as the upstream gets it: the client's lines in the client's
// order, without those that concern one connection only (RFC 9110 section
// 7.6.1), and with what the settings ask to change.

// compose writes the upstream request's head into f.out.
func (f *flight) compose(s *settings) {
	in, r := &f.in, f.route
	out := f.out[:0]
	out = append(append(out, in.head.Method...), ' ')
	out = r.appendTarget(out, in.target)
	out = append(out, " HTTP/1.1\r\n"...)
	if r.changesTarget() {
		f.change(fmt.Sprintf("path sent to the upstream: %s → %s", in.target, r.appendTarget(nil, in.target)))
	}
	upgrade := f.wantsUpgrade() && !f.offersH2C()
	listed := connectionLines(in.head.Lines)
	hosted := false
	for i := range in.head.Lines {
		l := &in.head.Lines[i]
		switch {
		case wire.Is(l.Name, "host"):
			hosted = true
			out = f.appendHost(out, l)
			continue
		case dropRequestLine(l, listed, upgrade):
			continue
		case s.forwarded && isForwarded(l.Name):
			continue
		}
		out = append(append(out, l.Raw...), "\r\n"...)
	}
	if !hosted {
		out = fmt.Appendf(out, "Host: %s\r\n", r.host)
	}
	switch in.framing.Kind {
	case wire.Chunked:
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	case wire.Length:
		if _, ok := in.head.Get("content-length"); !ok {
			out = append(strconv.AppendInt(append(out, "Content-Length: "...), in.framing.Length, 10), "\r\n"...)
		}
	}
	if s.forwarded {
		out = f.appendForwarded(out)
	}
	f.out = append(out, "\r\n"...)
}

func (f *flight) appendHost(out []byte, l *wire.Line) []byte {
	if f.route.keepHost {
		return append(append(out, l.Raw...), "\r\n"...)
	}
	if string(f.in.host) != f.route.host {
		f.change(fmt.Sprintf("Host sent to the upstream: %s → %s", f.in.host, f.route.host))
	}
	return append(append(append(append(out, l.Name...), ": "...), f.route.host...), "\r\n"...)
}

// connectionLines returns the values of Connection lines, each a list of
// further header names that stay on this connection.
func connectionLines(lines []wire.Line) (listed [][]byte) {
	for i := range lines {
		l := &lines[i]
		if wire.Is(l.Name, "connection") && !wire.Is(l.Value, "keep-alive") && !wire.Is(l.Value, "close") {
			listed = append(listed, l.Value)
		}
	}
	return listed
}

// dropRequestLine decides which lines end here. "Connection: keep-alive" may
// pass because it is as true of the next connection.
func dropRequestLine(l *wire.Line, listed [][]byte, upgrade bool) bool {
	switch {
	case wire.Is(l.Name, "connection"):
		return !upgrade && !wire.Is(l.Value, "keep-alive")
	case wire.Is(l.Name, "upgrade"):
		return !upgrade
	case wire.Is(l.Name, "te"):
		return !wire.HasToken(l.Value, "trailers")
	case wire.Is(l.Name, "transfer-encoding"):
		return true // written anew behind the others
	case wire.Is(l.Name, "keep-alive"), wire.Is(l.Name, "proxy-connection"), wire.Is(l.Name, "http2-settings"):
		return true
	}
	return isListed(l.Name, listed)
}

// isListed reports whether a Connection line names the header. Lines that the
// message cannot do without are not given up, whatever Connection says.
func isListed(name []byte, listed [][]byte) bool {
	if len(listed) == 0 || wire.Is(name, "content-length") || wire.Is(name, "content-type") {
		return false
	}
	lower := string(bytes.ToLower(name))
	for _, list := range listed {
		if wire.HasToken(list, lower) {
			return true
		}
	}
	return false
}

// offersH2C recognises an upgrade to HTTP/2, which must not pass a proxy: it
// would carry requests past every check.
func (f *flight) offersH2C() bool {
	v, _ := f.in.head.Get("upgrade")
	return wire.HasToken(v, "h2c")
}

func isForwarded(name []byte) bool {
	return wire.Is(name, "x-forwarded-for") || wire.Is(name, "x-forwarded-host") || wire.Is(name, "x-forwarded-proto")
}

// appendForwarded adds X-Forwarded-*. An X-Forwarded-For that came is kept in
// front; the other two are what the client at this door used.
func (f *flight) appendForwarded(out []byte) []byte {
	chain := hostOnly(f.in.remote)
	if before, ok := f.in.head.Get("x-forwarded-for"); ok {
		chain = string(before) + ", " + chain
	}
	f.change("added X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto")
	return fmt.Appendf(out, "X-Forwarded-For: %s\r\nX-Forwarded-Host: %s\r\nX-Forwarded-Proto: %s\r\n", chain, f.in.host, f.in.scheme)
}
