package exchange

import "strings"

// url replaces the secrets of a URL: userinfo, query and fragment parameters,
// those of a URL within it, and tokens in the path.
func (s *sweep) url(u string) string { return s.text(u, urlText) }

// place says in which company a name stands in front of "=".
type place uint8

const (
	nowhere place = iota
	inQuery       // behind ?, & or # as in URLs and forms
	onLine        // first on its line, as in a file of settings
	loose         // anywhere else between words
)

// pairs replaces the values of name=value pairs with a secret name.
func (s *sweep) pairs(text string, m medium) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		eq := strings.IndexByte(text[i:], '=')
		if eq < 0 {
			break
		}
		eq += i
		i = eq + 1
		if m <= xmlText && strings.HasSuffix(text[:eq], "name") {
			s.field(&e, eq)
		}
		if m <= xmlText && strings.HasPrefix(text[i:], ">") {
			i = max(i, s.member(&e, eq, i+1, m)) // "name" => "value", as Ruby and PHP print
			continue
		}
		if s.r.names.endsLike(text[:eq]) {
			i = max(i, s.pair(&e, eq, m))
		}
	}
	return e.text()
}

// pair redacts the pair around "=" at eq and returns where its value ends.
func (s *sweep) pair(e *edit, eq int, m medium) (end int) {
	text := e.src
	start, to := nameBefore(text, eq, m)
	if start == to {
		return eq
	}
	start, where := placeOf(text, start, m)
	class := s.r.names.of(text[start:to])
	if !secretAt(class, where, start == 0) || isMarkField(text[start:to]) && insideMark(text, eq) {
		return eq
	}
	if where != inQuery {
		return s.setting(e, eq, where, m)
	}
	end = valueEnd(text, eq+1, m)
	if !isMarked(text[eq+1 : end]) {
		e.replace(eq+1, end, s.secretURL(text[eq+1:end], class, formValue))
	}
	return end
}

// isMarked reports whether a value is a mark and punctuation of the text.
func isMarked(value string) bool {
	n := markAt(value)
	return n > 0 && strings.Trim(value[n:], ";,.:)}]|!") == ""
}

// secretAt reports whether a name of that class means a secret there.
func secretAt(class nameClass, where place, first bool) bool {
	switch class {
	case strongName, authorization, cookieName:
		return where != nowhere
	case weakName:
		return where == inQuery || where == onLine && first
	}
	return false
}

// nameBefore is the span of the name in front of "=" at eq. Blanks between
// them occur in settings only.
func nameBefore(text string, eq int, m medium) (start, end int) {
	end = eq
	if m == anyText || m == xmlText {
		for end > 0 && eq-end < 8 && text[end-1] == ' ' {
			end--
		}
	}
	for start = end; start > 0 && end-start < 2*maxName && isNameByte(text[start-1]); {
		start--
	}
	return start, end
}

func isNameByte(c byte) bool {
	return isAlnum(c) || c == '_' || c == '-' || c == '.' || c == '[' || c == ']' || c == '%' || c >= 0x80
}

// placeOf says where the name at start stands, and where it begins behind an
// "&" or "?" that is written as a JSON escape (\u0026).
func placeOf(text string, start int, m medium) (int, place) {
	if start == 0 {
		if m == codeText {
			return start, nowhere
		}
		if m == anyText || m == xmlText {
			return start, onLine
		}
		return start, inQuery
	}
	switch c := text[start-1]; c {
	case '?', '&', '#':
		return start, inQuery
	case ';':
		if m == urlText || m == formText || strings.HasSuffix(text[:start], "&amp;") {
			return start, inQuery
		}
	case '/':
		if m == urlText {
			return start, inQuery
		}
	case '\\':
		if r, n := escapeAt(text[start-1:]); n > 0 && strings.ContainsRune("&?#", r) {
			return start - 1 + n, inQuery
		}
		if strings.IndexByte("nrt", text[start]) >= 0 {
			return start + 1, onLine
		}
		return start, nowhere
	case '\n':
		if m == formText {
			return start, inQuery
		}
		if m != codeText {
			return start, onLine
		}
	}
	if m == codeText || m == urlText || m == formText || strings.IndexByte(" \t;,\"'`({<>|", text[start-1]) < 0 {
		return start, nowhere
	}
	return start, loose
}

// setting redacts `name = value`, quoted or to the end of the word or line.
func (s *sweep) setting(e *edit, eq int, where place, m medium) (end int) {
	text := e.src
	from := eq + 1
	for from < len(text) && text[from] == ' ' {
		from++
	}
	if q, k, ok := quoteAt(text, from); ok {
		from += k + 1
		end, _ = s.stringEnd(text, from, nesting{q, k})
		e.replace(from, end, s.secretText(text[from:end], strongName, jsonString))
		return end
	}
	end = valueEnd(text, from, m)
	if where == onLine {
		line := text[from:]
		if i := strings.IndexAny(line, "&\r\n<"); i >= 0 {
			line = line[:i]
		}
		end = max(end, from+len(strings.TrimRight(line, " \t")))
	}
	if !isMarked(text[from:end]) {
		e.replace(from, end, s.secretURL(text[from:end], strongName, formValue))
	}
	return end
}

// valueEnd is where the value at from ends.
func valueEnd(text string, from int, m medium) int {
	stops := "&#\"'`<> \t\r\n"
	switch m {
	case urlText:
		stops = "&#"
	case formText:
		stops = "&\r\n"
	case headerText:
		stops = "&#;\"'`<> \t\r\n"
	}
	for i := from; i < len(text); {
		switch c := text[i]; {
		case strings.IndexByte(stops, c) >= 0:
			return i
		case c == '\\' && m != urlText && m != formText:
			n := escapedValueByte(text[i:])
			if n == 0 {
				return i
			}
			i += n
		case c == markStart[0]:
			i += max(1, markAt(text[i:]))
		default:
			i++
		}
	}
	return len(text)
}

// escapedValueByte is the length of a JSON escape that can be part of a value:
// \/ and \u002b but not \" or \u0026.
func escapedValueByte(s string) int {
	if strings.HasPrefix(s, `\/`) {
		return 2
	}
	if r, n := escapeAt(s); n > 0 && r > ' ' && !strings.ContainsRune("&#\"'`<>\\", r) {
		return n
	}
	return 0
}

// userinfo replaces what stands before "@" in the authority of a URL.
func (s *sweep) userinfo(text string) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		at := strings.IndexByte(text[i:], '@')
		if at < 0 {
			break
		}
		at += i
		i = at + 1
		start := at
		for start > 0 && at-start < 512 && isAuthority(text[start-1]) {
			start--
		}
		if !strings.HasSuffix(text[:start], "://") && !strings.HasSuffix(text[:start], `:\/\/`) && text[:start] != "//" {
			continue
		}
		for end := i; end < len(text) && isAuthority(text[end]); end++ {
			if text[end] == '@' { // a password with an "@"
				at, i = end, end+1
			}
		}
		if at > start {
			e.replace(start, at, s.secretURL(text[start:at], strongName, percent))
		}
	}
	return e.text()
}

func isAuthority(c byte) bool { return authorityByte[c] }

var authorityByte = func() (is [256]bool) {
	for c := range is {
		is[c] = c > ' ' && c != 0x7f && strings.IndexByte("/?#\\\"'`<>", byte(c)) < 0
	}
	return is
}()
