package cli

import (
	"context"
	"errors"
	"net"

	"corsdash/internal/config"
	"corsdash/internal/crash"
	"corsdash/internal/demo"

	"github.com/spf13/cobra"
)

const demoLong = `demo runs corsdash in front of a backend that is broken in the ways backends
break, with a simulated browser that uses it. Nothing else needs to be
installed. A page for a real browser does the same requests; its address is
printed at the start.`

func (a *app) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "demo [flags] [LISTEN]", Short: "Show corsdash on a broken backend of its own",
		Long: demoLong, Args: cobra.MaximumNArgs(1), RunE: a.runDemo, ValidArgsFunction: cobra.NoFileCompletions,
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Bool("once", false, "go through the scenarios once, without pauses, then end (headless only)")
	cmd.Flags().Bool("no-browser", false, "no simulated browser, only the page for a real one")
	cmd.Flags().Float64("speed", 1, "how much faster than life the demo runs")
	cmd.Flags().Int64("seed", 0, "make the order of the scenarios repeatable; 0 is a random one")
	addSettingFlags(cmd)
	return cmd
}

// runDemo is runProxy with a backend that comes along, and somebody who uses it.
func (a *app) runDemo(cmd *cobra.Command, args []string) error {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	speed, _ := cmd.Flags().GetFloat64("speed")
	seed, _ := cmd.Flags().GetInt64("seed")
	if speed <= 0 || speed > 1000 {
		return usagef("--speed is a number above 0 and up to 1000, not %v", speed)
	}
	d, err := demo.Start(ctx, demo.Options{Seed: seed, Speed: speed})
	if err != nil {
		return networkf("%v", err)
	}
	defer d.Close()
	options, err := a.loadOptions(cmd, nil)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		options.Flags = append(options.Flags, config.Flag{Name: "LISTEN", Key: "listen", Texts: args})
	}
	options.Flags = append(options.Flags, config.Flag{Name: "--target", Key: "target", Texts: []string{d.BackendURL()}})
	c, err := config.Load(options)
	if err != nil {
		return err
	}
	if c.Source("listen") == "default" {
		c.Listen = freeNear(c.Listen)
	}
	mode, why, err := a.mode(c)
	if err != nil {
		return err
	}
	r := run{options: options, config: c, mode: mode, why: why}
	r.beside = a.visitor(cmd, d, r)
	return a.serve(ctx, r)
}

// visitor uses the demo through the proxy.
func (a *app) visitor(cmd *cobra.Command, d *demo.Demo, r run) func(context.Context, *live) error {
	once, _ := cmd.Flags().GetBool("once")
	quiet, _ := cmd.Flags().GetBool("no-browser")
	return func(ctx context.Context, l *live) error {
		l.say(r, "the same in a real browser: %s?api=%s", d.FrontendURL(), l.browserURL())
		if once {
			_, err := d.RunOnce(ctx, l.browserURL())
			return errors.Join(err, errDone)
		}
		if quiet {
			<-ctx.Done()
			return nil
		}
		return d.Run(ctx, l.browserURL())
	}
}

// errDone ends a run that has nothing more to show.
var errDone = errors.New("done")

// freeNear is addr, or the next port up that nobody holds: a demo must start.
func freeNear(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	for _, try := range []string{port, "0"} {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, try)); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	return addr
}

// visit runs beside in the background and ends the run when it says so.
func (l *live) visit(ctx context.Context, beside func(context.Context, *live) error, end context.CancelCauseFunc) {
	if beside == nil {
		return
	}
	go func() {
		defer crash.Catch()
		err := beside(ctx, l)
		switch {
		case errors.Is(err, errDone):
			end(nil)
		case err != nil && ctx.Err() == nil:
			l.journal.Error("the demo's browser has stopped", "error", err)
		}
	}()
}
