package session

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

const canary = "s3cr3t-canary-7f21"

func gzipped(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSecretsStayOffTheDisk plants a secret in every place and looks for it in
// the file, compressed parts included, while it is written and after.
func TestSecretsStayOffTheDisk(t *testing.T) {
	dir := t.TempDir()
	s := newSession(t, Options{
		Dir: dir, Command: "corsdash http://me:" + canary + "@localhost:8000", Upstreams: []string{"http://me:" + canary + "@localhost:8000"},
	})
	var d exchange.Draft
	d.Reset(time.Now())
	d.Request([]byte("POST"), []byte("http://localhost:8900"), []byte("/login?access_token="+canary), []byte("HTTP/1.1"),
		[]byte("Authorization: Bearer "+canary+"\r\nCookie: sid="+canary+"\r\nReferer: http://localhost:3000/?token="+canary+"\r\n"))
	d.RequestBody([]byte(`{"password":"`+canary+`"}`), 1<<20)
	d.Response(200, []byte("OK"), []byte("HTTP/1.1"),
		[]byte("Set-Cookie: sid="+canary+"\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"))
	d.ResponseBody(gzipped(t, `{"refresh_token":"`+canary+`","name":"`+strings.Repeat("long ", 1000)+`"}`), 1<<20)
	s.Add(&d)
	flushed(t, s)
	if x, err := s.Exchange(d.ID); err != nil || !strings.Contains(x.Request.URL, canary) || x.Redacted {
		t.Errorf("in memory it is not complete: %v", err)
	}
	look := func(when string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, name := range files {
			if content, err := os.ReadFile(name); err != nil || bytes.Contains(content, []byte(canary)) {
				t.Errorf("%s: %s shows the secret, %v", when, filepath.Base(name), err)
			}
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %s has mode %v, %v", when, filepath.Base(name), info.Mode(), err)
			}
		}
	}
	look("running")
	closed(t, s)
	look("closed")
	r := opened(t, s.Stats().File.Path)
	rows := r.Rows()
	row := rows.At(0)
	for _, text := range []string{rows.Text(row.Target), rows.Text(row.Referer), query(t, r.Stats().File.Path, "SELECT target FROM request")} {
		if strings.Contains(text, canary) || !strings.Contains(text, "redacted") {
			t.Errorf("a row says %s", text)
		}
	}
	x, err := r.Exchange(1)
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprintf("%+v", x); strings.Contains(all, canary) || !x.Redacted {
		t.Errorf("the exchange shows the secret: %s", all)
	}
	if body := x.Response.Body; !body.Decoded || !strings.Contains(body.Data, "long long") || body.Truncated() {
		t.Errorf("the coded body was not saved plain: %.100q, %+v", body.Data, body.Decoded)
	}
}

// TestGoOn: a named file is continued, IDs go on, old rows are there again.
func TestGoOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daily.corsdash")
	for day := range 3 {
		s := newSession(t, Options{File: path})
		for n := range 100 {
			if id := add(s, fmt.Sprintf("/%d", n), nil); id != uint64(100*day+n+1) {
				t.Fatalf("day %d gives ID %d", day, id)
			}
		}
		flushed(t, s)
		if s.saved != nil {
			<-s.saved.loaded
		}
		rows := s.Rows()
		if rows.Len() != 100*(day+1) || rows.FirstID() != 1 || s.Stats().Total != uint64(rows.Len()) {
			t.Errorf("day %d: %d rows from %d, %+v", day, rows.Len(), rows.FirstID(), s.Stats())
		}
		for i := range rows.Len() {
			if rows.At(i).ID != uint64(i+1) {
				t.Fatalf("day %d: row %d is %d", day, i, rows.At(i).ID)
			}
		}
		if x, err := s.Exchange(1); err != nil || x.Redacted != (day > 0) {
			t.Errorf("day %d: the first exchange: %v", day, err)
		}
		closed(t, s)
	}
	_, err := New(Options{File: path, WithSecrets: true})
	wantError(t, err, ErrNoSecrets, path+" was begun without secrets, so none are added")
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	s := newSession(t, Options{File: "here.corsdash"})
	add(s, "/", nil)
	closed(t, s)
	if r := opened(t, "here.corsdash"); r.Rows().Len() != 1 {
		t.Error("it was not saved here")
	}
}

func TestNothingSavedLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	s := newSession(t, Options{Dir: dir})
	flushed(t, s)
	path := s.Stats().File.Path
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	closed(t, s)
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestRemoved: without its file a session starts another, without its folder
// it waits.
func TestRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	s := newSession(t, Options{Dir: dir, Memory: minMemory})
	add(s, "/first", nil)
	flushed(t, s)
	path := s.Stats().File.Path
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	add(s, "/second", nil)
	flushed(t, s)
	if got := query(t, path, "SELECT group_concat(target) FROM exchange"); got != "/second" {
		t.Errorf("the new file holds %s", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	add(s, "/third", nil)
	if err := s.Flush(context.Background()); err == nil {
		t.Error("saved into a folder that is gone")
	}
	if st := s.Stats(); st.File.State != Failing || !strings.HasPrefix(st.File.Reason, "the folder is gone (") || st.Kept != 3 {
		t.Errorf("stats %+v", st)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	add(s, "/fourth", nil)
	flushed(t, s)
	if got := query(t, path, "SELECT group_concat(target) FROM exchange"); got != "/third,/fourth" {
		t.Errorf("after the folder came back the file holds %s", got)
	}
	for range 100 { // push the first ones out of memory
		add(s, "/more", make([]byte, 4000))
		flushed(t, s)
	}
	if _, err := s.Exchange(1); !errors.Is(err, ErrGone) {
		t.Errorf("Exchange(1): %v", err)
	}
	if x, err := s.Exchange(3); err != nil || !strings.HasSuffix(x.Request.URL, "/third") {
		t.Errorf("Exchange(3): %v", err)
	}
	closed(t, s)
}

// TestAnotherSessionTookThePath: what lies at our path and is not ours is
// never written to.
func TestAnotherSessionTookThePath(t *testing.T) {
	dir := t.TempDir()
	s := newSession(t, Options{Dir: dir})
	add(s, "/ours", nil)
	flushed(t, s)
	path := s.Stats().File.Path
	foreign, err := os.ReadFile(someSession(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	add(s, "/more", nil)
	wantError(t, s.Flush(context.Background()), ErrInUse, path+" holds another session now")
	closed(t, s)
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, foreign) {
		t.Errorf("the other session was changed, %v", err)
	}
	if got := query(t, path+".away", "SELECT group_concat(target) FROM exchange"); got != "/ours" {
		t.Errorf("the file moved away holds %s", got)
	}
}

// TestStalledDisk: while somebody else holds the file, diagnosis and rows go
// on, the file loses what does not fit into the queue, and saving goes on
// later.
func TestStalledDisk(t *testing.T) {
	s := newSession(t, Options{Dir: t.TempDir(), WithSecrets: true})
	add(s, "/first", nil)
	flushed(t, s)
	path := s.Stats().File.Path
	db, err := sql.Open("sqlite", dsn(path, "mode=rw", "_txlock=immediate"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	n := 1
	for body := make([]byte, 100<<10); s.Stats().File.Dropped == 0; n++ {
		add(s, fmt.Sprintf("/%d", n), body)
		if n%50 == 0 {
			waitRows(t, s, n+1)
		}
	}
	if st := s.Stats(); st.Shed != 0 || st.File.Saved != 1 {
		t.Errorf("while the disk stood still: %+v", st)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	flushed(t, s)
	dropped := s.Stats().File.Dropped
	add(s, "/last", nil)
	closed(t, s)
	r := opened(t, path)
	rows := r.Rows()
	if want := n + 1 - int(dropped); rows.Len() != want || rows.Text(rows.At(want-1).Target) != "/last" {
		t.Errorf("%d of %d exchanges are saved, %d were left out", rows.Len(), n+1, dropped)
	}
	if st := r.Stats(); st.Total != uint64(rows.Len()) {
		t.Errorf("reopened: %+v", st)
	}
}

// waitRows waits until so many rows are there.
func waitRows(t testing.TB, s *Session, n int) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for s.Rows().Len() < n {
		select {
		case <-s.Changed():
		case <-timeout:
			t.Fatalf("%d of %d rows", s.Rows().Len(), n)
		}
	}
}

// TestLaterDiagnosis saves results that change the diagnosis of exchanges in
// the same block, in an older one, and of one that ran on.
func TestLaterDiagnosis(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.corsdash")
	s := start(Options{})
	if err := s.save(Options{File: path, WithSecrets: true}); err != nil {
		t.Fatal(err)
	}
	found := func(id uint64, rule string, open bool) diag.Result {
		res := *resultOf(id, fmt.Sprintf("/%d", id))
		res.Exchange.Timing.Started = time.Unix(1_800_000_000, 0)
		res.Exchange.Open = open
		if rule != "" {
			res.Findings = []diag.Finding{{Rule: rule, Severity: diag.Blocks}}
		}
		return res
	}
	take := func(results ...diag.Result) {
		what := s.table.put(&results[0], 0)
		for i := range results[1:] {
			s.table.rejudge(&results[1+i])
		}
		s.saver.take(results, what)
		s.table.publish()
	}
	take(found(1, "", false))
	take(found(2, "", true))
	take(found(3, "", false), found(1, "same-block", false))
	s.saver.hand()
	take(found(4, "", false), found(3, "older-block", false))
	take(found(2, "ran-on", false))
	s.saver.hand()
	take(found(5, "", false), found(2, "last-word", false))
	live := shown(s)
	s.saver.end()

	r := opened(t, path)
	if diff := cmp.Diff(live, shown(r)); diff != "" {
		t.Errorf("rows differ (-live +reopened):\n%s", diff)
	}
	if got := query(t, path, "SELECT group_concat(id || rule || open) FROM (SELECT * FROM request ORDER BY id)"); got != "1same-block0,2last-word0,3older-block0,40,50" {
		t.Errorf("the tables say %s", got)
	}
	if x, err := r.Exchange(2); err != nil || x.Open {
		t.Errorf("Exchange(2) = %+v, %v", x, err)
	}
}
