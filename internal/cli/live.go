package cli

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"corsdash/internal/config"
	"corsdash/internal/crash"
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
	"corsdash/internal/report"
	"corsdash/internal/session"
	"corsdash/proxy"
)

// live is a running proxy and what belongs to it.
type live struct {
	app      *app
	config   *config.Config // as started; a reload changes routes and timeouts only
	journal  *journal
	redactor *exchange.Redactor
	session  *session.Session
	proxy    *proxy.Proxy
	board    board
}

// run is what to run.
type run struct {
	options config.Options // where the configuration came from, to watch it
	config  *config.Config
	mode    string
	why     string                             // why this mode, when the user did not choose it
	beside  func(context.Context, *live) error // uses the proxy while it serves; may end it with errDone
}

// serve runs proxy and output until a signal, or until nobody listens to the
// output any more.
func (a *app) serve(parent context.Context, r run) error {
	if err := noLoop(r.config); err != nil {
		return err
	}
	ctx, stop := interruptible(parent, a.force)
	defer stop()
	l, err := a.start(r.config)
	if err != nil {
		return err
	}
	defer l.journal.close()
	if err := config.Watch(ctx, r.options, r.config, l.reload); err != nil {
		l.journal.Warn("changes of the settings are not noticed", "error", err)
	}
	if r.why != "" {
		a.say("%s", r.why)
	}
	if r.mode == "tui" {
		err = l.dashboard(ctx, r)
	} else {
		err = l.headless(ctx, r)
	}
	return l.end(ctx, r.mode, err)
}

// force ends the program at the second signal, whatever hangs.
func (a *app) force() { os.Exit(exitInterrupted) }

// start opens everything, in the order in which it can fail without having
// done anything.
func (a *app) start(c *config.Config) (*live, error) {
	rules := exchange.RedactRules{Headers: c.Redact.Headers, Keys: c.Redact.Keys, Keep: c.Redact.Keep, Patterns: c.Redact.Patterns}
	redactor, err := exchange.NewRedactor(rules)
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	j, err := a.openJournal(c)
	if err != nil {
		return nil, err
	}
	if err := crash.KeepFatal(config.StateDir(a.env)); err != nil {
		j.Warn("the runtime's last words would not be kept", "error", err)
	}
	l := &live{app: a, config: c, journal: j, redactor: redactor}
	l.board.note(c, "")
	if err := l.open(); err != nil {
		j.close()
		return nil, err
	}
	return l, nil
}

// open makes session and proxy and takes the port.
func (l *live) open() error {
	if file := l.config.Session; file != "" && l.config.Save {
		if _, err := os.Stat(filepath.Dir(file)); err != nil {
			return usagef("the session cannot be kept in %s: %v; make the folder or choose another file with --session", file, reason(err))
		}
	}
	s, err := session.New(l.sessionOptions())
	if err != nil {
		return &failure{exitUsage, err}
	}
	p, err := proxy.New(l.proxyOptions(l.config, s))
	if err != nil {
		return errors.Join(&failure{exitUsage, err}, s.Close())
	}
	if err := p.Listen(l.config.Listen); err != nil {
		p.Close()
		s.Close()
		return l.app.listenError(l.config, err)
	}
	l.session, l.proxy = s, p
	return nil
}

func (l *live) sessionOptions() session.Options {
	c := l.config
	o := session.Options{
		Memory: int(c.CaptureMemory), Redactor: l.redactor, WithSecrets: c.WithSecrets,
		Command: strings.Join(append([]string{"corsdash"}, l.app.args...), " "), Log: l.journal.Logger,
	}
	for _, r := range c.Table() {
		o.Upstreams = append(o.Upstreams, r.Target)
	}
	if c.Save {
		o.File, o.Dir = c.Session, config.SessionDir(l.app.env)
		if _, port, err := net.SplitHostPort(c.Listen); err == nil && port != "0" {
			o.Label = port
		}
	}
	return o
}

// proxyOptions translates the configuration. In the proxy's options 0 stands
// for a default, so a body limit of nothing is written as -1.
func (l *live) proxyOptions(c *config.Config, sink exchange.Sink) proxy.Options {
	limit := int(c.BodyLimit)
	if limit == 0 {
		limit = -1
	}
	return proxy.Options{
		Routes: proxyRoutes(c), Sink: sink, BodyLimit: limit, AllowHosts: c.AllowHosts, AllowOrigins: c.AllowOrigins,
		CACert: c.CACert, CertFile: c.TLSCert, KeyFile: c.TLSKey, Forwarded: c.Forwarded,
		DialTimeout: time.Duration(c.DialTimeout), ResponseTimeout: time.Duration(c.ResponseTimeout), Log: l.journal.Logger,
	}
}

func proxyRoutes(c *config.Config) (routes []proxy.Route) {
	for _, r := range c.Table() {
		header := r.HostHeader
		if header == "" {
			header = c.HostHeader
		}
		routes = append(routes, proxy.Route{
			Prefix: r.Prefix, Target: r.Target, Strip: r.Strip, Rewrite: r.Rewrite, HostHeader: header, Insecure: r.Insecure || c.Insecure,
		})
	}
	return routes
}

