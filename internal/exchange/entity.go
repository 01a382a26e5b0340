package exchange

import "strings"

// entities are the ways quotes are written in HTML, where debug pages show
// request data and frameworks put their initial state into attributes.
var entities = [...]string{"&quot;", "&#34;", "&#x22;", "&#39;", "&#x27;", "&apos;"}

// entityMember redacts the value of a member whose quotes are HTML entities.
// The name's closing one ends at end. It returns where the value ends, or 0.
func (s *sweep) entityMember(e *edit, end, from int) int {
	text := e.src
	quote := ""
	for _, entity := range entities {
		if strings.HasSuffix(text[:end], entity) {
			quote = entity
		}
	}
	if quote == "" {
		return 0
	}
	end -= len(quote)
	window := text[max(0, end-2*maxName):end]
	start := strings.LastIndex(window, quote)
	if start < 0 {
		return 0
	}
	class := s.r.names.of(window[start+len(quote):])
	if class != strongName && class != weakName && class != authorization {
		return 0
	}
	from = skipBlanks(text, from)
	if !strings.HasPrefix(text[from:], quote) {
		return s.entityNumber(e, from, quote, class)
	}
	from += len(quote)
	to := len(text)
	if i := strings.Index(text[from:], quote); i >= 0 {
		to = from + i
	}
	e.replace(from, to, s.named(text[from:to], class, jsonString))
	return min(len(text), to+len(quote))
}

func (s *sweep) entityNumber(e *edit, from int, quote string, class nameClass) int {
	to := wordEnd(e.src, from)
	number := e.src[from:to]
	if number == "" || strings.Trim(number, "0123456789+-.eE") != "" || class == weakName && isOrdinary(number) {
		return to
	}
	e.replace(from, to, quote+s.numberText(number)+quote)
	return to
}
