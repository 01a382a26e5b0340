package session

import (
	"fmt"
	"testing"

	"corsdash/internal/exchange"
)

// BenchmarkAdd is what a proxied request pays, the copy into a ring larger
// than the caches included. The consumer is played by moving its position on.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{200, 10 << 10, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			r := newRing(DefaultMemory)
			var d exchange.Draft
			draftOf(&d, "/api/items/17?page=2", make([]byte, size))
			for range int(r.size) / d.Len() {
				r.done = r.head
				d.ID = 0
				r.add(&d)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.done = r.head
				d.ID = 0
				r.add(&d)
			}
		})
	}
}
