package tui

import (
	"fmt"
	"strings"
	"testing"

	"corsdash/internal/exchange"

	"github.com/charmbracelet/x/ansi"
)

// states are the screens there are, each reached by keys from the start.
var states = []struct {
	name   string
	fill   func(exchange.Sink)
	change func(*Options)
	keys   []string
}{
	{"following", stories(60), nil, nil},
	{"scrolled", stories(60), nil, []string{"g", "j", "j"}},
	{"frozen", stories(60), nil, []string{"space"}},
	{"filtered", stories(60), nil, []string{"/", "type:status:5xx", "enter"}},
	{"nothing-matches", stories(60), nil, []string{"/", "type:nowhere", "enter"}},
	{"typing", stories(60), nil, []string{"/", "type:status:5xx "}},
	{"mistyped", stories(60), nil, []string{"/", "type:method:GET status:50 -path:/static"}},
	{"headers", stories(60), nil, []string{"k", "enter"}},
	{"body", stories(60), nil, []string{"/", "type:id:48", "enter", "enter", "]"}},
	{"hex", stories(60), nil, []string{"/", "type:zip", "enter", "enter", "]"}},
	{"messages", stories(60), nil, []string{"/", "type:is:ws", "enter", "enter", "]"}},
	{"timing", stories(60), nil, []string{"enter", "]", "]"}},
	{"changes", stories(60), nil, []string{"/", "type:is:changed", "enter", "enter", "]", "]", "]"}},
	{"raw", stories(60), nil, []string{"enter", "[", "["}},
	{"no-findings", stories(60), nil, []string{"enter", "["}},
	{"zoomed", stories(60), nil, []string{"enter", "z"}},
	{"help", stories(60), nil, []string{"?"}},
	{"help-search", stories(60), nil, []string{"enter", "?", "type:tab"}},
	{"empty", nil, nil, nil},
	{"empty-next", nil, nil, []string{"s", "s"}},
	{"servers", nil, onboarding, []string{"down"}},
	{"servers-failed", nil, onboarding, []string{"type:nowhere", "enter"}},
	{"problems", stories(3), func(o *Options) {
		o.Info = func() Info {
			return Info{Listen: "http://localhost:8900", Routes: []Route{{"/", "http://localhost:8000", "connection refused"}}, Demo: true,
				Problems: []string{"config.toml:3: there is no setting \"lisen\"", "another"}, Secrets: true}
		}
	}, []string{"u", "M"}},
	{"hostile", hostile, nil, nil},
	{"hostile-headers", hostile, nil, []string{"enter"}},
	{"hostile-body", hostile, nil, []string{"enter", "]"}},
	{"hostile-raw", hostile, nil, []string{"enter", "[", "["}},
	{"ascii", stories(60), func(o *Options) { o.ASCII = true }, []string{"enter", "]", "]", "?"}},
	{"mono", stories(60), func(o *Options) { o.Theme = "mono" }, []string{"enter"}},
	{"contrast", stories(60), func(o *Options) { o.Theme = "high-contrast" }, []string{"enter"}},
}

// sizes are screens too small for anything, where things go first, and a choice
// of those that people have.
func sizes(yield func(w, h int)) {
	for _, h := range []int{1, 2, 3, 4, 5, 6, 7, 8} {
		for _, w := range []int{1, 2, 3, 5, 8, 12} {
			yield(w, h)
		}
	}
	for _, h := range []int{3, 7, 10, 15, 18, 24, 48, 100} {
		for _, w := range []int{17, 33, 60, 80, 112, 150, 300} {
			yield(w, h)
		}
	}
}

// TestGeometry draws every screen in every size: no panic, no line too wide or
// too short, no line too many or too few.
func TestGeometry(t *testing.T) {
	for _, state := range states {
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newSession(t, state.fill), state.change).press(state.keys...)
			count := 0
			sizes(func(w, h int) {
				count++
				if testing.Short() && count%7 != 0 {
					return
				}
				b.size(w, h)
				checkGeometry(t, b, w, h)
			})
			b.size(0, 0)
			b.size(80, 24)
		})
	}
}

func checkGeometry(t *testing.T, b *bench, w, h int) {
	t.Helper()
	view := b.g.View()
	lines := strings.Split(view.Content, "\n")
	if len(lines) != h {
		t.Errorf("%dx%d: %d lines", w, h, len(lines))
	}
	for y, line := range lines {
		if got := ansi.StringWidthWc(line); got != w {
			t.Fatalf("%dx%d: line %d is %d cells wide: %q", w, h, y, got, line)
		}
	}
	if c := view.Cursor; c != nil && (c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h) {
		t.Errorf("%dx%d: the cursor is at %d,%d", w, h, c.X, c.Y)
	}
}

func TestArrange(t *testing.T) {
	for h := 1; h <= 60; h++ {
		for w := 1; w <= 200; w += 13 {
			for bits := range 16 {
				s := shape{banner: bits&1 != 0, detail: bits&2 != 0, zoom: bits&4 != 0, prompt: bits >> 3 * promptLines, rows: h % 11}
				a := arrange(w, h, s)
				checkTiling(t, w, h, fmt.Sprintf("%dx%d %+v", w, h, s), a)
			}
		}
	}
}

// checkTiling checks that the areas cover every cell once.
func checkTiling(t *testing.T, w, h int, what string, a areas) {
	t.Helper()
	covered := make([]int, w*h)
	for _, r := range []rect{a.title, a.banner, a.main, a.rule, a.detail, a.prompt, a.status, a.foot} {
		for y := r.y; y < r.y+r.h; y++ {
			for x := r.x; x < r.x+r.w; x++ {
				if x >= w || y >= h {
					t.Fatalf("%s: %+v leaves the screen", what, r)
				}
				covered[y*w+x]++
			}
		}
	}
	for i, n := range covered {
		if n != 1 {
			t.Fatalf("%s: cell %d,%d is covered %d times: %+v", what, i%w, i/w, n, a)
		}
	}
}

func TestColumns(t *testing.T) {
	for w := 1; w <= 300; w++ {
		cols := columns(w)
		sum, path := len(cols)-1, 0
		for _, c := range cols {
			sum += c.width
			if c.id == columnPath {
				path = c.width
			}
		}
		if sum != w && w >= 20 {
			t.Errorf("the columns of %d cells take %d", w, sum)
		}
		if w >= 30 && path < 12 {
			t.Errorf("of %d cells the path gets %d", w, path)
		}
	}
}
