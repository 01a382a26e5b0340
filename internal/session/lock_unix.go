//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package session

import (
	"os"

	"golang.org/x/sys/unix"
)

// tryLock locks an open file against other processes, and against other
// openings in this one, until it is closed.
func tryLock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
