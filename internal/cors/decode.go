package cors

import (
	"cmp"
	"slices"
	"strings"
)

// Message is what a console message says.
type Message struct {
	Browser   string `json:"browser,omitempty"`   // engine whose wording it is, "" when several use it
	Code      Code   `json:"code,omitempty"`      // "" when a CORS message has a reason we do not know
	URL       string `json:"url,omitempty"`       // what was asked for last
	Initial   string `json:"initial,omitempty"`   // what was asked for first, when that differs
	Origin    string `json:"origin,omitempty"`    // origin of the page
	API       API    `json:"api,omitempty"`       // what asked, "" when the message does not say
	Kind      string `json:"kind,omitempty"`      // the browser's own word for that, such as "CSS stylesheet"
	Parameter string `json:"parameter,omitempty"` // header value, method, header name, scheme, address space, net error
	Status    int    `json:"status,omitempty"`    // of the response, 0 when the message has none
	Warning   bool   `json:"warning,omitempty"`   // nothing was blocked
}

// Info is what there is to say about the message.
func (m *Message) Info() Info { return codeInfo(m.Code) }

// What is beyond this is no console; the rest of the text is not read.
const (
	maxText     = 1 << 20
	maxMessages = 1000
	maxField    = 8 << 10
)

// Decode finds the messages of Chrome, Firefox and Safari in a text: old and
// new wordings, wrapped lines, noise around them. They come in the order of the
// text, without repetitions.
func Decode(text string) []Message {
	p := unwrap(text[:min(len(text), maxText)])
	out := p.decode()
	if strings.Contains(p.lines, "\n") && !slices.ContainsFunc(out, known) {
		p.lines = strings.ReplaceAll(p.lines, "\n", "") // a terminal may have cut words in two
		p.text = p.lines
		if joined := p.decode(); slices.ContainsFunc(joined, known) {
			return joined
		}
	}
	return out
}

func known(m Message) bool { return m.Code != "" }

// decode reads what each marker found, unless an earlier message covers it.
func (p paste) decode() (out []Message) {
	end := 0
	for _, f := range p.findings() {
		if f.at < end || len(out) >= maxMessages {
			continue
		}
		if m, next, ok := readers[f.rank].read(p, f.at); ok {
			out, end = append(out, m), next
		}
	}
	return tidy(out)
}

// paste is a pasted text twice, byte for byte: with its line breaks, and with
// spaces in their place, because terminals and chats wrap long lines.
type paste struct{ lines, text string }

func unwrap(s string) paste {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimSpace(line))
	}
	return paste{b.String(), strings.ReplaceAll(b.String(), "\n", " ")}
}

// reader recognises one kind of message by a fixed piece of its text.
type reader struct {
	marker string
	read   func(p paste, at int) (m Message, end int, ok bool)
}

// finding is where a marker stands; rank is the reader's place in the list,
// which decides when several begin at one place.
type finding struct{ at, rank int }

// findings lists where the markers stand, in the order of the text.
func (p paste) findings() (out []finding) {
	for rank := range readers {
		marker, before := readers[rank].marker, len(out)
		for at := 0; len(out)-before < maxMessages; {
			i := strings.Index(p.text[at:], marker)
			if i < 0 {
				break
			}
			out = append(out, finding{at + i, rank})
			at += i + len(marker)
		}
	}
	slices.SortFunc(out, func(a, b finding) int {
		return cmp.Or(a.at-b.at, a.rank-b.rank)
	})
	return out
}

// readers lists what can be recognised, the most telling first.
var readers = slices.Concat(chromiumReaders, firefoxReaders, webkitReaders, otherReaders, issueReaders())

// until reads from at up to a literal, and returns what stands between and where
// the literal ends. A line break in between was made by wrapping.
func (p paste) until(at int, literal string) (field string, end int, ok bool) {
	window := p.text[at:min(len(p.text), at+maxField)]
	i := strings.Index(window, literal)
	if i < 0 {
		return "", at, false
	}
	return strings.ReplaceAll(p.lines[at:at+i], "\n", ""), at + i + len(literal), true
}

// skip moves over a literal if it stands at at.
func (p paste) skip(at int, literal string) (int, bool) {
	if strings.HasPrefix(p.text[at:], literal) {
		return at + len(literal), true
	}
	return at, false
}

// line is the rest of the line.
func (p paste) line(at int) (field string, end int) {
	if i := strings.IndexByte(p.lines[at:], '\n'); i >= 0 {
		return p.lines[at : at+i], at + i
	}
	return p.lines[at:], len(p.lines)
}

// before is what stands on the line up to at.
func (p paste) before(at int) string {
	s := p.lines[max(0, at-maxField):at]
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// word is what stands up to the next space.
func (p paste) word(at int) (field string, end int) {
	rest := p.text[at:min(len(p.text), at+maxField)]
	if i := strings.IndexByte(rest, ' '); i >= 0 {
		rest = rest[:i]
	}
	return rest, at + len(rest)
}

// tidy joins what browsers spread over several lines and drops repetitions.
func tidy(in []Message) []Message {
	var out []Message
	for _, m := range in {
		if n := len(out); n > 0 && out[n-1].absorb(&m) {
			continue
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// absorb takes over what a companion line adds to the message before it.
func (m *Message) absorb(next *Message) bool {
	switch {
	case next.Code == FetchFailed:
		return m.Code != FetchFailed // "Failed to fetch" and its like follow every failure
	case m.Browser != next.Browser:
		return false
	case next.Code == WebKitAccessControl:
		return m.name(next)
	case m.Browser == WebKit.String():
		// Safari says it again as "Failed to load resource: …".
		return next.URL == "" && next.Code == m.Code && next.Origin == m.Origin && next.Parameter == m.Parameter
	case next.Code == NetworkError && next.Parameter == "net::ERR_FAILED" && m.Code != NetworkError:
		if next.URL != "" && next.URL != m.URL {
			return false
		}
		m.Status = max(m.Status, next.Status) // Chrome's "GET … net::ERR_FAILED 500"
		return true
	}
	return false
}

// name adds the request that Safari names in a line of its own.
func (m *Message) name(next *Message) bool {
	switch {
	case m.Code == WebKitAccessControl || m.API != "" || m.Initial != "":
		return false
	case m.URL == "":
		m.URL = next.URL
	case m.URL != next.URL && m.Kind == kindRedirection:
		m.Initial = next.URL
	case m.URL != next.URL:
		return false
	}
	m.API = next.API
	return true
}
