package session

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

func resultOf(id uint64, target string) *diag.Result {
	return &diag.Result{Exchange: &exchange.Exchange{
		ID: id, Client: "127.0.0.1:1", Upstream: "http://localhost:8000",
		Request: exchange.Request{Method: "GET", URL: "http://localhost:8900" + target},
	}, Attempt: id, Role: diag.Actual, Rev: 1}
}

func TestRowIsSmall(t *testing.T) {
	if rowSize != 80 {
		t.Errorf("a row takes %d bytes", rowSize)
	}
}

func TestApprox(t *testing.T) {
	for _, v := range []int64{0, 1, 1<<27 - 1, 1 << 27, 1<<27 + 1, 123_456_789_012, int64(time.Hour) * 24 * 300, 1 << 40, -1} {
		got := approximate(v).value()
		if diff := math.Abs(float64(got - v)); diff > math.Abs(float64(v))*1e-7 || v < 1<<27 && got != v {
			t.Errorf("%d reads as %d", v, got)
		}
	}
	if got := approximate(math.MaxInt64).value(); got < 1<<57 {
		t.Errorf("the largest number reads as %d", got)
	}
}

func TestTableDropsTheOldest(t *testing.T) {
	table := newTable(4 * chunkRows)
	n := uint64(6*chunkRows + 100)
	for id := uint64(1); id <= n; id++ {
		table.put(resultOf(id*2, fmt.Sprintf("/%d", id)), 0)
	}
	table.publish()
	v := table.view()
	if v.Len() > 4*chunkRows || v.Len() < 3*chunkRows || table.kept != v.Len() || table.total != n {
		t.Fatalf("Len %d, kept %d, total %d", v.Len(), table.kept, table.total)
	}
	last := v.At(v.Len() - 1)
	if last.ID != 2*n || v.Text(last.Target) != fmt.Sprintf("/%d", n) || v.Text(last.Host) != "localhost:8900" {
		t.Errorf("last row %+v %q", last, v.Text(last.Target))
	}
	for i := range v.Len() {
		r := v.At(i)
		if at, ok := v.Index(r.ID); !ok || at != i {
			t.Fatalf("row %d is found at %d, %v", i, at, ok)
		}
		if _, ok := v.Index(r.ID + 1); ok {
			t.Fatalf("row %d, which is none, is found", r.ID+1)
		}
	}
	for id := n + 1; id <= n+2*chunkRows; id++ {
		table.put(resultOf(id*2, "/"), 0)
	}
	table.publish()
	if r := v.At(0); r != (Row{}) {
		t.Errorf("a dropped row reads as %+v", r)
	}
	left := 0
	v.Read(0, v.Len(), func(p Page) {
		left += len(p.Rows)
		if want := last.ID - uint64(2*(v.Len()-1-p.First)); p.Rows[0].ID != want {
			t.Errorf("page at %d starts with %d, want %d", p.First, p.Rows[0].ID, want)
		}
	})
	if left == 0 || left == v.Len() {
		t.Errorf("%d of %d rows are left", left, v.Len())
	}
}

func TestTableBoundsText(t *testing.T) {
	table := newTable(DefaultMaxRows)
	table.maxText = 10
	long := strings.Repeat("x", 4000)
	for id := range uint64(20_000) {
		table.put(resultOf(id+1, fmt.Sprintf("/%d/%s", id, long)), 0)
	}
	table.publish()
	if table.texts.live > table.maxText+maxChunkText+2 {
		t.Errorf("%d MB of text", table.texts.live)
	}
	v := table.view()
	r := v.At(v.Len() - 1)
	if s := v.Text(r.Target); len(s) != maxText || !strings.HasSuffix(s, "x…") {
		t.Errorf("%d bytes, ends %q", len(s), s[len(s)-5:])
	}
}

func TestTableRevises(t *testing.T) {
	table := newTable(1)
	for id := range uint64(10) {
		table.put(resultOf(id+1, "/"), 0)
	}
	res := resultOf(3, "/")
	res.Attempt, res.Role = 2, diag.Hop
	res.Findings = []diag.Finding{{Rule: "a", Severity: diag.Info}, {Rule: "b", Severity: diag.Blocks}, {Rule: "c", Severity: diag.Blocks}}
	check := func(when string) {
		t.Helper()
		v := table.view()
		r := v.At(2)
		if v.Text(r.Rule) != "b" || r.Severity() != diag.Blocks || r.Attempt() != 2 || r.Role() != diag.Hop || r.Outcome() != "blocked" {
			t.Errorf("%s: %+v, rule %q", when, r, v.Text(r.Rule))
		}
		if table.worst[r.severity] != 1 || table.kept != 10 {
			t.Errorf("%s: counts %v", when, table.worst)
		}
	}
	table.rejudge(res)
	table.publish()
	check("before it was shown")
	table.rejudge(resultOf(3, "/"))
	table.rejudge(res)
	check("after")
	if ids, now, complete := table.revisedSince(0); fmt.Sprint(ids, now, complete) != "[3 3] 2 true" {
		t.Errorf("revised %v, now %d, complete %v", ids, now, complete)
	}
}

// TestReadersAndWriters is for the race detector.
func TestReadersAndWriters(t *testing.T) {
	table := newTable(1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for id := uint64(1); id < 4*chunkRows; id++ {
			table.put(resultOf(id, "/x"), 0)
			if id%100 == 0 {
				table.publish()
				table.rejudge(resultOf(id/2, "/y"))
			}
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		v := table.view()
		last := uint64(0)
		v.Read(0, v.Len(), func(p Page) {
			for i := range p.Rows {
				if r := &p.Rows[i]; r.ID <= last || p.Text(r.Target) != "/x" {
					t.Errorf("row %d after %d, target %q", r.ID, last, p.Text(r.Target))
				} else {
					last = r.ID
				}
			}
		})
	}
}
