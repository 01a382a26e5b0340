package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"time"

	"corsdash/internal/demo/browser"
)

// healthyShare is how much of the traffic is ordinary.
const healthyShare = 0.7

// Pauses between two scenarios, as a person clicks.
const (
	shortestPause = 400 * time.Millisecond
	longestPause  = 2500 * time.Millisecond
)

// Run lets the simulated frontend use the API at proxyURL until ctx ends: it
// goes through the scenarios in random order, with pauses, over and over. It
// returns ctx's error, or says why it could not begin.
func (d *Demo) Run(ctx context.Context, proxyURL string) error {
	p, err := d.open(proxyURL)
	if err != nil {
		return err
	}
	defer p.b.Close()
	rng := rand.New(rand.NewPCG(uint64(d.seed), 0))
	next := shuffled(rng)
	for round := 1; ctx.Err() == nil; round++ {
		p.run = fmt.Sprint(round)
		s := next()
		d.log.Debug("demo", "scenario", s.ID, "outcomes", p.play(ctx, s))
		pause := shortestPause + time.Duration(rng.Int64N(int64(longestPause-shortestPause)))
		d.clock.sleep(ctx, pause)
	}
	return ctx.Err()
}

// RunOnce performs every scenario once, in the order of the list and without
// pauses between them, and returns what the page saw.
func (d *Demo) RunOnce(ctx context.Context, proxyURL string) ([]Outcome, error) {
	p, err := d.open(proxyURL)
	if err != nil {
		return nil, err
	}
	defer p.b.Close()
	p.run = "1"
	var all []Outcome
	for _, s := range scenarios {
		all = append(all, p.play(ctx, s)...)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
	return all, nil
}

// open opens a tab on the frontend, and tells the page for real browsers where
// the proxy is.
func (d *Demo) open(proxyURL string) (*player, error) {
	api, err := reachable(proxyURL)
	if err != nil {
		return nil, err
	}
	b, err := browser.New(browser.Options{Page: d.frontendURL, Now: d.clock.now})
	if err != nil {
		return nil, fmt.Errorf("open the demo's page: %w", err)
	}
	d.api.Store(&api)
	return &player{b: b, clock: d.clock, api: api}, nil
}

// reachable is the URL as the page should use it. The simulated browser stays
// on this machine and speaks plain HTTP.
func reachable(proxyURL string) (string, error) {
	u, err := url.Parse(proxyURL)
	if err != nil {
		return "", fmt.Errorf("the demo cannot use the proxy at %q: %w", proxyURL, err)
	}
	if u.Scheme != "http" {
		return "", fmt.Errorf("the demo cannot use the proxy at %s: its frontend speaks plain HTTP, let the proxy listen without TLS", proxyURL)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Hostname() != "localhost" && !ip.IsLoopback() && !ip.IsUnspecified() {
		return "", fmt.Errorf("the demo cannot use the proxy at %s: it stays on this machine, let the proxy listen on 127.0.0.1", proxyURL)
	}
	return "http://localhost:" + cmp.Or(u.Port(), "80"), nil
}

// shuffled deals scenarios: mostly healthy ones, and of the broken ones each
// before any comes twice.
func shuffled(rng *rand.Rand) func() Scenario {
	var well, broken []Scenario
	for _, s := range scenarios {
		if s.Healthy {
			well = append(well, s)
			continue
		}
		broken = append(broken, s)
	}
	left := 0
	return func() Scenario {
		if rng.Float64() < healthyShare {
			return well[rng.IntN(len(well))]
		}
		if left == 0 {
			rng.Shuffle(len(broken), func(i, j int) { broken[i], broken[j] = broken[j], broken[i] })
			left = len(broken)
		}
		left--
		return broken[left]
	}
}
