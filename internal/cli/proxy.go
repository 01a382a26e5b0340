package cli

import (
	"context"
	"strings"
	"time"

	"corsdash/internal/config"
	"corsdash/internal/discover"

	"github.com/spf13/cobra"
)

// runProxy is what corsdash does without a sub-command.
func (a *app) runProxy(cmd *cobra.Command, args []string) error {
	if asked, _ := cmd.Flags().GetBool("version"); asked {
		return a.printVersion()
	}
	options, err := a.loadOptions(cmd, args)
	if err != nil {
		return err
	}
	c, err := config.Load(options)
	if err != nil {
		return err
	}
	for _, notice := range c.Notices() {
		a.say("%s", notice)
	}
	mode, why, err := a.mode(c)
	if err != nil {
		return err
	}
	if len(c.Table()) == 0 && mode != "tui" {
		return a.noServer(cmd.Context())
	}
	return a.serve(cmd.Context(), run{options: options, config: c, mode: mode, why: why})
}

// noServer says which servers there are to choose from.
func (a *app) noServer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	found := discover.Scan(ctx, discover.Options{UserAgent: userAgent()})
	var names []string
	for _, s := range found {
		name := s.Name
		if name == "" {
			name = "unknown"
		}
		names = append(names, strings.TrimPrefix(s.URL(), "http://localhost:")+" ("+name+")")
	}
	if len(names) == 0 {
		return usagef("no server to stand in front of; name one, like \"corsdash 8000\"")
	}
	return usagef("no server to stand in front of; name one, like \"corsdash 8000\"; these answer here: %s", strings.Join(names, ", "))
}

func userAgent() string { return "corsdash/" + version() + " (looking for local servers)" }
