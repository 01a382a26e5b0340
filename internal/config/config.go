// Package config turns defaults, two files, the environment and flags into one
// immutable Config.
//
// Later layers win key by key: defaults, the user's file, the project's file,
// CORSDASH_* variables, flags. Every mistake is reported with the place it was
// made in. The package must not open sockets, run commands or create files
// other than those Init is asked for.
package config

import (
	"strings"
	"time"
)

// Config holds every setting. It is never changed once loaded; a reload makes
// a new one.
//
// A setting is one field here and one line in Default. The tags carry the
// rest: toml names the key (and, in upper case behind CORSDASH_, the
// variable), about is its comment in config.example.toml, example stands there
// when the default says nothing, path marks file names, project:"no" what a
// cloned repository must not be able to set, and live what a running corsdash
// takes over when its file changes.
type Config struct {
	Listen string `toml:"listen" about:"Where browsers connect: a port (then on 127.0.0.1) or host:port."`
	Target string `toml:"target" live:"yes" example:"http://localhost:8000" about:"The server behind the proxy: a port, host:port or URL. It takes every path that no route takes."`

	HostHeader   string   `toml:"host_header" live:"yes" about:"The Host the server sees: \"preserve\" keeps the browser's, \"upstream\" sends the server's own, \"auto\" preserves it for servers on this machine."`
	AllowHosts   []string `toml:"allow_hosts" live:"yes" project:"no" example:"[\"app.test\", \"*.app.test\"]" about:"Names by which browsers may reach corsdash, beside localhost, *.localhost and IP addresses. Any other Host is refused, because of DNS rebinding."`
	AllowOrigins []string `toml:"allow_origins" live:"yes" project:"no" example:"[\"https://app.test\"]" about:"Origins, beside those on this machine, that may read corsdash's own error answers with credentials."`
	Forwarded    bool     `toml:"forwarded" live:"yes" about:"Send X-Forwarded-For, -Host and -Proto. Servers that trust them build their redirects from them."`

	Insecure        bool     `toml:"insecure" live:"yes" project:"no" about:"Accept any certificate from the servers behind the proxy."`
	CACert          string   `toml:"cacert" live:"yes" path:"yes" project:"no" example:"ca.pem" about:"PEM file with certificate authorities to trust beside the system's."`
	TLSCert         string   `toml:"tls_cert" path:"yes" example:"localhost.pem" about:"PEM file with the certificate browsers get; with tls_key, corsdash speaks https to them."`
	TLSKey          string   `toml:"tls_key" path:"yes" example:"localhost-key.pem" about:"PEM file with the key that belongs to tls_cert."`
	DialTimeout     Duration `toml:"dial_timeout" live:"yes" about:"How long connecting to a server may take."`
	ResponseTimeout Duration `toml:"response_timeout" live:"yes" about:"How long a server may take to begin its answer. Chrome and Firefox give up after five minutes, too."`

	BodyLimit     Size   `toml:"body_limit" about:"How much of each body is kept for showing; all of it is passed on. 1KB is 1024 bytes."`
	CaptureMemory Size   `toml:"capture_memory" about:"How much captured traffic stays in memory, complete with its secrets."`
	Save          bool   `toml:"save" about:"Keep the session on disk."`
	Session       string `toml:"session" path:"yes" project:"no" example:"today.corsdash" about:"Where the session is kept. Without it, each start makes a new file in the sessions folder; \"corsdash config path\" says where that is."`
	WithSecrets   bool   `toml:"with_secrets" project:"no" about:"Write secrets to the session and to the JSON stream as they are."`

	Mode    string `toml:"mode" about:"What to show: \"tui\", \"json\", \"plain\", or \"auto\": the dashboard on a terminal, else the JSON stream."`
	Theme   string `toml:"theme" about:"Colours of the dashboard. \"auto\" follows the terminal's background."`
	ASCII   bool   `toml:"ascii" about:"Draw with ASCII characters only."`
	Mouse   bool   `toml:"mouse" about:"Let the dashboard use the mouse. Without it, the terminal selects text as usual."`
	FailOn  string `toml:"fail_on" about:"The least severity of a finding that makes the exit code 1: \"blocks\", \"error\" or \"warning\"."`
	LogFile string `toml:"log_file" path:"yes" project:"no" example:"corsdash.log" about:"Where corsdash's own log goes. Without it: corsdash.log in the state folder."`

	Redact Redact  `toml:"redact" about:"What counts as a secret, beside what corsdash knows already."`
	Routes []Route `toml:"route" live:"yes" about:"More servers. The longest matching prefix wins."`

	files   []string          // the files that were read, in their order
	sources map[string]string // key to the place that set it
	ranks   map[string]int    // key to the number of the layer that set it
	notices []string
}

// Redact adds to the secrets corsdash knows.
type Redact struct {
	Headers  []string `toml:"headers" example:"[\"X-Tenant-Key\"]" about:"Header names whose values are secret."`
	Keys     []string `toml:"keys" example:"[\"card_number\"]" about:"Names of query parameters, form fields and JSON keys whose values are secret."`
	Patterns []string `toml:"patterns" example:"[\"acme_[A-Za-z0-9]{20,}\"]" about:"Regular expressions (Go syntax) for secrets anywhere."`
	Keep     []string `toml:"keep" project:"no" example:"[\"state\"]" about:"Names of headers, parameters or keys to leave readable although they look secret."`
}

// Route sends the paths under a prefix to a server of their own.
type Route struct {
	Prefix     string `toml:"prefix" example:"/api" about:"Paths this route takes; \"/api\" takes /api and /api/x, not /apix."`
	Target     string `toml:"target" example:"http://localhost:8000" about:"The server: a port, host:port or URL."`
	Strip      bool   `toml:"strip" about:"Take the prefix off the path before passing it on."`
	Rewrite    string `toml:"rewrite" example:"/v2" about:"Put this in the place of the prefix."`
	HostHeader string `toml:"host_header" example:"upstream" about:"As host_header above, for this route only."`
	Insecure   bool   `toml:"insecure" project:"no" about:"As insecure above, for this route only."`
}

// Default returns the settings nobody has changed.
func Default() *Config {
	return &Config{
		Listen:          "127.0.0.1:8900",
		HostHeader:      "auto",
		DialTimeout:     Duration(10 * time.Second),
		ResponseTimeout: Duration(5 * time.Minute),
		BodyLimit:       256 << 10,
		CaptureMemory:   64 << 20,
		Save:            true,
		Mode:            "auto",
		Theme:           "auto",
		Mouse:           true,
		FailOn:          "blocks",
	}
}

// Files lists the files that were read, in their order.
func (c *Config) Files() []string { return c.files }

// Source says where a key's value comes from: "default", "config.toml:3" with
// its folder, "CORSDASH_LISTEN" or "--listen".
func (c *Config) Source(key string) string {
	for key != "" {
		if from, ok := c.sources[key]; ok {
			return from
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return "default"
}

// Notices lists, as sentences, what the user should hear although it is no
// mistake.
func (c *Config) Notices() []string { return c.notices }
