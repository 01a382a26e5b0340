package cli

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"corsdash/internal/config"

	"github.com/creack/pty"
)

// What stands on the command line must be a setting of that kind.
func TestFlagsAreSettings(t *testing.T) {
	var flags []config.Flag
	for _, f := range settingFlags {
		texts := []string{"true"}
		switch {
		case f.words != nil:
			texts = f.words[:1]
		case f.zero == nil || f.key == "target":
			texts = nil
		case f.zero == "":
			texts = []string{"1"}
		}
		switch f.key {
		case "dial_timeout", "response_timeout":
			texts = []string{"1s"}
		case "body_limit", "capture_memory":
			texts = []string{"64MB"}
		}
		if f.key != "body_limit" {
			flags = append(flags, config.Flag{Name: "--" + f.name, Key: f.key, Texts: texts})
		}
	}
	c, err := config.Load(config.Options{File: os.DevNull, Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flags {
		if got := c.Source(f.Key); got != f.Name {
			t.Errorf("%s is set by %s, not by %s", f.Key, got, f.Name)
		}
	}
}

func TestMode(t *testing.T) {
	_, tty, err := pty.Open()
	if err != nil {
		t.Skip("no terminal to be had:", err)
	}
	defer tty.Close()
	pipe := new(bytes.Buffer)
	for _, c := range []struct {
		set, term string
		stdout    any
		want      string
		says      string
	}{
		{"auto", "xterm", tty, "tui", ""},
		{"auto", "dumb", tty, "plain", "TERM=dumb"},
		{"auto", "xterm", pipe, "json", "not a terminal"},
		{"auto", "dumb", pipe, "json", "not a terminal"},
		{"plain", "xterm", tty, "plain", ""},
		{"json", "dumb", tty, "json", ""},
		{"tui", "xterm", tty, "tui", ""},
		{"tui", "dumb", tty, "", "TERM=dumb"},
		{"tui", "xterm", pipe, "", "needs a terminal"},
	} {
		a := &app{env: func(name string) string { return map[string]string{"TERM": c.term}[name] }}
		if f, ok := c.stdout.(*os.File); ok {
			a.stdout = f
		} else {
			a.stdout = pipe
		}
		settings := config.Default()
		settings.Mode = c.set
		got, why, err := a.mode(settings)
		if err != nil {
			why = err.Error()
		}
		if got != c.want || !strings.Contains(why, c.says) || c.says == "" && why != "" {
			t.Errorf("%s with TERM=%s on %T: %q because %q", c.set, c.term, c.stdout, got, why)
		}
	}
}

func TestIsSelf(t *testing.T) {
	for _, c := range []struct {
		listen, target string
		want           bool
	}{
		{"127.0.0.1:8900", "http://localhost:8900", true},
		{"127.0.0.1:8900", "http://app.localhost:8900", true},
		{"[::1]:8900", "http://127.0.0.1:8900", true},
		{"0.0.0.0:8900", "http://localhost:8900", true},
		{"192.168.1.2:80", "http://192.168.1.2", true},
		{"dev.test:443", "https://DEV.test", true},
		{"127.0.0.1:8900", "http://localhost:8901", false},
		{"127.0.0.1:8900", "http://api.test:8900", false},
		{"192.168.1.2:8900", "http://localhost:8900", false},
		{"127.0.0.1:0", "http://localhost:8900", false},
	} {
		if got := isSelf(c.listen, c.target); got != c.want {
			t.Errorf("listening at %s, is %s ourselves? %v", c.listen, c.target, got)
		}
	}
}

func TestShellQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "8000": "8000", "/api=http://localhost:8000,strip": "/api=http://localhost:8000,strip",
		"a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "*": "'*'", "~": "'~'",
	} {
		if got := shellQuoted(word); got != want {
			t.Errorf("%q is quoted %s; want %s", word, got, want)
		}
	}
}

// The first signal asks for an orderly end, the second does not wait for it.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send a signal to itself")
	}
	forced := make(chan struct{}, 1)
	ctx, stop := interruptible(context.Background(), func() { forced <- struct{}{} })
	defer stop()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for i, done := range []<-chan struct{}{ctx.Done(), forced} {
		if err := self.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Fatalf("signal %d had no effect", i+1)
		}
		if i == 0 && len(forced) != 0 {
			t.Error("the first signal forced the end")
		}
	}
	if context.Cause(ctx) != errInterrupted {
		t.Errorf("the cause is %v", context.Cause(ctx))
	}
}
