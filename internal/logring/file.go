package logring

import (
	"os"
	"path/filepath"
	"sync"
)

// fileLimit is how large a log grows, in bytes, before it is set aside under
// the name with ".old". There are never more than the two.
const fileLimit = 4 << 20

// File is a log file that is appended to. A full or vanished disk costs lines,
// never more: Write does not fail.
type File struct {
	path string
	mu   sync.Mutex
	f    *os.File
	size int64
}

// OpenFile opens the log, and makes it and its folder when they are missing,
// readable by their owner only.
func OpenFile(path string) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file := &File{path: path}
	if err := file.open(); err != nil {
		return nil, err
	}
	return file, nil
}

func (l *File) open() error {
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Path is where the log is.
func (l *File) Path() string { return l.path }

// Write appends a line.
func (l *File) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return len(p), nil
	}
	if l.size+int64(len(p)) > fileLimit {
		l.turn()
	}
	if l.f != nil {
		n, _ := l.f.Write(p)
		l.size += int64(n)
	}
	return len(p), nil
}

// turn sets the full file aside and begins another.
func (l *File) turn() {
	info, err := os.Lstat(l.path)
	if err == nil && !info.Mode().IsRegular() {
		l.size = 0 // a device or pipe the user asked for has no size to keep to
		return
	}
	l.f.Close()
	l.f = nil
	_ = os.Rename(l.path, l.path+".old") // if it fails, the file goes on growing
	if l.open() != nil {
		return
	}
	l.size = min(l.size, fileLimit/2)
}

// Close closes the file; later lines are lost.
func (l *File) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	return err
}
