package raster

import (
	"image"
	"image/color"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

func drawer(t *testing.T) *Drawer {
	t.Helper()
	d, err := New(Dark)
	if err != nil {
		t.Skip(err)
	}
	return d
}

// inked counts the pixels of a colour in a cell.
func inked(img *image.RGBA, x int, c color.RGBA) (n int) {
	for px := x * CellWidth; px < (x+1)*CellWidth; px++ {
		for py := range CellHeight {
			if img.RGBAAt(px, py) == c {
				n++
			}
		}
	}
	return n
}

func TestDraw(t *testing.T) {
	cells := []uv.Cell{
		{Content: "█", Width: 1, Style: uv.Style{Fg: ansi.BasicColor(1)}},
		{Content: "x", Width: 1, Style: uv.Style{Bg: color.RGBA{1, 2, 3, 255}, Attrs: uv.AttrReverse}},
		{Content: "▌", Width: 1}, {Content: "─", Width: 1}, {Content: "⣿", Width: 1}, {Content: "", Width: 1},
		{Content: "W", Width: 1, Style: uv.Style{Attrs: uv.AttrBold, Fg: ansi.IndexedColor(2)}},
	}
	img := drawer(t).Draw(len(cells), 1, func(x, _ int) uv.Cell { return cells[x] })
	const all = CellWidth * CellHeight
	if got := inked(img, 0, Dark.Colors[1]); got != all {
		t.Errorf("a full block has %d pixels of %d", got, all)
	}
	if got := inked(img, 1, Dark.Foreground); got < all/2 {
		t.Errorf("a cell in reverse video has %d pixels of the foreground", got)
	}
	if got := inked(img, 2, Dark.Foreground); got != all/2 {
		t.Errorf("half a block has %d pixels", got)
	}
	if got := inked(img, 3, Dark.Foreground); got < CellWidth || got > 2*CellWidth {
		t.Errorf("a line has %d pixels", got)
	}
	if got := inked(img, 4, Dark.Foreground); got != 8*4 {
		t.Errorf("eight dots have %d pixels", got)
	}
	if got := inked(img, 5, Dark.Background); got != all {
		t.Errorf("nothing has %d pixels", all-got)
	}
	if got := inked(img, 6, Dark.Colors[2]); got < 20 {
		t.Errorf("a letter has %d pixels", got)
	}
}
