// Package cli is the command line: one file per sub-command, and what ties
// the packages together.
//
// Data goes to standard output, talk to standard error, and an error is one
// sentence that says what to do. Nothing but the dashboard itself starts the
// dashboard: its questions to the terminal would end up in the shell.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"corsdash/internal/config"
	"corsdash/internal/crash"
	"corsdash/internal/safe"
)

// Exit codes. Scripts rely on them.
const (
	exitOK          = 0
	exitFindings    = 1 // findings at or above --fail-on
	exitUsage       = 2 // wrong usage or configuration
	exitNetwork     = 3 // the port, the server or the network
	exitInternal    = 4 // a mistake of corsdash, or of the system under it
	exitInterrupted = 130
)

// app is one run of the program.
type app struct {
	args   []string
	env    func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	code   int // what to exit with when no command failed
}

// Main runs a command line without the program's name and returns the exit
// code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{args: args, env: os.Getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	crash.Install(&crash.Handler{Dir: config.StateDir(a.env), Version: version(), Stderr: stderr, Exit: os.Exit, Code: exitInternal})
	defer crash.Catch()
	root := a.rootCommand()
	root.SetArgs(args)
	if err := root.ExecuteContext(context.Background()); err != nil {
		return a.fail(err)
	}
	return a.code
}

// failure is an error that knows its exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usagef(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

func networkf(format string, args ...any) error {
	return &failure{exitNetwork, fmt.Errorf(format, args...)}
}

func internalf(format string, args ...any) error {
	return &failure{exitInternal, fmt.Errorf(format, args...)}
}

// fail says what went wrong and returns the exit code for it.
func (a *app) fail(err error) int {
	var faults config.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			a.say("%v", f)
		}
		return exitUsage
	}
	a.say("%v", err)
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return exitInternal
}

// say prints a sentence on standard error. It may hold words of the network,
// of files or of arguments, so it passes the sanitiser.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.stderr, "corsdash: "+string(safe.Line(fmt.Sprintf(format, args...))))
}
