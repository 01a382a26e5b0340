package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// fileLimit is more than any honest configuration needs and little enough to
// read at once.
const fileLimit = 256 << 10

// layer holds what one place sets, by key and with the types of Config.
type layer struct {
	values map[string]any
	from   map[string]string
}

func newLayer() layer {
	return layer{values: map[string]any{}, from: map[string]string{}}
}

// readFile reads and checks one file. A missing one is an fs.ErrNotExist,
// every other failure is Faults.
func readFile(path string) (layer, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return layer{}, err
	}
	if err != nil {
		return layer{}, Faults{faultf(path, "", "cannot be read: %v; mend it or choose another file with --config", cause(err))}
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, fileLimit+1))
	switch {
	case err != nil:
		return layer{}, Faults{faultf(path, "", "cannot be read: %v; mend it or choose another file with --config", cause(err))}
	case len(doc) > fileLimit:
		return layer{}, Faults{faultf(path, "", "is longer than %s, so it is hardly a configuration; choose another file with --config", Size(fileLimit))}
	}
	return decode(path, doc)
}

// cause is the system's own reason, without the operation and path that the
// sentence around it names already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// decode reads a TOML document strictly: unknown keys and wrong types are
// faults with a line.
func decode(path string, doc []byte) (layer, error) {
	doc = bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf")) // Notepad's mark
	l := newLayer()
	for key, line := range places(doc) {
		l.from[key] = fmt.Sprintf("%s:%d", path, line)
	}
	if faults := wrongKinds(doc, l.from); len(faults) > 0 {
		return layer{}, faults
	}
	var c Config
	dec := toml.NewDecoder(bytes.NewReader(doc)).DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return layer{}, decodeFaults(path, err)
	}
	base := filepath.Dir(path)
	for _, s := range settings {
		if _, ok := l.from[s.key]; ok || l.from[s.key+"[0]"] != "" {
			l.values[s.key] = s.resolve(base, s.value(&c))
		}
	}
	return l, nil
}

// wrongKinds finds sizes and times that are not texts (or, for sizes, whole
// numbers). The decoder takes a number for nanoseconds, and what it says of the
// rest has no line.
func wrongKinds(doc []byte, from map[string]string) (faults Faults) {
	var raw map[string]any
	if toml.Unmarshal(doc, &raw) != nil {
		return nil // the strict decoder says it better
	}
	for _, s := range settings {
		isSize := s.field.Type == reflect.TypeFor[Size]()
		if !isSize && s.field.Type != reflect.TypeFor[Duration]() {
			continue
		}
		switch raw[s.key].(type) {
		case nil, string:
			continue
		case int64:
			if isSize {
				continue
			}
		}
		faults = append(faults, faultf(from[s.key], s.key, "%s takes %s", s.key, wants(s.field.Type)))
	}
	return faults
}

// resolve makes a file name absolute: "~" is the home folder, anything else
// relative stands beside the file that names it.
func (s setting) resolve(base string, value any) any {
	name, ok := value.(string)
	if !ok || !s.isPath() || name == "" {
		return value
	}
	if rest, ok := strings.CutPrefix(filepath.ToSlash(name), "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, filepath.FromSlash(rest))
		}
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(base, name)
}

// maxFaults keeps a file that is something else entirely from filling the screen.
const maxFaults = 10

func decodeFaults(path string, err error) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) {
		var faults Faults
		for _, e := range missing.Errors[:min(len(missing.Errors), maxFaults)] {
			faults = append(faults, unknownKey(path, &e))
		}
		return faults
	}
	var de *toml.DecodeError
	if !errors.As(err, &de) {
		return Faults{faultf(path, "", "%s", strings.TrimPrefix(err.Error(), "toml: "))}
	}
	row, _ := de.Position()
	from, key := fmt.Sprintf("%s:%d", path, row), strings.ToLower(strings.Join(de.Key(), "."))
	text := strings.TrimPrefix(de.Error(), "toml: ")
	if t, ok := fieldType(de.Key()); ok && strings.HasPrefix(text, "cannot ") {
		text = fmt.Sprintf("%s takes %s", key, wants(t))
	} else if ok {
		text = key + ": " + text
	}
	return Faults{{From: from, Key: key, Text: text}}
}

func unknownKey(path string, e *toml.DecodeError) Fault {
	row, _ := e.Position()
	key := e.Key()
	name := key[len(key)-1]
	text := fmt.Sprintf("there is no setting %q", strings.Join(key, "."))
	if near := Nearest(strings.ToLower(name), namesBeside(key)); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	} else {
		text += "; \"corsdash config show\" lists them all"
	}
	return Fault{From: fmt.Sprintf("%s:%d", path, row), Key: strings.Join(key, "."), Text: text}
}

// namesBeside lists the names that may stand where key stands; where its own
// table is unknown, those of the top.
func namesBeside(key toml.Key) []string {
	t, ok := fieldType(key[:len(key)-1])
	if !ok {
		t = reflect.TypeFor[Config]()
	}
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		t = reflect.TypeFor[Config]()
	}
	var names []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("toml"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fieldType follows a key through Config; the empty key is Config itself.
func fieldType(key toml.Key) (reflect.Type, bool) {
	t := reflect.TypeFor[Config]()
	for _, part := range key {
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		next, ok := fieldNamed(t, part)
		if !ok {
			return nil, false
		}
		t = next
	}
	return t, true
}

func fieldNamed(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("toml") == strings.ToLower(name) {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}
