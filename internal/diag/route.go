package diag

import "strings"

const (
	maxTemplate = 256 // bytes of a path that tell routes apart
	maxSegments = 16
)

// appendTemplate appends a path to dst with "{id}" in place of what looks like
// an identifier, so that /users/17 and /users/18 are one route.
func appendTemplate(dst []byte, path string) []byte {
	path = path[:min(len(path), maxTemplate)]
	for segments := 0; path != ""; segments++ {
		if segments == maxSegments {
			return append(dst, "/…"...)
		}
		segment := path[1:]
		if path[0] != '/' {
			segment = path
		} else {
			dst = append(dst, '/')
		}
		rest := ""
		if i := strings.IndexByte(segment, '/'); i >= 0 {
			segment, rest = segment[:i], segment[i:]
		}
		if identifies(segment) {
			dst = append(dst, "{id}"...)
		} else {
			dst = append(dst, segment...)
		}
		path = rest
	}
	return dst
}

// identifies reports whether a segment names one thing among many rather than
// a kind of thing: numbers, UUIDs, hashes, tokens, mail addresses.
func identifies(segment string) bool {
	digits, letters, hex, others := 0, 0, 0, 0
	for i := range len(segment) {
		switch c := segment[i]; {
		case c-'0' < 10:
			digits++
			hex++
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			letters++
			hex++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case c == '-' || c == '_':
			hex++
		case c == '@':
			return true
		default:
			others++
		}
	}
	switch {
	case digits == 0:
		return len(segment) >= 32 && others == 0
	case letters == 0:
		return others == 0 || len(segment) > 8
	case hex == len(segment) && len(segment) >= 8:
		return true
	}
	// "v1", "oauth2", "step-3" are names; "ckx7z2p9q0001" is not.
	return len(segment) >= 12 && digits >= 3 || strings.HasPrefix(segment, "‹redacted") || strings.HasPrefix(segment, "redacted-")
}
