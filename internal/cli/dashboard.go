package cli

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"

	"corsdash/internal/config"
	"corsdash/internal/crash"
	"corsdash/internal/discover"
	"corsdash/internal/session"
	"corsdash/tui"
)

// board is what the dashboard is told of the program around it. The dashboard
// asks; everybody else notes.
type board struct {
	mu     sync.Mutex
	config *config.Config // in force
	fault  string         // why a changed configuration was not taken over
	notice string
}

func (b *board) note(c *config.Config, fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c != nil {
		b.config = c
	}
	b.fault = fault
}

func (b *board) tell(notice string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notice = notice
}

// dashboard shows the dashboard until the user leaves it.
func (l *live) dashboard(ctx context.Context, r run) error {
	o := tui.Options{
		Session: l.session, Info: l.info(r), Redactor: l.redactor, Theme: l.config.Theme, ASCII: l.config.ASCII, Mouse: l.config.Mouse,
		Discover: l.discover, Choose: l.choose(r), Crash: crash.Report,
	}
	crash.Before(tui.Restorer(o))
	var summary string
	err := l.run(ctx, r.beside, func(ctx context.Context) (err error) {
		summary, err = tui.Run(ctx, o)
		return err
	})
	if summary != "" {
		l.app.say("%s", summary)
	}
	if err != nil {
		return internalf("%v", err)
	}
	return nil
}

// info answers the dashboard's questions.
func (l *live) info(r run) func() tui.Info {
	return func() tui.Info {
		l.board.mu.Lock()
		defer l.board.mu.Unlock()
		c := l.board.config
		info := tui.Info{Listen: l.browserURL(), Notice: l.board.notice, Version: version(), Demo: r.beside != nil, Secrets: c.WithSecrets}
		for _, route := range c.Table() {
			info.Routes = append(info.Routes, tui.Route{Prefix: route.Prefix, Target: route.Target})
			if (route.Insecure || c.Insecure) && strings.HasPrefix(route.Target, "https:") {
				info.Problems = append(info.Problems, "the certificate of "+route.Target+" is NOT checked")
			}
		}
		if !config.Loopback(hostOf(c.Listen)) {
			info.Problems = append(info.Problems, "other machines can reach corsdash at "+c.Listen)
		}
		if l.board.fault != "" {
			info.Problems = append(info.Problems, "the settings stay as they were: "+l.board.fault)
		}
		if file := l.session.Stats().File; file.State == session.Failing {
			info.Problems = append(info.Problems, "the session is not saved: "+file.Reason)
		}
		return info
	}
}

// discover lists the servers of this machine, leaving our own port alone.
func (l *live) discover(ctx context.Context) ([]tui.Server, error) {
	var list []tui.Server
	for _, s := range discover.Scan(ctx, discover.Options{UserAgent: userAgent(), Skip: []int{l.port()}}) {
		list = append(list, tui.Server{Addr: s.URL(), Name: s.Name, Title: s.Title})
	}
	return list, nil
}

func (l *live) port() int {
	if addr, ok := l.proxy.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

// choose puts the proxy in front of a server picked on the screen. It counts
// like a flag: files may change around it.
func (l *live) choose(r run) func(string) error {
	return func(addr string) error {
		o := r.options
		o.Flags = append(o.Flags[:len(o.Flags):len(o.Flags)], config.Flag{Name: "the server", Key: "target", Texts: []string{addr}})
		c, err := config.Load(o)
		if err != nil {
			return err
		}
		if err := l.take(c); err != nil {
			return err
		}
		l.journal.Info("in front of " + addr)
		return nil
	}
}

// take puts a changed configuration into force, as far as that is possible
// while traffic passes.
func (l *live) take(c *config.Config) error {
	if err := noLoop(c); err != nil {
		return err
	}
	if err := l.proxy.Reconfigure(l.proxyOptions(c, l.session)); err != nil {
		return err
	}
	l.board.note(c, "")
	return nil
}

// say prints a sentence, or shows it where a dashboard owns the terminal.
func (l *live) say(r run, format string, args ...any) {
	if r.mode != "tui" {
		l.app.say(format, args...)
		return
	}
	text := fmt.Sprintf(format, args...)
	l.journal.Info(text)
	l.board.tell(text)
}
