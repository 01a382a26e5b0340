package proxy

import (
	"fmt"
	"strings"

	"corsdash/internal/wire"
)

// keepOnProxy alters what would take the browser off the proxy: a Location on
// the upstream's origin, and a cookie's Domain. It is called only where the
// upstream was told another Host than the client used, because only then can
// the upstream not know better. Each change is noted on the exchange.
func (f *flight) keepOnProxy(lines []wire.Line) {
	for i := range lines {
		l := &lines[i]
		switch {
		case wire.Is(l.Name, "location"), wire.Is(l.Name, "content-location"):
			if to, ok := f.onProxy(string(l.Value)); ok {
				f.change(fmt.Sprintf("%s: %s → %s", l.Name, l.Value, to))
				*l = replaced(l, to)
			}
		case wire.Is(l.Name, "set-cookie"):
			if to, domain, ok := f.withoutDomain(string(l.Value)); ok {
				name, _, _ := strings.Cut(to, "=")
				f.change(fmt.Sprintf("Set-Cookie %s: Domain=%s removed, it does not cover %s", name, domain, hostOnly(string(f.in.host))))
				*l = replaced(l, to)
			}
		}
	}
}

func replaced(l *wire.Line, value string) wire.Line {
	raw := fmt.Appendf(nil, "%s: %s", l.Name, value)
	return wire.Line{Name: raw[:len(l.Name)], Value: raw[len(raw)-len(value):], Raw: raw}
}

// onProxy maps a URL of the upstream's origin to the proxy, and a path where
// the route has changed the path. It works on the text, because escapes are to
// stay as they are, and browsers follow what net/url would not parse.
func (f *flight) onProxy(location string) (string, bool) {
	scheme, rest, ok := strings.Cut(location, "//")
	switch {
	case len(f.in.host) == 0:
		return "", false
	case ok && scheme == "":
		scheme, _, _ = strings.Cut(f.route.origin, "//") // it means its own scheme
	case strings.HasPrefix(location, "/"):
		path, ok := f.route.clientPath(location)
		return path, ok && path != location
	case !ok || strings.ContainsAny(scheme, "/?#"):
		return "", false
	}
	n := strings.IndexAny(rest, "/?#")
	if n < 0 {
		n = len(rest)
	}
	authority, path := rest[:n], rest[n:]
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	if !f.route.is(scheme, authority) {
		return "", false
	}
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	path, ok = f.route.clientPath(path)
	return f.in.scheme + "://" + string(f.in.host) + path, ok
}

// is compares an origin. scheme ends with its colon.
func (r *route) is(scheme, authority string) bool {
	switch strings.ToLower(scheme) {
	case "http:":
		authority = strings.TrimSuffix(authority, ":80")
	case "https:":
		authority = strings.TrimSuffix(authority, ":443")
	}
	return strings.EqualFold(scheme+"//"+authority, r.origin)
}

// withoutDomain takes the Domain attribute off a cookie that the client's host
// may not set. The cookie then belongs to the proxy's host alone.
func (f *flight) withoutDomain(cookie string) (to, domain string, ok bool) {
	host := strings.ToLower(hostOnly(string(f.in.host)))
	parts := strings.Split(cookie, ";")
	kept := parts[:1]
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(p, "=")
		value = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(value), "."))
		if strings.EqualFold(strings.TrimSpace(name), "domain") && value != "" &&
			host != value && !strings.HasSuffix(host, "."+value) {
			domain, ok = value, true
			continue
		}
		kept = append(kept, p)
	}
	return strings.Join(kept, ";"), domain, ok
}
