package exchange

import (
	"strconv"
	"strings"
)

// Mark is what stands where a secret stood. It keeps what a diagnosis needs:
// whether two secrets are the same one, how long they are, and of a JSON Web
// Token who issued it for whom and when it is valid.
//
// In headers and bodies it reads "‹redacted tok·7f3a91c2 len=812›", with more
// fields for a token of known form. In URLs and forms, where that would have
// to be escaped, it reads "redacted-tok-7f3a91c2-len-812".
type Mark struct {
	Kind string // "tok", "jwt", "num" (a JSON number) or "body" (a body dropped whole)
	Hash string // 8 hex digits of a keyed hash, comparable within one session
	Len  int    // bytes the secret had where it stood

	// Of a JSON Web Token (RFC 7519); empty when absent. Numbers are the JSON
	// text of the claim, because what is no number is a finding.
	Alg, Typ, Iss string
	Aud           []string
	Exp, Nbf, Iat string
	Sub, Sid, Kid string // hashes like Hash
	Use           string // what the token says it is for: "access", "refresh", "id"
	Bad           string // what is wrong with the token's form: "parts", "payload", "padding", "encoded"

	Coding string // of a body: the content coding that could not be taken off
}

const (
	markStart    = "‹redacted "
	markEnd      = "›"
	markURLStart = "redacted-"
	// maxMark bounds the search for the end of a mark, in bytes.
	maxMark = 4 << 10
)

// markFields are the optional fields in the order they are written. Aud, which
// may stand several times, comes behind Iss.
var markFields = [...]string{"alg", "typ", "iss", "aud", "exp", "nbf", "iat", "sub", "sid", "kid", "use", "bad", "coding"}

func (m *Mark) field(name string) *string {
	switch name {
	case "alg":
		return &m.Alg
	case "typ":
		return &m.Typ
	case "iss":
		return &m.Iss
	case "exp":
		return &m.Exp
	case "nbf":
		return &m.Nbf
	case "iat":
		return &m.Iat
	case "sub":
		return &m.Sub
	case "sid":
		return &m.Sid
	case "kid":
		return &m.Kid
	case "use":
		return &m.Use
	case "bad":
		return &m.Bad
	case "coding":
		return &m.Coding
	}
	return nil
}

// String is the mark as it stands in headers and bodies.
func (m Mark) String() string {
	out := make([]byte, 0, 64)
	out = append(append(out, markStart...), m.Kind...)
	out = append(append(out, "·"...), m.Hash...)
	out = strconv.AppendInt(append(out, " len="...), int64(m.Len), 10)
	for name, value := range m.fields {
		out = append(append(append(out, ' '), name...), '=')
		out = appendEscaped(out, value, '%', ":/-~")
	}
	return string(append(out, markEnd...))
}

// URL is the mark in unreserved characters (RFC 3986 section 2.3).
func (m Mark) URL() string {
	out := make([]byte, 0, 64)
	out = append(append(out, markURLStart...), m.Kind...)
	out = append(append(out, '-'), m.Hash...)
	out = strconv.AppendInt(append(out, "-len-"...), int64(m.Len), 10)
	for name, value := range m.fields {
		out = append(append(append(out, '-'), name...), '-')
		out = appendEscaped(out, value, '~', "")
	}
	return string(out)
}

// Fingerprint is the short form people compare, "tok·7f3a".
func (m Mark) Fingerprint() string { return "tok·" + m.Hash[:min(4, len(m.Hash))] }

// fields yields the fields that are set.
func (m *Mark) fields(yield func(name, value string) bool) {
	for _, name := range markFields {
		if name == "aud" {
			for _, aud := range m.Aud {
				if !yield(name, aud) {
					return
				}
			}
			continue
		}
		if value := *m.field(name); value != "" && !yield(name, value) {
			return
		}
	}
}

// ParseMark reads a mark of either form. It is false unless all of s is one.
func ParseMark(s string) (Mark, bool) {
	if body, ok := strings.CutPrefix(s, markStart); ok {
		if body, ok = strings.CutSuffix(body, markEnd); !ok {
			return Mark{}, false
		}
		return parseMark(body)
	}
	if body, ok := strings.CutPrefix(s, markURLStart); ok {
		return parseURLMark(body)
	}
	return Mark{}, false
}

