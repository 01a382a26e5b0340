package exchange

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding says how a secret is written where it stands. The hash is that of
// the secret itself, so that a token in a URL equals the one in a header.
type encoding uint8

const (
	asIs        encoding = iota
	percent              // %2B
	percent2             // %252B, in a URL within a URL
	percent3             // in a URL within that
	formValue            // percent, and + is a space
	jsonString           // \u002b, \/
	jsonString2          // \\u002b, in a JSON text within a string
)

// decoded is the value behind its encoding. What is no escape stays.
func decoded(s string, enc encoding) string {
	switch enc {
	case percent:
		return unpercent(s)
	case percent2:
		return unpercent(unpercent(s))
	case percent3:
		return unpercent(unpercent(unpercent(s)))
	case formValue:
		return unpercent(strings.ReplaceAll(s, "+", " "))
	case jsonString:
		return unslash(s)
	case jsonString2:
		return unslash(unslash(s))
	}
	return s
}

func unpercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				c, i = byte(hi<<4|lo), i+2
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// unslash reads the escapes of a JSON string (RFC 8259 section 7).
func unslash(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			i++
			continue
		}
		if r, n := escapeAt(s[i:]); n > 0 {
			i += n
			if low, m := escapeAt(s[i:]); m > 0 && utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, low)
				i += m
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		out = append(out, unslashed(s[i+1]))
		i += 2
	}
	return string(out)
}

func unslashed(c byte) byte {
	if i := strings.IndexByte("bfnrt", c); i >= 0 {
		return "\b\f\n\r\t"[i]
	}
	return c
}
