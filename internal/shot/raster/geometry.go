package raster

import (
	"image"
	"image/color"
)

// arms are the lines of a box sign from the middle: left, up, right, down.
var arms = map[rune][4]bool{
	'─': {true, false, true, false}, '│': {false, true, false, true},
	'┌': {false, false, true, true}, '┐': {true, false, false, true}, '└': {false, true, true, false}, '┘': {true, true, false, false},
	'╭': {false, false, true, true}, '╮': {true, false, false, true}, '╰': {false, true, true, false}, '╯': {true, true, false, false},
	'├': {false, true, true, true}, '┤': {true, true, false, true}, '┬': {true, false, true, true}, '┴': {true, true, true, false},
	'┼': {true, true, true, true}, '╵': {false, true, false, false}, '╷': {false, false, false, true},
}

// geometry draws signs that have to meet those beside them. It is false for
// those that have not.
func geometry(img *image.RGBA, box image.Rectangle, r rune, c color.RGBA) bool {
	switch {
	case r == ' ':
	case r >= 0x2580 && r <= 0x259f:
		return block(img, box, r, c)
	case r >= 0x2800 && r <= 0x28ff:
		braille(img, box, r, c)
	default:
		a, ok := arms[r]
		if ok {
			lines(img, box, a, c)
		}
		return ok
	}
	return true
}

func lines(img *image.RGBA, box image.Rectangle, a [4]bool, c color.RGBA) {
	mx, my := (box.Min.X+box.Max.X)/2, (box.Min.Y+box.Max.Y)/2
	for i, r := range [...]image.Rectangle{
		image.Rect(box.Min.X, my, mx+1, my+1), image.Rect(mx, box.Min.Y, mx+1, my+1),
		image.Rect(mx, my, box.Max.X, my+1), image.Rect(mx, my, mx+1, box.Max.Y),
	} {
		if a[i] {
			fill(img, r, c)
		}
	}
}

// block draws U+2580 to U+259F but for the shades and quadrants, which are left
// to the font.
func block(img *image.RGBA, box image.Rectangle, r rune, c color.RGBA) bool {
	w, h := box.Dx(), box.Dy()
	switch {
	case r == '▀':
		box.Max.Y = box.Min.Y + h/2
	case r >= '▁' && r <= '█':
		box.Min.Y = box.Max.Y - h*int(r-'▁'+1)/8
	case r >= '▉' && r <= '▏':
		box.Max.X = box.Min.X + (w*int('▏'-r+1)+4)/8
	case r == '▐':
		box.Min.X += w / 2
	default:
		return false
	}
	fill(img, box, c)
	return true
}

// braille draws the dots of U+2800 to U+28FF, numbered as Unicode does.
func braille(img *image.RGBA, box image.Rectangle, r rune, c color.RGBA) {
	places := [8][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}
	for i, at := range places {
		if r&(1<<i) == 0 {
			continue
		}
		x := box.Min.X + box.Dx()/4 + at[0]*box.Dx()/2 - 1
		y := box.Min.Y + box.Dy()/8 + at[1]*box.Dy()/4 - 1
		fill(img, image.Rect(x, y, x+2, y+2), c)
	}
}
