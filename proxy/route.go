package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// Route sends paths to an upstream.
type Route struct {
	Prefix     string // "/api" takes /api, /api/… and /api?…, but not /apidocs; "" and "/" take everything
	Target     string // "http://localhost:8000", a path in it goes before the request's own
	Strip      bool   // take the prefix off
	Rewrite    string // put this in place of the prefix
	HostHeader string // "auto" (or ""), "preserve" or "upstream"
	Insecure   bool   // do not check the upstream's certificate
}

// route is a Route made ready.
type route struct {
	prefix    string
	origin    string // "http://localhost:8000"
	host      string // authority for the Host header, default port left out
	name      string // host name alone
	port      string
	base      string // path of the target without its final slash
	tls       bool
	replace   bool
	with      string // what stands in place of the prefix
	keepHost  bool
	std       *http.Transport // for TLS upstreams
	tlsConfig *tls.Config
	key       string      // names the upstream in the pool of connections
	told      atomic.Bool // the log knows which of its addresses answers
}

// compile checks one route. Errors name the route and the way out.
func (p *Proxy) compile(r Route, roots *x509.CertPool, s *settings) (*route, error) {
	u, err := url.Parse(r.Target)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("upstream %q is not a URL: write it like http://localhost:8000", r.Target)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("upstream %q: only http and https are possible, not %q", r.Target, u.Scheme)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("upstream %q: leave out user, query and fragment", u.Redacted())
	}
	if r.Prefix != "" && r.Prefix[0] != '/' {
		return nil, fmt.Errorf("route %q: a prefix begins with a slash", r.Prefix)
	}
	if r.Rewrite != "" && r.Rewrite[0] != '/' {
		return nil, fmt.Errorf("route %q: the path to rewrite to begins with a slash, %q does not", r.Prefix, r.Rewrite)
	}
	c := &route{
		prefix: r.Prefix, tls: u.Scheme == "https", host: u.Host, name: u.Hostname(), port: u.Port(),
		base: strings.TrimSuffix(u.EscapedPath(), "/"), replace: r.Strip || r.Rewrite != "", with: r.Rewrite,
	}
	if c.prefix == "/" {
		c.prefix = ""
	}
	c.ports()
	c.origin = u.Scheme + "://" + c.host
	c.key = c.origin
	switch r.HostHeader {
	case "", "auto":
		c.keepHost = isLoopback(c.name)
	case "preserve":
		c.keepHost = true
	case "upstream":
	default:
		return nil, fmt.Errorf("host header %q: use auto, preserve or upstream", r.HostHeader)
	}
	if c.tls {
		c.tlsConfig = &tls.Config{RootCAs: roots, InsecureSkipVerify: r.Insecure}
		c.std = p.newTransport(c, s)
		// A connection is not used under other rules than those it was checked by.
		c.key = fmt.Sprint(c.origin, " ", s.serial)
	}
	return c, nil
}

// ports fills in the default port and takes it out of the Host header.
func (r *route) ports() {
	def := "80"
	if r.tls {
		def = "443"
	}
	if r.port == "" || r.port == def {
		r.port = def
		r.host = r.name
		if strings.Contains(r.name, ":") {
			r.host = "[" + r.name + "]"
		}
	}
}

func (r *route) close() {
	if r.std != nil {
		r.std.CloseIdleConnections()
	}
}

// sortRoutes puts the longest prefix first.
func sortRoutes(routes []*route) error {
	slices.SortStableFunc(routes, func(a, b *route) int { return len(b.prefix) - len(a.prefix) })
	for i, r := range routes {
		if i > 0 && routes[i-1].prefix == r.prefix {
			return fmt.Errorf("two routes for %q: keep one", r.prefix+"/")
		}
	}
	return nil
}

func (s *settings) route(target []byte) *route {
	for _, r := range s.routes {
		if r.takes(target) {
			return r
		}
	}
	return nil
}

// takes matches at a boundary of path segments, so /api is not /apidocs. The
// bytes of the wire are compared; an escaped prefix is another path.
func (r *route) takes(target []byte) bool {
	n := len(r.prefix)
	if len(target) < n || string(target[:n]) != r.prefix {
		return false
	}
	return n == 0 || len(target) == n || r.prefix[n-1] == '/' || target[n] == '/' || target[n] == '?'
}

// appendTarget writes the target as the upstream gets it: the target's own
// path, what stands in place of the prefix, and the rest.
func (r *route) appendTarget(dst, target []byte) []byte {
	if len(target) == 0 || target[0] != '/' {
		return append(dst, target...) // OPTIONS *
	}
	dst = append(dst, r.base...)
	if !r.replace {
		return append(dst, target...)
	}
	rest := target[len(r.prefix):]
	with := strings.TrimSuffix(r.with, "/")
	dst = append(dst, with...)
	bare := len(rest) == 0 || rest[0] == '?'
	if (bare && with == "") || (!bare && rest[0] != '/') {
		dst = append(dst, '/')
	}
	return append(dst, rest...)
}

// clientPath is the way back: the path under which the client reaches a path
// of the upstream. There is none for a path outside of what this route asks.
func (r *route) clientPath(path string) (string, bool) {
	path, ok := cutPath(path, r.base)
	if !ok || !r.replace {
		return path, ok
	}
	path, ok = cutPath(path, strings.TrimSuffix(r.with, "/"))
	return strings.TrimSuffix(r.prefix, "/") + path, ok
}

// cutPath takes a prefix off that ends with a path segment.
func cutPath(path, prefix string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, prefix)
	if !ok || (rest != "" && !strings.ContainsRune("/?#", rune(rest[0]))) {
		return path, false
	}
	if rest == "" {
		rest = "/"
	}
	return rest, true
}

// isLoopback reports whether a host name always means this machine.
func isLoopback(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

func lowerSet(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[strings.ToLower(s)] = true
	}
	return set
}
