package diag

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"corsdash/internal/diag/fix"
	"corsdash/internal/exchange"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func newTestEngine(t testing.TB) *Engine {
	t.Helper()
	redactor, err := exchange.NewRedactorWithKey(exchange.RedactRules{}, []byte("fixtures"))
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Redactor: redactor})
}

// play runs traffic through an engine and returns the last result of each
// exchange, after everything that was waited for is given up.
func play(t testing.TB, e *Engine, steps []step) map[uint64]Result {
	t.Helper()
	last := make(map[uint64]Result)
	now := base
	take := func(results []Result) {
		for _, r := range results {
			if old, ok := last[r.Exchange.ID]; ok && !old.Exchange.Open && r.Rev != old.Rev+1 {
				t.Errorf("exchange %d: revision %d after %d", r.Exchange.ID, r.Rev, old.Rev)
			}
			last[r.Exchange.ID] = r
		}
	}
	for _, s := range steps {
		if s.x == nil {
			now = now.Add(s.advance)
			take(e.Advance(now))
			continue
		}
		results := e.Add(s.x)
		if len(results) == 0 || results[0].Exchange.ID != s.x.ID {
			t.Fatalf("exchange %d: its own result does not come first", s.x.ID)
		}
		take(results)
		if end := s.x.Timing.Started.Add(s.x.Timing.Took); end.After(now) {
			now = end
		}
	}
	take(e.Advance(now.Add(30 * time.Second)))
	return last
}

// check compares what came out with the lines wanted: "1 rule severity "part
// of the title"", "2 rule under other-rule", "1 outcome blocked", "1 attempt 1",
// "1 role hop", "1 none", "1 fix "text"", "1 evidence "text"".
func (s *scene) check(t *testing.T, results map[uint64]Result) {
	t.Helper()
	headlines := make(map[uint64]bool)
	listed := make(map[uint64]map[string]bool)
	for _, line := range s.want {
		number, rest, _ := strings.Cut(line, " ")
		id, err := strconv.ParseUint(number, 10, 64)
		r, ok := results[id]
		if err != nil || !ok {
			t.Errorf("%s: no exchange %s", line, number)
			continue
		}
		words, quoted, _ := strings.Cut(rest, `"`)
		quoted = strings.TrimSuffix(quoted, `"`)
		fields := strings.Fields(words)
		if !checkFact(t, line, &r, fields, quoted) {
			rule := fields[0]
			if listed[id] == nil {
				listed[id] = make(map[string]bool)
			}
			listed[id][rule] = true
			f := findingOf(&r, rule)
			if f == nil {
				t.Errorf("%s: found only %s", line, ruleIDs(r.Findings))
				continue
			}
			checkFinding(t, line, f, fields, quoted)
			if !headlines[id] && r.Findings[0].Rule != rule {
				t.Errorf("%s: the headline is %s", line, r.Findings[0].Rule)
			}
			headlines[id] = true
		}
	}
	for id, r := range results {
		for _, f := range r.Findings {
			if f.Under == "" && (f.Severity == Blocks || f.Severity == Error) && !listed[id][f.Rule] {
				t.Errorf("exchange %d: nobody asked for %s (%s): %s", id, f.Rule, f.Severity, f.Title)
			}
		}
	}
}

// checkFact checks what is no finding, and reports whether the line is such.
func checkFact(t *testing.T, line string, r *Result, fields []string, quoted string) bool {
	t.Helper()
	got, want := "", strings.Join(fields[1:], " ")
	switch fields[0] {
	case "outcome":
		got = string(r.Outcome())
	case "attempt":
		got = strconv.FormatUint(r.Attempt, 10)
	case "story":
		got = strconv.FormatUint(r.Story, 10)
	case "role":
		got = string(r.Role)
	case "rev":
		got = strconv.Itoa(r.Rev)
	case "none":
		for _, f := range r.Findings {
			if f.Severity != Info {
				got += f.Rule + " "
			}
		}
	case "fix", "evidence":
		text := strings.Join(r.Findings[0].Evidence, "\n")
		if fields[0] == "fix" {
			text = r.Findings[0].Fix
		}
		if !strings.Contains(text, quoted) {
			t.Errorf("%s: got\n%s", line, text)
		}
		return true
	default:
		return false
	}
	if got != want {
		t.Errorf("%s: got %q", line, got)
	}
	return true
}

func checkFinding(t *testing.T, line string, f *Finding, fields []string, quoted string) {
	t.Helper()
	if len(fields) == 3 && fields[1] == "under" {
		if f.Under != fields[2] {
			t.Errorf("%s: it is under %q", line, f.Under)
		}
		return
	}
	if len(fields) > 1 && string(f.Severity) != fields[1] {
		t.Errorf("%s: its severity is %s", line, f.Severity)
	}
	if !strings.Contains(f.Title, quoted) {
		t.Errorf("%s: its title is %q", line, f.Title)
	}
	if f.Under != "" {
		t.Errorf("%s: it is folded under %s", line, f.Under)
	}
}

