package report

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// recorder notes each write.
type recorder struct {
	mu     sync.Mutex
	writes []string
	err    error
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	r.writes = append(r.writes, string(p))
	return len(p), nil
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.writes...)
}

// method prints the method and nothing else.
func method(dst []byte, r diag.Result) []byte { return append(dst, r.Exchange.Request.Method...) }

func result(text string) diag.Result {
	return diag.Result{Exchange: &exchange.Exchange{Request: exchange.Request{Method: text}}}
}

func TestStreamWritesABurstAtOnceAndSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out recorder
		s := NewStream(&out, method)
		for range 3 {
			s.Add(result("a"))
		}
		if got := out.all(); len(got) != 0 {
			t.Fatalf("written before the burst ended: %q", got)
		}
		time.Sleep(flushAfter) // virtual: the bubble's clock jumps
		synctest.Wait()
		if got := out.all(); len(got) != 1 || got[0] != "aaa" {
			t.Fatalf("%q", got)
		}
		s.Add(result("b"))
		time.Sleep(flushAfter)
		synctest.Wait()
		if got := out.all(); len(got) != 2 || got[1] != "b" {
			t.Fatalf("%q", got)
		}
	})
}

func TestStreamDoesNotHoardAFlood(t *testing.T) {
	var out recorder
	s := NewStream(&out, method)
	for range 5 {
		s.Add(result(strings.Repeat("x", flushSize/2)))
	}
	if got := out.all(); len(got) != 2 {
		t.Errorf("%d writes", len(got))
	}
	if err := s.Close(); err != nil || len(out.all()) != 3 {
		t.Errorf("%v, %d writes after Close", err, len(out.all()))
	}
}

func TestStreamEndsWhenTheReaderIsGone(t *testing.T) {
	out := recorder{err: io.ErrClosedPipe}
	s := NewStream(&out, method)
	s.Add(result("a"))
	select {
	case <-s.Broken():
	case <-time.After(5 * time.Second):
		t.Fatal("nobody said that the reader is gone")
	}
	s.Add(result("b"))
	if err := s.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Close says %v", err)
	}
}

func TestStreamPrintsFromManyGoroutines(t *testing.T) {
	var out recorder
	s := NewStream(&out, method)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				s.Add(result("x"))
			}
		})
	}
	wg.Wait()
	s.Close()
	if got := strings.Join(out.all(), ""); len(got) != 800 {
		t.Errorf("%d of 800", len(got))
	}
}
