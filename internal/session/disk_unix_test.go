//go:build unix

package session

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hitSizeLimit runs into a limit on the size of files, as a full disk would
// have it, and goes on when it is lifted.
func hitSizeLimit(path string, say func(...any), hear func() string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := New(Options{File: path})
	if err != nil {
		return err
	}
	ctx := context.Background()
	for n := range 100 {
		add(s, fmt.Sprintf("/%d", n), uniqueJSON(n, 3000))
	}
	if err := s.Flush(ctx); err != nil {
		return err
	}
	say("saved")
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	before := limit.Cur
	limit.Cur = 300 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	n := 100
	// The first failure makes SQLite fold its log into the file, which may
	// give some room again.
	for failures := 0; failures < 2; n++ {
		add(s, fmt.Sprintf("/%d", n), []byte(rnd(n, 20_000)))
		failures++
		if s.Flush(ctx) == nil {
			failures = 0
		}
	}
	for range 100 { // traffic and screen go on
		add(s, fmt.Sprintf("/%d", n), []byte("late"))
		n++
	}
	s.Flush(ctx)
	st := s.Stats()
	say("failing:", st.File.State, st.Total == uint64(n), st.Shed, st.File.Reason)
	limit.Cur = before
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := s.Flush(ctx); err != nil {
		return err
	}
	say("again:", s.Stats().File.State, s.Stats().File.Dropped, n)
	return s.Close()
}

// rnd is text that does not compress.
func rnd(n, size int) string {
	var b strings.Builder
	for h := uint64(n + 1); b.Len() < size; {
		h ^= h << 13
		h ^= h >> 7
		h ^= h << 17
		fmt.Fprintf(&b, "%016x", h)
	}
	return b.String()
}

func TestSizeLimit(t *testing.T) {
	path := t.TempDir() + "/full.corsdash"
	c := startChild(t, "hit a size limit", path)
	c.wants("saved")
	c.wants("failing: failing true 0 the disk reports an error")
	var n int
	if _, err := fmt.Sscanf(c.hears(), "again: saving 0 %d", &n); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	s := opened(t, path)
	if rows := s.Rows(); rows.Len() != n {
		t.Errorf("%d of %d exchanges are saved", rows.Len(), n)
	}
	if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
		t.Error(got)
	}
}

// TestDiskFull fills a file system of its own.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).Run(); err != nil {
		t.Skip("cannot mount a small tmpfs: ", err)
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", dir).Run(); err != nil {
			t.Error(err)
		}
	})
	var log bytes.Buffer
	s := newSession(t, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	n := 0
	for ; s.Flush(context.Background()) == nil; n++ {
		add(s, fmt.Sprintf("/%d", n), []byte(rnd(n, 20_000)))
	}
	st := s.Stats().File
	if st.State != Failing || !strings.HasPrefix(st.Reason, "the disk is full; ") {
		t.Errorf("stats %+v", st)
	}
	if s.Rows().Len() != n || st.Saved == 0 || st.Dropped != 0 {
		t.Errorf("%d rows of %d, %+v", s.Rows().Len(), n, st)
	}
	for range 3 {
		if s.Flush(context.Background()) == nil {
			t.Error("saved without room")
		}
	}
	if err := exec.Command("mount", "-o", "remount,size=20m", dir).Run(); err != nil {
		t.Fatal(err)
	}
	flushed(t, s)
	if st := s.Stats().File; st.State != Saving || st.Reason != "" || st.Saved != uint64(n) {
		t.Errorf("with room again: %+v", st)
	}
	closed(t, s)
	for _, line := range []string{"not being saved", "being saved again"} {
		if got := strings.Count(log.String(), line); got != 1 {
			t.Errorf("%q is %d times in the log:\n%s", line, got, log.String())
		}
	}
	r := opened(t, st.Path)
	defer closed(t, r)
	if r.Rows().Len() != n {
		t.Errorf("%d of %d reopened", r.Rows().Len(), n)
	}
}

// haveNoRight works in a folder it must not write to.
func haveNoRight(path string, say func(...any), hear func() string) error {
	s, err := New(Options{Dir: filepath.Dir(path)})
	if err != nil {
		return err
	}
	add(s, "/", nil)
	err = s.Flush(context.Background())
	say("flush:", err != nil, s.Rows().Len(), s.Stats().File.State, s.Stats().File.Reason)
	hear()
	if err := s.Flush(context.Background()); err != nil {
		return err
	}
	say("now:", s.Stats().File.State, s.Stats().File.Saved)
	return s.Close()
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir() + "/folder"
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	c := startChild(t, "have no right", dir+"/x", asNobody(t, dir))
	c.wants("flush: true 1 failing no permission to write there (open " + dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	c.tell("go on")
	c.wants("now: saving 1")
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
}

// asNobody runs the child without root's rights, which know no read-only
// folders. The test binary must then be where everybody can get at it.
func asNobody(t *testing.T, dir string) func(*exec.Cmd) {
	if os.Getuid() != 0 {
		return func(*exec.Cmd) {}
	}
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(filepath.Dir(dir), "session.test")
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for at := filepath.Dir(dir); at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return func(cmd *exec.Cmd) {
		cmd.Path = path
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
