package exchange

import (
	"slices"
	"strings"
)

// remember notes a secret that is worth looking for where no name announces
// it: debug pages print cookies, headers and form fields of the request.
// Ordinary words are not, or a cookie "theme=dark" would black out half a page.
func (s *sweep) remember(secret string) {
	if len(s.known) == maxKnown || !isOpaque(secret) || slices.Contains(s.known, secret) {
		return
	}
	if s.known == nil {
		s.known = make([]string, 0, 8)
	}
	s.known = append(s.known, secret)
}

// maxKnown bounds how many secrets of an exchange are looked for.
const maxKnown = 32

// isOpaque reports whether a secret is long and mixed enough not to be a word.
func isOpaque(s string) bool {
	if len(s) < 8 || len(s) > maxCached || strings.IndexByte(s, ' ') >= 0 || strings.Contains(s, "://") {
		return false
	}
	var lower, upper, digit int
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
			lower = 1
		case 'A' <= c && c <= 'Z':
			upper = 1
		case '0' <= c && c <= '9':
			digit = 1
		}
		if len(s) >= 12 && digit == 1 && lower+upper > 0 {
			return true
		}
	}
	return len(s) < 12 && digit+lower+upper == 3
}

// echoes replaces the secrets of an exchange where they are repeated: in the
// bodies, in what corsdash says it changed, and in the words of an error.
func (s *sweep) echoes(c, x *Exchange) {
	if len(s.known) == 0 {
		return
	}
	c.Request.Body = s.echoBody(c.Request.Headers, c.Request.Body)
	if c.Response != nil {
		if body := s.echoBody(c.Response.Headers, c.Response.Body); body.Data != c.Response.Body.Data {
			response := *c.Response
			response.Body = body
			c.Response = &response
		}
	}
	c.Failure.Detail = s.echoText(c.Failure.Detail)
	for i, sentence := range c.Changes {
		if clean := s.echoText(sentence); clean != sentence {
			if &c.Changes[0] == &x.Changes[0] {
				c.Changes = slices.Clone(c.Changes)
			}
			c.Changes[i] = clean
		}
	}
}

// echoText and echoBody redact what an echo leaves behind once more, because a
// mark in the middle of something may make it something else.
func (s *sweep) echoText(text string) string {
	clean := s.echo(text, false)
	if clean == text {
		return text
	}
	return s.text(clean, anyText)
}

func (s *sweep) echoBody(h Headers, b Body) Body {
	kind := h.First("Content-Type")
	clean := s.echo(b.Data, mediumOf(mediaType(kind), b.Data) == formText)
	if clean == b.Data {
		return b
	}
	return b.Plain(s.content(kind, clean))
}

func (s *sweep) echo(text string, inForm bool) string {
	if len(text) < 8 {
		return text
	}
	for _, secret := range s.known {
		text = s.replaceAll(text, secret, inForm)
	}
	return text
}

// replaceAll looks for a secret by its rarest byte, which skips most of a text
// at the speed of memory.
func (s *sweep) replaceAll(text, secret string, inForm bool) string {
	e := edit{src: text}
	at := rarest(secret)
	for i := at; i < len(text); {
		j := strings.IndexByte(text[i:], secret[at])
		if j < 0 {
			break
		}
		i += j
		from := i - at
		i++
		if !strings.HasPrefix(text[from:], secret) || insideMark(text, from) || backslashes(text, from)%2 == 1 {
			continue
		}
		if inForm {
			e.replace(from, from+len(secret), s.secretURL(secret, strongName, asIs))
		} else {
			e.replace(from, from+len(secret), s.secretText(secret, strongName, asIs))
		}
		i = from + len(secret) + at
	}
	return e.text()
}

// rarest is the index of the byte of s that is least frequent in JSON and HTML,
// among the first ones.
func rarest(s string) (at int) {
	for i := range min(len(s), 64) {
		if frequency[s[i]] < frequency[s[at]] {
			at = i
		}
	}
	return at
}

// frequency ranks bytes: capitals that few words begin with come first, then
// other capitals, rare letters, digits, everything else, and letters.
var frequency = func() (rank [256]uint8) {
	for c := range rank {
		rank[c] = 5
	}
	for i, group := range []string{"QZXJKVWY", "ABCDEFGHILMNOPRSTU", "qzxjk", "3456789", "012"} {
		for _, c := range group {
			rank[c] = uint8(i)
		}
	}
	for _, c := range "abcdefghilmnoprstuvwy" {
		rank[c] = 6
	}
	return rank
}()
