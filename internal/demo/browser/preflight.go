package browser

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Lifetimes of a preflight's answer: what Chromium takes when there is no
// Max-Age it can read, and the most it believes.
const (
	defaultMaxAge = 5 * time.Second
	longestMaxAge = 2 * time.Hour
)

// preflightCache remembers permissions by origin and URL
// (https://fetch.spec.whatwg.org/#concept-cache).
type preflightCache struct {
	mu   sync.Mutex
	list map[string]remembered
}

type remembered struct {
	permission
	until time.Time
}

// maxRemembered bounds the cache; beyond it the browser just asks again.
const maxRemembered = 1000

// covers tells whether a permission still in force covers the question. An
// entry asked without credentials is no use to a request with them.
func (c *preflightCache) covers(key string, ask question, include bool, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.list[key]
	switch {
	case !ok:
		return false
	case now.After(entry.until) || include && !entry.include || entry.covers(ask) != nil:
		delete(c.list, key)
		return false
	}
	return true
}

func (c *preflightCache) remember(key string, p permission, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil || len(c.list) >= maxRemembered {
		c.list = map[string]remembered{}
	}
	c.list[key] = remembered{p, until}
}

// maxAge reads Access-Control-Max-Age. Negative means "do not keep".
func maxAge(lines []Header) time.Duration {
	value, ok := get(lines, "Access-Control-Max-Age")
	if !ok {
		return defaultMaxAge
	}
	seconds, err := strconv.ParseInt(strings.Trim(value, " \t"), 10, 32)
	if err != nil {
		return defaultMaxAge
	}
	return min(max(time.Duration(seconds)*time.Second, 0), longestMaxAge)
}

// question is what a preflight for this hop would ask, and whether it needs
// one (https://fetch.spec.whatwg.org/#main-fetch, the switch before it).
func (f *fetch) question() (question, bool) {
	ask := question{method: f.method, names: unsafeNames(f.headers)}
	return ask, f.tainted && (!simpleMethod(f.method) || len(ask.names) > 0 || f.req.UploadListener)
}

// preflight asks for permission unless it still has it
// (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
func (f *fetch) preflight(ctx context.Context) *Failure {
	ask, need := f.question()
	if !need {
		return nil
	}
	now := f.b.now()
	key := f.sent + " " + withoutFragment(f.url)
	if f.b.seen.covers(key, ask, f.include(), now) {
		return nil
	}
	r, fail := f.b.exchange(ctx, f.preflightMessage(ask), false)
	if fail != nil {
		return fail
	}
	r.discard()
	// Chromium looks at the redirect first, at the origin second.
	if _, redirect := r.redirect(); redirect {
		return f.refuse(&refusal{"PreflightDisallowedRedirect", ""}, 0, "net::ERR_FAILED")
	}
	if bad := corsCheck(r.headers, f.sent, f.include()); bad != nil {
		return f.refuse(ofPreflight(bad), 0, "net::ERR_FAILED")
	}
	p, bad := preflightCheck(r.status, r.headers, ask, f.include())
	if bad != nil {
		return f.refuse(bad, 0, "net::ERR_FAILED")
	}
	if age := maxAge(r.headers); age > 0 {
		f.b.seen.remember(key, p, now.Add(age))
	}
	return nil
}

// preflightMessage is the OPTIONS request. It never carries credentials.
func (f *fetch) preflightMessage(ask question) message {
	m := message{method: "OPTIONS", url: f.url, credentialed: false}
	f.cacheLines(&m)
	m.add("Accept", "*/*")
	m.add("Access-Control-Request-Method", ask.method)
	if len(ask.names) > 0 {
		m.add("Access-Control-Request-Headers", strings.Join(ask.names, ","))
	}
	m.add("Origin", f.sent)
	m.add("User-Agent", userAgent)
	m.add("Sec-Fetch-Mode", "cors")
	if trustworthy(f.url) {
		m.add("Sec-Fetch-Site", f.b.relate(f.url).String())
		m.add("Sec-Fetch-Dest", kinds[f.req.Kind].dest)
	}
	if referrer := f.b.referrer(f.url, f.policy); referrer != "" {
		m.add("Referer", referrer)
	}
	m.add("Accept-Encoding", codings(f.url))
	m.add("Accept-Language", acceptLanguage)
	return m
}
