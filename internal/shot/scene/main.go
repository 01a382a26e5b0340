// Scene shows the dashboard with sample traffic, for whoever works on it:
//
//	go run ./internal/shot/scene
//	go run ./internal/shot/scene -rows 0
//	go run ./internal/shot/scene -rate 5000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/session"
	"corsdash/internal/shot/sample"
	"corsdash/tui"
)

func main() {
	s := scene{shown: make(chan struct{})}
	flag.IntVar(&s.rows, "rows", 60, "exchanges there are at the start")
	flag.IntVar(&s.rate, "rate", 0, "exchanges that come per second")
	flag.StringVar(&s.theme, "theme", "auto", strings.Join(tui.Themes(), ", "))
	flag.BoolVar(&s.ascii, "ascii", false, "draw with ASCII only")
	flag.BoolVar(&s.choose, "choose", false, "begin without a server")
	flag.StringVar(&s.notice, "notice", "", "a sentence above the rest")
	flag.BoolVar(&s.fixed, "fixed", false, "always the same times, for pictures that compare")
	flag.Parse()
	summary, err := s.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(summary)
}

// scene is what the flags say.
type scene struct {
	rows, rate           int
	theme, notice        string
	ascii, choose, fixed bool
	target               string
	once                 sync.Once
	shown                chan struct{} // closed when the dashboard is there
}

func (s *scene) run() (string, error) {
	if !s.choose {
		s.target = sample.Upstream
	}
	kept, err := session.New(session.Options{})
	if err != nil {
		return "", err
	}
	defer kept.Close()
	start := time.Now()
	if s.fixed {
		start = time.Unix(1_800_000_000, 0)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.shown // findings are for who listens by then
		sample.Fill(kept, start, s.rows)
		if s.rate > 0 {
			s.traffic(ctx, kept)
		}
	}()
	return tui.Run(ctx, tui.Options{
		Session: kept, Info: s.info, Theme: s.theme, ASCII: s.ascii, Mouse: true, Discover: discover, Choose: s.take,
	})
}

// traffic adds exchanges at the rate, in batches of a hundredth of a second.
func (s *scene) traffic(ctx context.Context, sink exchange.Sink) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	owed := 0.0
	for {
		select {
		case <-tick.C:
			owed += float64(s.rate) / 100
			sample.Fill(sink, time.Now(), int(owed))
			owed -= float64(int(owed))
		case <-ctx.Done():
			return
		}
	}
}

func (s *scene) info() tui.Info {
	s.once.Do(func() { close(s.shown) })
	info := tui.Info{Listen: sample.Listen, Version: "scene", Notice: s.notice, Demo: true}
	if s.target != "" {
		info.Routes = []tui.Route{{Prefix: "/", Target: s.target}}
	}
	return info
}

func (s *scene) take(addr string) error {
	if strings.Contains(addr, "nowhere") {
		return errors.New("nobody listens there")
	}
	s.target = "http://" + addr
	return nil
}

func discover(context.Context) ([]tui.Server, error) {
	return []tui.Server{
		{Addr: "127.0.0.1:8000", Name: "FastAPI on uvicorn", Title: ""},
		{Addr: "127.0.0.1:3000", Name: "Express", Title: "Error"},
		{Addr: "127.0.0.1:5173", Name: "Vite", Title: "Shop of wonders"},
	}, nil
}
