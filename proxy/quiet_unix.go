//go:build unix

package proxy

import "syscall"

// quiet reports whether an idle connection has nothing to say: neither data
// nor an end. It asks the kernel without waiting.
func quiet(raw syscall.RawConn) bool {
	var n int
	var err error
	var one [1]byte
	if raw.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), one[:])
		return true
	}) != nil {
		return false
	}
	return n < 0 && (err == syscall.EAGAIN || err == syscall.EWOULDBLOCK)
}