func findingOf(r *Result, rule string) *Finding {
	for i := range r.Findings {
		if r.Findings[i].Rule == rule {
			return &r.Findings[i]
		}
	}
	return nil
}

func ruleIDs(list []Finding) string {
	var ids []string
	for _, f := range list {
		ids = append(ids, f.Rule)
	}
	return "[" + strings.Join(ids, " ") + "]"
}

// TestRules requires of every rule a fixture in which it fires, and a tempting
// one in which it must not.
func TestRules(t *testing.T) {
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			about, scenes := readScenes(t, filepath.Join("testdata", "rules", rule.ID+".txtar"))
			if about == "" {
				t.Error("the file does not begin with a sentence about the case")
			}
			fires, silent := 0, 0
			for _, s := range scenes {
				t.Run(s.name, func(t *testing.T) {
					results := play(t, newTestEngine(t), s.steps)
					s.check(t, results)
					fired := false
					for _, r := range results {
						fired = fired || findingOf(&r, rule.ID) != nil
					}
					switch {
					case strings.HasPrefix(s.name, "fires"):
						fires++
						if !fired {
							t.Error("it does not fire")
						}
						if !strings.Contains(strings.Join(s.want, "\n"), rule.ID) {
							t.Error("what is wanted does not name the rule")
						}
					case strings.HasPrefix(s.name, "silent"):
						silent++
						if fired {
							t.Error("it fires")
						}
					default:
						t.Errorf("a section is called fires, silent or want, not %q", s.name)
					}
					checkAgain(t, s, results)
				})
			}
			if fires == 0 || silent == 0 {
				t.Errorf("%d scenes in which it fires and %d in which it must not; one of each is needed", fires, silent)
			}
		})
	}
}

// checkAgain plays a scene a second time: the same traffic gives the same
// results, in clear and redacted.
func checkAgain(t *testing.T, s scene, results map[uint64]Result) {
	t.Helper()
	compare := func(what string, again map[uint64]Result) {
		for id, r := range results {
			other := again[id]
			if diff := cmp.Diff(r.Findings, other.Findings, cmpopts.EquateEmpty()); diff != "" || r.Outcome() != other.Outcome() || r.Rev != other.Rev {
				t.Errorf("exchange %d %s: outcome %s and %s, revision %d and %d\n%s", id, what, r.Outcome(), other.Outcome(), r.Rev, other.Rev, diff)
			}
		}
	}
	compare("played again", play(t, newTestEngine(t), s.steps))
	e := newTestEngine(t)
	redacted := make([]step, len(s.steps))
	for i, one := range s.steps {
		redacted[i] = one
		if one.x != nil {
			redacted[i].x = e.env.redactor.Exchange(one.x)
		}
	}
	compare("redacted", play(t, e, redacted))
}

// TestHealthy: ordinary traffic of sound set-ups gives no finding above info.
func TestHealthy(t *testing.T) {
	files, err := filepath.Glob("testdata/healthy/*.txtar")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			_, scenes := readScenes(t, path)
			for _, s := range scenes {
				results := play(t, newTestEngine(t), s.steps)
				s.check(t, results)
				for id, r := range results {
					for _, f := range r.Findings {
						if f.Severity != Info {
							t.Errorf("exchange %d: %s (%s): %s\n%s", id, f.Rule, f.Severity, f.Title, strings.Join(f.Evidence, "\n"))
						}
					}
					if o := r.Outcome(); o == "blocked" || o == "failed" || o == "" {
						t.Errorf("exchange %d: outcome %q", id, o)
					}
				}
				checkAgain(t, s, results)
			}
		})
	}
}

// TestRuleForm holds every rule to what people are promised of it.
func TestRuleForm(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range Rules() {
		if seen[r.ID] {
			t.Errorf("%s is listed twice", r.ID)
		}
		seen[r.ID] = true
		if r.ID != strings.ToLower(r.ID) || strings.ContainsAny(r.ID, " _") {
			t.Errorf("%s is no ID", r.ID)
		}
		if r.Looks == "" || r.Cause == "" || r.Fix == "" || r.On == 0 || r.Check == nil || r.Severity == "" {
			t.Errorf("%s is incomplete", r.ID)
		}
		for _, text := range []string{r.Cause, r.Fix} {
			if !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
				t.Errorf("%s: not sentences on one line: %q", r.ID, text)
			}
		}
		if _, ok := fix.Find(r.Topic); r.Topic != "" && !ok {
			t.Errorf("%s: no fix topic %s", r.ID, r.Topic)
		}
		if r.Spec != "" && !strings.HasPrefix(r.Spec, "https://") {
			t.Errorf("%s: %s is no link", r.ID, r.Spec)
		}
	}
}
