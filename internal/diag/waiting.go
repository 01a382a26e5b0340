package diag

import (
	"slices"
	"time"
)

const (
	// keptWaiting is how long an attempt waits to be found. It is longer than
	// the windows within which exchanges belong together, because a slow answer
	// comes in long after its request was sent.
	keptWaiting = 2 * time.Minute

	maxWaiting       = 4096
	maxWaitingWeight = 16 << 20 // bytes
	maxEqual         = 64       // attempts that wait for the same thing
)

// waiting are attempts that wait for their next exchange, by a hash of what
// that must be.
type waiting struct {
	byKey  map[uint64][]*Attempt
	queue  []waiter // in the order they came; some are gone already
	head   int
	number uint64
	count  int
	weight int
}

// waiter names an attempt without holding on to it.
type waiter struct {
	key, number uint64
	until       time.Time
}

func (w *waiting) empty() bool { return w.count == 0 }

// add has an attempt wait. It waits in one place at a time.
func (w *waiting) add(a *Attempt, key uint64, now time.Time) {
	if w.byKey == nil {
		w.byKey = make(map[uint64][]*Attempt)
	}
	if list := w.byKey[key]; len(list) == maxEqual {
		w.remove(list[0], key)
	}
	w.number++
	a.waits, a.number, a.weight = key, w.number, 0
	for _, f := range a.Facts {
		a.weight += weight(f.X)
	}
	w.byKey[key] = append(w.byKey[key], a)
	w.queue = append(w.queue, waiter{key, a.number, now.Add(keptWaiting)})
	w.count++
	w.weight += a.weight
	w.expire(now)
}

// take removes and returns the first attempt under a key that fits.
func (w *waiting) take(key uint64, fits func(*Attempt) bool) *Attempt {
	for _, a := range w.byKey[key] {
		if fits(a) {
			w.remove(a, key)
			return a
		}
	}
	return nil
}

func (w *waiting) remove(a *Attempt, key uint64) {
	list := w.byKey[key]
	i := slices.Index(list, a)
	if i < 0 {
		return
	}
	a.waits = 0
	w.count--
	w.weight -= a.weight
	if len(list) == 1 {
		delete(w.byKey, key)
		return
	}
	w.byKey[key] = slices.Delete(list, i, i+1)
}

// expire drops what has waited too long, or is too much.
func (w *waiting) expire(now time.Time) {
	for w.head < len(w.queue) {
		front := w.queue[w.head]
		if !front.until.Before(now) && w.count <= maxWaiting && w.weight <= maxWaitingWeight && len(w.queue)-w.head <= 4*maxWaiting {
			break
		}
		w.head++
		for _, a := range w.byKey[front.key] {
			if a.number == front.number {
				w.remove(a, front.key)
				break
			}
		}
	}
	if w.head > 256 && w.head*2 > len(w.queue) {
		w.queue = slices.Delete(w.queue, 0, w.head)
		w.head = 0
	}
}
