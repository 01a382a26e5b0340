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
	from := len(out)
	out = r.appendTarget(out, in.target)
	if sent := out[from:]; string(sent) != string(in.target) {
		f.change(fmt.Sprintf("path sent to the upstream: %s → %s", in.target, sent))
	}
	out = append(out, " HTTP/1.1\r\n"...)
	upgrade := f.wantsUpgrade()
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
		f.change("added Host: " + r.host + ", which HTTP/1.1 demands")
		out = appendLine(out, "Host", r.host)
	}
	switch in.framing.Kind {
	case wire.Chunked:
		out = appendLine(out, "Transfer-Encoding", "chunked")
	case wire.Length:
		if _, ok := in.head.Get("content-length"); !ok {
			out = appendLine(out, "Content-Length", strconv.FormatInt(in.framing.Length, 10))
		}
	}
	if s.forwarded {
		out = f.appendForwarded(out)
	}
	f.out = append(out, "\r\n"...)
}

func appendLine(out []byte, name, value string) []byte {
	return append(append(append(append(out, name...), ": "...), value...), "\r\n"...)
}

// appendHost passes Host on, or puts the upstream's in its place. Where the
// target named an authority, Host does not count (RFC 9112 section 3.2.2).
func (f *flight) appendHost(out []byte, l *wire.Line) []byte {
	host := f.route.host
	if f.route.keepHost {
		if !f.in.foreign {
			return append(append(out, l.Raw...), "\r\n"...)
		}
		host = string(f.in.host)
	}
	if string(l.Value) != host {
		f.change(fmt.Sprintf("Host sent to the upstream: %s → %s", l.Value, host))
	}
	return append(append(append(append(out, l.Name...), ": "...), host...), "\r\n"...)
}

// wantsUpgrade reports whether the request asks for another protocol that may
// pass. HTTP/2 may not: it would carry requests past every check. Nor may one
// with a body, which nobody sends and nobody expects.
func (f *flight) wantsUpgrade() bool {
	in := &f.in
	v, ok := in.head.Get("upgrade")
	if _, h1 := f.client.(*conn); !ok || !h1 || wire.HasToken(v, "h2c") || in.framing.Kind != wire.None || in.head.Minor() == 0 {
		return false
	}
	for i := range in.head.Lines {
		if l := &in.head.Lines[i]; wire.Is(l.Name, "connection") && wire.HasToken(l.Value, "upgrade") {
			return true
		}
	}
	return false
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

func isForwarded(name []byte) bool {
	return wire.Is(name, "x-forwarded-for") || wire.Is(name, "x-forwarded-host") || wire.Is(name, "x-forwarded-proto")
}

// appendForwarded adds X-Forwarded-*. An X-Forwarded-For that came is kept in
// front; the other two are what the client at this door used.
func (f *flight) appendForwarded(out []byte) []byte {
	var chain string
	for i := range f.in.head.Lines {
		if l := &f.in.head.Lines[i]; wire.Is(l.Name, "x-forwarded-for") {
			chain += string(l.Value) + ", "
		}
	}
	chain += hostOnly(f.in.remote)
	f.change("added X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto")
	return fmt.Appendf(out, "X-Forwarded-For: %s\r\nX-Forwarded-Host: %s\r\nX-Forwarded-Proto: %s\r\n", chain, f.in.host, f.in.scheme)
}
