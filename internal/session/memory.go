package session

import (
	"runtime"
	"unsafe"
)

// memory is a piece of memory outside the Go heap where the system allows it.
// The garbage collector neither scans it nor lets the heap grow in proportion
// to it, and pages nobody touched cost nothing. It is given back when the last
// reference to the memory value is gone, so a value must stay reachable for as
// long as its bytes are used.
type memory struct{ bytes []byte }

// allocate returns size zeroed bytes. It cannot fail: where the system refuses
// a mapping, the Go heap serves.
func allocate(size int) *memory {
	b, release := mapMemory(size)
	m := &memory{bytes: b}
	if release != nil {
		runtime.AddCleanup(m, release, b)
	}
	return m
}

// rowsIn views the memory as rows. Rows hold no pointers, so neither kind of
// memory confuses the garbage collector.
func rowsIn(m *memory) []Row {
	return unsafe.Slice((*Row)(unsafe.Pointer(unsafe.SliceData(m.bytes))), len(m.bytes)/int(unsafe.Sizeof(Row{})))
}
