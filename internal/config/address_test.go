package config

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseUpstream(t *testing.T) {
	for given, want := range map[string]string{
		"8000":                          "http://localhost:8000",
		":8000":                         "http://localhost:8000",
		" localhost:8000 ":              "http://localhost:8000",
		"127.0.0.1:8000":                "http://127.0.0.1:8000",
		"[::1]:8000":                    "http://[::1]:8000",
		"backend:80":                    "http://backend:80",
		"api.example.test:443":          "https://api.example.test:443",
		"localhost:8000/v1/":            "http://localhost:8000/v1",
		"http://LocalHost:8000/":        "http://localhost:8000",
		"https://api.example.test":      "https://api.example.test",
		"HTTPS://api.example.test/a%2F": "https://api.example.test/a%2F",
		"http://0.0.0.0:8000":           "http://127.0.0.1:8000",
		"http://[::]:8000":              "http://[::1]:8000",
		"http://0.0.0.0.example.test":   "http://0.0.0.0.example.test",
	} {
		got, err := ParseUpstream(given)
		if err != nil || got != want {
			t.Errorf("ParseUpstream(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

// Each refusal has to say what to write instead.
func TestParseUpstreamRefuses(t *testing.T) {
	for given, hint := range map[string]string{
		"":                           "write a port, host:port or URL",
		"chekc":                      "write a port, host:port or URL",
		"localhost":                  "write a port, host:port or URL",
		"https:/x":                   "write a port, host:port or URL",
		"0":                          "ports go from 1 to 65535",
		"70000":                      "ports go from 1 to 65535",
		"localhost:http":             "is not a URL",
		"http://localhost:":          "is not a number",
		"htp://localhost:8000":       "is not http or https",
		"ws://localhost:8000":        "write http:// instead",
		"wss://localhost:8000":       "write https:// instead",
		"http://:8000":               "names no host",
		"http://localhost:8000/?a=b": "leave it out",
		"http://localhost:8000/#a":   "leave it out",
		"http://u:pw@localhost:8000": "leave them out",
		"http://local host:8000":     "is not a URL",
	} {
		got, err := ParseUpstream(given)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("ParseUpstream(%q) = %q, %v; want an error with %q", given, got, err, hint)
		}
	}
	if _, err := ParseUpstream("http://u:pw@localhost:8000"); strings.Contains(err.Error(), "pw") {
		t.Errorf("the error repeats a password: %v", err)
	}
}

func TestParseListen(t *testing.T) {
	for given, want := range map[string]string{
		"8900":           "127.0.0.1:8900",
		":8900":          "127.0.0.1:8900",
		"localhost:0":    "localhost:0",
		"0.0.0.0:8900":   "0.0.0.0:8900",
		"[::1]:8900":     "[::1]:8900",
		"127.0.0.1:8900": "127.0.0.1:8900",
	} {
		got, err := ParseListen(given)
		if err != nil || got != want {
			t.Errorf("ParseListen(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
	for _, given := range []string{"", "localhost", "http://localhost:8900", "99999", ":x", "a b:80", "::1:80"} {
		if got, err := ParseListen(given); err == nil {
			t.Errorf("ParseListen(%q) = %q; want an error", given, got)
		}
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST.": true, "app.localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true,
		"[::1]": true, "::ffff:127.0.0.1": true,
		"localhost.example.test": false, "notlocalhost": false, "10.0.0.1": false, "0.0.0.0": false, "": false,
	} {
		if got := Loopback(host); got != want {
			t.Errorf("Loopback(%q) = %v", host, got)
		}
	}
}

func FuzzParseUpstream(f *testing.F) {
	for _, seed := range []string{"8000", "localhost:8000", "https://a.test/b", "http://[::1%25en0]:80", "0.0.0.0:1", "::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := ParseUpstream(s)
		if err != nil {
			return
		}
		u, err := url.Parse(once)
		if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
			t.Fatalf("ParseUpstream(%q) = %q, which is no server", s, once)
		}
		if twice, err := ParseUpstream(once); err != nil || twice != once {
			t.Fatalf("ParseUpstream(%q) = %q, and of that %q, %v", s, once, twice, err)
		}
	})
}
