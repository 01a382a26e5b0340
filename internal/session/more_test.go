package session

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// TestManyRows reopens more rows than a chunk holds, and shows that those the
// table dropped are still in the file.
func TestManyRows(t *testing.T) {
	const n = 2*chunkRows + 1000
	path := filepath.Join(t.TempDir(), "many.corsdash")
	s := newSession(t, Options{File: path, MaxRows: 1, Memory: 1 << 20})
	var d exchange.Draft
	for i := range n {
		d.Reset(time.Unix(1_800_000_000-int64(i), 0)) // the clock runs backwards: nothing goes by it
		d.Request([]byte("GET"), []byte("http://a"), fmt.Appendf(nil, "/%d", i), []byte("HTTP/1.1"), nil)
		s.Add(&d)
		if i%2000 == 0 {
			flushed(t, s)
		}
	}
	flushed(t, s)
	if st := s.Stats(); st.Kept > 2*chunkRows || st.Total != n || st.Shed != 0 {
		t.Errorf("%+v", st)
	}
	if x, err := s.Exchange(7); err != nil || x.Request.URL != "http://a/6" {
		t.Errorf("an exchange without a row: %+v, %v", x, err)
	}
	closed(t, s)
	r, err := Open(path, Options{MaxRows: n + chunkRows})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, r)
	<-r.saved.loaded
	rows := r.Rows()
	if rows.Len() != n {
		t.Fatalf("%d of %d rows", rows.Len(), n)
	}
	rows.Read(0, n, func(p Page) {
		for i, row := range p.Rows {
			if want := p.First + i; row.ID != uint64(want+1) || p.Text(row.Target) != fmt.Sprintf("/%d", want) {
				t.Fatalf("row %d is %d, %s", want, row.ID, p.Text(row.Target))
			}
		}
	})
	for _, id := range []uint64{1, chunkRows, n} {
		if i, ok := rows.Index(id); !ok || i != int(id-1) {
			t.Errorf("exchange %d is at %d, %v", id, i, ok)
		}
	}
	few, err := Open(path, Options{MaxRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, few)
	<-few.saved.loaded
	if v := few.Rows(); v.Len() < chunkRows || v.Len() > 2*chunkRows || v.At(v.Len()-1).ID != n {
		t.Errorf("%d rows up to %d", v.Len(), v.At(v.Len()-1).ID)
	}
}

// TestBlockLeftOut: an exchange whose first record did not reach the file is
// shown by its later one, at its place.
func TestBlockLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.corsdash")
	s := start(Options{})
	if err := s.save(Options{File: path, WithSecrets: true}); err != nil {
		t.Fatal(err)
	}
	take := func(ids ...uint64) {
		for _, id := range ids {
			res := *resultOf(id, fmt.Sprintf("/%d", id))
			s.saver.take([]diag.Result{res}, s.table.put(&res, 0))
		}
	}
	take(1, 2)
	s.saver.hand()
	take(3, 4, 5)
	s.saver.block = nil // this block is lost
	take(6, 4)
	s.saver.hand()
	s.saver.end()
	r := opened(t, path)
	var ids []uint64
	rows := r.Rows()
	for i := range rows.Len() {
		ids = append(ids, rows.At(i).ID)
	}
	if fmt.Sprint(ids) != "[1 2 4 6]" {
		t.Errorf("rows %v", ids)
	}
	if x, err := r.Exchange(4); err != nil || x.ID != 4 {
		t.Errorf("Exchange(4): %v", err)
	}
	if _, err := r.Exchange(3); !errors.Is(err, ErrGone) {
		t.Errorf("Exchange(3): %v", err)
	}
}

// TestAllAtOnce has writers, readers and a filter work at the same time, for
// the race detector.
func TestAllAtOnce(t *testing.T) {
	s := newSession(t, Options{Dir: t.TempDir(), Memory: 256 << 10})
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			var d exchange.Draft
			for n := range 300 {
				draftOf(&d, fmt.Sprintf("/%d/%d", w, n), uniqueJSON(n, 500))
				d.Open = n%5 == 0
				s.Add(&d)
				if d.Open && d.ID != 0 {
					id := d.ID
					draftOf(&d, fmt.Sprintf("/%d/%d", w, n), nil)
					d.ID = id
					s.Add(&d)
				}
				if n%50 == 0 {
					flushed(t, s)
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for since := uint64(0); ; {
				select {
				case <-done:
					return
				case <-s.Changed():
				case <-time.After(time.Millisecond):
				}
				v := s.Rows()
				if v.Len() == 0 {
					continue
				}
				v.Read(0, v.Len(), func(p Page) { p.Text(p.Rows[0].Target) })
				_, since, _ = s.Revised(since)
				for _, i := range []int{0, v.Len() / 2, v.Len() - 1} {
					id := v.At(i).ID
					if res, err := s.Result(id); err != nil && !errors.Is(err, ErrGone) || err == nil && res.Exchange.ID != id {
						t.Errorf("Result(%d): %v", id, err)
					}
				}
				s.Stats()
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	flushed(t, s)
	if st := s.Stats(); st.Total+st.Shed < 1200 || st.Total != uint64(s.Rows().Len()) {
		t.Errorf("%+v", st)
	}
}

// TestResults: a result with findings is kept as it was last told, without its
// exchange; the oldest make room.
func TestResults(t *testing.T) {
	var r results
	told := func(id uint64, rule string) {
		res := *resultOf(id, "/")
		if rule != "" {
			res.Findings = []diag.Finding{{Rule: rule}}
		}
		r.keep(res)
	}
	told(1, "a")
	told(2, "")
	told(1, "b")
	if res, ok := r.get(1); !ok || res.Findings[0].Rule != "b" || res.Exchange != nil {
		t.Errorf("%+v, %v", res, ok)
	}
	if _, ok := r.get(2); ok {
		t.Error("a result without findings is kept")
	}
	told(1, "")
	if res, ok := r.get(1); !ok || len(res.Findings) != 0 {
		t.Errorf("findings that went away are still told: %+v", res)
	}
	for id := range uint64(resultsKept) {
		told(id+10, "c")
	}
	if _, ok := r.get(1); ok || len(r.byID) != resultsKept {
		t.Errorf("%d results are kept", len(r.byID))
	}
}

func TestResultLooksAround(t *testing.T) {
	s := newSession(t, Options{})
	for n := range 100 {
		add(s, fmt.Sprintf("/%d", n), nil)
	}
	flushed(t, s)
	for _, id := range []uint64{1, 50, 100} {
		if res, err := s.Result(id); err != nil || res.Exchange.ID != id || res.Attempt != id {
			t.Errorf("Result(%d) = %+v, %v", id, res, err)
		}
	}
	if _, err := s.Result(101); !errors.Is(err, ErrGone) {
		t.Errorf("Result(101): %v", err)
	}
}
