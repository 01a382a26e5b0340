package session

import (
	"testing"
	"testing/synctest"
	"time"

	"corsdash/internal/diag"
)

// TestCloseIsBounded: a subscriber that never returns does not keep the
// program from ending.
func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		s.Subscribe(func(diag.Result) { <-release })
		add(s, "/", nil)
		start := time.Now()
		if err := s.Close(); err == nil || time.Since(start) != closeLimit {
			t.Errorf("Close took %v: %v", time.Since(start), err)
		}
		close(release)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestOneWakeUpServesABatch: what comes within the settling time comes as one.
func TestOneWakeUpServesABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		synctest.Wait()
		start := time.Now()
		add(s, "/", nil)
		time.Sleep(settle / 2)
		add(s, "/", nil)
		<-s.Changed()
		if took := time.Since(start); took != settle || s.Rows().Len() != 2 {
			t.Errorf("%d rows after %v", s.Rows().Len(), took)
		}
	})
}

// TestSavedSoon: what was added is in the file within 250 ms, whether or not
// anybody waits for it.
func TestSavedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint64(5) {
			add(s, "/", nil)
			time.Sleep(249 * time.Millisecond)
			synctest.Wait()
			if st := s.Stats().File; st.Saved != n+1 {
				t.Errorf("%d of %d exchanges are saved after 249 ms", st.Saved, n+1)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rate{start: time.Now()}
		for range 20 { // 5 s at 40 a second
			for range 10 {
				r.add(1, 1000)
			}
			time.Sleep(250 * time.Millisecond)
		}
		if count, bytes := r.now(); count != 40 || bytes != 40_000 {
			t.Errorf("%v and %v a second, want 40 and 40000", count, bytes)
		}
		time.Sleep(time.Second)
		if count, _ := r.now(); count != 20 {
			t.Errorf("%v a second after a second of silence, want 20", count)
		}
		time.Sleep(time.Minute)
		if count, bytes := r.now(); count != 0 || bytes != 0 {
			t.Errorf("%v and %v a second after a minute of silence", count, bytes)
		}
	})
}
