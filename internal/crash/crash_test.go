package crash

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// crashing runs f in a goroutine of its own and returns what a panic led to.
func crashing(t *testing.T, h *Handler, f func()) (code int, said string) {
	t.Helper()
	code = -1
	var out bytes.Buffer
	h.Stderr, h.Code = &out, 4
	h.Exit = func(c int) { code = c }
	Install(h)
	defer Install(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer Catch()
		f()
	}()
	<-done
	return code, out.String()
}

func TestAPanicBecomesAReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	restored := false
	code, said := crashing(t, &Handler{Dir: dir, Version: "1.0", Before: func() { restored = true }}, func() { panic("the \x1b[2J value") })
	if code != 4 || !restored || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "corsdash: internal error; ") {
		t.Errorf("code %d, restored %v, said %q", code, restored, said)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "crash-*.txt"))
	if len(files) != 1 || !strings.Contains(said, files[0]) {
		t.Fatalf("%v, %q", files, said)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(text), "panic: the \x1b[2J value") || !strings.Contains(string(text), "TestAPanicBecomesAReport") {
		t.Errorf("%v\n%s", err, text)
	}
	if info, _ := os.Stat(files[0]); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if strings.Contains(said, "\x1b") {
		t.Errorf("the terminal gets %q", said)
	}
}

func TestWithoutAPanicNothingHappens(t *testing.T) {
	if code, said := crashing(t, &Handler{Dir: t.TempDir()}, func() {}); code != -1 || said != "" {
		t.Errorf("%d, %q", code, said)
	}
}

func TestOnlyTheFirstPanicIsReported(t *testing.T) {
	dir := t.TempDir()
	code, said := crashing(t, &Handler{Dir: dir}, func() {
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { defer Catch(); panic("again") })
		}
		wg.Wait()
	})
	files, _ := filepath.Glob(filepath.Join(dir, "crash-*.txt"))
	if code != 4 || len(files) != 1 || strings.Count(said, "\n") != 1 {
		t.Errorf("code %d, %v, %q", code, files, said)
	}
}

func TestRestoringMayPanicToo(t *testing.T) {
	code, _ := crashing(t, &Handler{Dir: t.TempDir(), Before: func() { panic("in Before") }}, func() { panic("first") })
	if code != 4 {
		t.Errorf("code %d", code)
	}
}

func TestWithoutAHandlerAPanicIsGos(t *testing.T) {
	defer func() {
		if recover() != "mine" {
			t.Error("the panic was swallowed")
		}
	}()
	defer Catch()
	panic("mine")
}

// The test binary calls itself to die for good.
func TestFatalErrorsAreKept(t *testing.T) {
	if dir := os.Getenv("DIE_IN"); dir != "" {
		if err := KeepFatal(dir); err != nil {
			t.Fatal(err)
		}
		go panic("nobody catches this")
		select {}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "state")
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestFatalErrorsAreKept$")
	cmd.Env = append(os.Environ(), "DIE_IN="+dir)
	if err := cmd.Run(); err == nil {
		t.Fatal("it lived")
	}
	text, err := os.ReadFile(filepath.Join(dir, fatalName))
	if err != nil || !strings.Contains(string(text), "panic: nobody catches this") {
		t.Errorf("%v\n%s", err, text)
	}
}
