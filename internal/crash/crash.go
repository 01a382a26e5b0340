// Package crash turns a panic into a report in a file, one sentence, and an
// exit code.
//
// Left alone, a panic in any goroutine prints stacks over a dashboard whose
// terminal nobody puts back, and ends with the code that stands for wrong
// usage. Every goroutine of corsdash therefore begins with "defer
// crash.Catch()". The package knows nothing of what it guards, imports nothing
// of ours, and so may be used by all.
package crash

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Handler says what happens at a panic.
type Handler struct {
	Dir     string // where reports go; "" is the folder for temporary files
	Version string
	Before  func()    // puts the terminal back, for one; may be nil
	Stderr  io.Writer // gets the sentence
	Exit    func(int) // os.Exit outside tests
	Code    int
}

// The handler is process-wide because a panic is: it can come from any
// goroutine, whoever started that.
var (
	mu      sync.Mutex
	current *Handler
	once    = new(sync.Once)
)

// Install sets the handler for all goroutines. nil takes it away; then panics
// are Go's.
func Install(h *Handler) {
	mu.Lock()
	defer mu.Unlock()
	current, once = h, new(sync.Once)
}

// Before sets what puts the terminal back, once there is one to put back.
func Before(restore func()) {
	mu.Lock()
	defer mu.Unlock()
	if current != nil {
		current.Before = restore
	}
}

// Report writes a report of a panic that somebody else caught, and returns its
// file, or why there is none.
func Report(value any, stack []byte) string {
	mu.Lock()
	h := current
	mu.Unlock()
	if h == nil {
		return "(no report was written)"
	}
	path, err := h.report(value, stack)
	if err != nil {
		return "(no report could be written: " + err.Error() + ")"
	}
	return path
}

// Catch is deferred by every goroutine. Of several panics at once the first is
// reported; its report ends the program.
func Catch() {
	value := recover()
	if value == nil {
		return
	}
	stack := debug.Stack()
	mu.Lock()
	h, first := current, once
	mu.Unlock()
	if h == nil {
		panic(value)
	}
	first.Do(func() { h.handle(value, stack) })
}

func (h *Handler) handle(value any, stack []byte) {
	path, err := h.report(value, stack)
	if h.Before != nil {
		h.before()
	}
	if err != nil {
		fmt.Fprintf(h.Stderr, "corsdash: internal error, and no report could be written: %v\n", err)
	} else {
		fmt.Fprintf(h.Stderr, "corsdash: internal error; please report it with the file %s\n", path)
	}
	h.Exit(h.Code)
}

// before must not keep the program from ending, neither by a panic of its own
// nor by waiting.
func (h *Handler) before() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		h.Before()
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Second):
	}
}

// report writes a new file that only its owner may read: a panic's words can
// hold what was in the traffic.
func (h *Handler) report(value any, stack []byte) (string, error) {
	dir := h.Dir
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		dir = os.TempDir()
	}
	now := time.Now()
	f, err := os.CreateTemp(dir, "crash-"+now.Format("2006-01-02T15-04-05")+"-*.txt")
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, "corsdash %s, %s %s/%s, %s\n\npanic: %v\n\n%s\n", h.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH,
		now.Format(time.RFC3339), value, stack)
	return filepath.Clean(f.Name()), err
}

// fatalName is the file for what no Catch can catch: a goroutine without one,
// or the runtime's own fatal errors. It is empty on a good day.
const fatalName = "fatal.log"

// KeepFatal has the Go runtime write its last words to a file in dir as well,
// because those on standard error vanish with the dashboard.
func KeepFatal(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, fatalName), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // the runtime holds a descriptor of its own
	return debug.SetCrashOutput(f, debug.CrashOptions{})
}
