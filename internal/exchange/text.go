package exchange

import (
	"encoding/base64"
	"strings"
)

// medium is the kind of text a secret is looked for in. It decides where a
// name may begin and where a value ends.
type medium uint8

const (
	anyText    medium = iota // JSON, NDJSON, SSE, HTML, logs, sentences
	codeText                 // scripts and style sheets, in which "key = x" is no secret
	xmlText                  // XML: anyText and elements
	formText                 // application/x-www-form-urlencoded
	headerText               // the value of a header
	urlText                  // a URL and nothing else
)

// maxRounds bounds how often a text is swept until nothing changes any more.
// One round finds what there is; the second finds nothing, and so proves that
// redacting again would change nothing either.
const maxRounds = 6

// text replaces the secrets of a text by marks.
func (s *sweep) text(text string, m medium) string {
	for range maxRounds {
		clean := s.once(text, m)
		if clean == text {
			break
		}
		text = clean
	}
	return text
}

func (s *sweep) once(text string, m medium) string {
	inURL := m == urlText || m == formText
	s.json = looksJSON(text)
	if !inURL {
		text = s.members(text, m)
	}
	text = s.pairs(text, m)
	text = s.encodedPairs(text)
	text = s.tokens(text, inURL)
	text = s.userinfo(text)
	if !inURL {
		text = s.bearers(text)
	}
	if m == xmlText {
		text = s.elements(text)
	}
	return s.matches(text, m)
}

// bearers replaces credentials that stand behind their scheme in any text,
// such as a curl command in an error page.
func (s *sweep) bearers(text string) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		j := strings.IndexByte(text[i:], 'B')
		if j < 0 {
			break
		}
		i += j
		from := i
		if strings.HasPrefix(text[i:], "Bearer ") {
			from += len("Bearer ")
		} else if strings.HasPrefix(text[i:], "Basic ") {
			from += len("Basic ")
		}
		if from == i {
			i++
			continue
		}
		to := from
		for to < len(text) && (isBase64URL(text[to]) || strings.IndexByte(".~+/=", text[to]) >= 0) {
			to++
		}
		if isCredential(text[from:to], to-from > 0 && text[i+1] == 'a') {
			e.replace(from, to, s.secretText(text[from:to], strongName, asIs))
		}
		i = max(to, i+1)
	}
	return e.text()
}

// isCredential tells a credential from the next word of a sentence.
func isCredential(s string, basic bool) bool {
	if basic {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
		return err == nil && strings.Contains(string(raw), ":")
	}
	return len(s) >= 16 && strings.ContainsAny(s, "0123456789") && !strings.Contains(strings.TrimRight(s, "="), "=")
}
