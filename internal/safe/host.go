package safe

import (
	"strings"

	"golang.org/x/net/idna"
)

// Host cleans a host or host:port for one line. One with labels outside ASCII,
// or in punycode, is shown both ways, because "аpple.com" with a Cyrillic а
// looks like the real one and "xn--pple-43d.com" does not, and because an
// allow-list has one of the two.
func Host(s string) Text {
	name, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.Trim(s[i+1:], "0123456789") == "" {
		name, port = s[:i], s[i:]
	}
	other := otherForm(name)
	if other == "" {
		return Line(s)
	}
	return Line(s) + " (" + Line(other+port) + ")"
}

// otherForm is the punycode of a name outside ASCII, the reading of one in
// punycode, and "" of any other and of what is no name.
func otherForm(name string) (other string) {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`()/[]\`, c) >= 0 {
			return ""
		}
	}
	var err error
	switch {
	case dirty(name) < len(name):
		other, err = idna.Punycode.ToASCII(name)
	case strings.Contains(strings.ToLower(name), "xn--"):
		name = strings.ToLower(name)
		other, err = idna.Punycode.ToUnicode(name)
	}
	if err != nil || other == name {
		return ""
	}
	return other
}
