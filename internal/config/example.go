package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

const exampleHead = `# Settings of corsdash.
#
# Yours are in ~/.config/corsdash/config.toml ("corsdash config path" says where exactly),
# a project's are in .corsdash.toml at or above the folder corsdash starts in.
# Later ones win: defaults, your file, the project's, CORSDASH_* variables, flags.
#
# Every line that begins with "#" and a name is a setting with its default, or, where
# there is none, an example. Remove the "#" to change it. Sizes are texts like "256KB",
# times like "10s". Unknown names and wrong types are errors. "Not for project files" marks
# what a cloned repository must not decide for you.
`

// exampleWidth is how wide comments get, in characters.
const exampleWidth = 98

// Example renders config.example.toml: every setting, its default and what it
// is for.
func Example() []byte {
	out := bytes.NewBufferString(exampleHead)
	c := Default()
	for _, s := range settings {
		if s.key == "route" {
			continue
		}
		if table, _, ok := strings.Cut(s.key, "."); ok && !bytes.Contains(out.Bytes(), []byte("\n["+table+"]\n")) {
			fmt.Fprintf(out, "\n%s[%s]\n", comment(tableAbout(table)), table)
		}
		fmt.Fprintf(out, "\n%s", comment(s.remark()))
		writeSetting(out, s, c)
	}
	exampleRoute(out)
	return out.Bytes()
}

func exampleRoute(out *bytes.Buffer) {
	s, _ := find("route")
	fmt.Fprintf(out, "\n%s#[[route]]\n", comment(s.remark()))
	for i, field := range describe(reflect.TypeFor[Route](), "", nil) {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(comment(field.remark()))
		value := field.example()
		if value == "" {
			value = "false"
		} else {
			value = literal(value)
		}
		fmt.Fprintf(out, "#%s = %s\n", field.key, value)
	}
}

func writeSetting(out *bytes.Buffer, s setting, c *Config) {
	_, name, ok := strings.Cut(s.key, ".")
	if !ok {
		name = s.key
	}
	value := literal(s.value(c))
	if example := s.example(); strings.HasPrefix(example, "[") {
		value = example
	} else if example != "" {
		value = literal(example)
	}
	fmt.Fprintf(out, "#%s = %s\n", name, value)
}

func (s setting) remark() string {
	if s.userOnly() {
		return s.about() + " Not for project files."
	}
	return s.about()
}

func tableAbout(table string) string {
	f, _ := reflect.TypeFor[Config]().FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, table) })
	return f.Tag.Get("about")
}

// comment wraps a sentence into comment lines.
func comment(text string) string {
	var out strings.Builder
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > exampleWidth {
			out.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	return out.String() + line + "\n"
}

// literal writes a value as TOML. JSON's texts, lists and booleans are TOML,
// too, save that TOML wants the delete character escaped.
func literal(value any) string {
	if t, ok := value.(fmt.Stringer); ok {
		value = t.String()
	}
	if list, ok := value.([]string); ok && list == nil {
		value = []string{}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("config: a setting that JSON cannot write: " + err.Error())
	}
	return strings.ReplaceAll(strings.TrimSuffix(out.String(), "\n"), "\x7f", `\u007f`)
}

// Show renders the settings in force as TOML, each with the place it comes
// from.
func (c *Config) Show() []byte {
	var out bytes.Buffer
	line := func(key, name string, value any) {
		fmt.Fprintf(&out, "%-44s # %s\n", name+" = "+literal(value), c.Source(key))
	}
	table := ""
	for _, s := range settings {
		if s.key == "route" {
			continue
		}
		name := s.key
		if t, inner, ok := strings.Cut(s.key, "."); ok {
			if t != table {
				fmt.Fprintf(&out, "\n[%s]\n", t)
			}
			table, name = t, inner
		}
		line(s.key, name, s.value(c))
	}
	for i, r := range c.Routes {
		out.WriteString("\n[[route]]\n")
		for _, s := range describe(reflect.TypeFor[Route](), "", nil) {
			if value := reflect.ValueOf(r).FieldByIndex(s.index); !value.IsZero() {
				line(fmt.Sprintf("route[%d].%s", i, s.key), s.key, value.Interface())
			}
		}
	}
	return out.Bytes()
}
