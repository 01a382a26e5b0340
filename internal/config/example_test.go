package config

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write config.example.toml")

func TestExampleFileIsRenderedFromTheDefaults(t *testing.T) {
	path := filepath.Join("..", "..", "config.example.toml")
	if *update {
		if err := os.WriteFile(path, Example(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), string(Example())); diff != "" {
		t.Errorf("%s is not what the code renders; run go test ./internal/config -update\n%s", path, diff)
	}
}

// With every "#" before a setting removed, the file must load and say the
// defaults; where it shows an example, the example.
func TestExampleFileHoldsTheDefaults(t *testing.T) {
	doc := regexp.MustCompile(`(?m)^#([a-z_\[])`).ReplaceAllString(string(Example()), "$1")
	path := filepath.Join(t.TempDir(), "all.toml")
	write(t, path, doc)
	c := load(t, Options{File: path})
	for _, s := range settings {
		if from := c.Source(s.key); !strings.HasPrefix(from, path) && s.key != "route" {
			t.Errorf("%s is not in the file", s.key)
		}
		if s.example() != "" || s.key == "route" {
			continue
		}
		if diff := cmp.Diff(s.value(Default()), s.value(c)); diff != "" {
			t.Errorf("%s is not the default:\n%s", s.key, diff)
		}
	}
	if len(c.Routes) != 1 || c.Routes[0].Prefix != "/api" {
		t.Errorf("the example of a route: %+v", c.Routes)
	}
}

func TestExampleFileAsItIsChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	write(t, path, string(Example()))
	if c := load(t, Options{File: path}); !sameSettings(c, Default()) {
		t.Error(cmp.Diff(string(Default().Show()), string(c.Show())))
	}
}

func TestEverySettingSaysWhatItIsFor(t *testing.T) {
	for _, s := range settings {
		if !strings.HasSuffix(s.about(), ".") {
			t.Errorf("%s: no sentence in about: %q", s.key, s.about())
		}
	}
}

// What Show prints must load again to the same settings.
func TestShowReadsBack(t *testing.T) {
	o := home(t, "theme = \"a\\\"b\\u0001\\u007f<&>\"\n", "[[route]]\nprefix = '/a'\ntarget = '1'\nstrip = true\n")
	c := load(t, o)
	path := filepath.Join(t.TempDir(), "shown.toml")
	write(t, path, string(c.Show()))
	again := load(t, Options{File: path})
	if !sameSettings(c, again) {
		t.Error(cmp.Diff(string(c.Show()), string(again.Show())))
	}
}
