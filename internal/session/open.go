package session

import (
	"context"
	"errors"
	"fmt"

	"corsdash/internal/crash"
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// saved is what a session knows of the file it was opened from or goes on.
type saved struct {
	cancel context.CancelFunc
	loaded chan struct{} // closed when all rows are there
}

// Open opens a saved session to be read. Its newest rows are there at once or
// within moments, the others follow; Stats tells how far that is. The rows
// show what was found when they were saved until Diagnose has looked again.
// What is added is kept in memory only.
//
// Errors wrap ErrNotSession, ErrNewer, ErrDamaged or the system's.
func Open(path string, opts Options) (*Session, error) {
	a, err := openArchive(path)
	if err != nil {
		return nil, err
	}
	facts, err := meta(a.db)
	if err != nil {
		return nil, errors.Join(unreadable(path, err), a.close())
	}
	s := start(opts)
	if err := s.goOn(a); err != nil {
		return nil, errors.Join(err, a.close())
	}
	info := infoOf(path, facts)
	s.file = newFile(path, about{secrets: info.Secrets}, s.log, s.notify)
	s.file.archive = a
	s.file.stats.State, s.file.stats.Size, s.file.stats.Saved = Complete, info.Size, info.Exchanges
	s.table.total = info.Exchanges
	go s.consume()
	s.load(a)
	return s, nil
}

// Inspect tells what a session file says about itself. The errors are those of
// Open.
func Inspect(path string) (Info, error) {
	a, err := openArchive(path)
	if err != nil {
		return Info{}, err
	}
	defer a.close()
	facts, err := meta(a.db)
	if err != nil {
		return Info{}, unreadable(path, err)
	}
	return infoOf(path, facts), nil
}

// goOn has IDs go on where the file's end.
func (s *Session) goOn(a *archive) error {
	var last int64
	if err := a.db.QueryRow("SELECT ifnull(max(id), 0) FROM exchange").Scan(&last); err != nil {
		return unreadable(a.path, err)
	}
	s.ring.lastID = uint64(last)
	s.table.newest = uint64(last)
	return nil
}

// load starts reading the file's rows into the table.
func (s *Session) load(a *archive) {
	ctx, cancel := context.WithCancel(context.Background())
	s.saved = &saved{cancel: cancel, loaded: make(chan struct{})}
	s.progress.loading.Store(true)
	go func() {
		defer crash.Catch()
		defer close(s.saved.loaded)
		err := newLoader(a, s.table).load(ctx, s.notify)
		s.progress.loading.Store(false)
		if err != nil && ctx.Err() == nil {
			s.log.Error("not all of the session could be read", "err", err)
			s.file.incomplete(err)
		}
		s.notify()
	}()
}

// Diagnose diagnoses a saved session anew, as the engine of this version does:
// all exchanges in the order they were saved. Rows change as it goes, and
// subscribers get every result. It returns when it is through, with the error
// of the file or of ctx.
func (s *Session) Diagnose(ctx context.Context) error {
	if s.saved == nil {
		return errors.New("only a saved session can be diagnosed again")
	}
	select {
	case <-s.saved.loaded:
	case <-ctx.Done():
		return ctx.Err()
	}
	a, err := s.file.reader()
	if err != nil {
		return err
	}
	defer s.notify()
	engine := diag.New(s.diagnosis)
	s.progress.diagnosed.Store(0)
	take := func(id uint64, results []diag.Result) {
		for i := range results {
			s.table.rejudge(&results[i])
		}
		s.report(id, results)
	}
	err = a.all(ctx, true, func(x *exchange.Exchange) error {
		take(x.ID, s.diagnose(&engine, x))
		if s.progress.diagnosed.Add(1)%1024 == 0 {
			s.notify()
		}
		return ctx.Err()
	})
	if err == nil {
		s.guard("diagnosing", 0, func() { take(0, engine.Finish()) })
	}
	return err
}

// Each gives f every exchange as it is kept, in the order they ended: those in
// the session file, redacted as they were saved, or without a file those still
// in memory. It returns the first error of f.
func (s *Session) Each(ctx context.Context, f func(*exchange.Exchange) error) error {
	if s.file == nil {
		return s.eachInMemory(ctx, f)
	}
	if err := s.Flush(ctx); err != nil && !errors.Is(err, ErrClosed) {
		return fmt.Errorf("saving the newest exchanges: %w", err)
	}
	a, err := s.file.reader()
	if err != nil {
		return err
	}
	return a.all(ctx, false, f)
}

func (s *Session) eachInMemory(ctx context.Context, f func(*exchange.Exchange) error) error {
	rows := s.Rows()
	for i := range rows.Len() {
		r := rows.At(i)
		rec, ok := s.ring.read(r.place, r.ID)
		if !ok {
			continue
		}
		x, err := rec.Decode(-1)
		if err != nil {
			return err
		}
		if err := f(x); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
