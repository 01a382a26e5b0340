package tui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/session"
	"corsdash/internal/shot/sample"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden screens")

func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// start is when the sample's first exchange began.
var start = time.Unix(1_800_000_000, 0)

// newSession is a session with what fill adds, all of it diagnosed.
func newSession(t testing.TB, fill func(exchange.Sink)) *session.Session {
	t.Helper()
	s, err := session.New(session.Options{Memory: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if fill != nil {
		fill(s)
	}
	flush(t, s)
	return s
}

func flush(t testing.TB, s *session.Session) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// stories fills a session with n exchanges of the sample.
func stories(n int) func(exchange.Sink) {
	return func(sink exchange.Sink) { sample.Fill(sink, start, n) }
}

func infoOf(listen string, targets ...string) func() Info {
	info := Info{Listen: listen, Version: "test"}
	for _, target := range targets {
		info.Routes = append(info.Routes, Route{Prefix: "/", Target: target})
	}
	return func() Info { return info }
}

// bench is a model driven by hand: messages go in, commands are run until there
// are none left, and the screen is read.
type bench struct {
	t testing.TB
	g guarded
}

func newBench(t testing.TB, s *session.Session, change func(*Options)) *bench {
	t.Helper()
	o := Options{Session: s, Info: infoOf(sample.Listen, sample.Upstream), Env: []string{"LANG=C.UTF-8"}, Mouse: true}
	key := []byte("the same marks in every run")
	o.Redactor, _ = exchange.NewRedactorWithKey(exchange.RedactRules{}, key)
	if change != nil {
		change(&o)
	}
	b := &bench{t, guarded{newModel(t.Context(), o)}}
	b.look()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	return b
}

// look has the model see what the session has now, without waiting for it.
func (b *bench) look() {
	flush(b.t, b.g.session)
	b.g.refresh()
	b.g.look()
	b.send(nil)
}

// send runs a message and all commands that come of it.
func (b *bench) send(msg tea.Msg) {
	b.t.Helper()
	_, cmd := b.g.Update(msg)
	if b.g.crashed != nil {
		b.t.Fatalf("panic: %v\n%s", b.g.crashed.value, b.g.crashed.stack)
	}
	b.run(cmd)
}

func (b *bench) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			b.run(c)
		}
	default:
		b.send(msg)
	}
}

// press sends keys by name; "type:…" types.
func (b *bench) press(keys ...string) *bench {
	b.t.Helper()
	for _, k := range keys {
		if text, ok := strings.CutPrefix(k, "type:"); ok {
			for _, r := range text {
				b.send(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
			continue
		}
		b.send(keyOf(k))
	}
	return b
}

var specialKeys = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
	"right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
}

func keyOf(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	rest := name
	for prefix, mod := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "alt+": tea.ModAlt, "shift+": tea.ModShift} {
		if after, ok := strings.CutPrefix(rest, prefix); ok {
			rest = after
			k.Mod |= mod
		}
	}
	code, ok := specialKeys[rest]
	switch {
	case ok:
		k.Code = code
	case rest == "space":
		k.Code, k.Text = ' ', " "
	default:
		k.Code = []rune(rest)[0]
		if k.Mod == 0 {
			k.Text = rest
		}
	}
	return k
}

func (b *bench) size(w, h int) *bench {
	b.send(tea.WindowSizeMsg{Width: w, Height: h})
	return b
}

// text is the screen without colours and without blanks at the ends of lines.
func (b *bench) text() string {
	lines := strings.Split(ansi.Strip(b.g.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// want fails unless the screen shows all of the texts.
func (b *bench) want(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.text(), text) {
			b.t.Errorf("the screen does not show %q:\n%s", text, b.text())
		}
	}
}

func (b *bench) wantNot(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.text(), text) {
			b.t.Errorf("the screen shows %q:\n%s", text, b.text())
		}
	}
}

// golden compares the screen with a file.
func (b *bench) golden(name string) {
	b.t.Helper()
	path := filepath.Join("testdata", name+".txt")
	got := b.text()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			b.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		b.t.Errorf("%s (write it anew with go test ./tui -update):\n%s", path, diff)
	}
}
