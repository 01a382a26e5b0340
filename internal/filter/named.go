package filter

import (
	"slices"
	"strings"

	"corsdash/internal/session"
)

// negatedIf is m or its opposite.
func (m match) negatedIf(negate bool) match {
	if !negate {
		return m
	}
	return not(m)
}

// named compiles a key that has a fixed list of values. "none" stands for the
// empty one.
func named(get func(*session.Row) string) compile {
	return func(p *parser, k *Key, op string, v value) (match, error) {
		negate, err := equality(p, k, op, v)
		if err != nil {
			return nil, err
		}
		var want []string
		for _, item := range v.list() {
			text := strings.ToLower(item.text)
			if v.regexp != nil || !slices.Contains(k.Values, text) {
				return nil, item.errorf(p, "%s is one of %s", k.Name, strings.Join(k.Values, ", "))
			}
			if text == "none" {
				text = ""
			}
			want = append(want, text)
		}
		var m match = func(_ *session.Page, r *session.Row) bool { return slices.Contains(want, get(r)) }
		return m.negatedIf(negate), nil
	}
}

// is compiles the key is.
func is(p *parser, k *Key, op string, v value) (match, error) {
	negate, err := equality(p, k, op, v)
	if err != nil {
		return nil, err
	}
	var tests []func(*session.Row) bool
	for _, item := range v.list() {
		i := slices.IndexFunc(flags, func(f flag) bool { return slices.Contains(f.names, strings.ToLower(item.text)) })
		if v.regexp != nil || i < 0 {
			return nil, item.errorf(p, "is takes one of %s", strings.Join(k.Values, ", "))
		}
		tests = append(tests, flags[i].match)
	}
	var m match = func(_ *session.Page, r *session.Row) bool {
		for _, test := range tests {
			if test(r) {
				return true
			}
		}
		return false
	}
	return m.negatedIf(negate), nil
}

// nearest is the key whose name is one or two letters away, or "".
func nearest(name string) string {
	name, best, least := strings.ToLower(name), "", 3
	for i := range keys {
		for _, candidate := range append([]string{keys[i].Name}, keys[i].Aliases...) {
			if d := distance(name, candidate); d < least && 2*d < len(name) {
				best, least = candidate, d
			}
		}
	}
	return best
}

// distance is Levenshtein's, over bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
