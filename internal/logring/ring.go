// Package logring keeps the newest lines of corsdash's own log in memory, for
// the dashboard to show, and the rest in a file of bounded size.
//
// Nothing here writes to the terminal: a line on standard error would land in
// the middle of the dashboard.
package logring

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"
)

// Entry is one line of the log. Text holds words of the network and has to be
// made safe before it is shown.
type Entry struct {
	Time  time.Time
	Level slog.Level
	Text  string // message and attributes, "msg key=value"
}

// Ring holds the newest entries. It may be used from any goroutine.
type Ring struct {
	mu      sync.Mutex
	entries []Entry
	total   uint64
}

// New makes a ring for that many entries, at least one.
func New(size int) *Ring { return &Ring{entries: make([]Entry, max(size, 1))} }

func (r *Ring) add(e Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[r.total%uint64(len(r.entries))] = e
	r.total++
}

// Entries returns what the ring holds, the oldest first.
func (r *Ring) Entries() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := uint64(len(r.entries))
	list := make([]Entry, 0, min(r.total, size))
	for i := r.total - min(r.total, size); i < r.total; i++ {
		list = append(list, r.entries[i%size])
	}
	return list
}

// Total counts the entries there ever were. A reader that finds it unchanged
// need not ask for them.
func (r *Ring) Total() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// Handler returns a log handler that fills the ring and passes everything on
// to next, which may be nil.
func (r *Ring) Handler(level slog.Leveler, next slog.Handler) slog.Handler {
	line := &line{}
	text := slog.NewTextHandler(&line.buf, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutHead})
	return &handler{ring: r, line: line, text: text, next: next}
}

// withoutHead leaves out what an Entry holds itself.
func withoutHead(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return slog.Attr{}
	}
	return a
}

// line is where a TextHandler writes; handlers that come from each other
// share it.
type line struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

type handler struct {
	ring *Ring
	line *line
	text slog.Handler
	next slog.Handler
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.text.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, rec slog.Record) error {
	h.line.mu.Lock()
	h.line.buf.Reset()
	err := h.text.Handle(ctx, rec)
	text := string(bytes.TrimSuffix(h.line.buf.Bytes(), []byte("\n")))
	h.line.mu.Unlock()
	h.ring.add(Entry{Time: rec.Time, Level: rec.Level, Text: text})
	if h.next != nil {
		return h.next.Handle(ctx, rec)
	}
	return err
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(s slog.Handler) slog.Handler { return s.WithAttrs(attrs) })
}

func (h *handler) WithGroup(name string) slog.Handler {
	return h.with(func(s slog.Handler) slog.Handler { return s.WithGroup(name) })
}

func (h *handler) with(change func(slog.Handler) slog.Handler) slog.Handler {
	copied := *h
	copied.text = change(h.text)
	if h.next != nil {
		copied.next = change(h.next)
	}
	return &copied
}
