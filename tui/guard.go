package tui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// crashed is a panic in the dashboard.
type crashed struct {
	value any
	stack []byte
}

func (c *crashed) report(write func(any, []byte) string) error {
	if write == nil {
		return fmt.Errorf("internal error in the dashboard: %v\n%s", c.value, c.stack)
	}
	return fmt.Errorf("internal error in the dashboard; please report it with the file %s", write(c.value, c.stack))
}

// guarded is the model as the program sees it. When the model panics, it ends
// the program properly: left to Bubble Tea, the stack would be printed over the
// screen, or lost with it.
//
// All drawing happens in Update, so View, which is asked more often, can do
// nothing wrong.
type guarded struct{ *model }

func (g guarded) Init() tea.Cmd { return guard(g.model.start()) }

func (g guarded) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if p := recover(); p != nil {
			g.crash(&crashed{p, debug.Stack()})
			next, cmd = g, tea.Quit
		}
	}()
	if c, ok := msg.(*crashed); ok {
		g.crash(c)
		return g, tea.Quit
	}
	cmd = g.model.update(msg)
	g.model.draw()
	return g, guard(cmd)
}

func (g guarded) View() tea.View { return g.model.screen }

// crash keeps the first panic.
func (g guarded) crash(c *crashed) {
	if g.model.crashed == nil {
		g.model.crashed = c
	}
}

// guard has a command report its panic as a message.
func guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if p := recover(); p != nil {
				msg = &crashed{p, debug.Stack()}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guard(batch[i])
			}
		}
		return msg
	}
}
