package session

import (
	"fmt"
	"os"
)

// lock keeps other corsdashs from writing the same session. It is a file of
// its own beside the session: on POSIX systems, closing any descriptor of the
// database would drop the locks SQLite holds on it.
type lock struct{ file *os.File }

// takeLock locks the session at path, or fails with ErrInUse.
func takeLock(path string) (*lock, error) {
	name := path + "-lock"
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if tryLock(f) != nil {
			f.Close()
			return nil, fmt.Errorf("%s is %w; choose another file with --session", path, ErrInUse)
		}
		// Whoever held the lock before may have removed the file after we
		// opened it. Then others would lock a new one.
		ours, err := f.Stat()
		if err == nil {
			if there, err := os.Stat(name); err == nil && os.SameFile(ours, there) {
				return &lock{f}, nil
			}
		}
		f.Close()
	}
}

// release gives the lock up and removes its file.
func (l *lock) release() {
	// Windows removes no file that is open; elsewhere it must go while it is
	// still locked.
	if os.Remove(l.file.Name()) != nil {
		l.file.Close()
		os.Remove(l.file.Name())
		return
	}
	l.file.Close()
}
