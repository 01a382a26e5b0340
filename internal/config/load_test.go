package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// home lays out a home folder with a user file and a working copy with a
// project file; "" leaves a file out.
func home(t *testing.T, user, project string) Options {
	t.Helper()
	root := t.TempDir()
	work := filepath.Join(root, "work", "app")
	write(t, filepath.Join(root, "work", ".git", "HEAD"), "")
	write(t, filepath.Join(work, "main.py"), "")
	if user != "" {
		write(t, filepath.Join(root, ".config", "corsdash", "config.toml"), user)
	}
	if project != "" {
		write(t, filepath.Join(root, "work", ProjectFile), project)
	}
	return Options{Dir: work, Environ: []string{"HOME=" + root}}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, o Options) *Config {
	t.Helper()
	c, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultsAreInForceWithoutFiles(t *testing.T) {
	got := load(t, home(t, "", ""))
	if !sameSettings(got, Default()) {
		t.Error(cmp.Diff(string(Default().Show()), string(got.Show())))
	}
	if len(got.Files()) != 0 {
		t.Errorf("read %v", got.Files())
	}
}

func TestLaterLayersWin(t *testing.T) {
	o := home(t,
		"theme = 'user'\nmode = 'plain'\nlisten = '1001'\ntarget = '2001'\nbody_limit = '1KB'\n[redact]\nheaders = ['X-User']\nkeys = ['user']\n",
		"mode = 'json'\nlisten = '1002'\ntarget = '2002'\n[redact]\nkeys = ['project']\n[[route]]\nprefix = '/api'\ntarget = '3002'\nstrip = true\n")
	o.Environ = append(o.Environ, "CORSDASH_LISTEN=1003", "CORSDASH_TARGET=2003", "CORSDASH_MOUSE=false", "CORSDASH_ALLOW_HOSTS=a.test, *.b.test",
		"CORSDASH_REDACT__PATTERNS=x+", "CORSDASH_THEME=")
	o.Flags = []Flag{{"--target", "target", []string{"2004"}}, {"--body-limit", "body_limit", []string{"2KB"}}}
	got := load(t, o)

	want := Default()
	want.Theme, want.Mode, want.Listen, want.Target = "user", "json", "127.0.0.1:1003", "http://localhost:2004"
	want.BodyLimit, want.Mouse, want.AllowHosts = 2<<10, false, []string{"a.test", "*.b.test"}
	want.Redact = Redact{Headers: []string{"X-User"}, Keys: []string{"project"}, Patterns: []string{"x+"}}
	want.Routes = []Route{{Prefix: "/api", Target: "http://localhost:3002", Strip: true}}
	if !sameSettings(got, want) {
		t.Error(cmp.Diff(string(want.Show()), string(got.Show())))
	}
}

func TestSourceNamesThePlace(t *testing.T) {
	o := home(t, "# mine\ntheme = 'user'\n", "mode = 'json'\n[[route]]\nprefix = '/api'\ntarget = '3002'\n")
	o.Environ = append(o.Environ, "CORSDASH_LISTEN=1003")
	o.Flags = []Flag{{"--ascii", "ascii", []string{"true"}}}
	c := load(t, o)
	for key, want := range map[string]string{
		"theme": "config.toml:2", "mode": ".corsdash.toml:1", "route[0].target": ".corsdash.toml:4", "route": "default",
		"listen": "CORSDASH_LISTEN", "ascii": "--ascii", "target": "default",
	} {
		if got := filepath.Base(c.Source(key)); got != want {
			t.Errorf("%s comes from %q; want %q", key, got, want)
		}
	}
}

func TestFlagRoutesReplaceThoseOfFiles(t *testing.T) {
	o := home(t, "", "[[route]]\nprefix = '/old'\ntarget = '1'\n")
	o.Flags = []Flag{{"--route", "route", []string{"/api=8000,strip", "/v1/=https://b.test/x,rewrite=/v2,host_header=upstream,insecure"}}}
	c := load(t, o)
	want := []Route{
		{Prefix: "/api", Target: "http://localhost:8000", Strip: true},
		{Prefix: "/v1", Target: "https://b.test/x", Rewrite: "/v2", HostHeader: "upstream", Insecure: true},
	}
	if diff := cmp.Diff(want, c.Routes); diff != "" {
		t.Error(diff)
	}
	if got := c.Source("route[0].prefix"); got != "--route" {
		t.Errorf("the route comes from %q", got)
	}
}

func TestTableEndsWithTheTarget(t *testing.T) {
	o := home(t, "", "target = '8000'\n[[route]]\nprefix = '/a'\ntarget = '8001'\n")
	got := load(t, o).Table()
	want := []Route{{Prefix: "/a", Target: "http://localhost:8001"}, {Prefix: "/", Target: "http://localhost:8000"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheStrongerLayerTakesTheRest(t *testing.T) {
	o := home(t, "target = '1'\n", "[[route]]\nprefix = '/'\ntarget = '2'\n[[route]]\nprefix = '/a'\ntarget = '3'\n")
	rest := func() string {
		table := load(t, o).Table()
		if len(table) != 2 {
			t.Errorf("%+v", table)
		}
		for _, r := range table {
			if r.Prefix == "/" {
				return r.Target
			}
		}
		return ""
	}
	if got := rest(); got != "http://localhost:2" {
		t.Errorf("the project's route takes %s", got)
	}
	o.Flags = []Flag{{"--target", "target", []string{"4"}}}
	if got := rest(); got != "http://localhost:4" {
		t.Errorf("the flag takes %s", got)
	}
	if got := filepath.Base(load(t, o).Source("route[0].target")); got != ProjectFile+":6" {
		t.Errorf("the route left comes from %s", got)
	}
}

func TestRelativeFileNamesStandBesideTheirFile(t *testing.T) {
	o := home(t, "cacert = 'ca.pem'\n", "tls_cert = 'certs/a.pem'\ntls_key = '/etc/a.key'\n")
	o.Flags = []Flag{{"--session", "session", []string{"today.corsdash"}}}
	c := load(t, o)
	root := strings.TrimPrefix(o.Environ[0], "HOME=")
	for got, want := range map[string]string{
		c.CACert:  filepath.Join(root, ".config", "corsdash", "ca.pem"),
		c.TLSCert: filepath.Join(root, "work", "certs", "a.pem"),
		c.TLSKey:  "/etc/a.key",
		c.Session: filepath.Join(o.Dir, "today.corsdash"),
	} {
		if got != want {
			t.Errorf("got %s; want %s", got, want)
		}
	}
}

func TestProjectFilesAreFoundUpToTheWorkingCopysRoot(t *testing.T) {
	o := home(t, "", "")
	root := filepath.Dir(filepath.Dir(o.Dir))
	write(t, filepath.Join(root, ProjectFile), "mode = 'json'\n") // above the working copy
	if got := load(t, o).Mode; got != "auto" {
		t.Errorf("a file above the working copy was read: mode %s", got)
	}
	write(t, filepath.Join(o.Dir, ProjectFile), "mode = 'plain'\n")
	write(t, filepath.Join(filepath.Dir(o.Dir), ProjectFile), "mode = 'tui'\n")
	if got := load(t, o).Mode; got != "plain" {
		t.Errorf("mode %s; the nearest file says plain", got)
	}
}

func TestOutsideAWorkingCopyOnlyTheFolderItselfCounts(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, ProjectFile), "mode = 'json'\n")
	dir := filepath.Join(root, "sub")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	o := Options{Environ: []string{"HOME=" + root}, Dir: dir}
	if got := load(t, o).Mode; got != "auto" {
		t.Errorf("mode %s from a file above", got)
	}
	o.Dir = root
	if got := load(t, o).Mode; got != "json" {
		t.Errorf("mode %s; the folder's own file says json", got)
	}
}

func TestAnExplicitFileStandsForAll(t *testing.T) {
	o := home(t, "theme = 'user'\n", "mode = 'json'\n")
	write(t, filepath.Join(o.Dir, "mine.toml"), "insecure = true\n")
	o.File = "mine.toml"
	c := load(t, o)
	if !c.Insecure || c.Theme != "auto" || c.Mode != "auto" || len(c.Files()) != 1 {
		t.Errorf("%s\nfrom %v", c.Show(), c.Files())
	}
	o.File = ""
	o.Environ = append(o.Environ, "CORSDASH_CONFIG=mine.toml")
	if c := load(t, o); !c.Insecure {
		t.Error("CORSDASH_CONFIG was not read")
	}
	o.File = "none.toml"
	if _, err := Load(o); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestNoticesDoNotStop(t *testing.T) {
	o := home(t, "", "target = 'https://api.example.test'\n[[route]]\nprefix = '/x'\ntarget = '8000'\n")
	o.Environ = append(o.Environ, "CORSDASH_LISTNE=1")
	got := load(t, o).Notices()
	if len(got) != 2 || !strings.Contains(got[0], "https://api.example.test, which is not this machine") || !strings.Contains(got[1], "did you mean CORSDASH_LISTEN?") {
		t.Errorf("%q", got)
	}
}

func TestEveryFlagMustBeASetting(t *testing.T) {
	o := home(t, "", "")
	o.Flags = []Flag{{"--zzz", "zzz", nil}}
	var faults Faults
	if _, err := Load(o); err == nil || errors.As(err, &faults) {
		t.Errorf("a flag of no setting is a mistake of the program, not of the user: %v", err)
	}
}
