package tui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func pasted(text string) tea.Msg { return tea.PasteMsg{Content: text} }

// TestGolden compares settled screens with files. They are read in reviews:
// what changes there is what users will see.
func TestGolden(t *testing.T) {
	for _, state := range states {
		if state.name == "contrast" || state.name == "mono" {
			continue // they differ by colours only
		}
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newSession(t, state.fill), state.change)
			b.g.stats.Requests, b.g.stats.Rate = 0, 0
			b.press(state.keys...)
			for _, size := range [][2]int{{80, 24}, {120, 40}, {160, 48}} {
				if size[0] != 80 && state.name != "following" && state.name != "headers" && state.name != "body" {
					continue
				}
				b.size(size[0], size[1])
				b.golden(fmt.Sprintf("%s-%dx%d", state.name, size[0], size[1]))
			}
		})
	}
}
