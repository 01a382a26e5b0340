package session

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"context"

	"corsdash/internal/exchange"
)

// someSession saves a small session and returns its path.
func someSession(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.corsdash")
	s := newSession(t, Options{File: path})
	for n := range 300 {
		add(s, fmt.Sprintf("/%d", n), uniqueJSON(n, 3000))
		if n%60 == 0 {
			flushed(t, s)
		}
	}
	closed(t, s)
	return path
}

func execSQL(t testing.TB, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path, "mode=rwc"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// TestForeignFiles: what is no session of ours is refused with a sentence, to
// read and to write, and not a byte of it changes.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, content string) string {
		if err := os.WriteFile(in(name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	text := write("notes.txt", "buy milk")
	execSQL(t, in("app.db"), "CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('x')")
	execSQL(t, in("wal.db"), "PRAGMA journal_mode = WAL; CREATE TABLE users (name TEXT)")
	newer := someSession(t)
	execSQL(t, newer, "PRAGMA user_version = 9")
	for _, c := range []struct {
		path        string
		want        error
		open, write string
	}{
		{text, ErrNotSession, text + " is not a corsdash session", text + " is not a corsdash session; nothing was changed, choose another file with --session"},
		{in("app.db"), ErrNotSession, in("app.db") + " is not a corsdash session", in("app.db") + " is not a corsdash session; nothing was changed"},
		{in("wal.db"), ErrNotSession, in("wal.db") + " is not a corsdash session", in("wal.db") + " is not a corsdash session; nothing was changed"},
		{dir, ErrNotSession, dir + " is not a corsdash session but a folder", dir + " is not a corsdash session but a folder"},
		{newer, ErrNewer, newer + " was written by a newer corsdash (format 9, this one reads up to 1); update corsdash to open it", newer + " was written by a newer corsdash"},
	} {
		before, _ := os.ReadFile(c.path)
		_, err := Open(c.path, Options{})
		wantError(t, err, c.want, c.open)
		_, err = Inspect(c.path)
		wantError(t, err, c.want, c.open)
		_, err = New(Options{File: c.path})
		wantError(t, err, c.want, c.write)
		if after, _ := os.ReadFile(c.path); !bytes.Equal(before, after) {
			t.Errorf("%s was changed", c.path)
		}
	}
	_, err := Open(in("nothing"), Options{})
	wantError(t, err, fs.ErrNotExist, "")
	empty := write("empty", "")
	_, err = Open(empty, Options{})
	wantError(t, err, ErrNotSession, empty+" is not a corsdash session: it is empty")
	s := newSession(t, Options{File: empty}) // what mktemp makes is good to use
	add(s, "/", nil)
	closed(t, s)
	if got := query(t, empty, "SELECT count(*) FROM exchange"); got != "1" {
		t.Errorf("%s exchanges in a file that was empty", got)
	}
	if info, _ := os.Stat(empty); info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
}

func TestTruncated(t *testing.T) {
	whole, err := os.ReadFile(someSession(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.corsdash")
	for _, size := range []int{100, 5000, pageSize, len(whole) / 2, len(whole) - pageSize, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{})
		if err == nil {
			s.Close()
			t.Errorf("%d of %d bytes were opened", size, len(whole))
			continue
		}
		if size >= pageSize {
			wantError(t, err, ErrDamaged, path+": the session file is damaged (")
		}
	}
}

// TestDamaged overwrites random places: whatever comes of it, it is an error
// or an exchange, and the right exchange.
func TestDamaged(t *testing.T) {
	whole, err := os.ReadFile(someSession(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.corsdash")
	random := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		broken := bytes.Clone(whole)
		for range 1 + random.IntN(20) {
			broken[random.IntN(len(broken))] ^= byte(1 + random.IntN(255))
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{})
		if err != nil {
			continue
		}
		<-s.saved.loaded
		for id := uint64(1); id <= 300; id += 7 {
			x, err := s.Exchange(id)
			if err == nil && x.Request.URL != fmt.Sprintf("http://localhost:8900/%d", id-1) {
				t.Errorf("exchange %d is %s", id, x.Request.URL)
			}
		}
		s.Each(context.Background(), func(*exchange.Exchange) error { return nil })
		s.Diagnose(context.Background())
		closed(t, s)
	}
}

// TestReadOnlyMedium opens a finished session where SQLite can make no files
// beside it.
func TestReadOnlyMedium(t *testing.T) {
	path := someSession(t)
	if err := os.Chmod(filepath.Dir(path), 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(filepath.Dir(path), 0o755)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	s := opened(t, path)
	defer closed(t, s)
	if s.Rows().Len() != 300 {
		t.Errorf("%d rows", s.Rows().Len())
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("reading left %v behind", entries)
	}
}
