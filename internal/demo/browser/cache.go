package browser

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cache is the HTTP cache (RFC 9111), as much of it as matters here: explicit
// freshness, validators and Vary. What nobody gave a lifetime is never fresh.
type cache struct {
	mu   sync.Mutex
	list map[string]*entry
}

type entry struct {
	status  int
	reason  string
	headers []Header
	body    []byte
	stored  time.Time
	vary    map[string]string // the request's values of the names in Vary
}

// Limits of the cache, in bytes and entries.
const (
	maxEntry   = 1 << 20
	maxEntries = 200
)

// cacheable tells whether the cache has anything to do with the request.
func (f *fetch) cacheable() bool {
	_, partial := get(f.headers, "Range")
	return f.method == "GET" && f.req.Cache != "no-store" && !partial && !f.conditional()
}

// lookup finds a stored response for the message.
func (c *cache) lookup(m *message) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.list[withoutFragment(m.url)]
	if e == nil {
		return nil
	}
	for name, want := range e.vary {
		if have, _ := get(m.lines, name); have != want {
			return nil
		}
	}
	return e
}

// fresh tells whether the entry may be used without asking
// (RFC 9111 section 4.2).
func (e *entry) fresh(now time.Time) bool {
	if _, ask := directive(e.headers, "no-cache"); ask {
		return false
	}
	lifetime, ok := directive(e.headers, "max-age")
	switch e.status {
	case 300, 301, 308, 410:
		if !ok {
			return true // Chromium keeps what is permanent until told otherwise
		}
	}
	if !ok {
		return false
	}
	age, _ := get(e.headers, "Age")
	seconds, _ := strconv.Atoi(age)
	return now.Sub(e.stored)+time.Duration(seconds)*time.Second < time.Duration(lifetime)*time.Second
}

// directive finds a directive of Cache-Control and its number, if it has one.
func directive(lines []Header, want string) (value int, ok bool) {
	all, _ := get(lines, "Cache-Control")
	for item := range strings.SplitSeq(all, ",") {
		name, number, _ := strings.Cut(strings.Trim(item, " \t"), "=")
		if strings.EqualFold(name, want) {
			value, _ = strconv.Atoi(number)
			return value, true
		}
	}
	return 0, false
}

// validate adds what asks the server whether the entry still holds.
func (e *entry) validate(m *message) {
	if tag, ok := get(e.headers, "ETag"); ok {
		m.add("If-None-Match", tag)
	}
	if when, ok := get(e.headers, "Last-Modified"); ok {
		m.add("If-Modified-Since", when)
	}
}

// reply is the stored response, as if it had just come.
func (e *entry) reply() *reply {
	return &reply{status: e.status, reason: e.reason, headers: e.headers, body: io.NopCloser(bytes.NewReader(e.body))}
}

// renewed takes the headers of a 304 over (RFC 9111 section 3.2).
func (e *entry) renewed(r *reply, now time.Time) *entry {
	next := *e
	next.stored = now
	update := without(r.headers, named("content-length"))
	next.headers = without(e.headers, func(h Header) bool {
		_, newer := get(update, h.Name)
		return newer
	})
	next.headers = append(next.headers, update...)
	return &next
}

// keep stores the reply once its body has been read whole.
func (c *cache) keep(m *message, r *reply, now time.Time) {
	key := withoutFragment(m.url)
	c.forget(key)
	vary, _ := get(r.headers, "Vary")
	if _, never := directive(r.headers, "no-store"); never || vary == "*" || !storable(r.status) {
		return
	}
	e := &entry{status: r.status, reason: r.reason, headers: r.headers, stored: now, vary: map[string]string{}}
	for name := range strings.SplitSeq(vary, ",") {
		if name = strings.ToLower(strings.Trim(name, " \t")); name != "" {
			e.vary[name], _ = get(m.lines, name)
		}
	}
	r.body = &tee{ReadCloser: r.body, whole: func(body []byte) {
		e.body = body
		c.put(key, e)
	}}
}

func storable(status int) bool {
	switch status {
	case 200, 203, 300, 301, 308, 404, 410:
		return true
	}
	return false
}

func (c *cache) put(key string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil || len(c.list) >= maxEntries {
		c.list = map[string]*entry{}
	}
	c.list[key] = e
}

func (c *cache) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.list, key)
}

// tee copies a body, and hands the copy over when a complete one is closed.
type tee struct {
	io.ReadCloser
	copy            []byte
	large, complete bool
	whole           func([]byte)
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if t.large = t.large || len(t.copy)+n > maxEntry; t.large {
		t.copy = nil
		return n, err
	}
	t.copy = append(t.copy, p[:n]...)
	t.complete = err == io.EOF
	return n, err
}

func (t *tee) Close() error {
	if t.complete && !t.large {
		t.whole(t.copy)
	}
	return t.ReadCloser.Close()
}
