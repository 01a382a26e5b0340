// Package tui is the dashboard: it shows what a session holds and says what to
// do about it.
//
// Input is a session that fills itself, and what the command line knows
// (Options). Output is a terminal. There is one tea.Model: Update routes, views
// draw what it holds into the size they are given. The package must not judge,
// must not do input or output outside a tea.Cmd, and must not make the capture
// wait: it looks at the session at most every 30 ms, and only when something
// changed.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"corsdash/internal/crash"
	"corsdash/internal/exchange"
	"corsdash/internal/session"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"
)

// Options is what the dashboard is told at its start.
type Options struct {
	Session *session.Session
	// Info returns what may change while the dashboard runs. It is called
	// often, by one goroutine at a time, and must not wait for anything.
	Info func() Info

	Redactor *exchange.Redactor // masks secrets on screen; nil for the default rules
	Theme    string             // one of Themes; "" is "auto"
	ASCII    bool               // draw with ASCII characters only
	Mouse    bool

	// Discover lists servers on this machine, and Choose puts corsdash in front
	// of one: "127.0.0.1:8000", or what the user typed. Without Choose, nobody
	// is asked for a server. Both may take their time.
	Discover func(context.Context) ([]Server, error)
	Choose   func(addr string) error

	// Crash is told of a panic once the terminal is itself again, and returns
	// the file that describes it.
	Crash func(value any, stack []byte) (report string)

	In  io.Reader // nil for the terminal
	Out io.Writer // nil for standard output
	Env []string  // nil for the process's own

	start []tea.ProgramOption // of tests
}

// Info is what the dashboard shows of the program around it. All of it may
// hold text of the network.
type Info struct {
	Listen   string  // where browsers connect, "http://localhost:8900"; "" when nothing listens
	Routes   []Route // where requests go; empty when no server was chosen yet
	Problems []string
	Notice   string // a sentence to show until it goes
	Version  string
	Demo     bool
	Secrets  bool // secrets are written to the session file as they are
}

// Route is one way through the proxy.
type Route struct {
	Prefix  string // "/" takes everything
	Target  string // "http://localhost:8000"
	Problem string // why it does not work, "" while it does or nobody knows
}

// Server is a server that answers on this machine.
type Server struct {
	Addr  string // what Choose takes
	Name  string // "FastAPI on uvicorn", "" when nothing gives it away
	Title string // of its front page
}

// ErrStuck is returned by Run when the terminal takes no output any more. The
// goroutines that wait for it are left behind.
var ErrStuck = errors.New("the terminal takes no output any more, so the dashboard could not end properly")

// Run shows the dashboard until the user quits or ctx ends, and puts the
// terminal back. It returns what to tell the user then: what was seen, and
// where it was saved. The error is one of the terminal, a crash, or ErrStuck;
// the end of ctx is none.
func Run(ctx context.Context, o Options) (summary string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, o)
	restore := terminalState(o)
	program := tea.NewProgram(guarded{m}, programOptions(o)...)
	ended := make(chan error, 1)
	go func() {
		defer crash.Catch()
		_, err := program.Run()
		ended <- err
	}()
	err = wait(ctx, program, m.quitting, ended)
	if errors.Is(err, ErrStuck) {
		restore()
		return "", err
	}
	if m.crashed != nil {
		return "", m.crashed.report(o.Crash)
	}
	if err != nil {
		return "", fmt.Errorf("showing the dashboard: %w", err)
	}
	return m.summary(), nil
}

// endLimit is how long the end may take: a terminal that is held (^S, a dead
// connection) blocks whoever writes to it.
const endLimit = 3 * time.Second

// wait returns when the program has ended, or should have.
func wait(ctx context.Context, program *tea.Program, quitting <-chan struct{}, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-quitting:
	case <-ctx.Done():
		// Quit waits for the program to listen, which a blocked one does not.
		go func() {
			defer crash.Catch()
			program.Quit()
		}()
	}
	limit := time.NewTimer(endLimit)
	defer limit.Stop()
	select {
	case err := <-ended:
		return err
	case <-limit.C:
		return ErrStuck
	}
}

// Bubble Tea wakes up that often even when there is nothing to draw: at 60, an
// idle dashboard takes twice the CPU.
const (
	framesPerSecond = 30
	framesOverSSH   = 20
)

func programOptions(o Options) []tea.ProgramOption {
	list := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithFilter(dropMotion), tea.WithFPS(framesPerSecond)}
	if o.In != nil {
		list = append(list, tea.WithInput(o.In))
	}
	if o.Out != nil {
		list = append(list, tea.WithOutput(o.Out))
	}
	if o.Env != nil {
		list = append(list, tea.WithEnvironment(o.Env))
	}
	if environment(o.Env)("SSH_TTY") != "" {
		list = append(list, tea.WithFPS(framesOverSSH))
	}
	return append(list, o.start...)
}

// dropMotion keeps the pointer's movements, of which there are many and nobody
// needs one, from running through Update and View.
func dropMotion(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.MouseMotionMsg, tea.MouseReleaseMsg, tea.KeyReleaseMsg:
		return nil
	}
	return msg
}

func environment(env []string) func(string) string {
	if env == nil {
		return os.Getenv
	}
	return func(name string) string {
		for _, e := range env {
			if len(e) > len(name) && e[len(name)] == '=' && e[:len(name)] == name {
				return e[len(name)+1:]
			}
		}
		return ""
	}
}

// leave undoes what the dashboard asked of the terminal: mouse, focus, paste
// and keyboard reports, the hidden cursor, the alternate screen.
const leave = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[>4;0m\x1b[?25h\x1b[?1049l"

// Restorer notes how the terminal is set and returns what puts it back when
// the program has to end at once, whatever Bubble Tea is doing.
func Restorer(o Options) func() {
	restore := terminalState(o)
	out := o.Out
	if out == nil {
		out = os.Stdout
	}
	return func() {
		_, _ = io.WriteString(out, leave)
		restore()
	}
}

// terminalState notes how the terminal is set, for the case that Bubble Tea
// cannot put it back.
func terminalState(o Options) (restore func()) {
	in, ok := o.In.(*os.File)
	if !ok {
		in = os.Stdin
	}
	state, err := term.GetState(int(in.Fd()))
	if err != nil {
		return func() {}
	}
	return func() { _ = term.Restore(int(in.Fd()), state) }
}
