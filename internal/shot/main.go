// Shot runs a program on an emulated terminal, presses keys, and draws what is
// on the screen then into a PNG file.
//
//	go run ./internal/shot -cmd "go run ./internal/shot/scene" -size 120x40 -keys "wait:following down*3 enter" -o scene.png
//
// Keys are names ("enter", "ctrl+c"), characters, "key*3" for several,
// "type:text", "click:x,y" and "wait:text" for the moment at which that text
// shows. Quotes keep blanks together.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/shot/raster"
	"corsdash/internal/shot/vterm"

	"github.com/creack/pty"
)

func main() {
	var s shot
	flag.StringVar(&s.cmd, "cmd", "", "the command to run, as a shell takes it")
	size := flag.String("size", "120x40", "columns x lines")
	flag.StringVar(&s.keys, "keys", "", "what to press")
	flag.StringVar(&s.out, "o", "shot.png", "the file to write")
	flag.BoolVar(&s.light, "light", false, "a terminal with a light background")
	flag.BoolVar(&s.text, "text", false, "print the text on screen, too")
	flag.StringVar(&s.term, "term", "xterm-256color", "what TERM says")
	flag.DurationVar(&s.limit, "limit", 30*time.Second, "how long all of it may take")
	flag.Parse()
	if err := s.take(*size); err != nil {
		fmt.Fprintln(os.Stderr, "shot:", err)
		os.Exit(1)
	}
}

// shot is what the flags say.
type shot struct {
	cmd, keys, out, term string
	w, h                 int
	light, text          bool
	limit                time.Duration
}

func (s *shot) take(size string) error {
	if n, err := fmt.Sscanf(size, "%dx%d", &s.w, &s.h); n != 2 || s.w < 1 || s.h < 1 {
		return fmt.Errorf("size %q is not like 120x40 (%v)", size, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	colors := raster.Dark
	if s.light {
		colors = raster.Light
	}
	screen := vterm.New(s.w, s.h, vterm.Options{Background: color.RGBA(colors.Background)})
	defer screen.Close()
	stop, err := s.run(ctx, screen)
	if err != nil {
		return err
	}
	defer stop()
	if err := press(ctx, screen, s.keys); err != nil {
		return err
	}
	if s.text {
		fmt.Print(screen.Text())
	}
	return s.write(screen, colors)
}

// run starts the command on the terminal.
func (s *shot) run(ctx context.Context, screen *vterm.Terminal) (stop func(), err error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+s.cmd)
	cmd.Env = append(os.Environ(), "TERM="+s.term, "COLORTERM=truecolor")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(s.w), Rows: uint16(s.h)})
	if err != nil {
		return nil, fmt.Errorf("starting %q: %w", s.cmd, err)
	}
	go func() { _, _ = io.Copy(screen, tty) }()
	go func() { _, _ = io.Copy(tty, screen) }()
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = tty.Close()
	}, nil
}

// press goes through the keys, each when the screen has settled after the one
// before.
func press(ctx context.Context, screen *vterm.Terminal, keys string) error {
	words, err := split(keys)
	if err != nil {
		return err
	}
	settle(ctx, screen)
	for _, word := range words {
		if err := one(ctx, screen, word); err != nil {
			return fmt.Errorf("%s: %w", word, err)
		}
		settle(ctx, screen)
	}
	return nil
}

func one(ctx context.Context, screen *vterm.Terminal, word string) error {
	action, arg, _ := strings.Cut(word, ":")
	switch {
	case action == "wait" && arg != "":
		return screen.Wait(ctx, func(text string) bool { return strings.Contains(text, arg) })
	case action == "type" && arg != "":
		screen.Type(arg)
		return nil
	case action == "click" && arg != "":
		var x, y int
		if _, err := fmt.Sscanf(arg, "%d,%d", &x, &y); err != nil {
			return err
		}
		screen.Click(x, y)
		return nil
	}
	key, count, times := word, 1, ""
	if key, times, _ = strings.Cut(word, "*"); times != "" {
		n, err := strconv.Atoi(times)
		if err != nil {
			return err
		}
		count = n
	}
	for range count {
		if err := screen.Press(key); err != nil {
			return err
		}
	}
	return nil
}

// quiet is how long nothing may be drawn for a screen to count as settled, and
// patience how long that is waited for.
const (
	quiet    = 250 * time.Millisecond
	patience = 3 * time.Second
)

func settle(ctx context.Context, screen *vterm.Terminal) {
	limit := time.After(patience)
	for {
		select {
		case <-screen.Changed():
		case <-time.After(quiet):
			return
		case <-limit:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *shot) write(screen *vterm.Terminal, colors *raster.Palette) error {
	d, err := raster.New(colors)
	if err != nil {
		return err
	}
	f, err := os.Create(s.out)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, d.Draw(s.w, s.h, screen.Cell)), f.Close())
}

// split cuts at blanks outside of quotes.
func split(text string) (words []string, err error) {
	var word strings.Builder
	inside, begun := rune(0), false
	for _, r := range text {
		switch {
		case inside == 0 && (r == '\'' || r == '"'):
			inside, begun = r, true
		case r == inside:
			inside = 0
		case r == ' ' && inside == 0:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if inside != 0 {
		return nil, fmt.Errorf("a quotation mark in %q is not closed", text)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
