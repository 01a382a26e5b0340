// Package report prints results: the JSON stream and the plain sentences.
//
// Input is what the session says of an exchange, output is text for another
// program or for somebody's ears. What is printed has its secrets redacted
// unless the caller gives no Redactor. The package must not diagnose: it knows
// nothing that is not in the result.
package report

import (
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// Options say how results are printed.
type Options struct {
	Redactor *exchange.Redactor // nil prints secrets as they are
}

// text redacts what the rules say, for they quote the traffic.
func (o Options) text(s string) string {
	if o.Redactor == nil {
		return s
	}
	return o.Redactor.Text(s)
}

// Printer appends what a format says of a result to dst. It may append
// nothing. It belongs to one goroutine.
type Printer func(dst []byte, r diag.Result) []byte

// Format is one way to print results.
type Format struct {
	Name  string
	About string
	New   func(Options) Printer
}

// Formats lists all of them. A new one is a file and a line here.
var Formats = []Format{
	{"json", "one JSON object a line, for programs", newJSON},
	{"plain", "one sentence a line, for reading and for screen readers", newPlain},
}

// Find returns the format of that name.
func Find(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}
