package main

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "  a  b ": {"a", "b"}, "wait:'two words' k*3": {"wait:two words", "k*3"}, `"it's" x`: {"it's", "x"}, "type:'' y": {"type:", "y"},
	} {
		if got, err := split(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := split("'open"); err == nil {
		t.Error("a quotation mark may stay open")
	}
}

// TestShot takes a picture of a shell.
func TestShot(t *testing.T) {
	out := filepath.Join(t.TempDir(), "shot.png")
	s := shot{cmd: "sh -c 'printf \"\\033[31mready\\033[m\"; read line; printf \"got $line\"; sleep 60'", out: out, term: "xterm", limit: 20 * time.Second,
		keys: "wait:ready type:abc enter wait:'got abc'"}
	if err := s.take("40x5"); err != nil {
		if _, missing := os.Stat("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"); missing != nil {
			t.Skip("the font is not installed:", err)
		}
		t.Fatal(err)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil || img.Bounds().Dx() != 400 || img.Bounds().Dy() != 100 {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
	if err := s.take("0x5"); err == nil {
		t.Error("a size of 0x5 is taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := one(ctx, nil, "hyperdrive"); err == nil {
		t.Error("a key nobody knows is pressed")
	}
}
