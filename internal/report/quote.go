package report

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string (RFC 8259 section 7). Bytes that are
// not UTF-8 become U+FFFD. Beyond what JSON asks for, it escapes what would
// steer or deceive a terminal, should somebody look at the stream in one.
func appendQuoted[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
				i++
				continue
			}
			dst = appendEscaped(append(dst, s[from:i]...), c)
			i++
			from = i
			continue
		}
		r, n := decodeRune(s[i:min(i+utf8.UTFMax, len(s))])
		if r == utf8.RuneError && n == 1 {
			dst = append(append(dst, s[from:i]...), `\ufffd`...)
			from = i + 1
		} else if deceives(r) {
			dst = appendUnicode(append(dst, s[from:i]...), r)
			from = i + n
		}
		i += n
	}
	return append(append(dst, s[from:]...), '"')
}

func decodeRune[T string | []byte](s T) (rune, int) {
	return utf8.DecodeRuneInString(string(s))
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendUnit(dst, uint16(c))
}

func appendUnicode(dst []byte, r rune) []byte {
	if r < 0x10000 {
		return appendUnit(dst, uint16(r))
	}
	r -= 0x10000
	return appendUnit(appendUnit(dst, 0xd800|uint16(r>>10)), 0xdc00|uint16(r&0x3ff))
}

func appendUnit(dst []byte, u uint16) []byte {
	return append(dst, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}

// deceives picks the C1 controls, the invisible and direction-changing
// characters, and the line separators that JavaScript once stumbled over.
func deceives(r rune) bool {
	switch {
	case r < 0xa0: // C1; everything below is ASCII
		return true
	case r < 0x2000:
		return r == 0xad || r == 0x61c || r == 0x180e
	case r <= 0x206f:
		return r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060
	}
	return r == 0xfeff || r >= 0xfff9 && r <= 0xfffb || r >= 0xe0000 && r <= 0xe007f
}
