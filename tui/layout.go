package tui

// All geometry is here: what lies where, and how wide columns are. Everything
// else is given a width and a height and fills them.

// rect is a part of the screen, in cells.
type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// areas are the parts of the screen. An area without width or height is not
// shown.
type areas struct {
	title, banner, main, rule, detail, prompt, status, foot rect
}

// shape is what the layout depends on, beside the size.
type shape struct {
	banner bool // there is something to announce
	prompt int  // lines of the filter prompt
	detail bool // the detail pane is open
	zoom   bool // and has the screen for itself
	rows   int  // of the list: a short one leaves the rest to the detail under it
}

const (
	besideWidth = 150 // from here on list and detail stand side by side
	underHeight = 16  // of the main part, from which the detail stands under the list
	listHeight  = 8   // of a list above the detail, at least
	listLeast   = 4   // of a short one
	listShare   = 0.36
	besideShare = 0.46
	popupWidth  = 78
	popupHeight = 26
	helpKeys    = 15
	helpScope   = 12
	labelWidth  = 32 // of header names, at most
	margin      = 1  // on both sides of the list
	roomyPath   = 60 // width of a path that gives some to other columns
)

// arrange divides the screen. What matters least goes first when it is small:
// the keys, then the title, then the status.
func arrange(w, h int, s shape) (a areas) {
	if w <= 0 || h <= 0 {
		return areas{}
	}
	top, bottom := 0, h
	take := func(room int, wanted bool) (r rect) {
		if wanted && h >= room {
			r = rect{0, top, w, 1}
			top++
		}
		return r
	}
	give := func(room, lines int) (r rect) {
		if h >= room && lines > 0 {
			bottom -= lines
			r = rect{0, bottom, w, lines}
		}
		return r
	}
	a.title = take(6, true)
	a.banner = take(8, s.banner)
	a.foot = give(10, 1)
	a.status = give(4, 1)
	if s.prompt > 0 {
		a.prompt = give(1, min(s.prompt, bottom-top))
	}
	a.main = rect{0, top, w, bottom - top}
	if s.detail {
		a.split(s)
	}
	return a
}

// split gives the detail its part of main.
func (a *areas) split(s shape) {
	m := a.main
	switch {
	case s.zoom || m.h < underHeight:
		a.detail, a.main = m, rect{}
	case m.w >= besideWidth:
		list := int(float64(m.w) * besideShare)
		a.main.w = list
		a.rule = rect{list, m.y, 1, m.h}
		a.detail = rect{list + 1, m.y, m.w - list - 1, m.h}
	default:
		list := max(int(float64(m.h)*listShare), listHeight)
		list = min(list, max(s.rows+1, listLeast))
		a.main.h = list
		a.detail = rect{m.x, m.y + list, m.w, m.h - list}
	}
}

// centred is where a popup of that size goes, at most all of the screen.
func centred(w, h, width, height int) rect {
	width, height = min(width, w), min(height, h)
	return rect{(w - width) / 2, (h - height) / 2, width, height}
}

// columnID names a column of the list.
type columnID uint8

const (
	columnMark columnID = iota // what is wrong, and what sort it is
	columnClock
	columnMethod
	columnStatus
	columnPath
	columnOrigin
	columnOutcome
	columnCause
	columnTook
	columnSize
)

// column is a column of the list, with a blank behind it.
type column struct {
	id    columnID
	width int
}

// columnRules lists the columns as they stand from left to right. from is the
// width of the list from which a column is shown.
var columnRules = [...]struct {
	id          columnID
	width, from int
}{
	{columnMark, 2, 0},
	{columnClock, 8, 56},
	{columnMethod, 7, 0},
	{columnStatus, 3, 0},
	{columnPath, 0, 0},
	{columnOrigin, 20, 112},
	{columnOutcome, 11, 68},
	{columnCause, 18, 130},
	{columnTook, 6, 46},
	{columnSize, 6, 94},
}

// columns are those a list of that width shows. The path takes what is left,
// and of a wide list gives some to origin and cause.
func columns(w int) []column {
	w = max(w, 0)
	list := make([]column, 0, len(columnRules))
	used, path := 0, -1
	for _, r := range columnRules {
		if w < r.from {
			continue
		}
		if r.id == columnPath {
			path = len(list)
		}
		list = append(list, column{r.id, r.width})
		used += r.width + 1
	}
	room := w - (used - 1)
	for i := range list {
		if spare := room - roomyPath; spare > 0 && (list[i].id == columnOrigin || list[i].id == columnCause) {
			more := min(spare/3, 12)
			list[i].width += more
			room -= more
		}
	}
	list[path].width = max(room, 0)
	return list
}
