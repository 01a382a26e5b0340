package session

import (
	"os"
	"time"

	"corsdash/internal/crash"
)

const (
	// commitEvery is the least time between two commits, unless somebody waits
	// or a lot does.
	commitEvery = 100 * time.Millisecond
	commitBytes = 2 << 20

	retryFirst = 500 * time.Millisecond
	retryLast  = 10 * time.Second
)

// writer is the goroutine that owns the open session file.
type writer struct {
	*file
	disk    *disk // nil while there is none that works
	backlog []*block
	bytes   int64 // of the backlog
	next    time.Time
	retry   time.Duration
	lastErr error
}

// run writes what comes until the queue is closed.
func (w *writer) run() {
	defer crash.Catch()
	defer close(w.ended)
	timer := time.NewTimer(0)
	for {
		if len(w.backlog) > 0 || w.disk == nil {
			timer.Reset(time.Until(w.next))
		}
		select {
		case l, ok := <-w.queue:
			if !ok {
				w.finish()
				return
			}
			w.accept(l)
		case <-timer.C:
			w.save()
		}
	}
}

func (w *writer) accept(l letter) {
	if l.block != nil {
		w.backlog = append(w.backlog, l.block)
		w.bytes += int64(l.block.size())
		if w.bytes >= commitBytes && w.lastErr == nil {
			w.save()
		}
	}
	if l.done != nil {
		w.save()
		l.done <- w.lastErr
	}
}

// open opens the file, again if it must.
func (w *writer) open() (ok bool) {
	d, err := openDisk(w.path, w.about, false)
	if err != nil {
		w.failed(err)
		return false
	}
	w.disk = d
	w.forgetArchive()
	return true
}

// save writes the backlog, into a file it opens if there is none. What cannot
// be written stays in the backlog for the next try; hand sees to it that it
// does not grow without end.
func (w *writer) save() {
	w.next = time.Now().Add(commitEvery)
	if w.disk != nil && w.disk.moved() {
		w.log.Warn("somebody moved or removed the session file; saving goes on in a new one", "file", w.path)
		w.disk.abandon()
		w.disk = nil
	}
	if w.disk != nil && len(w.backlog) == 0 {
		return
	}
	if w.disk == nil && !w.open() {
		return
	}
	if err := w.disk.write(w.backlog); err != nil {
		w.disk.close()
		w.disk = nil
		w.failed(err)
		if !passing(err) {
			w.lose(w.backlog)
			w.release()
		}
		return
	}
	w.lastErr, w.retry = nil, 0
	w.written()
}

func (w *writer) written() {
	exchanges := 0
	for _, b := range w.backlog {
		exchanges += b.count
	}
	w.release()
	w.wrote(uint64(exchanges))
}

// release empties the backlog.
func (w *writer) release() {
	for i, b := range w.backlog {
		w.recycle(b)
		w.backlog[i] = nil
	}
	w.queued.Add(-w.bytes)
	w.backlog, w.bytes = w.backlog[:0], 0
}

func (w *writer) failed(err error) {
	w.lastErr = err
	w.retry = min(max(2*w.retry, retryFirst), retryLast)
	w.next = time.Now().Add(w.retry)
	w.fails(err)
}

// finish saves what is left and closes the file.
func (w *writer) finish() {
	w.save()
	w.forgetArchive()
	w.lose(w.backlog)
	if w.disk == nil {
		return
	}
	empty := w.disk.exchanges == 0
	if err := w.disk.finish(); err != nil {
		w.disk.close()
		w.fails(err)
		return
	}
	if empty && w.ours {
		os.Remove(w.path)
	}
	w.ends()
}
