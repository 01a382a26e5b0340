package browser

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// jar keeps cookies as draft-ietf-httpbis-rfc6265bis and Chromium do. Section
// numbers below are that draft's.
type jar struct {
	mu   sync.Mutex
	list []cookie // in the order of creation
}

type cookie struct {
	name, value  string
	domain, path string
	hostOnly     bool
	secure       bool
	httpOnly     bool
	site         string // "strict", "lax", "none", or "" for what was not said
	expires      time.Time
}

// Limits of section 5.6 and of Chromium, in bytes, cookies and time.
const (
	maxCookie        = 4096
	maxAttribute     = 1024
	maxCookiesPerTab = 500
	maxCookieAge     = 400 * 24 * time.Hour
)

// send is the value of Cookie for a request (section 5.8.3). strict and lax
// tell which of the cookies bound to their site may go along.
func (j *jar) send(u *url.URL, strict, lax bool, now time.Time) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = slices.DeleteFunc(j.list, func(c cookie) bool { return !c.expires.IsZero() && !c.expires.After(now) })
	var go_ []cookie
	for _, c := range j.list {
		if c.matches(u) && c.allowed(strict, lax) {
			go_ = append(go_, c)
		}
	}
	// Longer paths first, then older cookies.
	slices.SortStableFunc(go_, func(a, b cookie) int { return len(b.path) - len(a.path) })
	var pairs []string
	for _, c := range go_ {
		if c.name == "" {
			pairs = append(pairs, c.value)
			continue
		}
		pairs = append(pairs, c.name+"="+c.value)
	}
	return strings.Join(pairs, "; ")
}

func (c *cookie) matches(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	return (host == c.domain || !c.hostOnly && domainMatch(host, c.domain)) &&
		pathMatch(u.EscapedPath(), c.path) && (!c.secure || trustworthy(u))
}

func (c *cookie) allowed(strict, lax bool) bool {
	switch c.site {
	case "none":
		return true
	case "strict":
		return strict
	}
	return lax || strict // Chromium takes no SameSite for Lax
}

// domainMatch implements section 5.1.3.
func domainMatch(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && net.ParseIP(host) == nil
}

// pathMatch implements section 5.1.4: /auth covers /auth/x and not /authx.
func pathMatch(path, prefix string) bool {
	if path == "" {
		path = "/"
	}
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(prefix, "/"))
}

// set takes the Set-Cookie lines of a response (section 5.7). sameSite tells
// whether the response may set cookies bound to their site.
func (j *jar) set(u *url.URL, lines []Header, sameSite bool, now time.Time) {
	for _, l := range lines {
		if !strings.EqualFold(l.Name, "Set-Cookie") {
			continue
		}
		if c, ok := parseCookie(l.Value, u, now); ok && c.storable(u, sameSite) {
			j.store(c, u, now)
		}
	}
}

func (j *jar) store(c cookie, u *url.URL, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	same := func(o cookie) bool {
		return o.name == c.name && o.domain == c.domain && o.path == c.path && o.hostOnly == c.hostOnly
	}
	if !trustworthy(u) && slices.ContainsFunc(j.list, func(o cookie) bool { return o.secure && o.name == c.name && domainMatch(c.domain, o.domain) }) {
		return // step 16: an insecure origin must not overlay a Secure cookie
	}
	i := slices.IndexFunc(j.list, same)
	if !c.expires.IsZero() && !c.expires.After(now) {
		if i >= 0 {
			j.list = slices.Delete(j.list, i, i+1)
		}
		return
	}
	if i >= 0 {
		j.list[i] = c // keeps its place, the creation time is the old one's
		return
	}
	j.list = append(j.list, c)
	if len(j.list) > maxCookiesPerTab {
		j.list = j.list[1:]
	}
}

// storable applies the rules that refuse a cookie whole.
func (c *cookie) storable(u *url.URL, sameSite bool) bool {
	lower := strings.ToLower(c.name)
	switch {
	case c.secure && !trustworthy(u):
		return false
	case c.site == "none" && !c.secure:
		return false
	case c.site != "none" && !sameSite:
		return false
	case strings.HasPrefix(lower, "__secure-"):
		return c.secure
	case strings.HasPrefix(lower, "__host-"):
		return c.secure && c.hostOnly && c.path == "/"
	}
	return true
}

// parseCookie implements section 5.6 and the first steps of 5.7.
func parseCookie(line string, u *url.URL, now time.Time) (cookie, bool) {
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return cookie{}, false
	}
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, ok := strings.Cut(pair, "=")
	if !ok {
		name, value = "", pair
	}
	host := strings.ToLower(u.Hostname())
	c := cookie{name: strings.Trim(name, " \t"), value: strings.Trim(value, " \t"), domain: host, hostOnly: true}
	if c.name == "" && c.value == "" || len(c.name)+len(c.value) > maxCookie {
		return c, false
	}
	lasts := false // Max-Age was given, and beats Expires wherever that stands
	for part := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
		switch {
		case len(value) > maxAttribute:
		case name == "max-age":
			lasts = c.setAge(value, now) || lasts
		case name == "expires":
			if when, err := http.ParseTime(value); err == nil && !lasts {
				c.expires = when
			}
		case name == "domain" && !c.setDomain(strings.ToLower(strings.TrimPrefix(value, ".")), host):
			return c, false
		default:
			c.setAttribute(name, value)
		}
	}
	if !strings.HasPrefix(c.path, "/") {
		c.path = defaultPath(u.EscapedPath())
	}
	return c, true
}

func (c *cookie) setAttribute(name, value string) {
	switch name {
	case "path":
		c.path = value
	case "secure":
		c.secure = true
	case "httponly":
		c.httpOnly = true
	case "samesite":
		c.setSite(strings.ToLower(value))
	}
}

// setAge takes Max-Age, up to the longest life a cookie may have.
func (c *cookie) setAge(value string, now time.Time) bool {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return false
	}
	c.expires = now.Add(min(max(time.Duration(seconds), 0), maxCookieAge/time.Second) * time.Second)
	return true
}

// setDomain takes the Domain attribute. It is false when the host may not set
// a cookie for it.
func (c *cookie) setDomain(domain, host string) bool {
	if domain == "" {
		return true
	}
	if net.ParseIP(host) != nil {
		return domain == host
	}
	suffix, _ := publicsuffix.PublicSuffix(domain)
	if suffix == domain {
		return domain == host // stays a cookie of this host alone
	}
	c.domain, c.hostOnly = domain, false
	return domainMatch(host, domain)
}

func (c *cookie) setSite(value string) {
	c.site = ""
	if value == "strict" || value == "lax" || value == "none" {
		c.site = value
	}
}

// defaultPath implements section 5.1.4: the directory of the request's path.
func defaultPath(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 {
		return "/"
	}
	return path[:i]
}
