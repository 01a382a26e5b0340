package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// draftOf fills a draft like the proxy does.
func draftOf(d *exchange.Draft, target string, body []byte) {
	d.Reset(time.Unix(1_800_000_000, 0))
	d.Took = 1500 * time.Microsecond
	d.Client("127.0.0.1:51234")
	d.Upstream("http://localhost:8000")
	d.Request([]byte("GET"), []byte("http://localhost:8900"), []byte(target), []byte("HTTP/1.1"),
		[]byte("Host: localhost:8900\r\nOrigin: http://localhost:3000\r\nAccept: */*\r\n"))
	d.Response(200, []byte("OK"), []byte("HTTP/1.1"), []byte("Content-Type: Application/JSON; charset=utf-8\r\n"))
	d.ResponseBody(body, 256<<10)
}

// add adds one exchange and returns its ID.
func add(s *Session, target string, body []byte) uint64 {
	var d exchange.Draft
	draftOf(&d, target, body)
	s.Add(&d)
	return d.ID
}

func newSession(t testing.TB, opts Options) *Session {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func flushed(t testing.TB, s *Session) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestAddGivesRowsAndExchanges(t *testing.T) {
	s := newSession(t, Options{})
	var got []uint64
	s.Subscribe(func(r diag.Result) { got = append(got, r.Exchange.ID) })
	for i := range 3 {
		if id := add(s, fmt.Sprintf("/item/%d?q=1", i), []byte("{}")); id != uint64(i+1) {
			t.Fatalf("exchange %d got ID %d", i, id)
		}
	}
	flushed(t, s)
	if fmt.Sprint(got) != "[1 2 3]" {
		t.Errorf("subscriber got %v", got)
	}
	rows := s.Rows()
	if rows.Len() != 3 || rows.FirstID() != 1 {
		t.Fatalf("Len %d, FirstID %d", rows.Len(), rows.FirstID())
	}
	r := rows.At(2)
	for _, c := range []struct{ what, got, want string }{
		{"method", rows.Text(r.Method), "GET"},
		{"host", rows.Text(r.Host), "localhost:8900"},
		{"target", rows.Text(r.Target), "/item/2?q=1"},
		{"upstream", rows.Text(r.Upstream), "http://localhost:8000"},
		{"origin", rows.Text(r.Origin), "http://localhost:3000"},
		{"referer", rows.Text(r.Referer), ""},
		{"mime", rows.Text(r.Mime), "application/json"},
		{"client", rows.Text(r.Client), "127.0.0.1"},
		{"took", r.Took().String(), "1.5ms"},
		{"sizes", fmt.Sprint(r.RequestSize(), r.ResponseSize(), r.Status), "0 2 200"},
		{"attempt", fmt.Sprint(r.Attempt(), r.Role(), r.Severity(), r.Outcome()), "3actualblocksblocked"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
	x, err := s.Exchange(2)
	if err != nil || x.Request.URL != "http://localhost:8900/item/1?q=1" || x.Response.Body.Data != "{}" {
		t.Errorf("Exchange(2) = %+v, %v", x, err)
	}
	if _, err := s.Exchange(4); !errors.Is(err, ErrGone) {
		t.Errorf("Exchange(4): %v", err)
	}
}

func TestLaterAddReplaces(t *testing.T) {
	s := newSession(t, Options{})
	var d exchange.Draft
	draftOf(&d, "/stream", []byte("one"))
	d.Open = true
	s.Add(&d)
	add(s, "/other", nil)
	flushed(t, s)
	_, since, _ := s.Revised(0)
	if r := s.Rows().At(0); r.Flags&Running == 0 {
		t.Error("the running exchange is not marked open")
	}
	id := d.ID
	draftOf(&d, "/stream", []byte("one two"))
	d.ID = id
	s.Add(&d)
	flushed(t, s)
	rows := s.Rows()
	if rows.Len() != 2 || rows.At(0).ID != id || rows.At(0).Flags&Running != 0 || rows.At(0).ResponseSize() != 7 {
		t.Errorf("rows are %+v, %+v", rows.At(0), rows.At(1))
	}
	if ids, _, complete := s.Revised(since); !complete || fmt.Sprint(ids) != fmt.Sprint([]uint64{id}) {
		t.Errorf("revised %v, complete %v", ids, complete)
	}
	if x, err := s.Exchange(id); err != nil || x.Response.Body.Data != "one two" {
		t.Errorf("Exchange = %+v, %v", x, err)
	}
}

// TestStalledSubscriberSheds shows that a consumer that stands still costs
// capture, not traffic, and that nothing it has not seen is overwritten.
func TestStalledSubscriberSheds(t *testing.T) {
	s := newSession(t, Options{Memory: minMemory})
	held, release := make(chan struct{}), make(chan struct{})
	var seen []uint64
	s.Subscribe(func(r diag.Result) {
		if len(seen) == 0 {
			close(held)
			<-release
		}
		if want := strings.Repeat(r.Exchange.Request.URL[len("http://localhost:8900/"):], 100); r.Exchange.Response.Body.Data != want {
			t.Errorf("exchange %d was overwritten before it was seen", r.Exchange.ID)
		}
		seen = append(seen, r.Exchange.ID)
	})
	var open exchange.Draft
	draftOf(&open, "/open", []byte(strings.Repeat("open", 100)))
	open.Open = true
	s.Add(&open)
	<-held
	shed, last := 0, uint64(1)
	for i := range 1000 {
		id := add(s, fmt.Sprintf("/%04d", i), []byte(strings.Repeat(fmt.Sprintf("%04d", i), 100)))
		if id == 0 {
			shed++
			continue
		}
		if id != last+1 {
			t.Fatalf("ID %d after %d", id, last)
		}
		last = id
	}
	open.Open = false
	s.Add(&open)
	close(release)
	flushed(t, s)
	st := s.Stats()
	if shed == 0 || st.Shed != uint64(shed+1) || st.Total != last {
		t.Errorf("shed %d, last %d, stats %+v", shed, last, st)
	}
	for i, id := range seen {
		if id != uint64(i+1) {
			t.Fatalf("seen[%d] = %d", i, id)
		}
	}
	if r := s.Rows().At(0); r.Flags&(Running|EndLost) != EndLost {
		t.Errorf("flags of the exchange whose end was shed: %b", r.Flags)
	}
}

func TestTooLargeForRing(t *testing.T) {
	s := newSession(t, Options{Memory: minMemory})
	if id := add(s, "/", make([]byte, minMemory/4)); id != 0 {
		t.Errorf("an exchange of a quarter of the ring got ID %d", id)
	}
	if id := add(s, "/", nil); id != 1 {
		t.Errorf("the next got ID %d", id)
	}
}

func TestRingKeepsTheNewest(t *testing.T) {
	s := newSession(t, Options{Memory: minMemory})
	for i := range 500 {
		add(s, fmt.Sprintf("/%d", i), make([]byte, i*7))
		if i%10 == 0 {
			flushed(t, s)
		}
	}
	flushed(t, s)
	kept := 0
	for id := uint64(500); id > 0; id-- {
		x, err := s.Exchange(id)
		if err != nil {
			break
		}
		if want := fmt.Sprintf("http://localhost:8900/%d", id-1); x.Request.URL != want {
			t.Fatalf("exchange %d is %s", id, x.Request.URL)
		}
		kept++
	}
	if kept < 10 || kept > 40 {
		t.Errorf("%d exchanges of about 3.7 KB in 64 KB", kept)
	}
	if _, err := s.Exchange(1); !errors.Is(err, ErrGone) {
		t.Errorf("Exchange(1): %v", err)
	}
}

func TestPanickingRuleIsSurvived(t *testing.T) {
	s := newSession(t, Options{})
	s.Subscribe(func(r diag.Result) {
		if r.Exchange.ID == 1 {
			panic("rule")
		}
	})
	add(s, "/", nil)
	add(s, "/", nil)
	flushed(t, s)
	if n := s.Rows().Len(); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestClose(t *testing.T) {
	s := newSession(t, Options{})
	add(s, "/", nil)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if s.Rows().Len() != 1 {
		t.Error("what was added before Close is not there")
	}
	if add(s, "/", nil) != 0 {
		t.Error("Add after Close gave an ID")
	}
	if err := s.Flush(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("Flush after Close: %v", err)
	}
}

func TestChanged(t *testing.T) {
	s := newSession(t, Options{})
	select {
	case <-s.Changed():
		t.Fatal("changed before anything was added")
	default:
	}
	for range 100 {
		add(s, "/", nil)
	}
	flushed(t, s)
	<-s.Changed()
	select {
	case <-s.Changed():
		t.Error("a second signal for one change")
	default:
	}
}
