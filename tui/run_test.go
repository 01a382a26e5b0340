package tui

import (
	"bytes"
	"context"
	"errors"
	"image/color"
	"strings"
	"sync"
	"testing"
	"time"

	"corsdash/internal/session"
	"corsdash/internal/shot/sample"
	"corsdash/internal/shot/vterm"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// run is a dashboard on an emulated terminal.
type run struct {
	t       *testing.T
	term    *vterm.Terminal
	session *session.Session
	cancel  context.CancelFunc
	ended   chan struct{}
	summary string
	err     error
}

func begin(t *testing.T, s *session.Session, o vterm.Options, change func(*Options)) *run {
	t.Helper()
	o.Cooked = true
	r := &run{t: t, term: vterm.New(100, 30, o), session: s, ended: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	opts := Options{
		Session: s, Info: infoOf(sample.Listen, sample.Upstream), Mouse: true, In: r.term, Out: r.term,
		Env:   []string{"TERM=xterm-256color", "LANG=C.UTF-8"},
		start: []tea.ProgramOption{tea.WithColorProfile(colorprofile.TrueColor), tea.WithWindowSize(100, 30)},
	}
	if change != nil {
		change(&opts)
	}
	go func() {
		defer close(r.ended)
		r.summary, r.err = Run(ctx, opts)
	}()
	t.Cleanup(func() {
		cancel()
		r.end()
		r.term.Close()
	})
	r.shows("corsdash")
	return r
}

// shows waits until the screen shows all of the texts.
func (r *run) shows(texts ...string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := r.term.Wait(ctx, func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
	if err != nil {
		r.t.Fatalf("waiting for %q: %v", texts, err)
	}
}

func (r *run) press(keys ...string) {
	r.t.Helper()
	if err := r.term.Press(keys...); err != nil {
		r.t.Fatal(err)
	}
}

// end waits until Run has returned.
func (r *run) end() {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(10 * time.Second):
		r.t.Fatal("the dashboard does not end")
	}
}

// line is the number of the line that shows a text.
func (r *run) line(text string) int {
	r.t.Helper()
	for y, line := range r.term.Lines() {
		if strings.Contains(line, text) {
			return y
		}
	}
	r.t.Fatalf("no line shows %q:\n%s", text, r.term.Text())
	return -1
}

func (r *run) background(y int) color.Color { return r.term.Cell(2, y).Style.Bg }

func TestRunFromStartToEnd(t *testing.T) {
	t.Parallel()
	s := newSession(t, stories(30))
	r := begin(t, s, vterm.Options{}, nil)
	r.shows("following", "/api/contact", "30 exchanges")
	if !r.term.AltScreen() || r.term.Title() != "corsdash http://localhost:8900" {
		t.Errorf("alternate screen %t, title %q", r.term.AltScreen(), r.term.Title())
	}
	if bg := r.background(27); bg == nil || color.RGBAModel.Convert(bg) != (color.RGBA{0x22, 0x32, 0x59, 255}) {
		t.Errorf("the newest row stands on %v", bg)
	}

	// What comes is shown without a key.
	sample.Fill(s, start.Add(time.Hour), 1)
	r.shows("31 exchanges", "09:00:00")

	r.press("k", "k", "enter")
	r.shows("[Headers]", "▌#29")
	r.press("]")
	r.shows("[Body]")
	r.press("q")
	r.shows("29/31")
	r.press("/")
	r.term.Type("status:5xx")
	r.shows("filter status:5xx", "2 of 31")
	r.press("enter", "g")
	r.shows("1/2")
	r.press("?")
	r.shows("Keys that work here")
	r.press("esc")
	r.shows("1/2  filter status:5xx")
	r.term.Click(40, 3)
	r.shows("2/2")
	r.press("q")
	r.shows("press q again")
	r.press("q")
	r.end()
	if r.err != nil || !strings.HasPrefix(r.summary, "31 exchanges") || !strings.HasSuffix(r.summary, "; nothing was saved") {
		t.Errorf("Run returned %q, %v", r.summary, r.err)
	}
	if r.term.AltScreen() {
		t.Error("the alternate screen is still there")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r := begin(t, newSession(t, nil), vterm.Options{}, nil)
	r.shows("Waiting for the first request")
	r.cancel()
	r.end()
	if r.err != nil || r.term.AltScreen() {
		t.Errorf("error %v, alternate screen %t", r.err, r.term.AltScreen())
	}
}

func TestRunFollowsTheBackground(t *testing.T) {
	t.Parallel()
	r := begin(t, newSession(t, stories(5)), vterm.Options{Background: color.White}, nil)
	want := color.RGBA{0xd3, 0xe2, 0xfc, 255} // of the light theme
	deadline := time.After(10 * time.Second)
	for {
		changed := r.term.Changed()
		if bg := r.background(r.line("/api/users ")); bg != nil && color.RGBAModel.Convert(bg) == want {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the selected row stands on %v", r.background(r.line("/api/users ")))
		}
	}
}

func TestRunGivesTheMouseBack(t *testing.T) {
	t.Parallel()
	r := begin(t, newSession(t, stories(5)), vterm.Options{KeepOutput: true}, nil)
	r.shows("following")
	r.press("M")
	r.shows("the terminal takes the mouse")
	out := r.term.Output()
	on, off := bytes.LastIndex(out, []byte("\x1b[?1002h")), bytes.LastIndex(out, []byte("\x1b[?1002l"))
	if on < 0 || off < on {
		t.Errorf("mouse reports were switched on at %d, off at %d", on, off)
	}
	r.press("M")
	r.shows("the dashboard takes the mouse")
}

func TestRunResizes(t *testing.T) {
	t.Parallel()
	r := begin(t, newSession(t, stories(30)), vterm.Options{}, func(o *Options) {
		o.start = append(o.start, tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "ctrl+l" {
				return tea.WindowSizeMsg{Width: 60, Height: 15} // as a terminal reports it
			}
			return msg
		}))
	})
	r.shows("following", "size")
	r.term.Resize(60, 15)
	r.press("ctrl+l")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := r.term.Wait(ctx, func(screen string) bool {
		lines := strings.Split(screen, "\n")
		return len(lines) == 15 && strings.Contains(lines[13], "following") && strings.Contains(lines[12], "/api/contact")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRunSurvivesItsOwnPanics holds that a panic in Update and one in a command
// put the terminal back and are reported.
func TestRunSurvivesItsOwnPanics(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"update", "command"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			var told any
			r := begin(t, newSession(t, nil), vterm.Options{}, func(o *Options) {
				o.Crash = func(value any, stack []byte) string {
					told = value
					if !bytes.Contains(stack, []byte("run_test.go")) {
						t.Errorf("the stack does not show the place:\n%s", stack)
					}
					return "crash-1.txt"
				}
				calls := 0
				o.Info = func() Info {
					if calls++; place == "update" && calls > 1 {
						panic("a mistake")
					}
					return Info{Listen: "http://localhost:8900"}
				}
				o.Choose = func(string) error { panic("a mistake") }
			})
			if place == "command" {
				r.shows("Which server")
				r.term.Type("8000\r")
			}
			r.end()
			if told != "a mistake" || r.err == nil || !strings.Contains(r.err.Error(), "crash-1.txt") {
				t.Errorf("told of %v, error %v", told, r.err)
			}
			if r.term.AltScreen() {
				t.Error("the alternate screen is still there")
			}
		})
	}
}

// stuck is a terminal that takes no output any more, as after ^S.
type stuck struct{ release chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.release
	return len(p), nil
}

func TestRunEndsOnAStuckTerminal(t *testing.T) {
	t.Parallel()
	out := stuck{make(chan struct{})}
	defer close(out.release)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := newSession(t, stories(3))
	go func() {
		_, err := Run(ctx, Options{
			Session: s, In: strings.NewReader(""), Out: out, Env: []string{"TERM=xterm"},
			start: []tea.ProgramOption{tea.WithWindowSize(80, 24), tea.WithColorProfile(colorprofile.TrueColor)},
		})
		ended <- err
	}()
	// The capture does not care.
	sample.Fill(s, start, 100)
	flush(t, s)
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, ErrStuck) {
			t.Errorf("Run returned %v", err)
		}
	case <-time.After(endLimit + 5*time.Second):
		t.Fatal("Run does not return")
	}
}

