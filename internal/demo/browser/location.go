package browser

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errURL = errors.New("not a URL")

// resolve parses a reference as browsers do (https://url.spec.whatwg.org/),
// which take more than RFC 3986: white space, backslashes, any number of
// slashes behind "http:", odd hosts.
func resolve(base *url.URL, ref string) (*url.URL, error) {
	ref = strings.TrimFunc(ref, func(r rune) bool { return r <= ' ' })
	ref = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(ref)
	scheme, rest := cutScheme(ref)
	special := isSpecial(scheme)
	switch {
	case scheme != "" && !special:
		return &url.URL{Scheme: scheme, Opaque: rest}, nil
	case special && (scheme != base.Scheme || startsWithSlash(rest) && startsWithSlash(rest[1:])):
		return withAuthority(scheme, strings.TrimLeft(rest, `/\`), base)
	case special:
		ref = rest // "http:path" is relative to a base of the same scheme
	}
	if !isSpecial(base.Scheme) {
		return nil, errURL
	}
	if startsWithSlash(ref) && startsWithSlash(ref[1:]) {
		return withAuthority(base.Scheme, strings.TrimLeft(ref, `/\`), base)
	}
	if head, _, _ := strings.Cut(ref, "/"); strings.Contains(head, ":") {
		ref = "./" + ref // what is no scheme is a path
	}
	u, err := base.Parse(escaped(ref))
	if err != nil {
		return nil, errURL
	}
	keepFragment(u, base)
	return u, nil
}

// cutScheme splits off a scheme, in lower case; "" when there is none.
func cutScheme(s string) (scheme, rest string) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !isAlpha(scheme[0]) ||
		strings.ContainsFunc(scheme, func(r rune) bool { return !isAlnum(r) && !strings.ContainsRune("+-.", r) }) {
		return "", s
	}
	return strings.ToLower(scheme), rest
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isSpecial tells whether URLs of the scheme have a host
// (https://url.spec.whatwg.org/#special-scheme).
func isSpecial(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp":
		return true
	}
	return false
}

func startsWithSlash(s string) bool { return s != "" && (s[0] == '/' || s[0] == '\\') }

// withAuthority parses what stands behind the slashes of a special URL.
func withAuthority(scheme, rest string, base *url.URL) (*url.URL, error) {
	end := strings.IndexAny(rest, `/\?#`)
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	if strings.HasPrefix(tail, `\`) {
		tail = "/" + tail[1:]
	}
	u, err := url.Parse("http://host" + escaped(tail))
	if err != nil {
		return nil, errURL
	}
	u.Scheme, u.Host = scheme, ""
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		name, password, _ := strings.Cut(authority[:i], ":")
		u.User = url.UserPassword(name, password)
		authority = authority[i+1:]
	}
	if u.Host, err = canonicalHost(authority, scheme); err != nil {
		return nil, err
	}
	if u.Path == "" {
		u.Path = "/"
	}
	keepFragment(u, base)
	return u, nil
}

func keepFragment(u, base *url.URL) {
	if u.Fragment == "" {
		u.Fragment = base.Fragment
	}
}

// escaped escapes what Go's parser would refuse or keep as it is. Backslashes
// before the query are slashes.
func escaped(s string) string {
	var b strings.Builder
	path := true
	for i := range len(s) {
		c := s[i]
		path = path && c != '?' && c != '#'
		switch {
		case c == '\\' && path:
			b.WriteByte('/')
		case c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>`, c) >= 0:
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// canonicalHost implements https://url.spec.whatwg.org/#concept-host-parser,
// without IDNA: such names lead nowhere here.
func canonicalHost(authority, scheme string) (string, error) {
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
	}
	if strings.HasPrefix(host, "[") {
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if ip == nil || !strings.HasSuffix(host, "]") {
			return "", errURL
		}
		host = "[" + ip.String() + "]"
	} else {
		decoded, err := url.PathUnescape(host)
		if err != nil || !validHost(decoded) {
			return "", errURL
		}
		if host = strings.ToLower(decoded); endsInNumber(host) {
			if host, err = ipv4(host); err != nil {
				return "", err
			}
		}
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return "", errURL
		}
		port = strconv.FormatUint(n, 10)
	}
	if port == "" || port == defaultPort(scheme) {
		return host, nil
	}
	return host + ":" + port, nil
}

// validHost refuses what Chromium refuses, which is less than the standard
// asks: it escapes spaces and quotes instead.
func validHost(host string) bool {
	return host != "" && utf8.ValidString(host) &&
		!strings.ContainsFunc(host, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`#/:<>?@[\]^|%`, r) })
}

func endsInNumber(host string) bool {
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || last != "" && strings.Trim(last, "0123456789") == ""
}

// ipv4 reads the old forms too, such as 127.1 and 2130706433
// (https://url.spec.whatwg.org/#concept-ipv4-parser).
func ipv4(host string) (string, error) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	var sum uint64
	for i, p := range parts {
		room := uint64(1) << 8
		if i == len(parts)-1 {
			room = 1 << (8 * (5 - len(parts)))
		}
		n, err := strconv.ParseUint(p, 0, 64)
		if err != nil || len(parts) > 4 || n >= room {
			return "", errURL
		}
		if i == len(parts)-1 {
			sum += n
			break
		}
		sum += n << (8 * (3 - i))
	}
	return net.IPv4(byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)).String(), nil
}

// badPorts are those a browser does not talk HTTP to
// (https://fetch.spec.whatwg.org/#port-blocking).
var badPorts = []int{
	0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
	113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
	554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
	6666, 6667, 6668, 6669, 6679, 6697, 10080,
}

func unsafePort(u *url.URL) bool {
	n, err := strconv.Atoi(u.Port())
	return err == nil && slices.Contains(badPorts, n)
}
