package vterm

import (
	"fmt"
	"strings"
)

// sequences are what terminals send for keys that are no characters.
var sequences = map[string]string{
	"enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f", "delete": "\x1b[3~",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
	"pgup": "\x1b[5~", "pgdown": "\x1b[6~",
}

// Press sends keys by name, "ctrl+c" and single characters included.
func (t *Terminal) Press(keys ...string) error {
	for _, key := range keys {
		seq, ok := sequences[key]
		letter, ctrl := strings.CutPrefix(key, "ctrl+")
		switch {
		case ok:
		case ctrl && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z':
			seq = string(rune(letter[0] - 'a' + 1))
		case len([]rune(key)) == 1:
			seq = key
		default:
			return fmt.Errorf("there is no key %q", key)
		}
		t.Type(seq)
	}
	return nil
}

// Type sends characters as they are.
func (t *Terminal) Type(text string) { _, _ = t.in.Write([]byte(text)) }

// Paste sends text as a bracketed paste.
func (t *Terminal) Paste(text string) { t.Type("\x1b[200~" + text + "\x1b[201~") }

// Click sends a click of the left button at a cell, counted from 0.
func (t *Terminal) Click(x, y int) {
	t.Type(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x+1, y+1, x+1, y+1))
}

// Wheel sends a turn of the wheel, up or down.
func (t *Terminal) Wheel(x, y int, up bool) {
	button := 65
	if up {
		button = 64
	}
	t.Type(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1))
}
