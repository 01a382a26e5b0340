package vterm

import (
	"bufio"
	"context"
	"errors"
	"image/color"
	"io"
	"strings"
	"testing"
	"time"
)

func TestTerminal(t *testing.T) {
	term := New(20, 4, Options{Cooked: true, KeepOutput: true, Background: color.White})
	defer term.Close()
	io.WriteString(term, "\x1b]2;title\aone\ntwo \x1b[1;31mred\x1b[m 你\n")
	if got, want := term.Text(), "one\ntwo red 你\n\n\n"; got != want {
		t.Errorf("the screen shows %q, want %q", got, want)
	}
	if term.Title() != "title" || !strings.Contains(string(term.Output()), "\x1b[1;31m") {
		t.Errorf("title %q, output %q", term.Title(), term.Output())
	}
	if c := term.Cell(4, 1); c.Content != "r" || c.Style.Fg == nil {
		t.Errorf("cell %+v", c)
	}
	term.Resize(5, 2)
	if w, h := term.Size(); w != 5 || h != 2 || len(term.Lines()) != 2 {
		t.Errorf("after a resize: %dx%d", w, h)
	}
}

// TestAnswersAndKeys holds that what the terminal answers, and what is typed,
// comes out in order, however slow the reader is.
func TestAnswersAndKeys(t *testing.T) {
	term := New(20, 4, Options{})
	in := bufio.NewReader(term)
	for range 100 {
		io.WriteString(term, "\x1b[6n") // where is the cursor?
	}
	for range 100 {
		if answer, err := in.ReadString('R'); err != nil || answer != "\x1b[1;1R" {
			t.Fatalf("%q, %v", answer, err)
		}
	}
	if err := term.Press("j", "enter", "ctrl+c", "pgdown", "é"); err != nil {
		t.Fatal(err)
	}
	term.Click(2, 3)
	term.Wheel(0, 0, true)
	term.Paste("x")
	if err := term.Press("hyper"); err == nil {
		t.Error("a key nobody knows was pressed")
	}
	term.Close()
	all, err := io.ReadAll(in)
	want := "j\r\x03\x1b[6~é" + "\x1b[<0;3;4M\x1b[<0;3;4m" + "\x1b[<64;1;1M" + "\x1b[200~x\x1b[201~"
	if err != nil || string(all) != want {
		t.Errorf("%q, %v; want %q", all, err, want)
	}
}

func TestWait(t *testing.T) {
	term := New(20, 4, Options{})
	defer term.Close()
	go func() {
		for _, part := range []string{"a", "b", "c"} {
			io.WriteString(term, part)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := term.Wait(ctx, func(text string) bool { return strings.Contains(text, "abc") }); err != nil {
		t.Fatal(err)
	}
	cancel()
	err := term.Wait(ctx, func(string) bool { return false })
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "abc") {
		t.Errorf("%v", err)
	}
}
