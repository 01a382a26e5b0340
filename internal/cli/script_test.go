package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"corsdash": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		// The same with a standard output that panics, for what happens then.
		"corsdash-broken": func() { os.Exit(Main(os.Args[1:], os.Stdin, broken{}, os.Stderr)) },
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { panic("a mistake of ours, \x1b[2J") }

// TestScripts runs the command line as users do. Each script has a home and a
// folder of its own, a backend at $BACKEND (port $BACKEND_PORT) and two ports
// that were free a moment ago, $PORT and $PORT2.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Setup: setup, RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"get": get, "hold": hold},
	})
}

func setup(e *testscript.Env) error {
	backend := httptest.NewServer(http.HandlerFunc(serveBackend))
	e.Defer(backend.Close)
	_, port, _ := net.SplitHostPort(backend.Listener.Addr().String())
	home := e.WorkDir + "/home"
	// Under the race detector every process would linger for a second.
	e.Vars = append(e.Vars, "GORACE=atexit_sleep_ms=0")
	e.Vars = append(e.Vars, "BACKEND="+backend.URL, "BACKEND_PORT="+port, "HOME="+home, "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "XDG_DATA_HOME=", "TERM=xterm")
	for _, name := range []string{"PORT", "PORT2"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		_, free, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		e.Vars = append(e.Vars, name+"="+free)
	}
	return os.MkdirAll(home, 0o700)
}

func serveBackend(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "backend")
	switch r.URL.Path {
	case "/boom":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case "/escape":
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "\x1b[2Jcleared\u202e")
	default:
		fmt.Fprintf(w, "%s %s", r.Method, r.URL)
	}
}

// get asks for a URL, with header lines if more arguments follow, until
// somebody listens there. It prints status and body.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: get URL [Header: value]...")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		answer, err := request(ctx, args[0], args[1:])
		if err == nil {
			fmt.Fprintln(ts.Stdout(), answer)
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			ts.Fatalf("no answer: %v", err)
		}
	}
}

func request(ctx context.Context, url string, headers []string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return fmt.Sprintf("%d %s", answer.StatusCode, body), err
}

// hold listens on 127.0.0.1 and a port until the script ends.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold PORT")
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}
