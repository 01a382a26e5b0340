package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that ends with the first signal to stop. A
// second one does not wait for the orderly end: forced is called, which has to
// end the program.
func interruptible(parent context.Context, forced func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup means it
		signal.Notify(signals, syscall.SIGHUP)
	}
	// A reader that goes away is an error of the write, not the end of us.
	signal.Ignore(syscall.SIGPIPE)
	done := make(chan struct{})
	go func() {
		for seen := 0; ; seen++ {
			select {
			case <-signals:
			case <-done:
				return
			}
			if seen > 0 {
				forced()
			}
			cancel(errInterrupted)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
