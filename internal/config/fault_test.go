package config

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// Each mistake must be found, at its line, with what to do about it.
func TestMistakesInAFile(t *testing.T) {
	for name, c := range map[string]struct{ doc, want string }{
		"syntax":             {"mode = 'json'\nlisten =\n", ":2: "},
		"unknown key":        {"mode = 'json'\n\nlisen = '1'\n", `:3: there is no setting "lisen"; did you mean "listen"?`},
		"unknown table":      {"[redac]\nkeys = []\n", `:1: there is no setting "redac"; did you mean "redact"?`},
		"unknown in a table": {"[redact]\nheader = []\n", `:2: there is no setting "redact.header"; did you mean "headers"?`},
		"unknown in a route": {"[[route]]\nprefix = '/a'\nscript = true\n", `:3: there is no setting "route.script"; did you mean "strip"?`},
		"nothing like it":    {"qqqqqqqq = 1\n", `"corsdash config show" lists them all`},
		"case is no excuse":  {"LISTEN = 1\n", ":1: listen takes text in quotes"},
		"twice":              {"mode = 'json'\nmode = 'json'\n", ":2: "},
		"text for bool":      {"mouse = 'yes'\n", ":1: mouse takes true or false"},
		"number for text":    {"listen = 8900\n", ":1: listen takes text in quotes"},
		"text for list":      {"allow_hosts = 'a'\n", `:1: allow_hosts takes a list of texts`},
		"table for text":     {"[listen]\na = 1\n", ":1: listen takes text in quotes"},
		"routes as table":    {"[route]\nprefix = '/a'\ntarget = '1'\n", ""},
		"bad size":           {"body_limit = 'big'\n", `:1: body_limit: "big" is not a size`},
		"bool for size":      {"body_limit = true\n", `:1: body_limit takes a size, like "256KB"`},
		"fraction for size":  {"body_limit = 1.5\n", `:1: body_limit takes a size, like "256KB"`},
		"number for time":    {"dial_timeout = 10\n", `:1: dial_timeout takes a duration, like "10s"`},
		"bad duration":       {"\ndial_timeout = '10'\n", `:2: dial_timeout: "10" is not a duration`},
		"bad port":           {"listen = '99999'\n", ":1: listen: \"99999\": port 99999 does not exist"},
		"bad target":         {"target = 'ftp://x'\n", `:1: target: "ftp://x": the scheme "ftp" is not http or https`},
		"bad mode":           {"mode = 'plian'\n", `:1: mode: "plian" is unknown; did you mean "plain"?`},
		"bad fail_on":        {"fail_on = 'errors'\n", `did you mean "error"?`},
		"memory":             {"capture_memory = '1MB'\n", "capture_memory: 1MB is out of range; it goes from 4MB to 64GB"},
		"body too big":       {"capture_memory = '16MB'\nbody_limit = '2MB'\n", ":2: body_limit: 2MB is too much for a capture_memory of 16MB; raise capture_memory to 32MB"},
		"negative body":      {"body_limit = -1\n", "0 keeps headers only"},
		"no dial timeout":    {"dial_timeout = '0s'\n", "out of range"},
		"long timeout":       {"response_timeout = '25h'\n", "out of range; it goes from above 0s to 24h"},
		"cert alone":         {"tls_cert = 'a'\n", ":1: tls_cert: tls_key is needed as well"},
		"key alone":          {"tls_key = 'a'\n", ":1: tls_key: tls_cert is needed as well"},
		"route no target":    {"[[route]]\nprefix = '/a'\n", ":1: route[0].target: a route needs a target"},
		"route no prefix":    {"[[route]]\ntarget = '1'\n", ":1: route[0].prefix: a route needs a prefix"},
		"route no slash":     {"[[route]]\ntarget = '1'\nprefix = 'api'\n", `:3: route[0].prefix: "api" does not begin with a slash; write /api`},
		"route query":        {"[[route]]\ntarget = '1'\nprefix = '/a?b'\n", ":3: "},
		"route twice":        {"[[route]]\ntarget = '1'\nprefix = '/a'\n[[route]]\ntarget = '2'\nprefix = '/a/'\n", ":6: route[1].prefix: two routes take /a"},
		"route and target":   {"target = '1'\n[[route]]\ntarget = '2'\nprefix = '/'\n", ":4: route[0].prefix: a route and the target both take /"},
		"strip and rewrite":  {"[[route]]\ntarget = '1'\nprefix = '/a'\nstrip = true\nrewrite = '/b'\n", ":5: route[0].rewrite: strip and rewrite exclude each other"},
		"route host_header":  {"[[route]]\ntarget = '1'\nprefix = '/a'\nhost_header = 'keep'\n", ":4: route[0].host_header"},
		"inline route":       {"route = [{prefix='/a', target='1'},\n {prefix='b', target='1'}]\n", ":2: route[1].prefix"},
		"allow_hosts":        {"allow_hosts = ['http://a.test']\n", ":1: allow_hosts"},
		"allow_origins":      {"allow_origins = ['https://a.test/']\n", ":1: allow_origins"},
		"pattern":            {"[redact]\npatterns = ['(']\n", ":2: redact.patterns: error parsing regexp"},
		"empty pattern":      {"[redact]\npatterns = ['a*']\n", ":2: redact.patterns"},
	} {
		t.Run(name, func(t *testing.T) {
			o := home(t, c.doc, "")
			_, err := Load(o)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var faults Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v\nwant faults with %q", err, c.want)
			}
			file := filepath.Join(".config", "corsdash", "config.toml")
			if !strings.Contains(faults[0].From, file) {
				t.Errorf("the fault is at %q, not in %s", faults[0].From, file)
			}
			if strings.Contains(err.Error(), "struct field") || strings.Contains(faults[0].Text, "toml: ") || strings.Contains(err.Error(), "cannot store") {
				t.Errorf("the words of a library: %v", err)
			}
		})
	}
}

