package cors

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// host parses a host: https://url.spec.whatwg.org/#host-parsing. Where
// browsers disagree it follows Chromium, because that is the one whose message
// depends on it: an Access-Control-Allow-Origin that is no URL is "invalid",
// one that is a URL is merely "not equal".
func (p *parser) host(s string) (string, bool) {
	if strings.HasPrefix(s, "[") {
		return ipv6(s)
	}
	if defaultPorts[p.scheme] == "" {
		return opaqueHost(s)
	}
	s, ok := percentDecode(s)
	if !ok || !utf8.ValidString(s) || !validHost(s) {
		return "", false
	}
	s = lowerName(s)
	if endsInNumber(s) {
		return ipv4(s)
	}
	return strings.NewReplacer("*", "%2A", " ", "%20").Replace(s), true
}

// validHost refuses the forbidden domain code points. Chromium escapes a space
// instead of refusing it. Internationalised names are let through as they are:
// nothing here depends on their ASCII form.
func validHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || strings.IndexByte("#%/:<>?@[\\]^|", c) >= 0 {
			return false
		}
	}
	return s != ""
}

func opaqueHost(s string) (string, bool) {
	if strings.ContainsAny(s, "\x00 #/:<>?@[\\]^|") {
		return "", false
	}
	return percentEncode(s, controlSet), true
}

func percentDecode(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b = append(b, byte(n))
		i += 2
	}
	return string(b), true
}

func ipv6(s string) (string, bool) {
	if !strings.HasSuffix(s, "]") || strings.ContainsAny(s, "%") {
		return "", false
	}
	ip, err := netip.ParseAddr(s[1 : len(s)-1])
	if err != nil || !ip.Is6() {
		return "", false
	}
	if ip.Is4In6() { // the standard has no dotted form
		b := ip.As16()
		return "[::ffff:" + strconv.FormatUint(uint64(b[12])<<8|uint64(b[13]), 16) + ":" +
			strconv.FormatUint(uint64(b[14])<<8|uint64(b[15]), 16) + "]", true
	}
	return "[" + ip.String() + "]", true
}

// endsInNumber: https://url.spec.whatwg.org/#ends-in-a-number-checker.
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" {
		return false
	}
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	digits, ok := strings.CutPrefix(last, "0x")
	return ok && strings.Trim(digits, "0123456789abcdef") == ""
}

// ipv4 reads "127.1", "0x7f000001" and their like:
// https://url.spec.whatwg.org/#concept-ipv4-parser.
func ipv4(host string) (string, bool) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return "", false
	}
	var ip uint64
	for i, part := range parts {
		n, ok := ipv4Number(part)
		if !ok {
			return "", false
		}
		room := uint(8)
		if i == len(parts)-1 {
			room = 8 * uint(5-len(parts))
		}
		if n >= 1<<room {
			return "", false
		}
		ip = ip<<room | n
	}
	return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}).String(), true
}

func ipv4Number(s string) (uint64, bool) {
	base := 10
	switch {
	case s == "":
		return 0, false
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil && s[0] != '+'
}

// site is what cookies and same-site checks compare: the scheme and the
// registrable domain. Without the public suffix list the last two labels must
// do, three when the last is a country's and the one before is generic ("co.uk").
func (a *address) site() string {
	return a.scheme + "://" + registrable(a.host)
}

func registrable(host string) string {
	host = strings.TrimSuffix(host, ".")
	if host == "" || host[0] == '[' || host[len(host)-1]-'0' < 10 {
		return host
	}
	labels := strings.Split(host, ".")
	keep := 2
	if n := len(labels); n > 2 && len(labels[n-1]) == 2 && genericLabel(labels[n-2]) {
		keep = 3
	}
	return strings.Join(labels[max(len(labels)-keep, 0):], ".")
}

// genericLabel is a second level that countries register names beneath.
func genericLabel(s string) bool {
	switch s {
	case "ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch":
		return true
	}
	return false
}

// trustworthy reports whether an origin is potentially trustworthy:
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy.
func (a *address) trustworthy() bool {
	return a.scheme == "https" || a.scheme == "wss" || a.loopback()
}

// loopback reports whether a host is this machine by its name alone.
func (a *address) loopback() bool {
	host := strings.TrimSuffix(a.host, ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "[::1]" ||
		strings.HasPrefix(host, "127.") && endsInNumber(host)
}
