package exchange

import "strings"

// encodedPairs does what pairs and userinfo do for URLs within URLs, such as
// redirect_uri=https%3A%2F%2Fapp%2Fcb%3Fcode%3Dabc, without decoding them: what
// stands around a secret keeps its bytes.
func (s *sweep) encodedPairs(text string) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		p := strings.IndexByte(text[i:], '%')
		if p < 0 {
			break
		}
		p += i
		i = p + 1
		c, level, n := encodedByte(text[p:])
		switch c {
		case '=':
			i = max(i, s.encodedPair(&e, p, n, level))
		case '@':
			s.encodedUserinfo(&e, p)
		case '"':
			i = max(i, s.encodedMember(&e, p, n, level))
		}
	}
	return e.text()
}

// encodedByte reads %3D and %253D, of level 1 and 2. It is 0 for what is none.
func encodedByte(s string) (c byte, level, n int) {
	if len(s) < 3 || s[0] != '%' {
		return 0, 0, 0
	}
	n, level = 1, 1
	if len(s) >= 5 && s[1:3] == "25" {
		n, level = 3, 2
	}
	hi, lo := unhex(s[n]), unhex(s[n+1])
	if hi < 0 || lo < 0 {
		return 0, 0, 0
	}
	return byte(hi<<4 | lo), level, n + 2
}

func (s *sweep) encodedPair(e *edit, p, n, level int) (end int) {
	text := e.src
	start := encodedName(text, p)
	class := s.r.names.of(text[start:p])
	if start == p || class != strongName && class != weakName && class != authorization {
		return p + n
	}
	end = encodedValueEnd(text, p+n, level)
	e.replace(p+n, end, s.secretURL(text[p+n:end], class, percent+encoding(level)))
	return end
}

// encodedName is where the name that ends at p begins: behind an encoded "?",
// "&", "#" or "/", or the same in plain. It is p if it begins nowhere such.
func encodedName(text string, p int) int {
	start := p
	for start > 0 && p-start < 2*maxName && (isAlnum(text[start-1]) || strings.IndexByte("_-.", text[start-1]) >= 0) {
		start--
	}
	if start == 0 {
		return start
	}
	if text[start-1] != '%' {
		if strings.IndexByte("?&#=/;\"' ", text[start-1]) >= 0 {
			return start
		}
		return p
	}
	c, _, n := encodedByte(text[start-1:])
	if c == 0 || strings.IndexByte("?&#=/;", c) < 0 || start-1+n > p {
		return p
	}
	return start - 1 + n
}

// encodedValueEnd is where a value ends that is encoded level times: at the
// delimiters of its own level and of those around it.
func encodedValueEnd(text string, from, level int) int {
	for i := from; i < len(text); i++ {
		c := text[i]
		if strings.IndexByte("&#\"'`<>\\ \t\r\n", c) >= 0 {
			return i
		}
		if c != '%' {
			continue
		}
		if d, l, _ := encodedByte(text[i:]); l <= level && (d == '&' || d == '#') {
			return i
		}
	}
	return len(text)
}

// encodedUserinfo redacts what stands between an encoded "://" and an encoded
// "@" at p.
func (s *sweep) encodedUserinfo(e *edit, p int) {
	from := max(0, p-512)
	window := e.src[from:p]
	if i := strings.LastIndexAny(window, "/?&#=\"'<> \\"); i >= 0 {
		window, from = window[i+1:], from+i+1
	}
	slash := max(strings.LastIndex(window, "2F"), strings.LastIndex(window, "2f"))
	if slash < 0 || slash+2 == len(window) {
		return
	}
	before := strings.ToUpper(strings.ReplaceAll(window[:slash+2], "%25", "%"))
	before = strings.ReplaceAll(before, "%25", "%")
	if !strings.HasSuffix(before, "%3A%2F%2F") {
		return
	}
	from += slash + 2
	e.replace(from, p, s.secretURL(e.src[from:p], strongName, percent2))
}

// encodedMember redacts the value of a JSON member in a URL, such as
// variables=%7B%22token%22%3A%22abc%22%7D, behind the quote at p that closes
// the member's name. It returns where the value ends, or 0.
func (s *sweep) encodedMember(e *edit, p, n, level int) (end int) {
	text := e.src
	quote := text[p : p+n]
	start := strings.LastIndex(text[max(0, p-2*maxName):p], quote)
	colon, _, m := encodedByte(text[p+n:])
	if strings.HasPrefix(text[p+n:], ":") {
		colon, m = ':', 1
	}
	if start < 0 || colon != ':' {
		return 0
	}
	start += max(0, p-2*maxName) + n
	class := s.r.names.of(text[start:p])
	if class != strongName && class != weakName && class != authorization {
		return 0
	}
	from := p + n + m
	for _, blank := range []string{"+", "%20"} {
		if strings.HasPrefix(text[from:], blank) {
			from += len(blank)
		}
	}
	if !strings.HasPrefix(text[from:], quote) {
		return s.encodedNumber(e, from, quote, class)
	}
	from += n
	end = encodedStringEnd(text, from, quote)
	e.replace(from, end, s.secretURL(text[from:end], class, percent+encoding(level-1)))
	return end + n
}

func (s *sweep) encodedNumber(e *edit, from int, quote string, class nameClass) (end int) {
	end = from
	for end < len(e.src) && strings.IndexByte("0123456789+-.eE", e.src[end]) >= 0 {
		end++
	}
	if number := e.src[from:end]; end > from && !(class == weakName && isOrdinary(number)) {
		e.replace(from, end, quote+s.secretURL(number, class, asIs)+quote)
	}
	return end
}

// encodedStringEnd is where the string ends that quote closes, unless a
// backslash stands in front of it.
func encodedStringEnd(text string, from int, quote string) int {
	for i := from; ; i += len(quote) {
		j := strings.Index(text[i:], quote)
		if j < 0 {
			return encodedValueEnd(text, from, 0)
		}
		i += j
		if !strings.HasSuffix(strings.ToUpper(text[from:i]), "5C") {
			return i
		}
	}
}
