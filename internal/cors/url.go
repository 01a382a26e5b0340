package cors

import (
	"net/netip"
	"strings"
)

// address is a parsed URL, as far as a verdict needs it:
// https://url.spec.whatwg.org/#url-parsing. Browsers print, compare and follow
// URLs in their serialised form, which net/url does not produce.
type address struct {
	href     string // serialised, without the fragment
	fragment string // with its "#", empty when there is none
	scheme   string
	origin   string // serialised origin, "null" for schemes without one
	host     string // serialised; brackets kept
	port     string // empty when it is the default
	userinfo bool
	opaque   bool // "mailto:x": nothing can be relative to it
	path     int  // where the path starts in href
}

func (a *address) isHTTP() bool { return a.scheme == "http" || a.scheme == "https" }

// full is the URL as consoles print it.
func (a *address) full() string { return a.href + a.fragment }

// defaultPorts lists the special schemes, the ones whose URLs always have a host.
var defaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

// parseAddress parses an absolute URL. Almost every URL on a wire is plain and
// takes the short way, which copies nothing.
func parseAddress(s string) (address, bool) {
	if a, ok := parsePlain(s); ok {
		return a, true
	}
	return parseURL(s, nil)
}

// parseOrigin parses an origin as headers carry it: a URL without its path.
func parseOrigin(s string) (a address, ok bool) {
	rest, ok := strings.CutPrefix(s, "http://")
	a.scheme = "http"
	if !ok {
		rest, ok = strings.CutPrefix(s, "https://")
		a.scheme = "https"
	}
	if ok && strings.IndexByte(rest, '/') < 0 {
		a.origin, a.href, a.path = s, s, len(s)
		a.host = rest
		port := true
		if i := strings.IndexByte(rest, ':'); i >= 0 {
			a.host, a.port = rest[:i], rest[i+1:]
			port = plainPort(a.port, a.scheme)
		}
		if port && plainHost(a.host) {
			return a, true
		}
	}
	return parseAddress(s)
}

// parsePlain takes http and https URLs that are their own serialisation already.
func parsePlain(s string) (a address, ok bool) {
	a.scheme = "http"
	rest, ok := strings.CutPrefix(s, "http://")
	if !ok {
		a.scheme = "https"
		if rest, ok = strings.CutPrefix(s, "https://"); !ok {
			return a, false
		}
	}
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return a, false
	}
	a.host = rest[:slash]
	a.path = len(s) - len(rest) + slash
	a.origin = s[:a.path]
	if i := strings.IndexByte(a.host, ':'); i >= 0 {
		a.host, a.port = a.host[:i], a.host[i+1:]
		if !plainPort(a.port, a.scheme) {
			return a, false
		}
	}
	return a, plainHost(a.host) && a.plainTail(s, a.path)
}

func plainPort(port, scheme string) bool {
	for i := range len(port) {
		if port[i]-'0' >= 10 {
			return false
		}
	}
	return port != "" && len(port) <= 4 && port[0] != '0' && port != defaultPorts[scheme]
}

// plainHost accepts lower-case names and dotted IPv4 addresses.
func plainHost(host string) bool {
	label := 0
	for i := range len(host) {
		switch c := host[i]; {
		case c == '.':
			label = i + 1
		case c-'a' >= 26 && c-'0' >= 10 && c != '-':
			return false
		}
	}
	if label == len(host) || host[label]-'a' >= 26 {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is4()
	}
	return true
}

// plainTail accepts a path and query that need no percent-encoding and hold no
// dot segment.
func (a *address) plainTail(s string, i int) bool {
	a.href = s
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '#':
			a.href, a.fragment = s[:i], s[i:]
			return plainFragment(a.fragment)
		case c == '.' && s[i-1] == '/':
			return false
		case c <= ' ' || c >= 0x7f || strings.IndexByte("\"'<>\\^`{}", c) >= 0:
			return false
		case c == '%' && i+2 < len(s) && lower(s[i+1]) == '2' && lower(s[i+2]) == 'e':
			return false
		}
	}
	return true
}

func plainFragment(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>`", c) >= 0 {
			return false
		}
	}
	return true
}

// resolve parses a reference, such as a Location, against a.
func (a *address) resolve(ref string) (address, bool) { return parseURL(ref, a) }

// parseURL is the standard's basic URL parser without its state machine: the
// pieces are cut off one after the other.
func parseURL(s string, base *address) (address, bool) {
	s = cleanURL(s)
	scheme, rest, ok := cutScheme(s)
	if !ok {
		if base == nil || base.opaque && !strings.HasPrefix(s, "#") {
			return address{}, false
		}
		return base.relative(s)
	}
	p := parser{scheme: scheme}
	p.rest, p.fragment = cutFragment(rest)
	if p.special() {
		if base != nil && base.scheme == scheme && scheme != "file" && !startsWithSlashes(rest, 2) {
			return base.relative(rest) // "http:path", a relic
		}
		if scheme == "file" {
			return p.file()
		}
		p.rest = strings.TrimLeft(p.rest, `/\`)
		return p.authority()
	}
	if strings.HasPrefix(p.rest, "//") {
		p.rest = p.rest[2:]
		return p.authority()
	}
	return p.withoutHost()
}

// cleanURL does what the parser does first: it strips control characters and
// spaces at both ends and removes tabs and line breaks everywhere.
func cleanURL(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if strings.ContainsAny(s, "\t\r\n") {
		s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	}
	return s
}

func cutScheme(s string) (scheme, rest string, ok bool) {
	if s == "" || lower(s[0])-'a' >= 26 {
		return "", "", false
	}
	for i := range len(s) {
		switch c := lower(s[i]); {
		case c == ':':
			return lowerName(s[:i]), s[i+1:], true
		case c-'a' >= 26 && c-'0' >= 10 && c != '+' && c != '-' && c != '.':
			return "", "", false
		}
	}
	return "", "", false
}

func cutFragment(s string) (rest, fragment string) {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		return s[:i], percentEncode(s[i:], fragmentSet)
	}
	return s, ""
}

func startsWithSlashes(s string, n int) bool {
	for i := range n {
		if i >= len(s) || s[i] != '/' && s[i] != '\\' {
			return false
		}
	}
	return true
}

// relative resolves a reference without scheme.
func (a *address) relative(ref string) (address, bool) {
	rest, fragment := cutFragment(ref)
	p := parser{scheme: a.scheme, fragment: fragment}
	if startsWithSlashes(rest, 2) {
		p.rest = rest[2:]
		if p.special() {
			p.rest = strings.TrimLeft(p.rest, `/\`)
		}
		return p.authority()
	}
	out := *a
	out.fragment = fragment
	path, query, _ := strings.Cut(a.href[a.path:], "?")
	switch {
	case rest == "":
		return out, true
	case rest[0] == '?':
		query = percentEncode(rest[1:], querySet)
	default:
		var ref string
		ref, query, _ = strings.Cut(rest, "?")
		query = percentEncode(query, querySet)
		if !startsWithSlashes(ref, 1) {
			ref = path[:strings.LastIndexByte(path, '/')+1] + ref
		}
		path = cleanPath(ref)
	}
	out.href = a.href[:a.path] + path
	if query != "" || strings.Contains(rest, "?") {
		out.href += "?" + query
	}
	return out, true
}
