package cors

import (
	"strconv"
	"strings"
)

// parser holds the rest of a URL behind its scheme.
type parser struct {
	scheme, rest, fragment string
}

func (p *parser) special() bool {
	return defaultPorts[p.scheme] != "" || p.scheme == "file"
}

// authority parses "user:pass@host:port/path?query".
func (p *parser) authority() (address, bool) {
	stop := "/?"
	if p.special() {
		stop = `/\?`
	}
	authority, tail := p.rest, ""
	if i := strings.IndexAny(p.rest, stop); i >= 0 {
		authority, tail = p.rest[:i], p.rest[i:]
	}
	a := address{scheme: p.scheme, fragment: p.fragment, origin: "null"}
	user := ""
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, authority = authority[:i+1], authority[i+1:]
		a.userinfo = strings.Trim(user, ":@") != ""
		if authority == "" {
			return address{}, false
		}
	}
	host, port, ok := splitPort(authority)
	if !ok {
		return address{}, false
	}
	if a.host, ok = p.host(host); !ok || a.host == "" && (port != "" || p.special()) {
		return address{}, false
	}
	if a.port, ok = p.port(port); !ok {
		return address{}, false
	}
	site := a.host
	if a.port != "" {
		site += ":" + a.port
	}
	if defaultPorts[p.scheme] != "" {
		a.origin = p.scheme + "://" + site
	}
	if !a.userinfo {
		user = ""
	}
	a.href = p.scheme + "://" + user + site
	a.path = len(a.href)
	a.href += p.tail(tail)
	return a, true
}

// tail serialises path and query.
func (p *parser) tail(s string) string {
	path, query, hasQuery := strings.Cut(s, "?")
	if p.special() && path == "" {
		path = "/"
	}
	if p.special() {
		path = cleanPath(path)
	}
	if hasQuery {
		return path + "?" + percentEncode(query, querySet)
	}
	return path
}

// file parses what follows "file:". Hosts of file URLs play no part here.
func (p *parser) file() (address, bool) {
	rest := strings.ReplaceAll(p.rest, `\`, "/")
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		i := strings.IndexByte(after+"/", '/')
		if strings.IndexByte(after[:i], ':') >= 0 {
			return address{}, false
		}
		rest = after[i:]
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	a := address{scheme: "file", fragment: p.fragment, origin: "null", href: "file://", path: len("file://")}
	a.href += p.tail(rest)
	return a, true
}

// withoutHost parses "scheme:/path" and "scheme:opaque".
func (p *parser) withoutHost() (address, bool) {
	a := address{scheme: p.scheme, fragment: p.fragment, origin: "null", path: len(p.scheme) + 1}
	if p.scheme == "filesystem" {
		return address{}, false // Chromium wants "filesystem:http://…"; nobody else knows it
	}
	a.opaque = !strings.HasPrefix(p.rest, "/")
	a.href = p.scheme + ":" + percentEncode(p.rest, controlSet)
	return a, true
}

// splitPort cuts ":port" off; brackets keep their colons.
func splitPort(authority string) (host, port string, ok bool) {
	end := 0
	if strings.HasPrefix(authority, "[") {
		if end = strings.IndexByte(authority, ']'); end < 0 {
			return "", "", false
		}
	}
	i := strings.IndexByte(authority[end:], ':')
	if i < 0 {
		return authority, "", true
	}
	return authority[:end+i], authority[end+i:], true
}

// port checks ":digits" and drops the default.
func (p *parser) port(s string) (string, bool) {
	if len(s) <= 1 {
		return "", true
	}
	n, err := strconv.ParseUint(s[1:], 10, 16)
	if err != nil || s[1]-'0' >= 10 {
		return "", false
	}
	port := strconv.FormatUint(n, 10)
	if port == defaultPorts[p.scheme] {
		return "", true
	}
	return port, true
}

// cleanPath removes dot segments and percent-encodes:
// https://url.spec.whatwg.org/#path-state.
func cleanPath(s string) string {
	s = strings.ReplaceAll(s, `\`, "/")
	var out []string
	segments := strings.Split(strings.TrimPrefix(s, "/"), "/")
	for i, seg := range segments {
		last := i == len(segments)-1
		switch dots(seg) {
		case 2:
			out = out[:max(len(out)-1, 0)]
			if last {
				out = append(out, "")
			}
		case 1:
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, percentEncode(seg, pathSet))
		}
	}
	return "/" + strings.Join(out, "/")
}

// dots counts the dots of a segment that is nothing but one or two of them.
func dots(seg string) int {
	if len(seg) > 6 {
		return 0
	}
	switch strings.ReplaceAll(lowerName(seg), "%2e", ".") {
	case ".":
		return 1
	case "..":
		return 2
	}
	return 0
}

// The percent-encode sets: https://url.spec.whatwg.org/#percent-encoded-bytes.
const (
	controlSet  = ""
	fragmentSet = " \"<>`"
	querySet    = " \"#<>'"
	pathSet     = " \"#<>?^`{}"
)

func percentEncode(s, set string) string {
	for i := range len(s) {
		if mustEncode(s[i], set) {
			return encodeFrom(s, i, set)
		}
	}
	return s
}

func mustEncode(c byte, set string) bool {
	return c < ' ' || c >= 0x7f || set != "" && strings.IndexByte(set, c) >= 0
}

func encodeFrom(s string, i int, set string) string {
	const hex = "0123456789ABCDEF"
	b := append(make([]byte, 0, len(s)+16), s[:i]...)
	for ; i < len(s); i++ {
		if c := s[i]; mustEncode(c, set) {
			b = append(b, '%', hex[c>>4], hex[c&15])
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}
