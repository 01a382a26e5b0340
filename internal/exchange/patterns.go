package exchange

import "strings"

// matches replaces what the user's patterns match. Marks that stand in the
// text already divide it: a pattern can match neither in nor across one.
func (s *sweep) matches(text string, m medium) string {
	for _, re := range s.r.patterns {
		e := edit{src: text}
		var strs stringTracker
		for from := 0; from < len(text); {
			start, end := nextMark(text, from)
			for _, loc := range re.FindAllStringSubmatchIndex(text[from:start], -1) {
				a, b := loc[0], loc[1]
				if len(loc) > 2 && loc[2] >= 0 {
					a, b = loc[2], loc[3]
				}
				s.match(&e, &strs, from+a, from+b, m)
			}
			from = end
		}
		text = e.text()
	}
	return text
}

func (s *sweep) match(e *edit, strs *stringTracker, from, to int, m medium) {
	from = max(from, e.done) // what was widened may reach into the next match
	switch {
	case from >= to:
	case m == urlText || m == formText:
		// The mark must stand alone to be read back.
		for from > e.done && isUnreserved(e.src[from-1]) {
			from--
		}
		for to < len(e.src) && isUnreserved(e.src[to]) {
			to++
		}
		e.replace(from, to, s.secretURL(e.src[from:to], strongName, asIs))
	case s.json:
		s.jsonMatch(e, strs, from, to)
	default:
		e.replace(from, to, s.secretText(e.src[from:to], strongName, asIs))
	}
}

// jsonMatch redacts the strings and numbers within a match, so that a JSON
// text stays one: whole numbers, no half escapes, and nothing between values.
func (s *sweep) jsonMatch(e *edit, strs *stringTracker, from, to int) {
	for i := from; i < to; {
		if strs.inside(e.src, i) {
			if e.src[i] == '"' && backslashes(e.src, i)%2 == 0 {
				i++
				continue
			}
			end := strs.end(e.src, i)
			a, b := wholeEscapes(e.src, i, min(to, end))
			e.replace(a, b, s.secretText(e.src[a:b], strongName, jsonString))
			i = min(to, end)
			continue
		}
		if a, b := numberAround(e.src, i); b > i {
			e.replace(a, b, `"`+s.numberText(e.src[a:b])+`"`)
			i = b
			continue
		}
		i++
	}
}

// stringTracker knows whether a place in a JSON text is inside a string. It
// moves forward only, and starts anew on each line, which no string outlasts.
type stringTracker struct {
	at int
	in bool
}

// inside reports whether text[i] is inside a string; its closing quote is.
func (t *stringTracker) inside(text string, i int) bool {
	for ; t.at < i; t.at++ {
		switch text[t.at] {
		case '"':
			t.in = !t.in
		case '\n':
			t.in = false
		case '\\':
			if t.in {
				t.at++
			}
		}
	}
	return t.in
}

// end is where the content of the string around text[i] ends.
func (t *stringTracker) end(text string, i int) int {
	for ; i < len(text); i++ {
		if text[i] == '\n' || text[i] == '"' && backslashes(text, i)%2 == 0 {
			break
		}
	}
	return i
}

// numberAround is the number that text[i] belongs to; to is 0 if to none.
func numberAround(text string, i int) (from, to int) {
	const digits = "0123456789+-.eE"
	if strings.IndexByte(digits, text[i]) < 0 {
		return 0, 0
	}
	for from = i; from > 0 && strings.IndexByte(digits, text[from-1]) >= 0; from-- {
	}
	for to = i; to < len(text) && strings.IndexByte(digits, text[to]) >= 0; to++ {
	}
	if !strings.ContainsAny(text[from:to], "0123456789") {
		return 0, 0 // the "e" of true
	}
	return from, to
}

// wholeEscapes widens a span so that it cuts no JSON escape in two.
func wholeEscapes(s string, from, to int) (int, int) {
	for back := 1; back <= 5 && back <= from; back++ { // within \u002b
		if n := len(escapeOf(s[from-back:])); n > back && backslashes(s, from-back)%2 == 0 {
			from -= back
			break
		}
	}
	for back := 1; back <= 5 && back <= to; back++ {
		if n := len(escapeOf(s[to-back:])); n > back && backslashes(s, to-back)%2 == 0 {
			to += n - back
			break
		}
	}
	return from, to
}

// escapeOf is the JSON escape s begins with, or "".
func escapeOf(s string) string {
	if len(s) < 2 || s[0] != '\\' {
		return ""
	}
	if s[1] == 'u' {
		return s[:min(6, len(s))]
	}
	return s[:2]
}

// backslashes counts those directly in front of s[i].
func backslashes(s string, i int) (n int) {
	for n < i && s[i-n-1] == '\\' {
		n++
	}
	return n
}
