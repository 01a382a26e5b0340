// Package session is the middle of the pipe: drafts go in at Add, results come
// out to subscribers, rows and details are kept for whoever looks.
//
// Add copies a record into a ring outside the Go heap and returns. One
// goroutine, the consumer, takes the records in order, has them diagnosed,
// keeps a compact row of each, calls the subscribers, and hands blocks of
// records to a second goroutine that writes the session file. Whoever is slow
// holds up only what lies behind: when the consumer is a whole ring behind,
// Add drops the capture and counts it; when the disk is, the file loses blocks
// and the count of those is in Stats.
//
// The package must not judge, print, or hold up a caller of Add.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"corsdash/internal/coding"
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// Defaults and limits of Options.
const (
	DefaultMemory  = 64 << 20
	DefaultMaxRows = 1 << 20 // of 80 bytes, and as much again for their strings at worst

	minMemory = 64 << 10
)

// Options says what a session keeps and where. The zero value keeps it in
// memory only.
type Options struct {
	Memory  int // bytes of newest records kept complete in memory, 0 for DefaultMemory
	MaxRows int // rows kept in memory, 0 for DefaultMaxRows

	// File is the session file. One that exists already is continued, if it is
	// a session. Without it, a new file is made in the folder Dir, which is
	// made too; Label goes into its name. Without either, nothing is saved.
	File, Dir, Label string

	// Redactor takes the secrets out of what is saved; nil for the default
	// rules. WithSecrets saves everything as it came instead.
	Redactor    *exchange.Redactor
	WithSecrets bool

	Title, Command string   // noted in the file
	Upstreams      []string // noted in the file

	Log *slog.Logger
}

// diagnosis is what engines of this session are made with. They name secrets as
// the file does.
func (o *Options) diagnosis() diag.Options {
	return diag.Options{Redactor: o.Redactor, Plain: coding.Plain}
}

// Session takes exchanges and keeps them. Its methods may be called from any
// goroutine.
type Session struct {
	log       *slog.Logger
	ring      *ring
	table     *table
	engine    *diag.Engine // the consumer's
	diagnosis diag.Options
	saver     *saver // the consumer's, nil when nothing is saved
	file      *file  // nil when there is none
	saved     *saved // nil unless rows come from a file
	results   results
	rate      rate
	progress  progress
	changed   chan struct{}

	subscribers atomic.Pointer[[]func(diag.Result)]
	subscribe   sync.Mutex

	flushes chan chan<- error
	closing chan struct{}
	closed  chan struct{} // the consumer has ended
	close   sync.Once
}

// New starts a session, which must be closed. A file that cannot be written,
// or not yet, is no error: Stats tells. A file that exists and cannot be
// continued is one; it wraps ErrNotSession, ErrNewer, ErrDamaged, ErrInUse,
// ErrNoSecrets or the system's.
func New(opts Options) (*Session, error) {
	if opts.Redactor == nil {
		var err error
		if opts.Redactor, err = exchange.NewRedactor(exchange.RedactRules{}); err != nil {
			return nil, err
		}
	}
	s := start(opts)
	if opts.File != "" || opts.Dir != "" {
		if err := s.save(opts); err != nil {
			return nil, err
		}
	}
	go s.consume()
	return s, nil
}

func start(opts Options) *Session {
	if opts.Memory == 0 {
		opts.Memory = DefaultMemory
	}
	if opts.MaxRows == 0 {
		opts.MaxRows = DefaultMaxRows
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Session{
		log: opts.Log, ring: newRing(opts.Memory), table: newTable(opts.MaxRows), engine: diag.New(opts.diagnosis()), diagnosis: opts.diagnosis(),
		changed: make(chan struct{}, 1), flushes: make(chan chan<- error),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	s.rate.start = time.Now()
	s.subscribers.Store(&[]func(diag.Result){})
	return s
}

// Add implements exchange.Sink. It allocates nothing and waits for nobody. A
// draft without ID gets the next one, 1, 2, 3 …; a draft whose ID is known
// already, a long-running exchange that went on, replaces that exchange. An
// exchange for which there is no room is dropped and counted, and gets no ID.
func (s *Session) Add(d *exchange.Draft) { s.ring.add(d) }

// Subscribe has f called with every result from now on, in order, from one
// goroutine. A slow f holds up screen and file, never traffic; it must not
// call Flush or Close.
func (s *Session) Subscribe(f func(diag.Result)) {
	s.subscribe.Lock()
	defer s.subscribe.Unlock()
	old := *s.subscribers.Load()
	list := append(old[:len(old):len(old)], f)
	s.subscribers.Store(&list)
}

// Changed receives when rows or figures changed since it last did. One slot,
// for one reader.
func (s *Session) Changed() <-chan struct{} { return s.changed }

func (s *Session) notify() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Rows is a view of all rows there are now.
func (s *Session) Rows() Rows { return s.table.view() }

// Revised names the exchanges whose rows changed after revision since, which
// is 0 at first and then the now of the last call. New rows are not named.
// When too many changed (complete is false), all rows may have.
func (s *Session) Revised(since uint64) (ids []uint64, now uint64, complete bool) {
	return s.table.revisedSince(since)
}

// Exchange returns an exchange as complete as it is still kept: with its
// secrets while it is in memory, else as it was saved. The error wraps ErrGone
// when it is kept nowhere, and says why.
func (s *Session) Exchange(id uint64) (*exchange.Exchange, error) {
	if at, ok := s.table.placeOf(id); ok {
		if rec, ok := s.ring.read(at, id); ok {
			return rec.Decode(-1)
		}
	}
	if s.file == nil {
		return nil, fmt.Errorf("%w: it left memory, and nothing is saved", ErrGone)
	}
	a, err := s.file.reader()
	if err != nil {
		return nil, fmt.Errorf("%w: it left memory, and the session file cannot be read (%w)", ErrGone, err)
	}
	return a.exchange(context.Background(), id)
}

// Flush waits until everything added before has been diagnosed, shown and
// saved, or ctx ends.
func (s *Session) Flush(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case s.flushes <- done:
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeLimit bounds Close: a hung disk or subscriber must not keep the program
// from ending.
const closeLimit = 3 * time.Second

// Close ends the session: what was added is diagnosed and saved, what is added
// from now on is dropped. Rows, exchanges in memory and figures stay readable.
// It takes at most 3 s, and returns an error when that was not enough. Further
// calls do nothing.
func (s *Session) Close() error {
	s.close.Do(func() {
		s.ring.close()
		if s.saved != nil {
			s.saved.cancel()
		}
		close(s.closing)
	})
	limit := time.NewTimer(closeLimit)
	defer limit.Stop()
	select {
	case <-s.closed:
		return nil
	case <-limit.C:
		return errors.New("the session did not end in time; its last exchanges may not be saved")
	}
}
