package filter

import (
	"regexp"
	"strings"
)

// value is what stands behind an operator, or alone.
type value struct {
	text     string
	quoted   bool
	regexp   *regexp.Regexp // set for /…/
	pos, end int
}

func (v value) errorf(p *parser, format string, args ...any) error {
	return p.errorf(v.pos, v.end, format, args...)
}

// value reads a value and the blanks behind it. It is empty when none stands
// here.
func (p *parser) value() (value, error) {
	v := value{pos: p.pos}
	var err error
	switch {
	case p.pos < len(p.text) && p.text[p.pos] == '"':
		v.quoted = true
		v.text, err = p.quoted()
	default:
		if source, flags, ok := p.expression(); ok {
			v.text = source
			v.regexp, err = p.compile(source, flags, v.pos)
		} else {
			v.text = p.bare()
		}
	}
	v.end = p.pos
	p.blanks()
	return v, err
}

// quoted reads "…".
func (p *parser) quoted() (string, error) {
	var out strings.Builder
	open := p.pos
	for p.pos++; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		if c == '"' {
			p.pos++
			return out.String(), nil
		}
		if c == '\\' && p.pos+1 < len(p.text) && (p.text[p.pos+1] == '"' || p.text[p.pos+1] == '\\') {
			p.pos++
			c = p.text[p.pos]
		}
		out.WriteByte(c)
	}
	return "", p.errorf(open, open+1, "this quotation mark is not closed")
}

// expression reads /…/ or /…/i, which must not contain blanks: they would make
// "/a /b" one. A path such as /api/users does not end like that.
func (p *parser) expression() (source, flags string, ok bool) {
	run := p.text[p.pos:]
	if i := strings.IndexAny(run, " \t\r\n"); i >= 0 {
		run = run[:i]
	}
	for closing := 0; ; closing++ { // the parentheses of the filter may stand behind it
		source, flags, ok = cutExpression(run)
		if ok {
			p.pos += len(run)
			return source, flags, true
		}
		if !strings.HasSuffix(run, ")") || closing == p.depth {
			return "", "", false
		}
		run = run[:len(run)-1]
	}
}

func cutExpression(run string) (source, flags string, ok bool) {
	if !strings.HasPrefix(run, "/") {
		return "", "", false
	}
	end := strings.LastIndexByte(run, '/')
	if end < 2 || run[end+1:] != "" && run[end+1:] != "i" {
		return "", "", false
	}
	return run[1:end], run[end+1:], true
}

func (p *parser) compile(source, flags string, from int) (*regexp.Regexp, error) {
	if flags != "" {
		flags = "(?" + flags + ")"
	}
	re, err := regexp.Compile(flags + strings.ReplaceAll(source, `\/`, "/"))
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, p.errorf(from, p.pos, "this regular expression does not compile: %s; put quotes around to look for the text", text)
	}
	return re, nil
}

// bare reads a word up to a blank or to a parenthesis that it does not open
// itself.
func (p *parser) bare() string {
	from, open := p.pos, 0
	for ; p.pos < len(p.text) && !isBlank(p.text[p.pos]); p.pos++ {
		if c := p.text[p.pos]; c == '(' {
			open++
		} else if c == ')' {
			if open--; open < 0 {
				break
			}
		}
	}
	return p.text[from:p.pos]
}
