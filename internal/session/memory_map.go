//go:build unix && !race

package session

import "golang.org/x/sys/unix"

func mapMemory(size int) (b []byte, release func([]byte)) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return make([]byte, size), nil
	}
	return b, func(b []byte) { unix.Munmap(b) }
}
