package cors

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"
)

// vector is a recorded attempt and what the browser made of it.
type vector struct {
	Attempt
	Group  string
	Title  string
	Expect struct {
		Outcome    Outcome  `json:"outcome"`
		Code       Code     `json:"code"`
		Codes      []Code   `json:"codes"`
		Console    string   `json:"console"`
		Parameter  string   `json:"parameter"`
		NetError   string   `json:"net_error"`
		Readable   []string `json:"readable_headers"`
		Status     int      `json:"status"`
		Redirected bool     `json:"redirected"`
	}
}

// vectors reads a file of testdata; see testdata/README.md.
func vectors(t testing.TB, name string) []vector {
	t.Helper()
	file, err := os.Open("testdata/" + name + ".ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	lines := bufio.NewScanner(zip)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s, line %d: %v", name, len(out)+1, err)
		}
		out = append(out, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// undecidable reports vectors whose answer is not in the record: what the
// server sent was no well-formed HTTP and only "garbage" or "partial-headers"
// was noted in place of it. Each kind of garbage is read in another way, so
// the same input has several right answers (TestGarbageIsUndecidable proves
// it), and Unknown is the only one that is never wrong.
func undecidable(v *vector) bool {
	last := v.Wire[len(v.Wire)-1]
	return last.Response == nil && (last.Error == "garbage" || last.Error == "partial-headers")
}

func TestVectorsWithHints(t *testing.T) {
	for _, name := range []string{"chromium", "firefox"} {
		t.Run(name, func(t *testing.T) {
			engine, _ := ParseEngine(name)
			score := newTally()
			for _, v := range vectors(t, name) {
				got := Judge(&v.Attempt, engine)
				if undecidable(&v) {
					score.note(v.Group, "undecidable", got.Outcome == Unknown)
					continue
				}
				compare(t, score, &v, &got)
			}
			t.Log("\n" + score.String())
			if score.failed > 0 {
				t.Errorf("%d of %d fields differ", score.failed, score.all)
			}
		})
	}
}

func compare(t *testing.T, score *tally, v *vector, got *Verdict) {
	t.Helper()
	want := &v.Expect
	check := func(field string, got, want any) {
		ok := fmt.Sprint(got) == fmt.Sprint(want)
		score.note(v.Group, field, ok)
		if !ok && score.failed <= 40 {
			t.Errorf("%s %s (%s): %s\n got %v\nwant %v", v.ID, v.Group, v.Title, field, got, want)
		}
	}
	check("outcome", got.Outcome, want.Outcome)
	check("code", got.Code, want.Code)
	check("console", got.Console(), want.Console)
	parameter := got.Parameter
	if !utf8.ValidString(parameter) || got.Engine == Firefox {
		parameter = "" // not recorded
	}
	check("parameter", parameter, want.Parameter)
	codes := got.Codes()
	if len(codes) < 2 {
		codes = nil
	}
	check("codes", codes, want.Codes)
	if want.NetError != "" || got.NetError == "" {
		check("net_error", got.NetError, want.NetError)
	}
	if want.Status != 0 {
		check("status", got.Status, want.Status)
		check("readable_headers", got.Readable(), want.Readable)
		check("redirected", got.Redirected, want.Redirected)
	}
}

// tally counts agreement per group and field.
type tally struct {
	all, failed int
	cells       map[string]map[string][2]int
}

func newTally() *tally { return &tally{cells: map[string]map[string][2]int{}} }

func (t *tally) note(group, field string, ok bool) {
	if t.cells[group] == nil {
		t.cells[group] = map[string][2]int{}
	}
	c := t.cells[group][field]
	c[1]++
	t.all++
	if ok {
		c[0]++
	} else {
		t.failed++
	}
	t.cells[group][field] = c
}

func (t *tally) String() string {
	var b strings.Builder
	var groups []string
	for g := range t.cells {
		groups = append(groups, g)
	}
	sort.Strings(groups)
	for _, g := range groups {
		var fields []string
		for f := range t.cells[g] {
			fields = append(fields, f)
		}
		slices.Sort(fields)
		fmt.Fprintf(&b, "%-20s", g)
		for _, f := range fields {
			c := t.cells[g][f]
			fmt.Fprintf(&b, "  %s %d/%d", f, c[0], c[1])
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d of %d fields agree", t.all-t.failed, t.all)
	return b.String()
}

// TestVectorsFromTheWire strips everything a proxy does not see and demands
// that no verdict that commits itself is wrong.
func TestVectorsFromTheWire(t *testing.T) {
	for _, name := range []string{"chromium", "firefox"} {
		t.Run(name, func(t *testing.T) {
			engine, _ := ParseEngine(name)
			var sure, open, wrong, all int
			why := map[string]int{}
			for _, v := range vectors(t, name) {
				all++
				bare := Attempt{Wire: v.Wire}
				got := Judge(&bare, engine)
				switch {
				case got.Sure() && agrees(&v, &got):
					sure++
				case got.Sure():
					wrong++
					t.Errorf("%s %s (%s): sure and wrong: %s %s %s, is %s %s %s", v.ID, v.Group, v.Title,
						got.Outcome, got.Codes(), got.NetError, v.Expect.Outcome, v.Expect.Code, v.Expect.NetError)
				case got.Outcome == Unknown:
					open++
					why[got.Reason]++
				default:
					open++
					why[got.Decides]++
					if !among(&v, &got) && !unseen(&v) {
						t.Errorf("%s %s (%s): conditional without the truth", v.ID, v.Group, v.Title)
					}
				}
			}
			t.Logf("%d of %d sure (%.1f %%), %d open, %d wrong", sure, all, 100*float64(sure)/float64(all), open, wrong)
			for reason, n := range why {
				t.Logf("%5d %s", n, reason)
			}
			if sure*100 < all*85 {
				t.Errorf("only %d of %d verdicts are sure", sure, all)
			}
		})
	}
}

// unseen reports vectors whose judged request left nothing on the wire, because
// the HTTP cache answered it. The wire alone shows the request before it, and
// open answers are about that one.
func unseen(v *vector) bool {
	last := v.Wire[len(v.Wire)-1]
	return v.Hints != nil && last.Step < len(v.Hints.Warmup)
}

// agrees compares what can be known without hints. A page gets its own origin's
// answers and its pictures without CORS having a say.
func agrees(v *vector, got *Verdict) bool {
	want := &v.Expect
	if got.Outcome == NotCORS || got.Outcome == Opaque && v.Hints.API == string(Beacon) {
		return want.Outcome == Allowed
	}
	return got.Outcome == want.Outcome && got.Code == want.Code && (want.NetError == "" || got.NetError == want.NetError)
}

func among(v *vector, got *Verdict) bool {
	for _, g := range []*Verdict{got.IfInclude, got.IfNotInclude, got.Otherwise} {
		if g != nil && (agrees(v, g) || g.Outcome == Unknown) {
			return true
		}
	}
	return false
}

// TestVectorsOfTheOtherBrowser judges what one browser sent for the other one,
// whose own recording of the same case tells the truth. Where they would have
// sent different requests the verdict must be open.
func TestVectorsOfTheOtherBrowser(t *testing.T) {
	for _, pair := range [][2]string{{"chromium", "firefox"}, {"firefox", "chromium"}} {
		t.Run(pair[0]+" for "+pair[1], func(t *testing.T) {
			engine, _ := ParseEngine(pair[1])
			truth := map[string]vector{}
			for _, v := range vectors(t, pair[1]) {
				truth[v.ID] = v
			}
			sure, open := 0, 0
			for _, v := range vectors(t, pair[0]) {
				want, ok := truth[v.ID]
				if !ok || undecidable(&v) {
					continue
				}
				got := Judge(&v.Attempt, engine)
				switch {
				case !got.Sure():
					open++
				case agrees(&want, &got) && got.Console() == want.Expect.Console:
					sure++
				default:
					t.Errorf("%s %s (%s): got %s %s, is %s %s", v.ID, v.Group, v.Title, got.Outcome, got.Codes(), want.Expect.Outcome, want.Expect.Code)
				}
			}
			t.Logf("%d sure and right, %d open", sure, open)
			if sure < 10*open {
				t.Errorf("%d open verdicts are too many", open)
			}
		})
	}
}

// TestGarbageIsUndecidable shows why undecidable is no skip list: one and the
// same input, but for its URL, has several recorded outcomes.
func TestGarbageIsUndecidable(t *testing.T) {
	for _, name := range []string{"chromium", "firefox"} {
		seen := map[string]map[Outcome]bool{}
		for _, v := range vectors(t, name) {
			if !undecidable(&v) {
				continue
			}
			last := v.Wire[len(v.Wire)-1]
			key := fmt.Sprint(v.Hints.API, v.Hints.Method, last.Error, len(v.Wire))
			if seen[key] == nil {
				seen[key] = map[Outcome]bool{}
			}
			seen[key][v.Expect.Outcome] = true
		}
		for key, outcomes := range seen {
			if strings.Contains(key, "garbage") && len(outcomes) < 2 {
				t.Errorf("%s: %s always ends %v; judge it", name, key, outcomes)
			}
		}
	}
}
