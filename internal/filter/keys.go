package filter

import (
	"strings"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
	"corsdash/internal/session"
)

// Key is something of an exchange that a filter can ask for.
type Key struct {
	Name    string
	Aliases []string
	About   string   // what it is, in half a sentence
	Example string   // a value it takes
	Values  []string // all it takes, when that is a fixed list

	compile compile
}

// compile makes a match of a key's value.
type compile func(p *parser, k *Key, op string, v value) (match, error)

// Keys lists the keys in the order in which people should meet them. The list
// must not be changed.
func Keys() []Key { return keys }

var keys = []Key{
	{Name: "status", Aliases: []string{"status-code"}, About: "status code, or none when no answer came", Example: "5xx",
		compile: number(parseStatus, func(r *session.Row) (int64, bool) { return int64(r.Status), r.Status != 0 })},
	{Name: "method", About: "request method", Example: "POST",
		compile: name(func(r *session.Row) session.Text { return r.Method })},
	{Name: "path", About: "path and query", Example: "/api",
		compile: words(func(r *session.Row) session.Text { return r.Target }, smart)},
	{Name: "url", About: "authority, path and query", Example: "localhost:8900/api", compile: inURL},
	{Name: "host", Aliases: []string{"domain"}, About: "authority the client used", Example: "localhost",
		compile: words(func(r *session.Row) session.Text { return r.Host }, folded)},
	{Name: "origin", About: "Origin header", Example: "localhost:3000",
		compile: words(func(r *session.Row) session.Text { return r.Origin }, folded)},
	{Name: "referer", About: "Referer header", Example: "/login",
		compile: words(func(r *session.Row) session.Text { return r.Referer }, smart)},
	{Name: "mime", Aliases: []string{"mime-type", "type"}, About: "media type of the answer", Example: "json",
		compile: words(func(r *session.Row) session.Text { return r.Mime }, folded)},
	{Name: "is", About: "what sort of exchange it is", Example: "preflight", Values: flagNames(), compile: is},
	{Name: "error", About: "what went wrong on the network", Example: "refused", Values: classes(),
		compile: named(func(r *session.Row) string { return r.Class.String() })},
	{Name: "cors", Aliases: []string{"outcome"}, About: "what the browser makes of it", Example: "blocked", Values: outcomes,
		compile: named(func(r *session.Row) string { return r.Outcome() })},
	{Name: "rule", About: "rule of the first finding", Example: "missing-*",
		compile: words(func(r *session.Row) session.Text { return r.Rule }, folded)},
	{Name: "severity", About: "severity of the worst finding", Example: "blocks", Values: severities,
		compile: number(parseSeverity, func(r *session.Row) (int64, bool) { return int64(r.Rank()), r.Rank() != 0 })},
	{Name: "took", Aliases: []string{"time", "dur", "duration"}, About: "how long it took", Example: "500ms",
		compile: number(parseDuration, func(r *session.Row) (int64, bool) { return int64(r.Took()), r.Took() >= 0 })},
	{Name: "size", About: "bytes of the answer's body", Example: "10k",
		compile: number(parseSize, sizeOf)},
	{Name: "sent", About: "bytes of the request's body", Example: "10k",
		compile: number(parseSize, func(r *session.Row) (int64, bool) { return r.RequestSize(), true })},
	{Name: "larger-than", About: "bytes of the answer's body, at least", Example: "10k",
		compile: atLeast(number(parseSize, sizeOf))},
	{Name: "upstream", About: "origin of the server asked", Example: "localhost:8000",
		compile: words(func(r *session.Row) session.Text { return r.Upstream }, folded)},
	{Name: "scheme", About: "scheme of the server asked", Example: "https", compile: words(func(r *session.Row) session.Text { return r.Upstream }, scheme)},
	{Name: "source", About: "where it comes from", Example: "proxy", Values: sources(),
		compile: named(func(r *session.Row) string { return r.Source.String() })},
	{Name: "client", About: "address of the client", Example: "127.0.0.1",
		compile: words(func(r *session.Row) session.Text { return r.Client }, folded)},
	{Name: "role", About: "part it plays in its attempt", Example: "preflight",
		Values:  []string{string(diag.Actual), string(diag.Preflight), string(diag.Hop)},
		compile: named(func(r *session.Row) string { return string(r.Role()) })},
	{Name: "attempt", About: "number of the attempt it belongs to", Example: "5",
		compile: number(parseCount, func(r *session.Row) (int64, bool) { return int64(r.Attempt()), true })},
	{Name: "id", About: "its number", Example: "12",
		compile: number(parseCount, func(r *session.Row) (int64, bool) { return int64(r.ID), true })},
}

// find returns the key of that name, or nil.
func find(name string) *Key {
	name = strings.ToLower(name)
	for i := range keys {
		k := &keys[i]
		if k.Name == name {
			return k
		}
		for _, a := range k.Aliases {
			if a == name {
				return k
			}
		}
	}
	return nil
}

// outcomes are what session.Row.Outcome says, and "none".
var outcomes = []string{"blocked", "allowed", "conditional", "failed", "opaque", "not-cors", "none"}

var severities = []string{"blocks", "error", "warning", "security", "info", "none"}

// classes lists the names of network failures.
func classes() []string {
	list := []string{"none"}
	for c := exchange.OK + 1; c.String() != "unknown"; c++ {
		list = append(list, c.String())
	}
	return list
}

func sizeOf(r *session.Row) (int64, bool) { return r.ResponseSize(), r.Status != 0 }

func sources() (list []string) {
	for s := exchange.SourceProxy; s.String() != "unknown"; s++ {
		list = append(list, s.String())
	}
	return list
}

// flag is a yes-or-no fact of a row, under one or more names.
type flag struct {
	names []string
	match func(r *session.Row) bool
}

// flags are what "is:" asks for.
var flags = []flag{
	{[]string{"preflight"}, func(r *session.Row) bool { return r.Flags&session.Preflight != 0 }},
	{[]string{"hop", "redirect"}, func(r *session.Row) bool {
		return r.Role() == diag.Hop || r.Status/100 == 3 && r.Status != 304
	}},
	{[]string{"open", "running"}, func(r *session.Row) bool { return r.Flags&session.Running != 0 }},
	{[]string{"websocket", "ws"}, func(r *session.Row) bool { return r.Flags&session.Upgraded != 0 }},
	{[]string{"error"}, func(r *session.Row) bool {
		return r.Class != exchange.OK || r.Status >= 400
	}},
	{[]string{"truncated"}, func(r *session.Row) bool { return r.Flags&session.Truncated != 0 }},
	{[]string{"changed"}, func(r *session.Row) bool { return r.Flags&session.Changed != 0 }},
	{[]string{"redacted"}, func(r *session.Row) bool { return r.Flags&session.Redacted != 0 }},
}

func flagNames() (list []string) {
	for _, f := range flags {
		list = append(list, f.names...)
	}
	return list
}
