package session

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/exchange"
)

// about is what a session file says about itself, in its table meta.
type about struct {
	title, command string
	upstreams      []string
	secrets        bool
	started        time.Time
	token          string // tells this session from any other that may come to lie at its path
}

// aboutOf takes what the file may know from the options: a command line can
// hold a password as well as a request.
func aboutOf(opts Options, redactor *exchange.Redactor) about {
	a := about{
		title: opts.Title, command: opts.Command, upstreams: slices.Clone(opts.Upstreams),
		secrets: opts.WithSecrets, started: time.Now(), token: rand.Text(),
	}
	if redactor == nil {
		return a
	}
	a.title, a.command = redactor.Text(a.title), redactor.Text(a.command)
	for i, u := range a.upstreams {
		a.upstreams[i] = redactor.URL(u)
	}
	return a
}

const (
	metaTitle     = "title"
	metaCommand   = "command"
	metaUpstreams = "upstreams"
	metaSecrets   = "secrets"
	metaStarted   = "started"
	metaToken     = "token"
	metaClosed    = "closed"    // "yes" after a clean end
	metaExchanges = "exchanges" // how many there are
)

func (a about) meta() map[string]string {
	return map[string]string{
		metaTitle: a.title, metaCommand: a.command, metaUpstreams: strings.Join(a.upstreams, " "),
		metaSecrets: yes(a.secrets), metaStarted: a.started.UTC().Format(time.RFC3339Nano),
		metaToken: a.token, metaClosed: yes(false), metaExchanges: "0",
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Info is what a session file says about itself.
type Info struct {
	Path      string
	Title     string
	Command   string // the command line that made it
	Upstreams []string
	Secrets   bool
	Closed    bool // false while it is written, and after a crash
	Started   time.Time
	Exchanges uint64
	Size      int64 // bytes
}

func infoOf(path string, meta map[string]string) Info {
	info := Info{
		Path: path, Title: meta[metaTitle], Command: meta[metaCommand],
		Upstreams: strings.Fields(meta[metaUpstreams]), Secrets: meta[metaSecrets] == "yes",
		Closed: meta[metaClosed] == "yes", Size: sizeOf(path) + sizeOf(path+"-wal"),
	}
	info.Started, _ = time.Parse(time.RFC3339Nano, meta[metaStarted])
	info.Exchanges, _ = strconv.ParseUint(meta[metaExchanges], 10, 64)
	return info
}