// parseMark reads `tok·7f3a91c2 len=812 name=value …`.
func parseMark(s string) (m Mark, ok bool) {
	kind, rest, _ := strings.Cut(s, "·")
	hash, rest, _ := strings.Cut(rest, " ")
	if !m.begin(kind, hash) {
		return Mark{}, false
	}
	for i, pair := range strings.Split(rest, " ") {
		name, value, _ := strings.Cut(pair, "=")
		if !m.set(i, name, value, '%') {
			return Mark{}, false
		}
	}
	return m, true
}

// parseURLMark reads `tok-7f3a91c2-len-812-name-value …`.
func parseURLMark(s string) (m Mark, ok bool) {
	parts := strings.Split(s, "-")
	if len(parts) < 4 || len(parts)%2 != 0 || !m.begin(parts[0], parts[1]) {
		return Mark{}, false
	}
	for i := 2; i < len(parts); i += 2 {
		if !m.set(i/2-1, parts[i], parts[i+1], '~') {
			return Mark{}, false
		}
	}
	return m, true
}

func (m *Mark) begin(kind, hash string) bool {
	switch kind {
	case "tok", "jwt", "num", "body":
	default:
		return false
	}
	m.Kind, m.Hash = kind, hash
	return isHash(hash)
}

// set takes the i-th field; the first is the length, always.
func (m *Mark) set(i int, name, value string, escape byte) bool {
	if i == 0 {
		n, err := strconv.ParseUint(value, 10, 31)
		m.Len = int(n)
		return name == "len" && err == nil
	}
	value, ok := unescaped(value, escape)
	if !ok || value == "" {
		return false
	}
	if name == "aud" {
		m.Aud = append(m.Aud, value)
		return true
	}
	field := m.field(name)
	if field == nil || *field != "" {
		return false
	}
	*field = value
	return true
}

func isHash(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == hashDigits
}

// appendEscaped writes letters, digits, '.', '_' and what is in plain as they
// are and everything else as an escape and two hex digits.
func appendEscaped(dst []byte, s string, escape byte, plain string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if isAlnum(c) || c == '.' || c == '_' || strings.IndexByte(plain, c) >= 0 {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, escape, digits[c>>4], digits[c&15])
	}
	return dst
}

func unescaped(s string, escape byte) (string, bool) {
	if strings.IndexByte(s, escape) < 0 {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != escape {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out), true
}

// unhex is the value of a hex digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// markAt is the length of the mark s begins with, 0 when it begins with none.
func markAt(s string) int {
	if !strings.HasPrefix(s, markStart) {
		return 0
	}
	end := strings.Index(s[:min(len(s), maxMark)], markEnd)
	if end < 0 {
		return 0
	}
	end += len(markEnd)
	if _, ok := ParseMark(s[:end]); !ok {
		return 0
	}
	return end
}

// insideMark reports whether s[i] belongs to a mark of the form with ‹ and ›.
func insideMark(s string, i int) bool {
	from := max(0, i-maxMark)
	start := strings.LastIndexByte(s[from:i+1], markStart[0])
	return start >= 0 && from+start+markAt(s[from+start:]) > i
}

// isMarkField reports whether a name stands in marks. The user may have made
// it the name of a secret.
func isMarkField(name string) bool {
	return name == "len" || name == "aud" || (&Mark{}).field(name) != nil
}

// nextMark is where the next mark in text begins and ends, at or behind from.
// Both are len(text) if there is none.
func nextMark(text string, from int) (start, end int) {
	for start = from; start < len(text); start++ {
		i := strings.IndexAny(text[start:], "r‹")
		if i < 0 {
			break
		}
		start += i
		if n := max(markAt(text[start:]), urlMarkAt(text[start:])); n > 0 {
			return start, start + n
		}
	}
	return len(text), len(text)
}

// urlMarkAt is the length of the mark for URLs s begins with, or 0. It stands
// alone between characters that are reserved.
func urlMarkAt(s string) (n int) {
	const kind = len(markURLStart)
	if !strings.HasPrefix(s, markURLStart) || len(s) <= kind+4 || s[kind+3] != '-' && s[kind+4] != '-' {
		return 0 // all kinds have three or four letters
	}
	for n < len(s) && n < maxMark && isUnreserved(s[n]) {
		n++
	}
	if _, ok := ParseMark(s[:n]); !ok {
		return 0
	}
	return n
}

func isUnreserved(c byte) bool {
	return isAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~'
}
