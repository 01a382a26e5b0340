package exchange

import "strings"

// edit replaces parts of a text from its start to its end. Nothing is copied
// before the first change.
type edit struct {
	src  string
	out  strings.Builder
	done int // bytes of src that are dealt with
}

// replace puts text in the place of src[from:to]. Parts that were dealt with
// before stay as they are; the next sweep over the text sees to them.
func (e *edit) replace(from, to int, text string) {
	if from < e.done || e.src[from:to] == text {
		return
	}
	if e.out.Len() == 0 {
		e.out.Grow(len(e.src) + 3*len(text))
	}
	e.out.WriteString(e.src[e.done:from])
	e.out.WriteString(text)
	e.done = to
}

func (e *edit) text() string {
	if e.done == 0 {
		return e.src
	}
	e.out.WriteString(e.src[e.done:])
	return e.out.String()
}
