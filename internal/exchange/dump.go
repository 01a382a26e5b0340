package exchange

import "strings"

// bareMember redacts the value behind a name without quotes: a header line in
// a dump, a curl command, YAML, an argument in GraphQL. It returns where the
// value ends, or 0 when it is no secret.
func (s *sweep) bareMember(e *edit, end, from int) int {
	text := e.src
	start := end
	for start > 0 && end-start < 2*maxName && isNameByte(text[start-1]) {
		start--
	}
	first := firstOnLine(text, start)
	if start > 0 && start < end && text[start-1] == '\\' && strings.IndexByte("nrt", text[start]) >= 0 {
		start, first = start+1, true
	}
	class := s.r.names.of(text[start:end])
	if class != strongName && class < authorization || class >= urlName || start == end {
		return 0
	}
	arrow := text[from-1] == '>'
	for from < len(text) && (text[from] == ' ' || text[from] == '\t') {
		from++
	}
	if q, k, ok := quoteAt(text, from); ok {
		if !arrow && s.closes(text, from+k, k) {
			return 0
		}
		return s.stringValue(e, from+k+1, nesting{q, k}, class)
	}
	quote := quoteBefore(text, start)
	to := s.lineEnd(text, from, quote)
	value := text[from:to]
	if class != strongName {
		e.replace(from, to, s.named(value, class, jsonString))
		return to
	}
	// Passwords may have spaces, other secrets have none. Sentences do:
	// "Token: signature has expired", "password: must not be empty".
	spaced := strings.Contains(value, " ")
	if first && !(spaced && strings.HasSuffix(normal(text[start:end]), "token")) || quote != 0 && !spaced {
		e.replace(from, to, s.secretText(value, weakName, jsonString))
	}
	return to
}

// firstOnLine reports whether only blanks and list dashes stand before i.
func firstOnLine(text string, i int) bool {
	for i > 0 && (text[i-1] == ' ' || text[i-1] == '\t' || text[i-1] == '-') {
		i--
	}
	return i == 0 || text[i-1] == '\n'
}

// closes reports whether the quote at i, behind a bare name and a colon, is
// not the start of its value but the end of a string around all of it: a label
// such as "Password:".
func (s *sweep) closes(text string, i, depth int) bool {
	if s.json && depth == 0 && text[i] == '"' {
		return true
	}
	return text[i-depth-1] == ':' && (i+1 == len(text) || strings.IndexByte(" >,;)}]\r\n/", text[i+1]) >= 0)
}

func quoteBefore(text string, i int) byte {
	if i > 0 && (text[i-1] == '"' || text[i-1] == '\'') {
		return text[i-1]
	}
	return 0
}

// lineEnd is where the rest of a line ends that may stand in a string: at the
// quote that opened it, or at an escape that is a line break or that quote.
func (s *sweep) lineEnd(text string, from int, quote byte) int {
	i := from
	for i < len(text) {
		c := text[i]
		if c == '\r' || c == '\n' || c == '<' || c == quote || c == '"' && s.json {
			break
		}
		if c == '\\' && (s.json || quote != 0) {
			n := escapedValueByte(text[i:])
			if n == 0 && text[i-1] == '=' && strings.HasPrefix(text[i:], `\"`) {
				n = quotedLen(text[i:])
			}
			if n == 0 {
				break
			}
			i = min(i+n, len(text))
			continue
		}
		i++
	}
	for i > from && (text[i-1] == ' ' || text[i-1] == '\t') {
		i--
	}
	return i
}

// quotedLen is the length of a parameter's value in quotes that are escaped, or
// of the opening one if there is no other.
func quotedLen(s string) int {
	if i := strings.Index(s[2:], `\"`); i >= 0 {
		return 2 + i + 2
	}
	return 2
}

// field redacts the value of a form field in HTML: behind name="…" at eq, it
// looks for value="…" or, in a meta element, content="…" in the same tag.
func (s *sweep) field(e *edit, eq int) {
	text := e.src
	from := eq + 1
	q, depth, ok := quoteAt(text, from)
	if !ok {
		return
	}
	from += depth + 1
	end, _ := s.stringEnd(text, from, nesting{q, depth})
	class := s.r.names.of(text[from:end])
	if class != strongName && class != weakName {
		return
	}
	tag := strings.LastIndexByte(text[max(0, eq-maxTag):eq], '<')
	if tag < 0 {
		return
	}
	tag += max(0, eq-maxTag)
	to := min(len(text), end+maxTag)
	for _, attribute := range []string{"value=", "content="} {
		if s.attributeValue(e, tag, to, attribute, class) {
			return
		}
	}
}

// maxTag is how far a tag is looked for from the name of its field, in bytes.
const maxTag = 16 << 10

// attributeValue redacts an attribute of the tag that begins at text[tag].
func (s *sweep) attributeValue(e *edit, tag, to int, attribute string, class nameClass) bool {
	text := e.src
	for i := tag; i < to; i++ {
		switch c := text[i]; {
		case c == '>' || c == '<' && i > tag:
			return false
		case c == '"' || c == '\'':
			end, next := s.stringEnd(text, i+1, nesting{quote: c})
			if strings.HasSuffix(text[tag:i], attribute) && isBlank(text[i-len(attribute)-1]) {
				e.replace(i+1, end, s.secretText(text[i+1:end], class, asIs))
				return true
			}
			i = next - 1
		}
	}
	return false
}

// elements redacts the text of XML elements with a secret name.
func (s *sweep) elements(text string) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		close := strings.Index(text[i:], "</")
		if close < 0 {
			break
		}
		close += i
		after := close + len("</")
		name := text[after:wordEnd(text, after)]
		if at := after + len(name) + 1; strings.HasPrefix(text[at-1:], ":") { // a namespace
			name = text[at:wordEnd(text, at)]
		}
		if s.r.names.of(name) == strongName {
			from, to := elementText(text[:close], i)
			e.replace(from, to, s.secretText(text[from:to], strongName, asIs))
		}
		i = after
	}
	return e.text()
}

// elementText is the span of the text at the end of before, which ends in front
// of a closing tag, inside its CDATA section if it is one. It does not begin
// before from, where the closing tag before that ends.
func elementText(before string, from int) (start, end int) {
	const cdata, cdataEnd = "<![CDATA[", "]]>"
	if inner, ok := strings.CutSuffix(before, cdataEnd); ok {
		if i := strings.LastIndex(before[from:], cdata); i >= 0 {
			return from + i + len(cdata), len(inner)
		}
	}
	start = from + strings.LastIndexByte(before[from:], '>') + 1
	trimmed := strings.TrimSpace(before[start:])
	start += strings.Index(before[start:], trimmed)
	return start, start + len(trimmed)
}
