package cli

import (
	"os"

	"corsdash/internal/config"

	"golang.org/x/term"
)

// mode decides what to show, and says why when the user did not choose it.
func (a *app) mode(c *config.Config) (mode, why string, err error) {
	terminal, dumb := isTerminal(a.stdout), a.env("TERM") == "dumb"
	switch {
	case c.Mode == "tui" && !terminal:
		return "", "", usagef("the dashboard needs a terminal, and the output is none; use --mode json or --mode plain")
	case c.Mode == "tui" && dumb:
		return "", "", usagef("the dashboard cannot draw on this terminal (TERM=dumb); use --mode plain")
	case c.Mode != "auto":
		return c.Mode, "", nil
	case !terminal:
		return "json", "the output is not a terminal, so it is one JSON object a line", nil
	case dumb:
		return "plain", "this terminal cannot draw (TERM=dumb), so the output is plain sentences", nil
	}
	return "tui", "", nil
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
