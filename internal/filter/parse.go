package filter

import (
	"fmt"
	"strings"

	"corsdash/internal/session"
)

// maxDepth bounds parentheses, because the parser and what it makes recurse.
const maxDepth = 64

// parser reads a filter from left to right. Between its methods pos stands on
// something other than a blank, or at the end.
type parser struct {
	text  string
	pos   int
	depth int
}

func (p *parser) errorf(from, to int, format string, args ...any) error {
	return &Error{Pos: from, End: min(max(from, to), len(p.text)), Text: fmt.Sprintf(format, args...)}
}

func (p *parser) blanks() {
	for p.pos < len(p.text) && isBlank(p.text[p.pos]) {
		p.pos++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// either is filter in the grammar.
func (p *parser) either() (match, error) {
	m, err := p.both()
	for err == nil && p.word("OR") {
		var right match
		if right, err = p.both(); err == nil {
			left := m
			m = func(p *session.Page, r *session.Row) bool { return left(p, r) || right(p, r) }
		}
	}
	return m, err
}

func (p *parser) both() (match, error) {
	m, err := p.one()
	for err == nil && p.more() {
		p.word("AND")
		var right match
		if right, err = p.one(); err == nil {
			left := m
			m = func(p *session.Page, r *session.Row) bool { return left(p, r) && right(p, r) }
		}
	}
	return m, err
}

// more reports whether another term follows that must hold as well.
func (p *parser) more() bool {
	return p.pos < len(p.text) && p.text[p.pos] != ')' && !p.at("OR")
}

// at reports whether a word of the language stands here.
func (p *parser) at(word string) bool {
	rest, ok := strings.CutPrefix(p.text[p.pos:], word)
	return ok && (rest == "" || isBlank(rest[0]) || rest[0] == '(' || rest[0] == ')')
}

// word skips a word of the language if it stands here.
func (p *parser) word(word string) bool {
	if !p.at(word) {
		return false
	}
	p.pos += len(word)
	p.blanks()
	return true
}

func (p *parser) one() (match, error) {
	negate := false
	for p.pos < len(p.text) && p.text[p.pos] == '-' {
		negate = !negate
		p.pos++
		p.blanks()
	}
	m, err := p.primary()
	if err != nil || !negate {
		return m, err
	}
	return not(m), nil
}

func not(m match) match {
	return func(p *session.Page, r *session.Row) bool { return !m(p, r) }
}

func (p *parser) primary() (match, error) {
	switch {
	case p.pos == len(p.text):
		return nil, p.errorf(p.pos, p.pos, "a term has to follow, like status:5xx")
	case p.text[p.pos] == ')':
		return nil, p.errorf(p.pos, p.pos+1, "a term has to stand before the parenthesis closes")
	case p.at("OR"), p.at("AND"):
		word := "OR"
		if p.at("AND") {
			word = "AND"
		}
		return nil, p.errorf(p.pos, p.pos+len(word), "a term has to stand before %s; put quotes around to look for the word", word)
	case p.text[p.pos] != '(':
		return p.term()
	}
	open := p.pos
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf(open, open+1, "parentheses go at most %d deep", maxDepth)
	}
	p.pos++
	p.blanks()
	m, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.pos == len(p.text) {
		return nil, p.errorf(open, open+1, "this parenthesis is not closed")
	}
	p.depth--
	p.pos++
	p.blanks()
	return m, nil
}

// term reads a key, an operator and a value, or a value alone.
func (p *parser) term() (match, error) {
	from := p.pos
	name, op := p.key()
	if op == "" {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		return anywhere(v), nil
	}
	k := find(name)
	if k == nil {
		return nil, p.unknown(name, from)
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if v.text == "" && !v.quoted {
		return nil, p.errorf(from, v.end, "%s needs a value, like %s", name, k.Example)
	}
	return k.compile(p, k, op, v)
}

// operators, the longer ones first.
var operators = [...]string{"!=", ">=", "<=", ":", "=", ">", "<"}

// key skips a key and its operator. Without one, op is "" and nothing is
// skipped: the value of "localhost:8900" and of "http://…" is all of it.
func (p *parser) key() (name, op string) {
	end := p.pos
	for end < len(p.text) && isKeyByte(p.text[end]) {
		end++
	}
	name = p.text[p.pos:end]
	for _, o := range operators {
		rest, ok := strings.CutPrefix(p.text[end:], o)
		if !ok || name == "" {
			continue
		}
		if find(name) == nil && isText(name, o, rest) {
			return "", ""
		}
		if o == ":" {
			o, rest = second(rest)
		}
		p.pos = len(p.text) - len(rest)
		return name, o
	}
	return "", ""
}

// isText tells "page=2", "localhost:8900" and "http://…" from a key that does
// not exist.
func isText(name, op, rest string) bool {
	switch op {
	case "=":
		return true
	case ":":
		return strings.HasPrefix(rest, "//") || isPort(rest) && nearest(name) == ""
	}
	return nearest(name) == ""
}

// second finds the operator in "took:>500ms", which is what some are used to.
func second(rest string) (op, value string) {
	for _, o := range [...]string{">=", "<=", ">", "<"} {
		if value, ok := strings.CutPrefix(rest, o); ok {
			return o, value
		}
	}
	return ":", rest
}

func isKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_'
}

// isPort reports whether text begins with a port number.
func isPort(text string) bool {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n > 0 && (n == len(text) || isBlank(text[n]) || strings.IndexByte("/?)*", text[n]) >= 0)
}

func (p *parser) unknown(name string, from int) error {
	if near := nearest(name); near != "" {
		return p.errorf(from, from+len(name), "there is no key %q; did you mean %q?", name, near)
	}
	return p.errorf(from, from+len(name), "there is no key %q; put quotes around to look for the text", name)
}
