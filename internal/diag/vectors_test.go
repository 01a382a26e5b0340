package diag

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"corsdash/internal/cors"
	"corsdash/internal/exchange"
)

// vectors reads what real browsers did, see internal/cors/testdata.
func vectors(t testing.TB, browser string) (list []cors.Attempt) {
	t.Helper()
	file, err := os.Open("../cors/testdata/" + browser + ".ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(zip)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var a cors.Attempt
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// exchangesOf turns a recording into exchanges, 20 ms apart.
func exchangesOf(a *cors.Attempt, first uint64, at time.Time) (list []*exchange.Exchange) {
	for i := range a.Wire {
		w := &a.Wire[i]
		x := &exchange.Exchange{ID: first + uint64(i), Client: "127.0.0.1:1"}
		x.Timing = exchange.Timing{Started: at.Add(time.Duration(i) * 20 * time.Millisecond), Took: 5 * time.Millisecond}
		x.Request = exchange.Request{Method: w.Request.Method, URL: w.Request.URL, Proto: w.Request.Proto}
		for _, l := range w.Request.Headers {
			x.Request.Headers = append(x.Request.Headers, exchange.Header(l))
		}
		if w.Response != nil {
			x.Response = &exchange.Response{Status: w.Response.Status, Body: exchange.Body{Size: w.Response.BodySize, Data: w.Response.Body}}
			for _, l := range w.Response.Headers {
				x.Response.Headers = append(x.Response.Headers, exchange.Header(l))
			}
		}
		for c := exchange.Refused; w.Error != "" && c.String() != "unknown"; c++ {
			x.Failure.Class = exchange.Reset
			if c.String() == w.Error {
				x.Failure.Class = c
				break
			}
		}
		list = append(list, x)
	}
	return list
}

// TestShortCut: whatever the short cut lets pass, every browser lets pass.
func TestShortCut(t *testing.T) {
	for _, browser := range []string{"chromium", "firefox"} {
		taken, total := 0, 0
		for _, v := range vectors(t, browser) {
			e := newTestEngine(t)
			a := &Attempt{}
			var last cors.Exchange
			for i, x := range exchangesOf(&v, 1, base) {
				if last = v.Wire[i]; last.Step != v.Wire[len(v.Wire)-1].Step {
					continue
				}
				f := e.env.read(x)
				f.client = e.clients.of(f)
				a.add(&record{fact: f})
			}
			total++
			if !a.passes() {
				continue
			}
			taken++
			wire, _ := a.wire()
			all := cors.JudgeAll(&cors.Attempt{Wire: wire})
			for _, engine := range cors.Engines() {
				outcome := all.Of(engine).Outcome
				lone := len(wire) == 1 && a.Last().Role == Preflight && outcome == cors.Unknown
				if outcome != cors.Allowed && !lone && !(engine != cors.Chromium && outcome == cors.Unknown) {
					t.Errorf("%s %s: the short cut lets it pass, %s says %s %s", browser, v.ID, engine, outcome, all.Of(engine).Reason)
				}
			}
			if o := all.Outcome(); o != cors.Allowed && !(len(wire) == 1 && o == cors.Unknown) {
				t.Errorf("%s %s: the short cut lets it pass, the verdict is %s", browser, v.ID, o)
			}
		}
		if taken < 150 {
			t.Errorf("%s: only %d of %d take the short cut", browser, taken, total)
		}
		t.Logf("%s: %d of %d take the short cut", browser, taken, total)
	}
}

// TestRecordedAttempts: the exchanges that a browser made for one request are
// found to be one attempt.
func TestRecordedAttempts(t *testing.T) {
	for _, browser := range []string{"chromium", "firefox"} {
		whole, total := 0, 0
		for _, v := range vectors(t, browser) {
			if len(v.Wire) < 2 || v.Wire[0].Step != v.Wire[len(v.Wire)-1].Step {
				continue
			}
			e := newTestEngine(t)
			ids := make(map[uint64]bool)
			for _, x := range exchangesOf(&v, 1, base) {
				for _, r := range e.Add(x) {
					if r.Exchange == x {
						ids[r.Attempt] = true
					}
				}
			}
			total++
			if len(ids) == 1 {
				whole++
			} else if testing.Verbose() && total-whole < 40 {
				var hops []string
				for _, w := range v.Wire {
					status := 0
					if w.Response != nil {
						status = w.Response.Status
					}
					hops = append(hops, w.Request.Method+" "+w.Request.URL+" "+w.Error+" "+fmt.Sprint(status))
				}
				t.Logf("%s %s %v: %s", browser, v.ID, ids, strings.Join(hops, " | "))
			}
		}
		t.Logf("%s: %d of %d attempts found whole", browser, whole, total)
		if whole < total*99/100 {
			t.Errorf("%s: only %d of %d attempts found whole", browser, whole, total)
		}
	}
}
