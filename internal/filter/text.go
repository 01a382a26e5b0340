package filter

import (
	"strings"

	"corsdash/internal/session"
)

// spelling says how a text compares.
type spelling uint8

const (
	smart  spelling = iota // a capital in the pattern makes the case count; anywhere in the text
	folded                 // case never counts; anywhere
	exact                  // case never counts; all of the text
	scheme                 // case never counts; all of what stands before "://"
)

// words compiles a key whose value is looked for in a text of the row.
func words(text func(*session.Row) session.Text, as spelling) compile {
	return func(p *parser, k *Key, op string, v value) (match, error) {
		negate, err := equality(p, k, op, v)
		if err != nil {
			return nil, err
		}
		test := v.test(as)
		var m match = func(p *session.Page, r *session.Row) bool { return test(p.Text(text(r))) }
		return m.negatedIf(negate), nil
	}
}

// name compiles a key whose value is all of a text, or a list of such.
func name(text func(*session.Row) session.Text) compile {
	return func(p *parser, k *Key, op string, v value) (match, error) {
		negate, err := equality(p, k, op, v)
		if err != nil {
			return nil, err
		}
		var tests []func(string) bool
		for _, item := range v.list() {
			tests = append(tests, item.test(exact))
		}
		var m match = func(p *session.Page, r *session.Row) bool {
			s := p.Text(text(r))
			for _, test := range tests {
				if test(s) {
					return true
				}
			}
			return false
		}
		return m.negatedIf(negate), nil
	}
}

// inURL compiles the key url.
func inURL(p *parser, k *Key, op string, v value) (match, error) {
	negate, err := equality(p, k, op, v)
	if err != nil {
		return nil, err
	}
	return anywhere(v).negatedIf(negate), nil
}

// anywhere looks for a value in the URL, of which a row has two parts.
func anywhere(v value) match {
	if v.regexp == nil {
		for _, s := range [...]string{"http://", "https://", "ws://", "wss://"} {
			v.text = strings.TrimPrefix(v.text, s) // rows have none, and a pasted URL does
		}
	}
	test := v.test(smart)
	if v.regexp != nil || v.text == "" || !v.quoted && strings.Contains(v.text, "*") {
		return func(p *session.Page, r *session.Row) bool { return test(p.Text(r.Host) + p.Text(r.Target)) }
	}
	// A host has no slash and no question mark, a target begins with one: the
	// value lies across the border only with its first one right behind it.
	host, target := strings.HasSuffix, strings.HasPrefix
	if v.text == strings.ToLower(v.text) {
		host, target = hasSuffixFold, hasPrefixFold
	}
	i := strings.IndexAny(v.text, "/?")
	return func(p *session.Page, r *session.Row) bool {
		t := p.Text(r.Target)
		if test(t) {
			return true
		}
		h := p.Text(r.Host)
		return test(h) || i > 0 && target(t, v.text[i:]) && host(h, v.text[:i])
	}
}

// equality checks that a key is asked in the way that texts can be.
func equality(p *parser, k *Key, op string, v value) (negate bool, err error) {
	switch op {
	case ":", "=":
		return false, nil
	case "!=":
		return true, nil
	}
	return false, v.errorf(p, "%s has no order; write %s:%s", k.Name, k.Name, k.Example)
}

// list splits a value at its commas, unless it is quoted.
func (v value) list() []value {
	if v.quoted || v.regexp != nil || !strings.Contains(v.text, ",") {
		return []value{v}
	}
	var list []value
	from := v.pos
	for item := range strings.SplitSeq(v.text, ",") {
		list = append(list, value{text: item, pos: from, end: from + len(item)})
		from += len(item) + 1
	}
	return list
}

// test compiles the comparison of one text with the value.
func (v value) test(as spelling) func(string) bool {
	if v.regexp != nil {
		return v.regexp.MatchString
	}
	if v.text == "" {
		return func(s string) bool { return s == "" }
	}
	want := v.text
	fold := as != smart || want == strings.ToLower(want)
	if fold {
		want = strings.ToLower(want)
	}
	if !v.quoted && strings.Contains(want, "*") {
		return glob(strings.Split(want, "*"), fold, as == exact)
	}
	switch {
	case as == exact:
		return func(s string) bool { return strings.EqualFold(s, want) }
	case as == scheme:
		return func(s string) bool {
			s, _, _ = strings.Cut(s, "://")
			return strings.EqualFold(s, want)
		}
	case fold:
		return func(s string) bool { return indexFold(s, want) >= 0 }
	}
	return func(s string) bool { return strings.Contains(s, want) }
}

// glob compares with pieces that have anything between them: somewhere in the
// text, or, when whole, all of it.
func glob(pieces []string, fold, whole bool) func(string) bool {
	index := strings.Index
	if fold {
		index = indexFold
	}
	last := len(pieces) - 1
	return func(s string) bool {
		for i, piece := range pieces {
			at := index(s, piece)
			if at < 0 || whole && i == 0 && at != 0 {
				return false
			}
			if whole && i == last && piece != "" {
				return len(s) >= len(piece) && index(s[len(s)-len(piece):], piece) == 0
			}
			s = s[at+len(piece):]
		}
		return true
	}
}

// indexFold is strings.Index without regard to the case of ASCII letters. sub
// is in lower case.
func indexFold(s, sub string) int {
	if sub == "" {
		return 0
	}
	first := sub[0]
	for i := 0; i+len(sub) <= len(s); i++ {
		if lower(s[i]) == first && hasPrefixFold(s[i:], sub) {
			return i
		}
	}
	return -1
}

func hasSuffixFold(s, sub string) bool {
	return len(s) >= len(sub) && hasPrefixFold(s[len(s)-len(sub):], sub)
}

func hasPrefixFold(s, sub string) bool {
	if len(s) < len(sub) {
		return false
	}
	for i := range len(sub) {
		if lower(s[i]) != sub[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
