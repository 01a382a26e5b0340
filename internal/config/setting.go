package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// setting is one key as the tags of Config describe it.
type setting struct {
	key   string // "listen", "redact.headers"
	field reflect.StructField
	index []int
}

// settings lists every key that holds a value, in the order of Config.
var settings = describe(reflect.TypeFor[Config](), "", nil)

func describe(t reflect.Type, prefix string, index []int) (list []setting) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, at := f.Tag.Get("toml"), append(index[:len(index):len(index)], i)
		switch {
		case name == "":
		case f.Type.Kind() == reflect.Struct:
			list = append(list, describe(f.Type, prefix+name+".", at)...)
		default:
			list = append(list, setting{prefix + name, f, at})
		}
	}
	return list
}

// variable is the environment variable of a key; "__" stands for the dot.
func (s setting) variable() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.key, ".", "__"))
}

// value is what c holds; an empty list is nil, however it was written.
func (s setting) value(c *Config) any {
	v := reflect.ValueOf(c).Elem().FieldByIndex(s.index)
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		v = reflect.Zero(v.Type())
	}
	return v.Interface()
}

func (s setting) isPath() bool    { return s.field.Tag.Get("path") != "" }
func (s setting) userOnly() bool  { return s.field.Tag.Get("project") == "no" }
func (s setting) about() string   { return s.field.Tag.Get("about") }
func (s setting) example() string { return s.field.Tag.Get("example") }

// find returns the setting of a key.
func find(key string) (setting, bool) {
	for _, s := range settings {
		if s.key == key {
			return s, true
		}
	}
	return setting{}, false
}

// fromText reads a value given as text, by a variable or a flag. A list takes
// every text; anything else takes the last.
func (s setting) fromText(texts []string) (any, error) {
	last := ""
	if len(texts) > 0 {
		last = texts[len(texts)-1]
	}
	switch reflect.Zero(s.field.Type).Interface().(type) {
	case []string:
		return texts, nil
	case []Route:
		return parseRoutes(texts)
	case bool:
		b, err := strconv.ParseBool(last)
		if err != nil {
			return nil, fmt.Errorf("%q is neither true nor false", last)
		}
		return b, nil
	case Size:
		var v Size
		err := v.UnmarshalText([]byte(last))
		return v, err
	case Duration:
		var v Duration
		err := v.UnmarshalText([]byte(last))
		return v, err
	}
	return last, nil
}

// wants says in words what a key takes.
func wants(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Size]():
		return "a size, like \"256KB\""
	case t == reflect.TypeFor[Duration]():
		return "a duration, like \"10s\""
	case t == reflect.TypeFor[[]Route]():
		return "a list of tables, written [[route]]"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "a list of texts, like [\"a\", \"b\"]"
	case t.Kind() == reflect.Struct:
		return "a table"
	}
	return "text in quotes"
}
