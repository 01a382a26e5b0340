//go:build !unix || race

package session

// mapMemory takes the Go heap where there is no mmap, and under the race
// detector, which watches nothing else.
func mapMemory(size int) (b []byte, release func([]byte)) { return make([]byte, size), nil }
