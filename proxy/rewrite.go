package proxy

import (
	"fmt"
	"net/url"
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

// onProxy maps an absolute URL of the upstream's origin to the proxy.
func (f *flight) onProxy(location string) (string, bool) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		return "", false
	}
	scheme := u.Scheme
	if scheme == "" {
		scheme, _, _ = strings.Cut(f.route.origin, ":")
	}
	if !strings.EqualFold(scheme+"://"+withoutDefaultPort(u), f.route.origin) {
		return "", false
	}
	// Work on the text behind the authority: escapes stay as they are.
	_, rest, _ := strings.Cut(location, "//")
	rest = rest[len(u.Host)+userLength(u):]
	if rest == "" || rest[0] != '/' {
		rest = "/" + rest
	}
	return f.in.scheme + "://" + string(f.in.host) + f.route.clientPath(rest), true
}

func userLength(u *url.URL) int {
	if u.User == nil {
		return 0
	}
	return len(u.User.String()) + 1
}

func withoutDefaultPort(u *url.URL) string {
	if (u.Scheme == "http" && u.Port() == "80") || (u.Scheme == "https" && u.Port() == "443") {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
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
