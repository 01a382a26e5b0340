// Package vterm is a terminal that exists in memory only: a program draws on
// it, types come from it, and its cells can be read.
//
// Output of a program goes in at Write, and what a terminal would send it comes
// out at Read. It must not be used on what a user sees: it is for tests and for
// pictures.
package vterm

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"strings"
	"sync"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// Terminal is an emulated terminal. Its methods may be called from any
// goroutine.
type Terminal struct {
	mu      sync.Mutex
	em      *vt.Emulator
	w, h    int
	title   string
	changed chan struct{} // closed and replaced at every Write
	output  []byte        // everything written so far, while keep is set
	keep    bool
	in      pipe
	pumped  chan struct{}
}

// Options of a terminal. The zero value is dark and behind a pty.
type Options struct {
	// Cooked moves to column 0 at every line feed, as the line discipline does
	// for a program that does not write to a pty.
	Cooked     bool
	Background color.Color // what the terminal says its background is
	KeepOutput bool        // for Output
}

// New returns a terminal of w columns and h lines, which must be closed.
func New(w, h int, o Options) *Terminal {
	t := &Terminal{em: vt.NewEmulator(w, h), w: w, h: h, keep: o.KeepOutput, changed: make(chan struct{}), pumped: make(chan struct{})}
	t.in.ready = sync.NewCond(&t.in.mu)
	t.em.SetCallbacks(vt.Callbacks{Title: func(title string) { t.title = title }})
	if o.Background != nil {
		t.em.SetDefaultBackgroundColor(o.Background)
	}
	if o.Cooked {
		t.em.WriteString("\x1b[20h") // line feed mode
	}
	// The emulator answers queries through a pipe without a buffer, from
	// within Write: somebody has to read at all times.
	go func() {
		defer close(t.pumped)
		_, _ = io.Copy(&t.in, t.em)
	}()
	return t
}

// Close ends Read with io.EOF. The emulator's own Close races with its Read, so
// its pipe is closed instead.
func (t *Terminal) Close() error {
	if c, ok := t.em.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
	<-t.pumped
	t.in.close()
	return nil
}

// Write takes output of the program.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keep {
		t.output = append(t.output, p...)
	}
	n, err := t.em.Write(p)
	close(t.changed)
	t.changed = make(chan struct{})
	return n, err
}

// Read returns what the terminal sends the program: keys and answers.
func (t *Terminal) Read(p []byte) (int, error) { return t.in.Read(p) }

// Resize changes the size. Telling the program is the caller's.
func (t *Terminal) Resize(w, h int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.w, t.h = w, h
	t.em.Resize(w, h)
}

// Size is how many columns and lines there are.
func (t *Terminal) Size() (w, h int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w, t.h
}

// Cell is the cell at a place; the second one of a wide character has no
// content.
func (t *Terminal) Cell(x, y int) uv.Cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.em.CellAt(x, y); c != nil {
		return *c
	}
	return uv.EmptyCell
}

// Lines is the text on screen, without blanks at the ends of lines.
func (t *Terminal) Lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lines()
}

func (t *Terminal) lines() []string {
	lines := make([]string, t.h)
	for y := range lines {
		var b strings.Builder
		for x := 0; x < t.w; x++ {
			c := t.em.CellAt(x, y)
			if c == nil || c.Content == "" && c.Width == 0 {
				continue
			}
			if c.Content == "" {
				b.WriteByte(' ')
				continue
			}
			b.WriteString(c.Content)
		}
		lines[y] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// Text is the text on screen, lines ending in line feeds.
func (t *Terminal) Text() string { return strings.Join(t.Lines(), "\n") + "\n" }

// Title is the last title the program set.
func (t *Terminal) Title() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.title
}

// AltScreen reports whether the program is on the alternate screen.
func (t *Terminal) AltScreen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.em.IsAltScreen()
}

// Output is everything written so far, if Options.KeepOutput was set.
func (t *Terminal) Output() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]byte(nil), t.output...)
}

// Wait returns when the text on screen satisfies ok, or with an error that
// shows the screen when ctx ends.
func (t *Terminal) Wait(ctx context.Context, ok func(text string) bool) error {
	for {
		t.mu.Lock()
		text := strings.Join(t.lines(), "\n")
		changed := t.changed
		t.mu.Unlock()
		if ok(text) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%w; the screen shows:\n%s", ctx.Err(), text)
		}
	}
}

// Changed is closed at the next Write.
func (t *Terminal) Changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}