// TestOutputHasNothingHostile looks at the bytes that went to the terminal.
func TestOutputHasNothingHostile(t *testing.T) {
	t.Parallel()
	r := begin(t, newSession(t, hostile), vterm.Options{KeepOutput: true}, nil)
	r.shows("following")
	r.press("enter")
	r.shows("[Headers]")
	for _, tab := range []string{"[Body]", "[Timing]", "[Changes]", "[Raw]"} {
		r.press("]")
		r.shows(tab)
	}
	out := string(r.term.Output())
	for _, forbidden := range []string{"\x1b]52", "\x1b]0;title", "\x1bP", "\x1b_", "\x1bc", "\x9b", "\u009b", "\u202e", "\u200b", "\ufeff", "\u00a0"} {
		if strings.Contains(out, forbidden) {
			t.Errorf("%q went to the terminal", forbidden)
		}
	}
}

func TestServersAreChosen(t *testing.T) {
	t.Parallel()
	r := begin(t, newSession(t, nil), vterm.Options{}, onboardingOnce())
	r.shows("FastAPI on uvicorn", "Which server")
	r.term.Paste("nowhere\n")
	r.press("enter")
	r.shows("nobody listens at nowhere")
	r.press("ctrl+u", "down", "enter")
	r.shows("Waiting for the first request", "http://127.0.0.1:3000")
}

// onboardingOnce is onboarding whose facts may be asked for from any goroutine.
func onboardingOnce() func(*Options) {
	return func(o *Options) {
		onboarding(o)
		var mu sync.Mutex
		info, choose := o.Info, o.Choose
		o.Info = func() Info {
			mu.Lock()
			defer mu.Unlock()
			return info()
		}
		o.Choose = func(addr string) error {
			mu.Lock()
			defer mu.Unlock()
			return choose(addr)
		}
	}
}
