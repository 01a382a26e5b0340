// Command bench measures what a proxy costs: CPU time per request, requests
// per second and added latency, side by side with other proxies in one run.
//
//	go run ./internal/bench                  corsdash against a bare httputil.ReverseProxy
//	go run ./internal/bench -peers all       and nginx, Caddy, Vite, mitmproxy where installed
//	go run ./internal/bench -case tiny,get10k -rounds 5
//
// Backend, proxies and load are processes of their own on loopback. CPU time is
// the kernel's account of the proxy's process tree, so it holds on a noisy
// machine; quote it as a ratio to "bare" of the same run.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func main() {
	if role := os.Getenv("CORSDASH_BENCH_ROLE"); role != "" {
		play(role)
		return
	}
	peers := flag.String("peers", "bare,corsdash", "comma-separated, or all")
	cases := flag.String("case", "tiny,get10k,post10k,get1m,ws", "comma-separated")
	rounds := flag.Int("rounds", 3, "rounds; the least CPU and the best rate of them count")
	span := flag.Duration("time", 3*time.Second, "length of one measurement")
	conns := flag.Int("conns", 64, "connections of the load")
	flag.Parse()
	b := bench{rounds: *rounds, span: *span, conns: *conns}
	if err := b.run(strings.Split(*peers, ","), strings.Split(*cases, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	rounds, conns int
	span          time.Duration
	backend       *process
}

// result is the best of the rounds.
type result struct {
	cpu    float64 // µs of CPU per request
	rate   float64 // requests per second
	p50    time.Duration
	p99    time.Duration
	rss    int // MB at the end
	errors int
}

func (b *bench) run(peers, cases []string) error {
	list, err := choosePeers(peers)
	if err != nil {
		return err
	}
	b.backend, err = start(peer{name: "backend", role: "backend"}, "")
	if err != nil {
		return err
	}
	defer b.backend.stop()
	for _, c := range cases {
		load, ok := loads[c]
		if !ok {
			return fmt.Errorf("no case %q: there are %s", c, strings.Join(caseNames(), ", "))
		}
		results, err := b.measure(list, load)
		if err != nil {
			return err
		}
		print(c, list, results)
	}
	return nil
}

// measure interleaves the peers, so that a change in the machine's speed hits
// all of them.
func (b *bench) measure(list []peer, l load) (map[string]result, error) {
	best := map[string]result{}
	for range b.rounds {
		for _, p := range list {
			r, err := b.once(p, l)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			best[p.name] = better(best[p.name], r)
		}
	}
	return best, nil
}

func (b *bench) once(p peer, l load) (result, error) {
	proc, err := start(p, b.backend.addr)
	if err != nil {
		return result{}, err
	}
	defer proc.stop()
	l.run(proc.addr, b.conns, b.span/5) // warm up
	before := proc.cpu()
	out := l.run(proc.addr, b.conns, b.span)
	used := proc.cpu() - before
	serial := l.run(proc.addr, 1, b.span/4)
	if out.requests == 0 {
		return result{}, fmt.Errorf("no answer (%d errors)", out.errors)
	}
	return result{
		cpu: float64(used.Microseconds()) / float64(out.requests), rate: float64(out.requests) / out.took.Seconds(),
		p50: serial.quantile(0.5), p99: serial.quantile(0.99), rss: proc.rss(), errors: out.errors + serial.errors,
	}, nil
}

func better(a, b result) result {
	if a.rate == 0 {
		return b
	}
	a.cpu, a.rate = min(a.cpu, b.cpu), max(a.rate, b.rate)
	a.p50, a.p99, a.rss, a.errors = min(a.p50, b.p50), min(a.p99, b.p99), max(a.rss, b.rss), a.errors+b.errors
	return a
}

func print(name string, list []peer, results map[string]result) {
	bare := results["bare"]
	ratio := func(v, of float64) string {
		if of == 0 {
			return "-"
		}
		return fmt.Sprintf("%.2f", v/of)
	}
	fmt.Printf("\n%-10s %14s %8s %10s %8s %10s %10s %8s %7s\n", name, "CPU µs/request", "x bare", "requests/s", "x bare", "serial p50", "p99", "RSS MB", "errors")
	for _, p := range list {
		r := results[p.name]
		fmt.Printf("%-10s %14.1f %8s %10.0f %8s %10s %10s %8d %7d\n", p.name, r.cpu, ratio(r.cpu, bare.cpu), r.rate, ratio(r.rate, bare.rate),
			r.p50.Round(time.Microsecond), r.p99.Round(time.Microsecond), r.rss, r.errors)
	}
}

func caseNames() (names []string) {
	for n := range loads {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func choosePeers(names []string) ([]peer, error) {
	var list []peer
	all := len(names) == 1 && names[0] == "all"
	for _, p := range peers {
		if !all && !slices.Contains(names, p.name) {
			continue
		}
		if p.needs != "" {
			if _, err := exec.LookPath(p.needs); err != nil {
				fmt.Printf("skipped %s: %s is not installed\n", p.name, p.needs)
				continue
			}
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no such peer: %s", strings.Join(names, ","))
	}
	return list, nil
}
