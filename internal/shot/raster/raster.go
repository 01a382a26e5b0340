// Package raster draws the cells of a terminal into a picture.
//
// Letters come from DejaVu Sans Mono as the system has it; box lines, blocks
// and braille are drawn as geometry, so that they meet.
package raster

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Palette is the terminal's own colours.
type Palette struct {
	Foreground, Background color.RGBA
	Colors                 [16]color.RGBA
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

func palette(fg, bg uint32, colors ...uint32) *Palette {
	p := &Palette{Foreground: rgb(fg), Background: rgb(bg)}
	for i, c := range colors {
		p.Colors[i] = rgb(c)
	}
	return p
}

// Dark and Light are the two terminals pictures are made of.
var (
	Dark = palette(0xd5dae6, 0x14161e, 0x23262f, 0xe05561, 0x8cc265, 0xd18f52, 0x4aa5f0, 0xc162de, 0x42b3c2, 0xc9ced8,
		0x5c6370, 0xff616e, 0xa5e075, 0xf0a45d, 0x4dc4ff, 0xde73ff, 0x4cd1e0, 0xffffff)
	Light = palette(0x1f2430, 0xffffff, 0x24292f, 0xcf222e, 0x116329, 0x9a6700, 0x0969da, 0x8250df, 0x1b7c83, 0x8c959f,
		0x57606a, 0xa40e26, 0x1a7f37, 0x633c01, 0x218bff, 0xa475f9, 0x3192aa, 0x6e7781)
)

// The size of a cell in pixels.
const (
	CellWidth  = 10
	CellHeight = 20
	fontSize   = 16.6
	baseline   = 15
)

// folders are where systems keep DejaVu.
var folders = []string{"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu", "/usr/share/fonts/dejavu-sans-mono-fonts"}

// Drawer draws screens. It belongs to one goroutine.
type Drawer struct {
	regular, bold font.Face
	palette       *Palette
}

// New loads the fonts. The error says where they were looked for.
func New(p *Palette) (*Drawer, error) {
	regular, err := face("DejaVuSansMono.ttf")
	if err != nil {
		return nil, err
	}
	bold, err := face("DejaVuSansMono-Bold.ttf")
	if err != nil {
		return nil, err
	}
	return &Drawer{regular, bold, p}, nil
}

func face(name string) (font.Face, error) {
	for _, dir := range folders {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		parsed, err := opentype.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("reading the font %s: %w", name, err)
		}
		return opentype.NewFace(parsed, &opentype.FaceOptions{Size: fontSize, DPI: 72, Hinting: font.HintingFull})
	}
	return nil, fmt.Errorf("the font %s is in none of %v; install the package fonts-dejavu-core", name, folders)
}

// Draw draws w by h cells.
func (d *Drawer) Draw(w, h int, cell func(x, y int) uv.Cell) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w*CellWidth, h*CellHeight))
	draw.Draw(img, img.Bounds(), image.NewUniform(d.palette.Background), image.Point{}, draw.Src)
	for y := range h {
		for x := range w {
			d.cell(img, x, y, cell(x, y))
		}
	}
	return img
}

func (d *Drawer) cell(img *image.RGBA, x, y int, c uv.Cell) {
	if c.Width == 0 && c.Content == "" {
		return // the second half of a wide character
	}
	fg, bg := d.colors(c.Style)
	box := image.Rect(x*CellWidth, y*CellHeight, (x+max(c.Width, 1))*CellWidth, (y+1)*CellHeight)
	draw.Draw(img, box, image.NewUniform(bg), image.Point{}, draw.Src)
	if c.Style.Underline != uv.UnderlineNone {
		fill(img, image.Rect(box.Min.X, box.Min.Y+baseline+2, box.Max.X, box.Min.Y+baseline+3), fg)
	}
	if c.Style.Attrs&uv.AttrStrikethrough != 0 {
		fill(img, image.Rect(box.Min.X, box.Min.Y+10, box.Max.X, box.Min.Y+11), fg)
	}
	for i, r := range c.Content {
		if i == 0 && geometry(img, box, r, fg) {
			return
		}
		f := d.regular
		if c.Style.Attrs&uv.AttrBold != 0 {
			f = d.bold
		}
		pen := font.Drawer{Dst: img, Src: image.NewUniform(fg), Face: f, Dot: fixed.P(box.Min.X, box.Min.Y+baseline)}
		pen.DrawString(string(r))
	}
}

// colors are what a style looks like on this terminal.
func (d *Drawer) colors(s uv.Style) (fg, bg color.RGBA) {
	fg, bg = d.color(s.Fg, d.palette.Foreground), d.color(s.Bg, d.palette.Background)
	if s.Attrs&uv.AttrFaint != 0 {
		fg = mixed(fg, bg)
	}
	if s.Attrs&uv.AttrReverse != 0 {
		fg, bg = bg, fg
	}
	return fg, bg
}

func (d *Drawer) color(c color.Color, otherwise color.RGBA) color.RGBA {
	switch c := c.(type) {
	case nil:
		return otherwise
	case ansi.BasicColor:
		return d.palette.Colors[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return d.palette.Colors[c]
		}
	}
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
}

func mixed(a, b color.RGBA) color.RGBA {
	return color.RGBA{uint8((int(a.R) + int(b.R)) / 2), uint8((int(a.G) + int(b.G)) / 2), uint8((int(a.B) + int(b.B)) / 2), 255}
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}
