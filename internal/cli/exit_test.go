package cli

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"corsdash/internal/diag"
)

// running is corsdash as a process of its own.
type running struct {
	*exec.Cmd
	url    string
	stdout io.ReadCloser
	stderr *bufio.Scanner
}

// begin starts corsdash and waits until it listens.
func begin(t *testing.T, args ...string) *running {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Args[0] = "corsdash" // see TestMain
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "GORACE=atexit_sleep_ms=0", "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "XDG_DATA_HOME=")
	r := &running{Cmd: cmd}
	if r.stdout, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.stderr = bufio.NewScanner(stderr)
	for r.stderr.Scan() {
		if _, url, ok := strings.Cut(r.stderr.Text(), "listening on "); ok {
			r.url = url
			return r
		}
	}
	t.Fatalf("corsdash %v never listened: %v", args, cmd.Wait())
	return nil
}

// end sends a signal and returns the exit code and what was printed.
func (r *running) end(t *testing.T, s os.Signal) (code int, out string) {
	t.Helper()
	if s != nil {
		if err := r.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	for r.stderr.Scan() {
	}
	text, _ := io.ReadAll(r.stdout)
	_ = r.Wait() // its error is the exit code
	return r.ProcessState.ExitCode(), string(text)
}

func TestSignalsFlushAndExitWith130(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send these signals")
	}
	backend := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(backend.Close)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			r := begin(t, "--listen", "0", backend.URL)
			answer, err := http.Get(r.url)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			code, out := r.end(t, s)
			if code != exitInterrupted || strings.Count(out, "\n") != 1 || !strings.Contains(out, `"status":404`) {
				t.Errorf("exit code %d, printed %q", code, out)
			}
		})
	}
}

// What is under way when the signal comes is cut and still printed.
func TestTheUnfinishedIsPrinted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send these signals")
	}
	begun := make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}))
	t.Cleanup(backend.Close)
	r := begin(t, "--listen", "0", backend.URL)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if answer, err := http.Get(r.url); err == nil {
			answer.Body.Close()
		}
	}()
	<-begun
	code, out := r.end(t, syscall.SIGINT)
	<-done
	if code != exitInterrupted || strings.Count(out, "\n") != 1 || !strings.Contains(out, `"error":"`) {
		t.Errorf("exit code %d, printed %q", code, out)
	}
}

// A reader that went away is the end, and a quiet one.
func TestABrokenPipeEndsQuietly(t *testing.T) {
	backend := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(backend.Close)
	r := begin(t, "--listen", "0", backend.URL)
	r.stdout.Close()
	answer, err := http.Get(r.url)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	var said []string
	for r.stderr.Scan() {
		said = append(said, r.stderr.Text())
	}
	_ = r.Wait()
	if code := r.ProcessState.ExitCode(); code != exitOK || strings.Contains(strings.Join(said, " "), "pipe") {
		t.Errorf("exit code %d, said %q", code, said)
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		found, asked, interrupted bool
		mode                      string
		want                      int
	}{
		{false, false, false, "json", exitOK},
		{true, false, false, "json", exitFindings},
		{true, false, true, "json", exitInterrupted},
		{true, true, true, "json", exitFindings},
		{false, true, true, "plain", exitInterrupted},
		{true, false, false, "tui", exitOK},
		{true, true, false, "tui", exitFindings},
	} {
		if got := exitCode(c.found, c.asked, c.interrupted, c.mode); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestAtOrAbove(t *testing.T) {
	for _, c := range []struct {
		found, least diag.Severity
		want         bool
	}{
		{diag.Blocks, diag.Blocks, true}, {diag.Error, diag.Blocks, false}, {diag.Error, diag.Error, true}, {diag.Blocks, diag.Warning, true},
		{diag.Warning, diag.Error, false}, {diag.Warning, diag.Warning, true}, {diag.Security, diag.Warning, false}, {diag.Info, diag.Warning, false},
	} {
		if got := atOrAbove(map[diag.Severity]int{c.found: 1, "": 7}, c.least); got != c.want {
			t.Errorf("%s counts for --fail-on %s: %v", c.found, c.least, got)
		}
	}
}
