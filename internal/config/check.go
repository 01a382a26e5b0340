package config

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The words that some settings take.
var (
	Modes       = []string{"auto", "tui", "json", "plain"}
	HostHeaders = []string{"auto", "preserve", "upstream"}
	FailOns     = []string{"blocks", "error", "warning"}
)

// The bounds of capture_memory, and the share of it that one body may take:
// an exchange holds two bodies and the frames of a WebSocket, and a quarter of
// the memory is the most that one exchange can have.
const (
	leastMemory = 4 << 20
	mostMemory  = 64 << 30
	bodyShare   = 16
)

const mostTimeout = Duration(24 * time.Hour)

// checker collects faults and puts values into their one form.
type checker struct {
	c      *Config
	faults Faults
}

func (c *Config) check() Faults {
	k := checker{c: c}
	k.into("listen", &c.Listen, ParseListen)
	if c.Target != "" {
		k.into("target", &c.Target, ParseUpstream)
	}
	k.oneOf("mode", c.Mode, Modes)
	k.oneOf("host_header", c.HostHeader, HostHeaders)
	k.oneOf("fail_on", c.FailOn, FailOns)
	k.sizes()
	k.timeouts()
	k.tls()
	k.routes()
	k.names()
	k.patterns()
	return k.faults
}

// fault notes a mistake. A flag or variable names its key already.
func (k *checker) fault(key, format string, args ...any) {
	from := k.c.Source(key)
	text := fmt.Sprintf(format, args...)
	switch {
	case from == "default":
		from, text = "", key+": "+text
	case !strings.HasPrefix(from, "-") && !strings.HasPrefix(from, envPrefix):
		text = key + ": " + text
	}
	k.faults = append(k.faults, Fault{From: from, Key: key, Text: text})
}

// into replaces a value by what parse makes of it.
func (k *checker) into(key string, value *string, parse func(string) (string, error)) {
	parsed, err := parse(*value)
	if err != nil {
		k.fault(key, "%v", err)
		return
	}
	*value = parsed
}

func (k *checker) oneOf(key, value string, words []string) {
	if slices.Contains(words, value) {
		return
	}
	hint := "there are " + strings.Join(words, ", ")
	if near := Nearest(value, words); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	k.fault(key, "%q is unknown; %s", value, hint)
}

func (k *checker) sizes() {
	body, memory := k.c.BodyLimit, k.c.CaptureMemory
	switch {
	case memory < leastMemory || memory > mostMemory:
		k.fault("capture_memory", "%s is out of range; it goes from %s to %s", memory, Size(leastMemory), Size(mostMemory))
	case body < 0:
		k.fault("body_limit", "a size is not negative; 0 keeps headers only")
	case body > memory/bodyShare:
		k.fault("body_limit", "%s is too much for a capture_memory of %s; raise capture_memory to %s or lower body_limit to %s",
			body, memory, body*bodyShare, memory/bodyShare)
	}
}

func (k *checker) timeouts() {
	k.timeout("dial_timeout", k.c.DialTimeout)
	k.timeout("response_timeout", k.c.ResponseTimeout)
}

func (k *checker) timeout(key string, d Duration) {
	if d <= 0 || d > mostTimeout {
		k.fault(key, "%s is out of range; it goes from above 0s to %s", d, mostTimeout)
	}
}

func (k *checker) tls() {
	cert, key := k.c.TLSCert != "", k.c.TLSKey != ""
	if cert && !key {
		k.fault("tls_cert", "tls_key is needed as well")
	}
	if key && !cert {
		k.fault("tls_key", "tls_cert is needed as well")
	}
}

func (k *checker) routes() {
	seen := map[string]bool{}
	k.c.Routes = slices.Clone(k.c.Routes)
	for i := range k.c.Routes {
		r, key := &k.c.Routes[i], fmt.Sprintf("route[%d]", i)
		k.route(r, key)
		if seen[r.Prefix] {
			k.fault(key+".prefix", "two routes take %s; remove one", r.Prefix)
		}
		seen[r.Prefix] = true
	}
	if i := k.c.rootRoute(); i >= 0 && k.c.Target != "" {
		k.rivals(i)
	}
}

