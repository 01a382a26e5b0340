// Package safe is the one door through which network text reaches a terminal.
//
// Input is any bytes. Output is valid UTF-8 in which every rune draws
// something: no control bytes, no bidi or zero-width characters, no odd
// spaces. Nothing is dropped in silence, because what hides in a header is
// often the bug: an NBSP in an Origin shows as ‹U+00A0›. The package must not
// colour, wrap or interpret what it cleans.
package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is text that may be drawn. Only this package makes it from bytes of the
// network.
type Text string

// Line cleans s for a place that has one line: a cell, a title, a sentence.
//
// Line breaks and tabs show as \n, \r and \t, other control bytes and bytes
// that are no UTF-8 as \x1b, and runes that draw nothing, or draw what looks
// like something else, as ‹U+202E›. A base keeps at most two combining marks.
// Zero-width joiners and variation selectors between and behind symbols, which
// only choose how an emoji is drawn, are left out: terminals disagree on their
// width. Cleaning twice is cleaning once.
func Line(s string) Text {
	if i := dirty(s); i < len(s) {
		return clean(s, i, false)
	}
	return Text(s)
}

// Block cleans s like Line, but keeps line breaks (\n, and \r\n as \n) and
// expands tabs to every fourth column.
func Block(s string) Text {
	if i := dirty(s); i < len(s) {
		return clean(s, i, true)
	}
	return Text(s)
}

// dirty is the index of the first byte that is not printable ASCII.
func dirty(s string) int {
	for i := range len(s) {
		if s[i]-' ' >= 0x7f-' ' {
			return i
		}
	}
	return len(s)
}

// maxMarks is how many combining marks a base may carry. Two are in use
// (Vietnamese), dozens are a way to paint over other lines.
const maxMarks = 2

// cleaner walks over one text.
type cleaner struct {
	out    strings.Builder
	block  bool
	column int  // where the next rune goes, counted in a block only
	base   rune // the last rune that draws, 0 behind an escape or at the start
	marks  int  // combining marks the base carries
	styled bool // a variation selector behind the base was left out
	joiner bool // a joiner behind a symbol waits for the next one
}

func clean(s string, from int, block bool) Text {
	c := cleaner{block: block}
	c.out.Grow(len(s) + len(s)/4 + 16)
	if from > 0 {
		c.out.WriteString(s[:from])
		c.base, c.column = rune(s[from-1]), from
	}
	for i := from; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			c.byte(s[i])
		case r == '\r' && block && strings.HasPrefix(s[i+1:], "\n"):
		case r < ' ' || r == 0x7f:
			c.control(byte(r))
		default:
			c.rune(r)
		}
		i += n
	}
	c.settle(0)
	return Text(c.out.String())
}

// control writes a C0 control or DEL.
func (c *cleaner) control(b byte) {
	switch {
	case b == '\n' && c.block:
		c.settle(0)
		c.out.WriteByte('\n')
		c.column, c.base = 0, 0
	case b == '\t' && c.block:
		for c.draw(' '); c.column%4 != 0; {
			c.draw(' ')
		}
	case b == '\n':
		c.escape(`\n`)
	case b == '\r':
		c.escape(`\r`)
	case b == '\t':
		c.escape(`\t`)
	default:
		c.byte(b)
	}
}

// byte writes a byte that is no character as \xNN.
func (c *cleaner) byte(b byte) {
	const digits = "0123456789abcdef"
	c.escape(string([]byte{'\\', 'x', digits[b>>4], digits[b&15]}))
}

func (c *cleaner) rune(r rune) {
	switch {
	case isCommon(r):
		c.draw(r)
	case r == joiner:
		c.settle(0)
		if c.joiner = isSymbol(c.base); !c.joiner {
			c.point(r)
		}
	case r == textStyle || r == emojiStyle:
		c.style(r)
	case !draws(r):
		c.point(r)
	case isMark(r):
		c.mark(r)
	default:
		c.draw(r)
	}
}

// style leaves out the selector directly behind a symbol. More of them, or
// elsewhere, hide something.
func (c *cleaner) style(r rune) {
	c.settle(0)
	if !isSymbol(c.base) || c.styled || c.marks > 0 {
		c.point(r)
		return
	}
	c.styled = true
}

// draw writes a rune that takes cells of its own.
func (c *cleaner) draw(r rune) {
	c.settle(r)
	c.out.WriteRune(r)
	c.base, c.marks, c.styled = r, 0, false
	if c.block && r < utf8.RuneSelf {
		c.column++
	} else if c.block {
		c.column += runeWidth(r)
	}
}

// mark writes a combining mark if there is something to combine with.
func (c *cleaner) mark(r rune) {
	c.settle(0)
	if c.base == 0 || c.marks == maxMarks {
		c.point(r)
		return
	}
	c.out.WriteRune(r)
	c.marks++
}

// settle decides about a joiner that waits: between symbols it goes, elsewhere
// it shows.
func (c *cleaner) settle(next rune) {
	if !c.joiner {
		return
	}
	c.joiner = false
	if !isSymbol(next) {
		c.point(joiner)
	}
}

func (c *cleaner) escape(s string) {
	c.settle(0)
	c.out.WriteString(s)
	c.base, c.marks, c.styled = 0, 0, false
	c.column += utf8.RuneCountInString(s)
}

// point writes a rune as ‹U+00A0›.
func (c *cleaner) point(r rune) {
	const digits = "0123456789ABCDEF"
	var buf [8]byte
	i := len(buf)
	for ; r > 0 || i > len(buf)-4; r >>= 4 {
		i--
		buf[i] = digits[r&15]
	}
	c.escape("‹U+" + string(buf[i:]) + "›")
}

const (
	joiner     = '\u200d'
	textStyle  = '\ufe0e'
	emojiStyle = '\ufe0f'
)

// isCommon reports whether a rune is one of the letters that nearly all text
// is made of, for which the tables need not be asked.
func isCommon(r rune) bool {
	return r < utf8.RuneSelf || 'À' <= r && r <= 'ɏ' || 'Ѐ' <= r && r <= 'ҁ' ||
		'ぁ' <= r && r <= 'ゖ' || 'ァ' <= r && r <= 'ヺ' || '一' <= r && r <= '鿿' || '가' <= r && r <= '힣'
}

// draws reports whether a rune puts ink on the screen. What Unicode calls
// printable does, but for blanks and fillers that count as letters or symbols;
// formats, odd spaces, private use and what is not assigned yet do not.
func draws(r rune) bool { return unicode.IsPrint(r) && !unicode.Is(blank, r) }

// blank are runes without ink that Unicode counts as letters, marks and symbols.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, // Mongolian selectors
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // Braille blank
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // variation selectors
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // halfwidth Hangul filler
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe4, Hi: 0x16fe4, Stride: 1}, // Khitan filler
		{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, // null notehead
		{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}, // variation selectors
	},
}

// isMark reports whether a rune is drawn over the one before it.
func isMark(r rune) bool { return unicode.In(r, unicode.Mn, unicode.Me) || runeWidth(r) == 0 }

// isSymbol reports whether a rune can be part of an emoji.
func isSymbol(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.So, unicode.Sk) || r == '©' || r == '®'
}
