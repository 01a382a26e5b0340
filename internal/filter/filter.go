// Package filter is the language in which people say which exchanges they want
// to see, compiled to a function over rows.
//
// # Grammar
//
//	filter  = both { "OR" both }
//	both    = one { [ "AND" ] one }
//	one     = [ "-" ] ( "(" filter ")" | term )
//	term    = value | key operator value
//	value   = word | "\"" anything "\"" | "/" RE2 "/" [ "i" ]
//
// Terms with a space between them must all hold; "OR" and "AND" are written in
// capitals. A "-" in front of a term or a parenthesis negates it.
//
// A word without a key is looked for in the URL, authority and path:
// "users/42", "localhost:8900/api", or a whole URL. So is a regular expression.
// Words in lower case match either case, a capital makes the case count.
// A * stands for any characters. Quotes take spaces, parentheses and key names
// literally; \" and \\ are escapes in them.
//
// A key stands in front of an operator, see [Keys]: ":" (or "="), "!=", and
// for numbers ">", ">=", "<", "<=". Numbers may be ranges ("400-499") or, like
// methods and named values, lists ("404,5xx"). Status codes take "5xx" and
// "none" for no answer, durations units from "us" to "m" (ms without),
// sizes "b", "k", "m" and "g" of 1,024. An empty value, as in origin:"",
// stands for a header that was not there.
//
//	status:5xx -path:/health
//	method:POST,PUT took>500ms
//	(is:preflight OR is:error) origin:localhost:3000
//	path:/\/users\/\d+$/ -severity<warning
//
// The package must not read exchanges, only their rows: a filter has to run
// over a million of them while somebody types.
package filter

import (
	"fmt"

	"corsdash/internal/session"
)

// maxText bounds a filter, in bytes, and with it what an expression can cost.
const maxText = 4 << 10

// match decides about one row of a page.
type match func(p *session.Page, r *session.Row) bool

// Filter picks rows. It does not change and may be used by several goroutines.
type Filter struct {
	text  string
	match match // nil takes every row
}

// Parse compiles a filter. Blank text is the filter that takes everything. The
// error is an *Error.
func Parse(text string) (*Filter, error) {
	if len(text) > maxText {
		return nil, &Error{Pos: maxText, End: len(text), Text: fmt.Sprintf("a filter is at most %d bytes long", maxText)}
	}
	p := parser{text: text}
	p.blanks()
	if p.pos == len(text) {
		return &Filter{text: text}, nil
	}
	m, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.pos < len(text) {
		return nil, p.errorf(p.pos, p.pos+1, "nothing is open here that could be closed")
	}
	return &Filter{text: text, match: m}, nil
}

// Match reports whether the filter takes a row of the page.
func (f *Filter) Match(p *session.Page, r *session.Row) bool {
	return f == nil || f.match == nil || f.match(p, r)
}

// All reports whether the filter takes every row. A nil filter does.
func (f *Filter) All() bool { return f == nil || f.match == nil }

// String is the text the filter was made from.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	return f.text
}

// Error says what is wrong with a filter, and where.
type Error struct {
	Pos, End int    // the bytes concerned, Pos <= End <= length of the text
	Text     string // what is wrong and how to say it right; quotes the user's text
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Pos+1, e.Text) }
