package config

import (
	"fmt"
	"strings"
)

// ParseRoute reads a route as a flag or a variable gives it:
// PREFIX=URL[,strip][,rewrite=/x][,host_header=auto|preserve|upstream][,insecure].
func ParseRoute(s string) (Route, error) {
	prefix, rest, ok := strings.Cut(s, "=")
	if !ok || prefix == "" || rest == "" {
		return Route{}, fmt.Errorf("%q is not a route; write PREFIX=URL, like /api=http://localhost:8000", s)
	}
	words := strings.Split(rest, ",")
	r := Route{Prefix: prefix, Target: words[0]}
	for _, word := range words[1:] {
		if err := r.option(word); err != nil {
			return Route{}, fmt.Errorf("%q: %w", s, err)
		}
	}
	return r, nil
}

func (r *Route) option(word string) error {
	name, value, hasValue := strings.Cut(word, "=")
	switch {
	case name == "strip" && !hasValue:
		r.Strip = true
	case name == "insecure" && !hasValue:
		r.Insecure = true
	case name == "rewrite" && hasValue:
		r.Rewrite = value
	case name == "host_header" && hasValue:
		r.HostHeader = value
	default:
		return fmt.Errorf("%q is no option of a route; there are strip, rewrite=/x, host_header=… and insecure", word)
	}
	return nil
}

func parseRoutes(texts []string) ([]Route, error) {
	routes := make([]Route, 0, len(texts))
	for _, text := range texts {
		r, err := ParseRoute(text)
		if err != nil {
			return nil, err
		}
		routes = append(routes, r)
	}
	return routes, nil
}

// Table lists all routes, the one that target stands for last.
func (c *Config) Table() []Route {
	table := append([]Route(nil), c.Routes...)
	if c.Target != "" {
		table = append(table, Route{Prefix: "/", Target: c.Target})
	}
	return table
}
