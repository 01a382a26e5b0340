package session

import (
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

// opened opens a saved session and waits for its rows.
func opened(t testing.TB, path string) *Session {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	<-s.saved.loaded
	return s
}

// shown spells the rows out, as far as the file keeps them.
func shown(s *Session) (out []string) {
	v := s.Rows()
	v.Read(0, v.Len(), func(p Page) {
		for _, r := range p.Rows {
			var texts []string
			for _, h := range r.texts() {
				texts = append(texts, p.Text(*h))
			}
			out = append(out, fmt.Sprint(r.ID, r.Started, r.Took(), r.RequestSize(), r.ResponseSize(), r.Attempt(),
				r.Status, r.Source, r.Class, r.Role(), r.Severity(), r.Outcome(), r.Flags, texts))
		}
	})
	return out
}

func closed(t testing.TB, s *Session) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// query runs plain SQL on a file, as a user would.
func query(t testing.TB, path, sqlText string) string {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path, "mode=ro"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got string
	if err := db.QueryRow(sqlText).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sqlText, err)
	}
	return got
}

func TestReopenShowsTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder?", "sess#ions%20")
	s := newSession(t, Options{Dir: dir, Label: "8900", WithSecrets: true, Title: "shop", Upstreams: []string{"http://localhost:8000"}})
	big := strings.Repeat("the same body again ", 500)
	for i := range 700 {
		body := fmt.Sprintf(`{"n":%d}`, i)
		if i%10 == 0 {
			body = big
		}
		add(s, fmt.Sprintf("/item/%d", i), []byte(body))
		if i%97 == 0 {
			flushed(t, s)
		}
	}
	var d exchange.Draft
	draftOf(&d, "/stream", nil)
	d.ID = 5
	d.Fail(exchange.Cut, "connection reset")
	s.Add(&d)
	flushed(t, s)
	live, path := shown(s), s.Stats().File.Path
	exchanges := map[uint64]*exchange.Exchange{}
	for id := uint64(1); id <= 700; id++ {
		exchanges[id], _ = s.Exchange(id)
	}
	closed(t, s)
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 1 || files[0] != path || !strings.HasSuffix(path, "-8900"+SecretsExt) {
		t.Errorf("%s holds %q, not just %s", dir, files, path)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	r := opened(t, path)
	if diff := cmp.Diff(live, shown(r)); diff != "" {
		t.Errorf("rows differ (-live +reopened):\n%s", diff)
	}
	for id, want := range exchanges {
		got, err := r.Exchange(id)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("exchange %d: %v\n%s", id, err, diff)
		}
	}
	if _, err := r.Exchange(701); !errors.Is(err, ErrGone) {
		t.Errorf("Exchange(701): %v", err)
	}
	if n := query(t, path, "SELECT count(*) FROM body"); n != "1" {
		t.Errorf("a body that came 70 times is stored %s times outside the blocks", n)
	}
	if got := query(t, path, "SELECT method || ' ' || host || target || ' ' || status || ' ' || started || ' ' || took_ms FROM request WHERE id = 700"); got != "GET localhost:8900/item/699 200 2027-01-15T08:00:00.000Z 1.5" {
		t.Errorf("the view shows %q", got)
	}
	if got := query(t, path, "SELECT error FROM request WHERE id = 5"); got != "cut" {
		t.Errorf("the replaced exchange failed with %q", got)
	}
	info, err := Inspect(path)
	if err != nil || info.Title != "shop" || info.Exchanges != 700 || !info.Closed || !info.Secrets || len(info.Upstreams) != 1 || time.Since(info.Started) > time.Minute {
		t.Errorf("Inspect: %+v, %v", info, err)
	}
	if st := r.Stats(); st.Total != 700 || st.Kept != 700 || st.File.State != Complete || st.Loading {
		t.Errorf("stats %+v", st)
	}
}

func TestDiagnoseAgain(t *testing.T) {
	s := newSession(t, Options{Dir: t.TempDir()})
	for i := range 300 {
		add(s, fmt.Sprintf("/%d", i), nil)
	}
	var d exchange.Draft
	draftOf(&d, "/stream", []byte("one"))
	d.Open = true
	s.Add(&d)
	flushed(t, s)
	id := d.ID
	draftOf(&d, "/stream", []byte("one two"))
	d.ID = id
	s.Add(&d)
	closed(t, s)
	r := opened(t, s.Stats().File.Path)
	var got []uint64
	r.Subscribe(func(res diag.Result) { got = append(got, res.Exchange.ID) })
	if err := r.Diagnose(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 302 || got[0] != 1 || got[301] != 301 || r.Stats().Diagnosed != 302 {
		t.Errorf("diagnosed %d, %v", len(got), got)
	}
	each := 0
	err := r.Each(context.Background(), func(x *exchange.Exchange) error {
		each++
		if x.Open || !x.Redacted {
			t.Errorf("exchange %d: open %v, redacted %v", x.ID, x.Open, x.Redacted)
		}
		return nil
	})
	if err != nil || each != 301 {
		t.Errorf("Each gave %d, %v", each, err)
	}
}

func wantError(t testing.TB, err, want error, text string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want one of %v", err, want)
	} else if !strings.HasPrefix(err.Error(), text) {
		t.Errorf("error is\n%s\nwant\n%s", err, text)
	}
}
