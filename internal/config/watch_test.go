package config

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// reported is one call of Watch's notify.
type reported struct {
	c   *Config
	err error
}

func watch(t *testing.T, o Options) <-chan reported {
	t.Helper()
	c := load(t, o)
	calls := make(chan reported, 16)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if err := Watch(ctx, o, c, func(c *Config, err error) { calls <- reported{c, err} }); err != nil {
		t.Fatal(err)
	}
	return calls
}

func next(t *testing.T, calls <-chan reported) reported {
	t.Helper()
	select {
	case r := <-calls:
		return r
	case <-time.After(10 * time.Second):
		t.Fatal("the change was not noticed")
		return reported{}
	}
}

func userFile(o Options) string { return UserFile(o.env) }

func TestWatchSwapsOrKeepsTheLastGoodSettings(t *testing.T) {
	t.Parallel()
	o := home(t, "mode = 'json'\n", "")
	calls := watch(t, o)
	write(t, userFile(o), "mode = 'plain'\n")
	if r := next(t, calls); r.err != nil || r.c.Mode != "plain" {
		t.Fatalf("%+v", r)
	}
	write(t, userFile(o), "mode = 'plain'\nlisen = '1'\n")
	if r := next(t, calls); r.err == nil || r.c != nil || !strings.Contains(r.err.Error(), "config.toml:2") {
		t.Fatalf("%+v", r)
	}
	write(t, userFile(o), "mode = 'plain'\n") // as before the mistake, but it must be said that it is mended
	if r := next(t, calls); r.err != nil || r.c.Mode != "plain" {
		t.Fatalf("%+v", r)
	}
}

func TestWatchSurvivesTheWaysEditorsSave(t *testing.T) {
	t.Parallel()
	o := home(t, "mode = 'json'\n", "")
	calls := watch(t, o)
	expect := func(mode string) {
		t.Helper()
		if r := next(t, calls); r.err != nil || r.c.Mode != mode {
			t.Fatalf("%+v; want %s", r, mode)
		}
	}
	beside := userFile(o) + "~"
	write(t, beside, "mode = 'plain'\n") // written beside, renamed over
	if err := os.Rename(beside, userFile(o)); err != nil {
		t.Fatal(err)
	}
	expect("plain")
	if err := os.Remove(userFile(o)); err != nil { // deleted: the default
		t.Fatal(err)
	}
	expect("auto")
	write(t, userFile(o), "mode = 'tui'\n") // and made again
	expect("tui")
}

func TestWatchNoticesFoldersThatComeAndGo(t *testing.T) {
	t.Parallel()
	o := home(t, "", "")
	calls := watch(t, o)
	write(t, userFile(o), "mode = 'json'\n")
	if r := next(t, calls); r.err != nil || r.c.Mode != "json" {
		t.Fatalf("%+v", r)
	}
	if err := os.RemoveAll(filepath.Dir(userFile(o))); err != nil {
		t.Fatal(err)
	}
	if r := next(t, calls); r.err != nil || r.c.Mode != "auto" {
		t.Fatalf("%+v", r)
	}
	write(t, userFile(o), "mode = 'plain'\n")
	if r := next(t, calls); r.err != nil || r.c.Mode != "plain" {
		t.Fatalf("%+v", r)
	}
}

func TestWatchFollowsLinks(t *testing.T) {
	t.Parallel()
	o := home(t, "", "")
	real := filepath.Join(t.TempDir(), "dotfiles", "corsdash.toml")
	write(t, real, "mode = 'json'\n")
	if err := os.MkdirAll(filepath.Dir(userFile(o)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, userFile(o)); err != nil {
		t.Skip("this system makes no symbolic links:", err)
	}
	calls := watch(t, o)
	write(t, real, "mode = 'plain'\n")
	if r := next(t, calls); r.err != nil || r.c.Mode != "plain" {
		t.Fatalf("%+v", r)
	}
}

func TestWatchIsSilentWhenNothingChanges(t *testing.T) {
	t.Parallel()
	o := home(t, "mode = 'json'\n", "")
	calls := watch(t, o)
	write(t, userFile(o), "# a remark\nmode = 'json'\n")
	write(t, filepath.Join(filepath.Dir(userFile(o)), "other"), "x")
	// A project file is the next change that counts; it must be the first call.
	write(t, filepath.Join(o.Dir, ProjectFile), "theme = 'x'\n")
	if r := next(t, calls); r.err != nil || r.c.Theme != "x" || r.c.Mode != "json" {
		t.Fatalf("%+v", r)
	}
	if len(calls) != 0 {
		t.Fatalf("one call too many: %+v", <-calls)
	}
}

func TestNeedRestart(t *testing.T) {
	a, b := Default(), Default()
	b.Target, b.Routes, b.DialTimeout = "http://localhost:1", []Route{{Prefix: "/a"}}, Duration(time.Second)
	if got := NeedRestart(a, b); len(got) != 0 {
		t.Errorf("%v can be taken over", got)
	}
	b.Listen, b.BodyLimit = "127.0.0.1:1", 0
	if got := strings.Join(NeedRestart(a, b), " "); got != "listen body_limit" {
		t.Errorf("%q", got)
	}
}
