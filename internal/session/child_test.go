package session

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The tests of crashes and of broken disks run sessions in child processes:
// this test binary again, told by a variable what to play.
const childVariable = "CORSDASH_TEST_CHILD"

// plays are what a child can do. They say on stdout how far they are and get
// told on stdin to go on.
var plays = map[string]func(path string, say func(...any), hear func() string) error{
	"write without end": writeWithoutEnd,
	"hit a size limit":  hitSizeLimit,
	"have no right":     haveNoRight,
	"hold":              hold,
}

func TestMain(m *testing.M) {
	play, path, _ := strings.Cut(os.Getenv(childVariable), ":")
	if play == "" {
		os.Exit(m.Run())
	}
	in := bufio.NewScanner(os.Stdin)
	say := func(a ...any) { fmt.Println(a...) }
	hear := func() string { in.Scan(); return in.Text() }
	if err := plays[play](path, say, hear); err != nil {
		say("error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is a running child process.
type child struct {
	*exec.Cmd
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

func startChild(t *testing.T, play, path string, prepare ...func(*exec.Cmd)) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+play+":"+path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range prepare {
		f(cmd)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &child{cmd, t, in, bufio.NewScanner(out)}
}

// hears reads the child's next line.
func (c *child) hears() string {
	c.t.Helper()
	if !c.out.Scan() {
		c.t.Fatalf("the child said no more: %v", c.out.Err())
	}
	return c.out.Text()
}

func (c *child) wants(want string) {
	c.t.Helper()
	if got := c.hears(); !strings.HasPrefix(got, want) {
		c.t.Fatalf("the child said %q, want %q", got, want)
	}
}

func (c *child) tell(s string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.in, s); err != nil {
		c.t.Fatal(err)
	}
}

// writeWithoutEnd adds exchanges and says after each flush how many are safe.
func writeWithoutEnd(path string, say func(...any), _ func() string) error {
	s, err := New(Options{File: path})
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		id := add(s, fmt.Sprintf("/%d", n), uniqueJSON(n, 3000+n%7*2000))
		if n%50 == 0 {
			if err := s.Flush(context.Background()); err != nil {
				return err
			}
			say(id)
		}
	}
}

// hold keeps a session open until it is told to end.
func hold(path string, say func(...any), hear func() string) error {
	s, err := New(Options{File: path})
	if err != nil {
		return err
	}
	add(s, "/", nil)
	if err := s.Flush(context.Background()); err != nil {
		return err
	}
	say("holding")
	hear()
	return s.Close()
}

// TestKill kills a writing process at random moments and goes on with the
// same file: nothing acknowledged is lost, nothing is damaged.
func TestKill(t *testing.T) {
	path := t.TempDir() + "/killed.corsdash"
	safe := uint64(0)
	for round := range 4 {
		c := startChild(t, "write without end", path)
		deadline := time.Now().Add(time.Duration(60+round*90) * time.Millisecond)
		for time.Now().Before(deadline) {
			n, err := strconv.ParseUint(c.hears(), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			safe = max(safe, n)
		}
		c.Process.Kill()
		c.Wait()

		s := opened(t, path)
		rows := s.Rows()
		last := rows.At(rows.Len() - 1).ID
		if last < safe || uint64(rows.Len()) != last || s.Stats().Total != last {
			t.Fatalf("round %d: %d were safe, %d rows up to %d, %+v", round, safe, rows.Len(), last, s.Stats())
		}
		for _, id := range []uint64{1, last / 2, last} {
			x, err := s.Exchange(id)
			if err != nil || !strings.Contains(x.Response.Body.Data, "item") {
				t.Errorf("round %d: exchange %d: %v", round, id, err)
			}
		}
		closed(t, s)
		if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
			t.Fatalf("round %d: %s", round, got)
		}
	}
	info, err := Inspect(path)
	if err != nil || info.Closed {
		t.Errorf("a killed session says of itself: %+v, %v", info, err)
	}
	s := newSession(t, Options{File: path})
	closed(t, s)
	if info, err = Inspect(path); err != nil || !info.Closed || info.Exchanges < safe {
		t.Errorf("after a clean end: %+v, %v", info, err)
	}
}

func TestTwoProcessesOneFile(t *testing.T) {
	path := t.TempDir() + "/one.corsdash"
	c := startChild(t, "hold", path)
	c.wants("holding")
	_, err := New(Options{File: path})
	wantError(t, err, ErrInUse, path+" is in use by another corsdash; choose another file with --session")
	// Reading is no trouble, for either.
	s := opened(t, path)
	if s.Rows().Len() != 1 {
		t.Errorf("%d rows of a session that runs elsewhere", s.Rows().Len())
	}
	closed(t, s)
	c.tell("end")
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	s = newSession(t, Options{File: path})
	if id := add(s, "/", nil); id != 2 {
		t.Errorf("going on with ID %d", id)
	}
	closed(t, s)
}
