//go:build unix

package proxy

import "syscall"

// quiet reports whether an idle connection has nothing to say: neither data
// nor an end. It asks the kernel without waiting, and past the deadline that
// the last exchange has left.
func quiet(raw syscall.RawConn) bool {
	var err error
	var one [1]byte
	if raw.Control(func(fd uintptr) { _, err = syscall.Read(int(fd), one[:]) }) != nil {
		return false
	}
	return err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
}
