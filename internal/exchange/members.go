package exchange

import "strings"

// members replaces the values of secret names in front of a colon. It does not
// parse: it looks at each colon and at what stands around it. So it reads JSON
// that is cut, wrapped in SSE or NDJSON lines, or written into a JSON string
// ("{\"token\":\"…\"}"), the repr of a Python dict, and header lines in a log.
func (s *sweep) members(text string, m medium) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		colon := strings.IndexByte(text[i:], ':')
		if colon < 0 {
			break
		}
		colon += i
		i = max(colon+1, s.member(&e, colon, colon+1, m))
	}
	return e.text()
}

// member redacts the value from from on of the member whose name ends in front
// of the separator at sep. It returns where the value ends, or 0 when it is no
// secret.
func (s *sweep) member(e *edit, sep, from int, m medium) (end int) {
	for sep > 0 && isBlank(e.src[sep-1]) {
		sep--
	}
	if sep == 0 {
		return 0
	}
	switch e.src[sep-1] {
	case '"', '\'':
		return s.quotedMember(e, sep-1, from)
	case ';':
		return s.entityMember(e, sep, from)
	}
	if m != codeText && s.r.names.endsLike(e.src[:sep]) {
		return s.bareMember(e, sep, from)
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// quotedMember redacts the value of the member whose name ends with the quote
// at quote. It returns where the value ends, or 0 when it is no secret.
func (s *sweep) quotedMember(e *edit, quote, from int) (end int) {
	text := e.src
	depth := backslashes(text, quote)
	stop := quote - depth
	if !s.r.names.endsLike(text[:stop]) {
		return 0
	}
	start := strings.LastIndexByte(text[max(0, stop-2*maxName):stop], text[quote])
	if start < 0 {
		return 0
	}
	start += max(0, stop-2*maxName) + 1
	class := s.r.names.of(text[start:stop])
	if class == plainName || class == fixedName || class >= urlName {
		return 0
	}
	return s.value(e, skipBlanks(text, from), nesting{text[quote], depth}, class)
}

// nesting says how strings are quoted at some place: by which character and
// behind how many backslashes.
type nesting struct {
	quote byte
	depth int
}

func (n nesting) encoding() encoding {
	if n.depth > 0 {
		return jsonString2
	}
	return jsonString
}

// skipBlanks goes over white space, and over the field name of an SSE line,
// because pretty-printed JSON spreads over several of them.
func skipBlanks(text string, i int) int {
	for i < len(text) && isBlank(text[i]) {
		i++
		if text[i-1] == '\n' && strings.HasPrefix(text[i:], "data:") {
			i += len("data:")
		}
	}
	return i
}

// value redacts the JSON value at from and returns where it ends.
func (s *sweep) value(e *edit, from int, n nesting, class nameClass) (end int) {
	text := e.src
	if q, k, ok := quoteAt(text, from); ok {
		if k > n.depth {
			return from // deeper than its own name: no JSON
		}
		return s.stringValue(e, from+k+1, nesting{q, k}, class)
	}
	if from >= len(text) {
		return from
	}
	switch c := text[from]; {
	case c == '{' || c == '[':
		return s.leaves(e, from, n, class)
	case c == '-' || '0' <= c && c <= '9':
		return s.numberValue(e, from, n, class)
	}
	return s.wordValue(e, from, n, class)
}

// quoteAt reads an opening quote and the backslashes in front of it.
func quoteAt(text string, i int) (quote byte, depth int, ok bool) {
	for i+depth < len(text) && text[i+depth] == '\\' {
		depth++
	}
	if i+depth == len(text) {
		return 0, 0, false
	}
	quote = text[i+depth]
	return quote, depth, quote == '"' || quote == '\''
}

// stringEnd finds the end of a string's content, and what follows its closing
// quote. A string that is never closed goes on to the end, and one inside
// another ends with that.
//
// A string that stands in depth strings is quoted with 2^depth-1 backslashes,
// so its closing quote has as many behind whole escaped backslashes, and a
// quote with fewer closes a string around it.
func (s *sweep) stringEnd(text string, from int, n nesting) (end, next int) {
	stops := `"`
	if n.quote == '\'' {
		stops = "'\n"
		if s.json {
			stops = "'\"\n"
		}
	}
	for i := from; ; i++ {
		j := strings.IndexAny(text[i:], stops)
		if j < 0 {
			return len(text), len(text)
		}
		i += j
		k := min(backslashes(text, i), i-from)
		if k < n.depth || text[i] != n.quote {
			return i - k, i - k
		}
		if k%(2*(n.depth+1)) == n.depth {
			return i - n.depth, i + 1
		}
	}
}

func (s *sweep) stringValue(e *edit, from int, n nesting, class nameClass) (end int) {
	end, next := s.stringEnd(e.src, from, n)
	e.replace(from, end, s.named(e.src[from:end], class, n.encoding()))
	return next
}

// named redacts the content of a string under a secret name.
func (s *sweep) named(value string, class nameClass, enc encoding) string {
	switch class {
	case authorization:
		return s.credentials(value, class, enc)
	case cookieName:
		return s.cookies(value)
	case setCookieName:
		return s.setCookie(value)
	}
	return s.secretText(value, class, enc)
}

func (s *sweep) numberValue(e *edit, from int, n nesting, class nameClass) (end int) {
	end = from
	for end < len(e.src) && strings.IndexByte("0123456789+-.eE", e.src[end]) >= 0 {
		end++
	}
	number := e.src[from:end]
	if class == weakName && isOrdinary(number) {
		return end
	}
	e.replace(from, end, n.quoted(s.numberText(number)))
	return end
}

// quoted puts text into a string of that nesting.
func (n nesting) quoted(text string) string {
	quote := strings.Repeat(`\`, n.depth) + string(n.quote)
	return quote + text + quote
}

// numberText is the mark of a number. It says that a number stood there.
func (s *sweep) numberText(number string) string {
	mark := s.r.masked(number, asIs).mark
	mark.Kind = "num"
	return mark.String()
}

// wordValue redacts a value that is no JSON, such as an identifier. Words such
// as null stay.
func (s *sweep) wordValue(e *edit, from int, n nesting, class nameClass) (end int) {
	end = from
	for end < len(e.src) && isNameByte(e.src[end]) {
		end++
	}
	if mark := markAt(e.src[from:]); mark > 0 || end == from {
		return from + mark
	}
	if word := e.src[from:end]; !isUseless(word) && !(class == weakName && isOrdinary(word)) {
		e.replace(from, end, n.quoted(s.secretText(word, class, asIs)))
	}
	return end
}

// leaves redacts all strings and numbers in the object or array at from, but
// not the names of members, and returns where it ends.
func (s *sweep) leaves(e *edit, from int, n nesting, class nameClass) (end int) {
	text, open := e.src, 0
	for i := from; i < len(text); {
		switch c := text[i]; {
		case c == '{' || c == '[':
			open++
			i++
		case c == '}' || c == ']':
			i++
			if open--; open == 0 {
				return i
			}
		case c == '"' || c == '\'' || c == '\\':
			q, k, ok := quoteAt(text, i)
			if !ok || k < n.depth {
				return i // the end of the string around all this
			}
			i = s.leaf(e, i+k+1, nesting{q, k}, class)
		case c == '-' || '0' <= c && c <= '9':
			i = s.numberValue(e, i, n, class)
		case isAlnum(c):
			i = wordEnd(text, i)
		default:
			i++
		}
	}
	return len(text)
}

func wordEnd(text string, i int) int {
	for i < len(text) && isNameByte(text[i]) {
		i++
	}
	return i
}

// leaf redacts a string unless a colon behind it says that it is a name.
func (s *sweep) leaf(e *edit, from int, n nesting, class nameClass) (next int) {
	end, next := s.stringEnd(e.src, from, n)
	if i := skipBlanks(e.src, next); i < len(e.src) && e.src[i] == ':' {
		return i + 1
	}
	e.replace(from, end, s.named(e.src[from:end], class, n.encoding()))
	return next
}
