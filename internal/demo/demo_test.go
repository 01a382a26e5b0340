package demo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"corsdash/internal/exchange"
	"corsdash/proxy"

	"github.com/google/go-cmp/cmp"
)

// fast is the speed of the demo's clock in tests: a token of two seconds lives
// for a tenth of one.
const fast = 20

func start(t *testing.T) *Demo {
	t.Helper()
	d, err := Start(t.Context(), Options{FrontendAddr: "127.0.0.1:0", Speed: fast})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// promised are the outcomes that the scenarios announce.
func promised() (all []Outcome) {
	for _, s := range scenarios {
		for _, step := range s.Steps {
			for _, saw := range step.Saw {
				all = append(all, Outcome{Scenario: s.ID, Saw: saw})
			}
		}
	}
	return all
}

// comparable sorts what runs together, and drops what is not promised.
func comparable(all []Outcome) []Outcome {
	var out []Outcome
	for _, o := range all {
		out = append(out, Outcome{Scenario: o.Scenario, Saw: o.Saw})
	}
	for _, s := range scenarios {
		if !slices.ContainsFunc(s.Steps, func(s Step) bool { return s.Together > 1 }) {
			continue
		}
		from := slices.IndexFunc(out, func(o Outcome) bool { return o.Scenario == s.ID })
		to := from
		for to < len(out) && out[to].Scenario == s.ID {
			to++
		}
		slices.SortFunc(out[max(from, 0):max(to, 0)], func(a, b Outcome) int { return cmpString(a.Saw, b.Saw) })
	}
	return out
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestScenariosKeepTheirPromises(t *testing.T) {
	d := start(t)
	got, err := d.RunOnce(t.Context(), d.BackendURL())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(comparable(promised()), comparable(got)); diff != "" {
		t.Error(diff)
	}
	checkCodes(t, got)
}

// checkCodes compares the reasons for refusals with those promised.
func checkCodes(t *testing.T, got []Outcome) {
	t.Helper()
	for _, s := range scenarios {
		for _, step := range s.Steps {
			for _, o := range got {
				if o.Scenario == s.ID && o.Step == step.Name && o.Code != step.Code {
					t.Errorf("%s, %s: refused with %q, promised was %q", s.ID, step.Name, o.Code, step.Code)
				}
			}
		}
	}
}

type counter struct{ n chan struct{} }

func (c counter) Add(*exchange.Draft) {
	select {
	case c.n <- struct{}{}:
	default:
	}
}

func TestScenariosThroughTheProxy(t *testing.T) {
	d := start(t)
	seen := counter{make(chan struct{}, 1000)}
	p, err := proxy.New(proxy.Options{Sink: seen, Routes: []proxy.Route{{Target: d.BackendURL()}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- p.Serve(t.Context()) }()
	t.Cleanup(func() {
		p.Close()
		<-served
	})
	got, err := d.RunOnce(t.Context(), "http://"+p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(comparable(promised()), comparable(got)); diff != "" {
		t.Error(diff)
	}
	checkCodes(t, got)
	if len(seen.n) < len(scenarios) {
		t.Errorf("the proxy recorded %d exchanges for %d scenarios", len(seen.n), len(scenarios))
	}
}

func TestRunEndsAtOnce(t *testing.T) {
	d := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := d.Run(ctx, d.BackendURL()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run ended with %v", err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("Run ended after %v, its context after 300ms", took)
	}
}
