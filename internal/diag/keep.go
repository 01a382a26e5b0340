package diag

import (
	"container/heap"
	"time"
)

const (
	// maxKept and maxKeptWeight bound the exchanges that later ones may still
	// explain.
	maxKept       = 4096
	maxKeptWeight = 32 << 20 // bytes
)

// keeper holds the newest exchanges that later ones may still explain, and
// those that still run.
type keeper struct {
	byID   map[uint64]*record
	queue  []*record
	head   int
	weight int
}

// keep decides whether an exchange is worth keeping.
func (e *Engine) keep(r *record) {
	f := r.fact
	dull := !f.Open() && len(r.attempt.Facts) == 1 && r.attempt.waits == 0 && r.attempt.judged == nil &&
		len(r.findings) == 0 && r.incident == nil && r.refresh == nil && !r.login && f.Status < 400 && f.Status != 0
	if dull {
		if r.weight > 0 {
			e.kept.drop(r)
		}
		return
	}
	was := f.X
	f.trim()
	f.trimmed = f.trimmed || f.X != was
	e.kept.add(r)
}

func (k *keeper) add(r *record) {
	if r.weight > 0 {
		k.weigh(r)
		return
	}
	if k.byID == nil {
		k.byID = make(map[uint64]*record)
	}
	k.byID[r.fact.ID] = r
	k.queue = append(k.queue, r)
	k.weigh(r)
	for k.head < len(k.queue)-1 && (len(k.byID) > maxKept || k.weight > maxKeptWeight || len(k.queue)-k.head > 2*maxKept) {
		k.drop(k.queue[k.head])
		k.queue[k.head] = nil
		k.head++
	}
	if k.head > 256 && k.head*2 > len(k.queue) {
		n := copy(k.queue, k.queue[k.head:])
		clear(k.queue[n:])
		k.queue, k.head = k.queue[:n], 0
	}
}

// weigh counts what a kept record holds.
func (k *keeper) weigh(r *record) {
	k.weight -= r.weight
	r.weight = weight(r.fact.X)
	k.weight += r.weight
}

// drop forgets a record, if it is kept.
func (k *keeper) drop(r *record) {
	if r.weight == 0 {
		return
	}
	k.weight -= r.weight
	r.weight = 0
	if k.byID[r.fact.ID] == r {
		delete(k.byID, r.fact.ID)
	}
}

// dues are records to be looked at again at some time.
type dues struct{ heap dueHeap }

type due struct {
	at     time.Time
	record *record
}

const maxDues = 4096

func (d *dues) add(at time.Time, r *record) {
	if len(d.heap) < maxDues {
		heap.Push(&d.heap, due{at, r})
	}
}

func (d *dues) next() (time.Time, bool) {
	if len(d.heap) == 0 {
		return time.Time{}, false
	}
	return d.heap[0].at, true
}

// pop removes and returns what is due.
func (d *dues) pop(now time.Time) (records []*record) {
	for len(d.heap) > 0 && !d.heap[0].at.After(now) {
		records = append(records, heap.Pop(&d.heap).(due).record)
	}
	return records
}

type dueHeap []due

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(due)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = due{}
	*h = old[:len(old)-1]
	return last
}
