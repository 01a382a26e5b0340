package session

import (
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
)

// FileState says what the session file does. The names are part of what is
// shown.
type FileState string

// The states.
const (
	NotSaving FileState = "not saving" // there is no file
	Saving    FileState = "saving"
	Failing   FileState = "failing"  // see FileStats.Reason; saving goes on as soon as it can
	Complete  FileState = "complete" // closed, or opened to be read
)

// FileStats are the figures of the session file.
type FileStats struct {
	State   FileState
	Path    string
	Reason  string // what is wrong and what to do, a sentence; "" while all is well
	Size    int64  // bytes on disk
	Saved   uint64 // exchanges saved, those of earlier runs included
	Dropped uint64 // exchanges left out because the disk was behind or broken
	Secrets bool   // written with the secrets
}

const (
	// queueBlocks and queueBytes bound what waits for the disk. Beyond that
	// blocks are left out of the file.
	queueBlocks = 64
	queueBytes  = 32 << 20

	freeBlocks = 8 // blocks kept to be used again
)

// file is the session file as the consumer and the callers see it: a queue to
// the goroutine that writes, a state to show, an archive to read from.
type file struct {
	path    string
	about   about
	ours    bool // made by this session, not continued
	log     *slog.Logger
	changed func()

	queue  chan letter
	free   chan *block
	queued atomic.Int64 // bytes in queue and backlog
	ended  chan struct{}

	mu      sync.Mutex
	stats   FileStats
	archive *archive
}

// letter is what the consumer sends the writer: a block, or a question whether
// all blocks before are on disk.
type letter struct {
	block *block
	done  chan<- error
}

func newFile(path string, about about, log *slog.Logger, changed func()) *file {
	return &file{
		path: path, about: about, log: log, changed: changed,
		queue: make(chan letter, queueBlocks), free: make(chan *block, freeBlocks), ended: make(chan struct{}),
		stats: FileStats{State: Saving, Path: path, Secrets: about.secrets},
	}
}

// hand gives a block to the writer and returns at once. When too much waits
// for the disk already, the block is dropped from the file and counted.
func (f *file) hand(b *block) {
	size := int64(b.size())
	if f.queued.Load()+size > queueBytes {
		f.drop(b)
		return
	}
	f.queued.Add(size)
	select {
	case f.queue <- letter{block: b}:
	default:
		f.queued.Add(-size)
		f.drop(b)
	}
}

// drop counts a block that does not reach the file.
func (f *file) drop(b *block) {
	if first := f.lose([]*block{b}); first {
		f.log.Warn("the disk does not keep up: exchanges are left out of the session file; they are still shown", "file", f.path)
	}
	f.recycle(b)
	f.changed()
}

// lose counts the exchanges of blocks that are not saved, and reports whether
// they are the first.
func (f *file) lose(blocks []*block) (first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	first = f.stats.Dropped == 0
	for _, b := range blocks {
		f.stats.Dropped += uint64(b.count)
	}
	return first
}

// recycle keeps a block for the consumer to fill again.
func (f *file) recycle(b *block) {
	select {
	case f.free <- b:
	default:
	}
}

// fresh returns an empty block.
func (f *file) fresh() *block {
	var b *block
	select {
	case b = <-f.free:
	default:
		b = newBlock()
	}
	b.reset()
	return b
}

// figures returns the file's figures of now.
func (f *file) figures() FileStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// fails notes that writing failed, and says so in the log once for every
// reason.
func (f *file) fails(err error) {
	reason := trouble(err)
	f.mu.Lock()
	known := f.stats.State == Failing && f.stats.Reason == reason
	f.stats.State, f.stats.Reason = Failing, reason
	f.mu.Unlock()
	if !known {
		f.log.Error("the session is not being saved: "+reason, "file", f.path, "err", err)
		f.changed()
	}
}

// wrote notes what a commit brought.
func (f *file) wrote(exchanges uint64) {
	size := sizeOf(f.path) + sizeOf(f.path+"-wal")
	f.mu.Lock()
	again := f.stats.State == Failing
	f.stats.State, f.stats.Reason = Saving, ""
	f.stats.Size = size
	f.stats.Saved += exchanges
	dropped := f.stats.Dropped
	f.mu.Unlock()
	if again {
		f.log.Info("the session is being saved again", "file", f.path, "left out", dropped)
	}
	f.changed()
}

// ends notes that the file is complete.
func (f *file) ends() {
	size := sizeOf(f.path)
	f.mu.Lock()
	f.stats.State, f.stats.Reason, f.stats.Size = Complete, "", size
	dropped := f.stats.Dropped
	f.mu.Unlock()
	if dropped > 0 {
		f.log.Warn("the session file is not complete", "file", f.path, "exchanges left out", dropped)
	}
}

// reader returns the archive of the file, opening it when it is first needed.
func (f *file) reader() (*archive, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.archive != nil {
		return f.archive, nil
	}
	if f.stats.State == Complete {
		return nil, ErrClosed
	}
	var err error
	f.archive, err = openArchive(f.path)
	return f.archive, err
}

// forgetArchive closes the archive, so that the next reader opens the file
// that is there then.
func (f *file) forgetArchive() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.archive != nil {
		f.archive.close()
		f.archive = nil
	}
}

// incomplete notes that a saved session could not be read to its end.
func (f *file) incomplete(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.Reason = err.Error()
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// flush has done answered when all that was handed over before is on disk.
func (f *file) flush(done chan<- error) {
	select {
	case f.queue <- letter{done: done}:
	default:
		done <- errors.New("the disk does not answer; the newest exchanges are not saved")
	}
}
