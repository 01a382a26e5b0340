package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

const envPrefix = "CORSDASH_"

// fileVariable names the one variable that is not a setting: the file to read.
const fileVariable = envPrefix + "CONFIG"

// Options say where settings come from.
type Options struct {
	File    string   // --config: this file instead of the user's and the project's
	Dir     string   // where the search for a project file begins; "" is the working directory
	Environ []string // as os.Environ gives it
	Flags   []Flag
}

// Flag is a setting given on the command line.
type Flag struct {
	Name  string // as the user wrote it, "--listen"
	Key   string
	Texts []string
}

// Load reads every layer and returns the settings, or Faults.
func Load(o Options) (*Config, error) {
	if o.Dir == "" {
		o.Dir, _ = os.Getwd()
	}
	v, c := viper.New(), Default()
	c.sources, c.ranks = map[string]string{}, map[string]int{}
	if err := v.MergeConfigMap(nest(defaults())); err != nil {
		return nil, err
	}
	layers, err := o.layers(c)
	if err != nil {
		return nil, err
	}
	for i, l := range layers {
		if err := v.MergeConfigMap(nest(l.values)); err != nil {
			return nil, err
		}
		c.remember(i+1, l)
	}
	if err := v.Unmarshal(c, strictly); err != nil {
		return nil, fmt.Errorf("settings do not fit together: %w", err)
	}
	if faults := c.check(); len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

// strictly switches off what viper adds to decoding: the layers hold the right
// types already, and a guess ("true" for 1) would hide a mistake of ours.
func strictly(d *mapstructure.DecoderConfig) {
	d.TagName, d.WeaklyTypedInput, d.ErrorUnused, d.DecodeHook = "toml", false, true, nil
	d.ZeroFields = true
}

func defaults() map[string]any {
	c, values := Default(), map[string]any{}
	for _, s := range settings {
		values[s.key] = s.value(c)
	}
	return values
}

// nest turns "redact.headers" into a map in a map, which is what viper merges.
func nest(flat map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range flat {
		table, name, ok := strings.Cut(key, ".")
		if !ok {
			out[key] = value
			continue
		}
		inner, _ := out[table].(map[string]any)
		if inner == nil {
			inner = map[string]any{}
			out[table] = inner
		}
		inner[name] = value
	}
	return out
}

// remember notes where the layer's values stand, and forgets older places
// inside them: a new list of routes has none of the old one's lines.
func (c *Config) remember(rank int, l layer) {
	for key := range l.values {
		c.ranks[key] = rank
		for old := range c.sources {
			if old == key || strings.HasPrefix(old, key+"[") {
				delete(c.sources, old)
			}
		}
	}
	for key, from := range l.from {
		c.sources[key] = from
	}
}

// layers reads everything but the defaults, the weakest first.
func (o Options) layers(c *Config) ([]layer, error) {
	var list []layer
	for _, path := range o.filesToRead() {
		l, err := readFile(path)
		if errors.Is(err, fs.ErrNotExist) && path != o.explicit() {
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, Faults{faultf(path, "", "there is no such file; \"corsdash config init\" makes one at %s", UserFile(o.env))}
		}
		if err != nil {
			return nil, err
		}
		if filepath.Base(path) == ProjectFile && path != o.explicit() {
			if err := c.distrust(path, l); err != nil {
				return nil, err
			}
		}
		c.files = append(c.files, path)
		list = append(list, l)
	}
	env, err := o.environment(c)
	if err != nil {
		return nil, err
	}
	flags, err := o.flags()
	return append(list, env, flags), err
}

// filesToRead names the files in their order: the one asked for, or the
// user's and the nearest of the project.
func (o Options) filesToRead() []string {
	if path := o.explicit(); path != "" {
		return []string{path}
	}
	var list []string
	if path := UserFile(o.env); path != "" {
		list = append(list, path)
	}
	if path := ProjectFileOf(o.Dir); path != "" {
		list = append(list, path)
	}
	return list
}

func (o Options) explicit() string {
	path := o.File
	if path == "" {
		path = o.env(fileVariable)
	}
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(o.Dir, path)
}
