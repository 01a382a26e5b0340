package logring

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func texts(r *Ring) (list []string) {
	for _, e := range r.Entries() {
		list = append(list, e.Level.String()+" "+e.Text)
	}
	return list
}

func TestRingKeepsTheNewest(t *testing.T) {
	r := New(3)
	log := slog.New(r.Handler(slog.LevelInfo, nil))
	log.Debug("not this")
	for _, text := range []string{"a", "b", "c", "d"} {
		log.Info(text)
	}
	if diff := cmp.Diff([]string{"INFO msg=b", "INFO msg=c", "INFO msg=d"}, texts(r)); diff != "" {
		t.Error(diff)
	}
	if r.Total() != 4 || r.Entries()[0].Time.IsZero() {
		t.Errorf("total %d, %+v", r.Total(), r.Entries()[0])
	}
}

func TestHandlersShareTheRing(t *testing.T) {
	r := New(10)
	var file strings.Builder
	log := slog.New(r.Handler(slog.LevelInfo, slog.NewTextHandler(&file, nil)))
	log.With("conn", 1).WithGroup("up").Warn("lost", "error", errors.New("eof"), "time", "x")
	log.Info("line\nbreak")
	want := []string{"WARN msg=lost conn=1 up.error=eof up.time=x", `INFO msg="line\nbreak"`}
	if diff := cmp.Diff(want, texts(r)); diff != "" {
		t.Error(diff)
	}
	if got := file.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "level=WARN msg=lost conn=1 up.error=eof") {
		t.Errorf("the next handler got %q", got)
	}
}

func TestRingTakesLinesFromEverywhere(t *testing.T) {
	r := New(50)
	log := slog.New(r.Handler(slog.LevelInfo, nil))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				log.Info("x")
				r.Entries()
			}
		})
	}
	wg.Wait()
	if r.Total() != 400 || len(r.Entries()) != 50 {
		t.Errorf("%d, %d", r.Total(), len(r.Entries()))
	}
}

func TestFileStaysBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "corsdash.log")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := []byte(strings.Repeat("x", 64<<10))
	for range 3 * fileLimit / len(line) {
		f.Write(line)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.Write(line)
	for _, p := range []string{path, path + ".old"} {
		info, err := os.Stat(p)
		if err != nil || info.Size() > fileLimit || info.Size() == 0 {
			t.Errorf("%v, %v", info, err)
		}
		if info != nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", p, info.Mode())
		}
	}
}

func TestFileIsAppendedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "corsdash.log")
	for _, text := range []string{"one\n", "two\n"} {
		f, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(text))
		f.Close()
	}
	if got, _ := os.ReadFile(path); string(got) != "one\ntwo\n" {
		t.Errorf("%q", got)
	}
}

func TestFileThatCannotBe(t *testing.T) {
	if _, err := OpenFile(t.TempDir()); err == nil {
		t.Error("a folder became a log")
	}
}
