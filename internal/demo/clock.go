package demo

import (
	"context"
	"time"
)

// clock is the demo's time. It may run faster than the real one, so that
// tokens expire and slow answers come while a test waits. At speed 1 it is the
// real time.
type clock struct {
	start time.Time
	speed float64
}

func (c *clock) now() time.Time {
	if c.speed == 1 {
		return time.Now()
	}
	return c.start.Add(time.Duration(float64(time.Since(c.start)) * c.speed))
}

// real is how long d of the demo takes.
func (c *clock) real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.speed)
}

// sleep lets d of the demo's time pass, or less when ctx ends.
func (c *clock) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(c.real(d))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