// rivals settles who takes what no other route does, the target or a route of
// "/": the one from the stronger layer, so that "corsdash 8000" means port
// 8000 whatever a file says.
func (k *checker) rivals(i int) {
	switch target, route := k.c.ranks["target"], k.c.ranks["route"]; {
	case target > route:
		k.c.dropRoute(i)
	case target < route:
		k.c.Target = ""
	default:
		k.fault(fmt.Sprintf("route[%d].prefix", i), "a route and the target both take /; remove one")
	}
}

// dropRoute also moves up the places of the routes behind it.
func (c *Config) dropRoute(i int) {
	c.Routes = slices.Delete(c.Routes, i, i+1)
	for ; i <= len(c.Routes); i++ {
		for _, s := range describe(reflect.TypeFor[Route](), "", nil) {
			key := fmt.Sprintf("route[%d].%s", i, s.key)
			delete(c.sources, key)
			if from, ok := c.sources[fmt.Sprintf("route[%d].%s", i+1, s.key)]; ok {
				c.sources[key] = from
			}
		}
	}
}

func (c *Config) rootRoute() int {
	return slices.IndexFunc(c.Routes, func(r Route) bool { return r.Prefix == "/" })
}

func (k *checker) route(r *Route, key string) {
	k.into(key+".target", &r.Target, func(s string) (string, error) {
		if s == "" {
			return "", fmt.Errorf("a route needs a target, like http://localhost:8000")
		}
		return ParseUpstream(s)
	})
	k.into(key+".prefix", &r.Prefix, routePath)
	if r.Rewrite != "" {
		k.into(key+".rewrite", &r.Rewrite, routePath)
	}
	if r.Strip && r.Rewrite != "" {
		k.fault(key+".rewrite", "strip and rewrite exclude each other; rewrite alone takes the prefix off, too")
	}
	if r.HostHeader != "" {
		k.oneOf(key+".host_header", r.HostHeader, HostHeaders)
	}
}

// routePath checks a prefix and takes its last slash off: "/api/" and "/api"
// are the same route.
func routePath(s string) (string, error) {
	switch {
	case s == "":
		return "", fmt.Errorf("a route needs a prefix, like /api")
	case !strings.HasPrefix(s, "/"):
		return "", fmt.Errorf("%q does not begin with a slash; write /%s", s, s)
	case strings.ContainsAny(s, "?# \t\r\n"):
		return "", fmt.Errorf("%q is not a path; leave out query, fragment and spaces", s)
	}
	if trimmed := strings.TrimRight(s, "/"); trimmed != "" {
		return trimmed, nil
	}
	return "/", nil
}

func (k *checker) names() {
	for _, host := range k.c.AllowHosts {
		bare := strings.TrimPrefix(host, "*.")
		if bare == "" || strings.ContainsAny(bare, "*/: \t") {
			k.fault("allow_hosts", "%q is not a host name; write it without scheme and port, like app.test or *.app.test", host)
		}
	}
	for _, origin := range k.c.AllowOrigins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin || u.User != nil {
			k.fault("allow_origins", "%q is not an origin; write scheme, host and port, without a path or last slash, like https://app.test", origin)
		}
	}
	if k.c.Theme == "" {
		k.fault("theme", "name a theme, or \"auto\"")
	}
}

func (k *checker) patterns() {
	for _, pattern := range k.c.Redact.Patterns {
		if _, err := regexp.Compile(pattern); err != nil {
			k.fault("redact.patterns", "%v", err)
			continue
		}
		if regexp.MustCompile(pattern).MatchString("") {
			k.fault("redact.patterns", "%q matches the empty text and would redact everything", pattern)
		}
	}
}
