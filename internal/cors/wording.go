package cors

import (
	"slices"
	"strings"
)

// wording is a sentence of a browser and the code it stands for: "%" is the
// parameter, "#" a status, "@" the page's origin and "~" a URL.
type wording struct {
	code    Code
	wording string
}

const holes = "%#@~"

// wordingsOf lists an engine's sentences, without the codes that only say that
// a preflight was concerned.
func wordingsOf(e Engine) (out []wording) {
	derived := map[Code]bool{}
	for _, c := range chromiumPreflightCode {
		derived[c] = true
	}
	for c, entry := range codes {
		if entry.engine == e && !derived[c] {
			out = append(out, wording{c, entry.text})
		}
	}
	return out
}

// sorted puts longer wordings before their own beginnings.
func sorted(w []wording) []wording {
	slices.SortFunc(w, func(a, b wording) int {
		if len(a.wording) != len(b.wording) {
			return len(b.wording) - len(a.wording)
		}
		return strings.Compare(string(a.code), string(b.code))
	})
	return w
}

// undotted adds each sentence without its full stop, as people quote them.
func undotted(in []wording) []wording {
	out := in
	for _, w := range in {
		if text, ok := strings.CutSuffix(w.wording, "."); ok {
			out = append(out, wording{w.code, text})
		}
	}
	return out
}

// match finds the sentence that stands at at, the longest one that fits, and
// adds what it says to m.
func (p paste) match(at int, list []wording, m Message) (found Message, end int, ok bool) {
	for _, w := range list {
		found = m
		if end, ok = p.fill(at, w.wording, &found); ok && plausible(w.wording, &found) {
			found.Code = w.code
			return found, end, true
		}
	}
	return m, at, false
}

// plausible: methods, header names and origins have no spaces in them, and no
// value reaches into the next message.
func plausible(wording string, m *Message) bool {
	if strings.ContainsRune(m.Origin, ' ') || strings.Contains(m.Parameter, byPolicy) || strings.Contains(m.Parameter, "(Reason: ") {
		return false
	}
	name := strings.HasPrefix(wording, "Method %") || strings.HasPrefix(wording, "Request header field %")
	return !name || !strings.ContainsRune(m.Parameter, ' ')
}

// fill reads a message whose wording is given with "%" for the parameter, "#"
// for a status and "@" for the page's origin.
func (p paste) fill(at int, wording string, m *Message) (end int, ok bool) {
	for wording != "" {
		i := strings.IndexAny(wording, holes)
		if i < 0 {
			return p.skip(at, wording)
		}
		if at, ok = p.skip(at, wording[:i]); !ok {
			return at, false
		}
		hole := wording[i]
		wording = wording[i+1:]
		literal := wording
		if j := strings.IndexAny(wording, holes); j >= 0 {
			literal = wording[:j]
		}
		var field string
		switch {
		case hole == '#':
			field, at = p.status(at)
		case literal == "":
			field, at = p.line(at)
		default:
			var next int
			if field, next, ok = p.until(at, literal); !ok {
				return at, false
			}
			at = next - len(literal)
		}
		m.set(hole, field)
	}
	return at, true
}

func (p paste) status(at int) (string, int) {
	end := at
	for end < len(p.text) && p.text[end]-'0' < 10 {
		end++
	}
	if end == at {
		if next, ok := p.skip(at, "(null)"); ok {
			return "", next
		}
	}
	return p.text[at:end], end
}

func (m *Message) set(hole byte, field string) {
	switch hole {
	case '%':
		if m.Parameter == "" {
			m.Parameter = field
		}
	case '#':
		m.Status = number(field)
	case '@':
		m.Origin = field
	case '~':
		m.URL = field
	}
}

func number(s string) (n int) {
	for i := 0; i < len(s) && n < 1000; i++ {
		n = 10*n + int(s[i]-'0')
	}
	return n
}
