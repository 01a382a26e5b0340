package cors

import "strings"

// get joins the values of all lines of that name with ", " and reports whether
// there was any: https://fetch.spec.whatwg.org/#concept-header-list-get.
func (h Headers) get(name string) (value string, ok bool) {
	for i := range h {
		if !sameName(h[i].Name, name) {
			continue
		}
		if ok {
			return h[i:].join(name, value), true
		}
		value, ok = trimLWS(h[i].Value), true
	}
	return value, ok
}

// join is the rest of get, for a header that has more than one line.
func (h Headers) join(name, value string) string {
	var b strings.Builder
	b.WriteString(value)
	for i := range h {
		if sameName(h[i].Name, name) {
			b.WriteString(", ")
			b.WriteString(trimLWS(h[i].Value))
		}
	}
	return b.String()
}

// first is the value of the first line of that name, or "".
func (h Headers) first(name string) string {
	for i := range h {
		if sameName(h[i].Name, name) {
			return trimLWS(h[i].Value)
		}
	}
	return ""
}

func (h Headers) has(name string) bool {
	for i := range h {
		if sameName(h[i].Name, name) {
			return true
		}
	}
	return false
}

// countExact is the number of lines of that name, in that spelling.
func (h Headers) countExact(name string) (n int) {
	for i := range h {
		if h[i].Name == name {
			n++
		}
	}
	return n
}

// differ reports whether lines of that name hold different values.
func (h Headers) differ(name string) bool {
	value, seen := "", false
	for i := range h {
		if !sameName(h[i].Name, name) {
			continue
		}
		v := trimLWS(h[i].Value)
		if seen && v != value {
			return true
		}
		value, seen = v, true
	}
	return false
}

// sameName is an ASCII-only EqualFold that gives up on the length first.
func sameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerName lower-cases ASCII and leaves every other byte alone.
func lowerName(s string) string {
	for i := range len(s) {
		if lower(s[i]) != s[i] {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				b[j] = lower(b[j])
			}
			return string(b)
		}
	}
	return s
}

// trimLWS strips what HTTP allows around a field value: spaces and tabs, and
// nothing else.
func trimLWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// isToken reports whether s is a token: https://www.rfc-editor.org/rfc/rfc9110#name-tokens.
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return c-'0' < 10 || c-'a' < 26 || c-'A' < 26 || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// nextItem cuts the next item off a comma-separated list, trimmed. Lists are
// split on every comma: none of the headers here allows quoted strings.
func nextItem(list string) (item, rest string, more bool) {
	i := strings.IndexByte(list, ',')
	if i < 0 {
		return trimLWS(list), "", false
	}
	return trimLWS(list[:i]), list[i+1:], true
}

// listed looks for a name in a list, byte by byte or without case.
func listed(list, name string, fold bool) bool {
	for more := true; more; {
		var item string
		item, list, more = nextItem(list)
		if item == name || fold && sameName(item, name) {
			return true
		}
	}
	return false
}

// badItem returns the first item of a list that is no token. Empty items are
// allowed, https://www.rfc-editor.org/rfc/rfc9110#name-lists-rule-abnf-extension.
func badItem(list string) (string, bool) {
	for more := true; more; {
		var item string
		item, list, more = nextItem(list)
		if item != "" && !isToken(item) {
			return item, true
		}
	}
	return "", false
}

// parsed returns header lines as an engine's HTTP parser sees them. Real
// servers hardly ever need it: a recording may hold folded values, line breaks
// that split a value in two lines, and names with white space at their end.
func (r *rules) parsed(h Headers) Headers {
	for i := range h {
		if r.unusual(h[i]) {
			return r.reparse(h)
		}
	}
	return h
}

func (r *rules) unusual(l Header) bool {
	if l.Name == "" || isBlank(l.Name[0]) || isBlank(l.Name[len(l.Name)-1]) {
		return true
	}
	return strings.ContainsAny(l.Value, "\r\n")
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// reparse writes the lines out and reads them again. Chromium ends a line at a
// bare CR too and trims white space before the colon; Firefox does neither and
// drops a line whose name is no token. A line that starts with white space
// continues the line before it (RFC 9112, section 5.2).
func (r *rules) reparse(h Headers) Headers {
	out := make(Headers, 0, len(h)+1)
	for _, l := range h {
		text := strings.ReplaceAll(l.Name+":"+l.Value, "\r\n", "\n")
		if r.bareCR {
			text = strings.ReplaceAll(text, "\r", "\n")
		}
		for line := range strings.SplitSeq(text, "\n") {
			out = r.appendLine(out, line)
		}
	}
	return out
}

func (r *rules) appendLine(out Headers, line string) Headers {
	if line == "" {
		return out
	}
	if isBlank(line[0]) {
		if n := len(out); n > 0 {
			out[n-1].Value = trimLWS(out[n-1].Value + " " + trimLWS(line))
		}
		return out
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return out
	}
	if trimmed := trimLWS(name); trimmed != name {
		if !r.blankBeforeColon {
			return out
		}
		name = trimmed
	}
	return append(out, Header{name, trimLWS(value)})
}
