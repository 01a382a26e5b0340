package config

import (
	"fmt"
	"strings"
)

// Fault is one mistake in the settings.
type Fault struct {
	From string // the place: "/home/me/.config/corsdash/config.toml:3", "CORSDASH_LISTEN", "--listen"
	Key  string // the key, "" when the file could not be read as far as that
	Text string // what is wrong and what to do
}

func (f Fault) Error() string {
	if f.From == "" {
		return f.Text
	}
	return f.From + ": " + f.Text
}

// Faults are the mistakes of one load, in the order of their places. There is
// at least one.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lists the faults one by one.
func (f Faults) Unwrap() []error {
	errs := make([]error, len(f))
	for i := range f {
		errs[i] = f[i]
	}
	return errs
}

func faultf(from, key, format string, args ...any) Fault {
	return Fault{From: from, Key: key, Text: fmt.Sprintf(format, args...)}
}
