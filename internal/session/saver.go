package session

import (
	"errors"
	"os"
	"time"

	"corsdash/internal/coding"
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

const (
	// blockAge is how old a block gets before it is handed on although it is
	// not full. With commitEvery it keeps the loss of a killed process below
	// 250 ms.
	blockAge = 100 * time.Millisecond

	// plainLimit bounds a body whose content coding is taken off to be saved,
	// in bytes.
	plainLimit = 1 << 20
)

// saver fills blocks with what is to be saved. It belongs to the consumer.
type saver struct {
	file     *file
	redactor *exchange.Redactor // nil: as they came, with their secrets
	draft    exchange.Draft
	block    *block
	since    time.Time // when the block got its first row
}

// save sets the session up to be saved.
func (s *Session) save(opts Options) error {
	redactor := opts.Redactor
	if opts.WithSecrets {
		redactor = nil
	} else if redactor == nil {
		var err error
		if redactor, err = exchange.NewRedactor(exchange.RedactRules{}); err != nil {
			return err
		}
	}
	about := aboutOf(opts, redactor)
	path, ours := opts.File, false
	if path == "" {
		path = create(opts.Dir, opts.Label, about)
		ours = true
	}
	s.file = newFile(path, about, s.log, s.notify)
	s.file.ours = ours
	w := &writer{file: s.file}
	if ours {
		w.save()
	} else if err := s.resume(w); err != nil {
		return err
	}
	s.saver = &saver{file: s.file, redactor: redactor}
	go w.run()
	return nil
}

// resume goes on with the session in the writer's file, if there is one.
func (s *Session) resume(w *writer) error {
	if _, err := os.Stat(w.path); err != nil {
		w.ours = true
		w.save()
		return nil
	}
	d, err := openDisk(w.path, w.about, true)
	if err != nil {
		return err
	}
	w.disk = d
	if d.token == "" { // an empty file, which is a session of ours now
		return nil
	}
	w.about.token, w.stats.Saved = d.token, d.exchanges
	s.ring.lastID, s.table.newest, s.table.total = d.lastID, d.lastID, d.exchanges
	a, err := s.file.reader()
	if err != nil {
		d.close()
		return err
	}
	s.load(a)
	return nil
}

// take takes what the engine said of a record. The first result is that of the
// exchange itself, the others are of earlier ones.
func (v *saver) take(results []diag.Result, what packed) {
	v.exchange(results[0], what)
	v.revise(results[1:])
}

// revise notes later diagnoses of exchanges saved before.
func (v *saver) revise(results []diag.Result) {
	for i := range results {
		v.rejudge(&results[i])
	}
	if v.block != nil && v.block.full() {
		v.hand()
	}
}

// exchange takes the exchange of a result into the block.
func (v *saver) exchange(res diag.Result, what packed) {
	res.Exchange = v.fit(res.Exchange)
	b := v.open()
	r, f := rowOf(&res)
	b.pack.add(r, f, what)
	b.add(res.Exchange, &v.draft)
}

// rejudge notes that an exchange saved before is diagnosed differently now.
func (v *saver) rejudge(res *diag.Result) {
	b := v.open()
	r := Row{ID: res.Exchange.ID, Started: res.Exchange.Timing.Started.UnixNano()}
	b.pack.rejudge(r, r.judge(res))
}

// fit makes an exchange fit for the file: readable and without secrets.
func (v *saver) fit(x *exchange.Exchange) *exchange.Exchange {
	if v.redactor == nil {
		return x
	}
	return v.redactor.Exchange(plain(x))
}

func (v *saver) open() *block {
	if v.block == nil {
		v.block = v.file.fresh()
		v.since = time.Now()
	}
	return v.block
}

// due says in how long the block is to be handed on; it may be negative.
func (v *saver) due() (wait time.Duration, ok bool) {
	if v == nil || v.block == nil {
		return 0, false
	}
	return blockAge - time.Since(v.since), true
}

func (v *saver) handIfDue() {
	if wait, ok := v.due(); ok && wait <= 0 {
		v.hand()
	}
}

func (v *saver) hand() {
	if v.block != nil {
		v.file.hand(v.block)
		v.block = nil
	}
}

// flush has done answered when all that was taken is on disk.
func (v *saver) flush(done chan<- error) {
	if v == nil {
		done <- nil
		return
	}
	v.hand()
	v.file.flush(done)
}

// end hands on what is left and waits for the writer to end.
func (v *saver) end() {
	v.hand()
	close(v.file.queue)
	<-v.file.ended
}

// plain returns x with the content codings off its bodies, so that secrets in
// them can be found.
func plain(x *exchange.Exchange) *exchange.Exchange {
	if body, ok := plainBody(x.Request.Headers, x.Request.Body); ok {
		y := *x
		y.Request.Body = body
		x = &y
	}
	if x.Response == nil {
		return x
	}
	if body, ok := plainBody(x.Response.Headers, x.Response.Body); ok {
		y, response := *x, *x.Response
		response.Body = body
		y.Response = &response
		x = &y
	}
	return x
}

// plainBody takes the content coding off a body. What came out before an error
// is worth keeping; a body that says of itself what it is not is left coded.
func plainBody(h exchange.Headers, b exchange.Body) (exchange.Body, bool) {
	encoding, ok := h.Get("Content-Encoding")
	if !ok || b.Decoded || len(b.Data) == 0 {
		return b, false
	}
	data, err := coding.Plain(encoding, []byte(b.Data), plainLimit)
	if errors.Is(err, coding.ErrUnknown) || len(data) == 0 {
		return b, false
	}
	out := b.Plain(string(data))
	out.Cut = out.Cut || err != nil
	return out, true
}
