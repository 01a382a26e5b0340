package config

import (
	"fmt"
	"sort"
	"strings"
)

func (o Options) env(name string) string {
	value := ""
	for _, line := range o.Environ {
		if n, v, ok := strings.Cut(line, "="); ok && n == name {
			value = v
		}
	}
	return value
}

// environment reads the CORSDASH_ variables. An empty one counts as not set.
func (o Options) environment(c *Config) (layer, error) {
	l := newLayer()
	var faults Faults
	known := map[string]bool{fileVariable: true}
	for _, s := range settings {
		name := s.variable()
		known[name] = true
		text := o.env(name)
		if text == "" {
			continue
		}
		value, err := s.fromText(listOf(s, text))
		if err != nil {
			faults = append(faults, Fault{From: name, Key: s.key, Text: err.Error()})
			continue
		}
		l.values[s.key], l.from[s.key] = s.resolve(o.Dir, value), name
	}
	c.noticeUnknown(o.Environ, known)
	if len(faults) > 0 {
		return layer{}, faults
	}
	return l, nil
}

// listOf splits a variable: routes at spaces, for they hold commas, other
// lists at commas.
func listOf(s setting, text string) []string {
	switch s.value(&Config{}).(type) {
	case []Route:
		return strings.Fields(text)
	case []string:
		parts := strings.Split(text, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		return parts
	}
	return []string{text}
}

// noticeUnknown names variables that look like ours and are not. They are no
// fault: another version of corsdash may know them.
func (c *Config) noticeUnknown(environ []string, known map[string]bool) {
	var names []string
	for name := range known {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, envPrefix) || known[name] {
			continue
		}
		notice := "the variable " + name + " is no setting"
		if near := Nearest(name, names); near != "" {
			notice += "; did you mean " + near + "?"
		}
		c.notices = append(c.notices, notice)
	}
}

func (o Options) flags() (layer, error) {
	l := newLayer()
	var faults Faults
	for _, f := range o.Flags {
		s, ok := find(f.Key)
		if !ok {
			return layer{}, fmt.Errorf("the flag %s sets %q, which is no setting", f.Name, f.Key)
		}
		value, err := s.fromText(f.Texts)
		if err != nil {
			faults = append(faults, Fault{From: f.Name, Key: f.Key, Text: err.Error()})
			continue
		}
		l.values[f.Key], l.from[f.Key] = s.resolve(o.Dir, value), f.Name
	}
	if len(faults) > 0 {
		return layer{}, faults
	}
	return l, nil
}
