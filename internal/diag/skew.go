package diag

import (
	"slices"
	"strings"
	"time"
)

// skew estimates how far another clock is ahead of ours.
type skew struct {
	samples  [15]time.Duration
	n        int
	last     string // the Date taken last; it changes once a second at most
	midpoint time.Duration
}

// note takes a sample. Date has no fractions, so it lies half a second behind
// on average; answers from a cache carry the Date of long ago.
func (s *skew) note(f *Fact) {
	if f.date == "" || f.date == s.last || f.HasHeader("Age") {
		return
	}
	s.last = strings.Clone(f.date)
	date := f.Date()
	if date.IsZero() || f.Start.IsZero() {
		return
	}
	half := f.End.Sub(f.Start) / 2
	s.samples[s.n%len(s.samples)] = date.Add(time.Second / 2).Sub(f.Start.Add(half))
	s.n++
	known := slices.Clone(s.samples[:min(s.n, len(s.samples))])
	slices.Sort(known)
	s.midpoint = known[len(known)/2]
}

func (s *skew) median() time.Duration { return s.midpoint }
