package filter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/session"
)

// span is a run of numbers, both ends included.
type span struct{ lo, hi int64 }

// parseNumber reads one number, which may stand for a run, such as 5xx. A
// missing one is the text "none".
type parseNumber func(text string) (span, error)

// number compiles a key with an order. get is false when a row has no such
// number; then only "none" takes the row.
func number(parse parseNumber, get func(*session.Row) (v int64, ok bool)) compile {
	return func(p *parser, k *Key, op string, v value) (match, error) {
		if v.regexp != nil {
			return nil, v.errorf(p, "%s is a number and takes no regular expression, but %s", k.Name, k.Example)
		}
		var spans []span
		missing := false
		for _, item := range v.list() {
			if strings.EqualFold(item.text, "none") {
				missing = true
				continue
			}
			s, err := run(parse, item.text)
			if err != nil {
				return nil, item.errorf(p, "%s takes %v", k.Name, err)
			}
			spans = append(spans, s)
		}
		return ordered(p, op, v, spans, missing, get)
	}
}

// run reads "a" or "a-b".
func run(parse parseNumber, text string) (span, error) {
	if i := strings.IndexByte(text, '-'); i > 0 {
		lo, err := parse(text[:i])
		if err != nil {
			return span{}, err
		}
		hi, err := parse(text[i+1:])
		if err == nil && hi.hi < lo.lo {
			err = fmt.Errorf("the smaller end of a range first")
		}
		return span{lo.lo, hi.hi}, err
	}
	return parse(text)
}

func ordered(p *parser, op string, v value, spans []span, missing bool, get func(*session.Row) (int64, bool)) (match, error) {
	if op == ":" || op == "=" || op == "!=" {
		var m match = func(_ *session.Page, r *session.Row) bool { return within(spans, missing, r, get) }
		return m.negatedIf(op == "!="), nil
	}
	if len(spans) != 1 || missing {
		return nil, v.errorf(p, "one number has to stand behind %s", op)
	}
	s := spans[0]
	switch op {
	case ">":
		s = span{s.hi + 1, math.MaxInt64}
		if s.lo == math.MinInt64 { // nothing is larger than the largest
			return func(*session.Page, *session.Row) bool { return false }, nil
		}
	case ">=":
		s.hi = math.MaxInt64
	case "<":
		s = span{math.MinInt64, s.lo - 1}
	case "<=":
		s.lo = math.MinInt64
	}
	return func(_ *session.Page, r *session.Row) bool {
		n, ok := get(r)
		return ok && s.lo <= n && n <= s.hi
	}, nil
}

func within(spans []span, missing bool, r *session.Row, get func(*session.Row) (int64, bool)) bool {
	n, ok := get(r)
	if !ok {
		return missing
	}
	for _, s := range spans {
		if s.lo <= n && n <= s.hi {
			return true
		}
	}
	return false
}

// atLeast makes of "key:n" what "key>=n" would be.
func atLeast(c compile) compile {
	return func(p *parser, k *Key, op string, v value) (match, error) {
		if op != ":" && op != "=" {
			return nil, v.errorf(p, "%s takes a colon, like %s:%s", k.Name, k.Name, k.Example)
		}
		return c(p, k, ">=", v)
	}
}

// parseStatus reads 404, 4xx or 40x.
func parseStatus(text string) (span, error) {
	err := fmt.Errorf("a code like 404 or 5xx, a range like 400-499, or none")
	digits := strings.TrimRight(strings.ToLower(text), "x")
	if len(text) != 3 || digits == "" {
		return span{}, err
	}
	n, bad := strconv.ParseUint(digits, 10, 16)
	if bad != nil {
		return span{}, err
	}
	scale := [...]int64{1, 10, 100}[3-len(digits)]
	lo := int64(n) * scale
	return span{lo, lo + scale - 1}, nil
}

func parseCount(text string) (span, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return span{}, fmt.Errorf("a number, like 12")
	}
	return span{n, n}, nil
}

// parseSeverity reads the name of a severity as session.Row.Rank counts them.
func parseSeverity(text string) (span, error) {
	for i, name := range severities[:len(severities)-1] {
		if strings.EqualFold(name, text) {
			rank := int64(len(severities) - 1 - i)
			return span{rank, rank}, nil
		}
	}
	return span{}, fmt.Errorf("%s or none", strings.Join(severities[:len(severities)-1], ", "))
}

// unit scales a number; the longer names of the same ending stand first.
type unit struct {
	name  string
	scale float64
}

var durations = []unit{
	{"ms", float64(time.Millisecond)}, {"us", float64(time.Microsecond)}, {"µs", float64(time.Microsecond)}, {"ns", 1},
	{"s", float64(time.Second)}, {"m", float64(time.Minute)}, {"", float64(time.Millisecond)},
}

var sizes = []unit{
	{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"b", 1}, {"", 1},
}

func parseDuration(text string) (span, error) {
	return scaled(text, durations, "a time, like 500ms or 2s")
}

func parseSize(text string) (span, error) { return scaled(text, sizes, "a size, like 10k or 2m") }

// scaled reads a number with a unit.
func scaled(text string, units []unit, what string) (span, error) {
	low := strings.ToLower(text)
	for _, u := range units {
		digits, ok := strings.CutSuffix(low, u.name)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(digits, 64)
		if err != nil || f < 0 || strings.ContainsAny(digits, "xpin_+e") {
			break
		}
		n := int64(math.MaxInt64)
		if f*u.scale < math.MaxInt64 {
			n = int64(f * u.scale)
		}
		return span{n, n}, nil
	}
	return span{}, fmt.Errorf("%s", what)
}