// reload takes changed settings over as far as that is possible while traffic
// passes.
func (l *live) reload(c *config.Config, err error) {
	if err == nil {
		err = l.take(c)
	}
	if err != nil {
		l.journal.Error("the settings stay as they were", "error", err)
		l.board.note(nil, err.Error())
		return
	}
	if needs := config.NeedRestart(l.config, c); len(needs) > 0 {
		l.journal.Warn("settings taken over, but some only count after a restart", "settings", strings.Join(needs, ", "))
		return
	}
	l.journal.Info("settings taken over")
}

// headless prints results until the context ends or the reader is gone.
func (l *live) headless(ctx context.Context, r run) error {
	format, ok := report.Find(r.mode)
	if !ok {
		return internalf("there is no output called %q", r.mode)
	}
	printing := report.Options{Redactor: l.redactor}
	if l.config.WithSecrets {
		printing.Redactor = nil
	}
	stream := report.NewStream(l.app.stdout, format.New(printing))
	l.session.Subscribe(stream.Add)
	l.announce()
	err := l.run(ctx, r.beside, func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-stream.Broken():
		}
		return nil
	})
	within(closeLimit, func() { stream.Close() })
	return err
}

// run serves while show lasts. A proxy that cannot go on ends show's context.
func (l *live) run(parent context.Context, beside func(context.Context, *live) error, show func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	served := make(chan error, 1)
	go func() {
		defer crash.Catch()
		err := l.proxy.Serve(ctx)
		served <- err
		cancel(err)
	}()
	l.visit(ctx, beside, cancel)
	err := show(ctx)
	l.close()
	if failed := <-served; failed != nil {
		return networkf("%v", failed)
	}
	return err
}

// close ends what is still under way, so that it is recorded, diagnosed and
// saved.
func (l *live) close() {
	l.proxy.Close()
	if err := l.session.Close(); err != nil {
		l.app.say("%v", err)
	}
	if file := l.session.Stats().File; file.Reason != "" {
		l.app.say("the session is not complete: %s", file.Reason)
	}
}

// closeLimit is how long the end waits for a reader that does not read.
const closeLimit = 2 * time.Second

func within(limit time.Duration, f func()) {
	done := make(chan struct{})
	go func() {
		defer crash.Catch()
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// announce says what goes where, and what is less safe than usual.
func (l *live) announce() {
	c, a := l.config, l.app
	a.say("listening on %s", l.browserURL())
	for _, r := range c.Table() {
		a.say("%s goes to %s", r.Prefix, r.Target)
		if u, err := url.Parse(r.Target); (r.Insecure || c.Insecure) && err == nil && u.Scheme == "https" {
			a.say("the certificate of %s is NOT checked", r.Target)
		}
	}
	if host := hostOf(c.Listen); !config.Loopback(host) {
		a.say("other machines can reach it")
	}
	switch file := l.session.Stats().File; file.State {
	case session.NotSaving:
	case session.Failing:
		a.say("the session is not saved: %s", file.Reason)
	default:
		a.say("the session is kept in %s", file.Path)
	}
	if c.WithSecrets {
		a.say("secrets are printed and saved as they are")
	}
}

// browserURL is the address to type into a browser.
func (l *live) browserURL() string {
	scheme := "http"
	if l.proxy.TLS() {
		scheme = "https"
	}
	host := hostOf(l.config.Listen)
	u, err := url.Parse(scheme + "://" + l.proxy.Addr().String())
	if err != nil || host != "::1" && !strings.HasPrefix(host, "127.") && !isUnspecified(host) && host != "localhost" {
		return scheme + "://" + l.proxy.Addr().String()
	}
	if host == "::1" {
		return u.String()
	}
	return scheme + "://localhost:" + u.Port()
}

// end turns what happened into an exit code.
func (l *live) end(ctx context.Context, mode string, err error) error {
	if err != nil {
		return err
	}
	interrupted := errors.Is(context.Cause(ctx), errInterrupted)
	asked := l.config.Source("fail_on") != "default"
	// The session knows the diagnoses as they stand in the end.
	found := atOrAbove(l.session.Stats().Severities, diag.Severity(l.config.FailOn))
	l.app.code = exitCode(found, asked, interrupted, mode)
	return nil
}

// exitCode weighs findings against an interruption. Somebody who closes a
// dashboard has seen the findings; only who asked for --fail-on wants a code
// for them.
func exitCode(found, asked, interrupted bool, mode string) int {
	switch {
	case found && (asked || !interrupted && mode != "tui"):
		return exitFindings
	case interrupted:
		return exitInterrupted
	}
	return exitOK
}

// atOrAbove reports whether there is a finding of that severity or a worse one.
func atOrAbove(counts map[diag.Severity]int, least diag.Severity) bool {
	order := []diag.Severity{diag.Blocks, diag.Error, diag.Warning}
	for _, severity := range order[:slices.Index(order, least)+1] {
		if counts[severity] > 0 {
			return true
		}
	}
	return false
}