func TestMistakesInVariablesAndFlags(t *testing.T) {
	for name, c := range map[string]struct {
		env  string
		flag Flag
		want string
	}{
		"bool":   {env: "CORSDASH_MOUSE=perhaps", want: `CORSDASH_MOUSE: "perhaps" is neither true nor false`},
		"size":   {env: "CORSDASH_BODY_LIMIT=x", want: `CORSDASH_BODY_LIMIT: "x" is not a size`},
		"listen": {env: "CORSDASH_LISTEN=x", want: `CORSDASH_LISTEN: "x" is not a place to listen`},
		"route":  {env: "CORSDASH_ROUTE=/a=1 b", want: `CORSDASH_ROUTE: "b" is not a route; write PREFIX=URL`},
		"option": {flag: Flag{"--route", "route", []string{"/a=1,cut"}}, want: `--route: "/a=1,cut": "cut" is no option of a route`},
		"flag":   {flag: Flag{"--dial-timeout", "dial_timeout", []string{"5"}}, want: `--dial-timeout: "5" is not a duration`},
		"range":  {flag: Flag{"--dial-timeout", "dial_timeout", []string{"48h"}}, want: `--dial-timeout: 48h is out of range`},
	} {
		t.Run(name, func(t *testing.T) {
			o := home(t, "", "")
			if c.env != "" {
				o.Environ = append(o.Environ, c.env)
			} else {
				o.Flags = []Flag{c.flag}
			}
			if _, err := Load(o); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// A repository somebody cloned must not be able to weaken corsdash.
func TestAProjectFileCannotSetWhatOnlyTheUserMay(t *testing.T) {
	for _, line := range []string{
		"insecure = true", "with_secrets = true", "allow_hosts = ['evil.test']", "allow_origins = ['https://evil.test']", "cacert = 'ca.pem'",
		"session = '/tmp/x'", "log_file = '/tmp/x'", "redact.keep = ['cookie']", "listen = '0.0.0.0:8900'", "listen = '192.168.1.5:80'",
		"route = [{prefix='/a', target='1', insecure=true}]",
	} {
		o := home(t, "", "# a project\n"+line+"\n")
		_, err := Load(o)
		var faults Faults
		if !errors.As(err, &faults) || !strings.Contains(faults[0].From, ProjectFile+":2") || !strings.Contains(faults[0].Text, "a project file cannot") {
			t.Errorf("%s: %v", line, err)
			continue
		}
		o.File = filepath.Join(filepath.Dir(o.Dir), ProjectFile)
		if _, err := Load(o); err != nil {
			t.Errorf("%s is refused with --config, too: %v", line, err)
		}
	}
}

func TestAFileThatIsSomethingElse(t *testing.T) {
	o := home(t, "", "")
	for name, text := range map[string]string{"binary": "\x00\x01\x02\xff", "huge": strings.Repeat("# x\n", fileLimit), "many": strings.Repeat("[a]\n", 1)} {
		write(t, filepath.Join(o.Dir, "f"), text)
		o.File = "f"
		var faults Faults
		if _, err := Load(o); !errors.As(err, &faults) || len(faults) > maxFaults {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.File = "."
	if _, err := Load(o); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a folder: %v", err)
	}
}

func TestNotepadsMarkIsNoMistake(t *testing.T) {
	if got := load(t, home(t, "\xef\xbb\xbfmode = 'json'\r\n", "")).Mode; got != "json" {
		t.Errorf("mode %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(string(Example()))
	f.Add("route = [{prefix='/a', target='1'},\n {prefix='b'}]\n[redact]\nkeys = ['a']\n[[a.b]]\nc.d = 1\n")
	f.Fuzz(func(t *testing.T, doc string) {
		places([]byte(doc))
		l, err := decode("f", []byte(doc))
		var faults Faults
		if err != nil && !errors.As(err, &faults) {
			t.Fatalf("not faults: %v", err)
		}
		if err == nil {
			if err := new(Config).distrust("f", l); err != nil && !errors.As(err, &faults) {
				t.Fatal(err)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	names := []string{"listen", "target", "theme", "mode"}
	for word, want := range map[string]string{"lisen": "listen", "tagret": "target", "themes": "theme", "mod": "mode", "qqq": "", "": "", "l": ""} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q; want %q", word, got, want)
		}
	}
}
