package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ParseListen reads where to listen, "8900", ":8900" or "host:8900", and
// returns host:port. A missing host is 127.0.0.1: reaching corsdash from other
// machines has to be asked for by name. Port 0 takes any free port.
func ParseListen(s string) (string, error) {
	text := strings.TrimSpace(s)
	if isDigits(text) {
		text = ":" + text
	}
	if strings.Contains(text, "://") {
		return "", fmt.Errorf("%q is a URL; write where to listen as a port or host:port", s)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, "/ ") {
		return "", fmt.Errorf("%q is not a place to listen; write a port or host:port, like 8900 or 127.0.0.1:8900", s)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if err := checkPort(port, 0); err != nil {
		return "", fmt.Errorf("%q: %w", s, err)
	}
	return net.JoinHostPort(host, port), nil
}

// ParseUpstream reads a server, "8000", ":8000", "localhost:8000" or a URL,
// and returns its URL: scheme, host, port if one was given, and the path
// without its last slash.
func ParseUpstream(s string) (string, error) {
	text := strings.TrimSpace(s)
	if isDigits(text) {
		text = ":" + text
	}
	if strings.HasPrefix(text, ":") && isDigits(text[1:]) {
		text = "localhost" + text
	}
	if !strings.Contains(text, "://") {
		host, port, err := net.SplitHostPort(hostPart(text))
		switch {
		case err != nil || host == "" || port == "":
			return "", fmt.Errorf("%q is not a server; write a port, host:port or URL, like 8000 or http://localhost:8000", s)
		case port == "443":
			text = "https://" + text
		default:
			text = "http://" + text
		}
	}
	return parseURL(s, text)
}

// hostPart is what stands before the path.
func hostPart(s string) string {
	host, _, _ := strings.Cut(s, "/")
	return host
}

func parseURL(given, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%q is not a URL; write it like http://localhost:8000", given)
	}
	if err := checkScheme(u); err != nil {
		return "", fmt.Errorf("%q: %w", given, err)
	}
	switch {
	case u.Hostname() == "":
		return "", fmt.Errorf("%q names no host; write it like http://localhost:8000", given)
	case u.User != nil:
		// Not quoted: the sentence ends up in terminals and logs.
		return "", fmt.Errorf("the server's URL holds a user name or password; leave them out and let the page send them")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fmt.Errorf("%q has a query or fragment; leave it out, a server is scheme, host, port and path", given)
	}
	if u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		if err := checkPort(u.Port(), 1); err != nil {
			return "", fmt.Errorf("%q: %w", given, err)
		}
	}
	// Parse has decoded the percent sign before the zone of an IPv6 address.
	host := strings.ReplaceAll(dialable(strings.ToLower(u.Host)), "%", "%25")
	return u.Scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/"), nil
}

func checkScheme(u *url.URL) error {
	switch u.Scheme {
	case "http", "https":
		return nil
	case "ws":
		return fmt.Errorf("write http:// instead; WebSockets pass through it")
	case "wss":
		return fmt.Errorf("write https:// instead; WebSockets pass through it")
	}
	return fmt.Errorf("the scheme %q is not http or https", u.Scheme)
}

// dialable replaces the unspecified addresses that servers print when they
// start ("running on http://0.0.0.0:8000"): not every system connects to them.
func dialable(hostport string) string {
	for _, pair := range [...][2]string{{"0.0.0.0", "127.0.0.1"}, {"[::]", "[::1]"}} {
		if rest, ok := strings.CutPrefix(hostport, pair[0]); ok && (rest == "" || rest[0] == ':') {
			return pair[1] + rest
		}
	}
	return hostport
}

func checkPort(port string, least int) error {
	n, err := strconv.Atoi(port)
	if err != nil || !isDigits(port) {
		return fmt.Errorf("the port %q is not a number", port)
	}
	if n < least || n > 65535 {
		return fmt.Errorf("port %d does not exist; ports go from %d to 65535", n, least)
	}
	return nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Loopback reports whether a host (without port) can only be this machine.
func Loopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
