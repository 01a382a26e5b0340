package cli

import (
	"log/slog"
	"path/filepath"

	"corsdash/internal/config"
	"corsdash/internal/logring"
)

const (
	logName  = "corsdash.log"
	logLines = 1000 // kept for the dashboard
)

// journal is corsdash's own log: a file, and the newest lines in memory.
type journal struct {
	*slog.Logger
	ring *logring.Ring
	file *logring.File // nil when there is none
}

// openJournal opens the log. Without a file that was asked for there is no
// run; without the usual one there is only no file.
func (a *app) openJournal(c *config.Config) (*journal, error) {
	j := &journal{ring: logring.New(logLines)}
	path := c.LogFile
	if path == "" {
		path = filepath.Join(config.StateDir(a.env), logName)
	}
	file, err := logring.OpenFile(path)
	if err != nil && c.LogFile != "" {
		return nil, usagef("cannot write the log to %s: %v; choose another place with --log-file", path, reason(err))
	}
	var next slog.Handler
	if err == nil {
		j.file = file
		next = slog.NewTextHandler(file, nil)
	}
	j.Logger = slog.New(j.ring.Handler(slog.LevelInfo, next))
	// Whatever a library prints through "log" must not reach the screen.
	slog.SetDefault(j.Logger)
	if err != nil {
		j.Warn("no log file", "path", path, "error", err)
	}
	return j, nil
}

func (j *journal) close() {
	if j.file != nil {
		j.file.Close()
	}
}
