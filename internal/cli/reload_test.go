package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// named answers with its name.
func named(t *testing.T, name string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, name) }))
	t.Cleanup(s.Close)
	return s.URL
}

// A changed file moves traffic to another server while corsdash runs; a
// mistake in it changes nothing.
func TestChangedSettingsAreTakenOver(t *testing.T) {
	first, second := named(t, "first"), named(t, "second")
	file := filepath.Join(t.TempDir(), "settings.toml")
	settings := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings("listen = '0'\ntarget = '" + first + "'\n")
	r := begin(t, "--config", file)
	if got := page(t, r.url); got != "first" {
		t.Fatalf("%q answered", got)
	}
	settings("listen = '0'\ntarget = 'ftp://x'\n")
	if got := page(t, r.url); got != "first" {
		t.Fatalf("%q answered after a mistake", got)
	}
	settings("listen = '0'\ntarget = '" + second + "'\n")
	deadline, again := time.After(10*time.Second), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for page(t, r.url) != "second" {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal("the change was not taken over")
		}
	}
	r.end(t, os.Kill)
}

func page(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
