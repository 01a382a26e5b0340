package diag

import (
	"strings"

	"corsdash/internal/cors"
	"corsdash/internal/diag/jar"
)

const (
	maxJars       = 32 // of a client
	maxSetCookies = 64 // lines of an answer that are looked at
)

// lastCookies is the Cookie header seen last. Most requests repeat it.
type lastCookies struct {
	header string
	host   string
}

// jarOf is the jar of the page that asked. Cookies set by other sites' pages
// are in other jars: it depends on the browser whether they meet.
func (e *Engine) jarOf(f *Fact) *jar.Jar {
	scheme, host := f.pageSite()
	key := jar.Site(host)
	if scheme == "https" {
		key = "s:" + key
	}
	jars := f.client.jars
	j := jars[key]
	if j == nil {
		if len(jars) >= maxJars {
			clear(jars)
		}
		j = new(jar.Jar)
		jars[strings.Clone(key)] = j
	}
	return j
}

// pageSite is where the page came from; a request without any sign of a page
// is its own.
func (f *Fact) pageSite() (scheme, host string) {
	page := f.Page
	if page == "" || f.Mode == "navigate" {
		page = f.Target
	}
	scheme, host, _ = strings.Cut(page, "://")
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return scheme, host
}

// jarRequest is the request as the jar needs to know it.
func (e *Engine) jarRequest(f *Fact) jar.Request {
	scheme, host := f.pageSite()
	r := jar.Request{ID: f.ID, Scheme: f.Scheme, Host: strings.ToLower(f.Host), Path: f.Path, Now: f.End}
	r.Site = jar.Relate(scheme, host, f.Scheme, r.Host)
	switch f.Site { // the browser knows better: it counts redirects in
	case "same-origin", "same-site", "none":
		r.Site = jar.Same
	case "cross-site":
		r.Site = max(r.Site, jar.Schemeful)
		if r.Site == jar.Schemeful && scheme == f.Scheme {
			r.Site = jar.Cross
		}
	}
	r.TopLevel = f.Mode == "navigate" && (f.Dest == "document" || f.Dest == "")
	r.Safe = f.Method() == "GET" || f.Method() == "HEAD"
	r.Lax = f.client.engine == cors.Chromium
	r.Strict = f.client.engine == cors.WebKit
	switch f.credentials(nil) {
	case "include":
		r.Include = true
	case "":
		r.Unsure = true
	}
	return r
}

// storageAccessSince is the version since which Chromium tells servers with
// every cross-site request with credentials that it has some.
const storageAccessSince = 133

// credentials is what is known of the credentials mode: "include", "omit", or
// "" when nothing tells. Within an origin "same-origin" is as good as include.
func (f *Fact) credentials(a *Attempt) string {
	switch {
	case !f.CrossOrigin(), f.Cookie != "", f.seen.storage:
		return "include"
	case a != nil && a.credentials != "":
		return a.credentials
	case f.Role != Preflight && f.Site == "cross-site" && f.client.engine == cors.Chromium && f.client.major >= storageAccessSince:
		return "omit"
	}
	return ""
}

// provenCredentials is "omit" when the jar holds a cookie that would have come
// along with credentials, and none did. Only cookies the browser is known to
// have count, and only within a site: across sites browsers may withhold them.
func (e *Engine) provenCredentials(f *Fact, a *Attempt) string {
	if f.Role == Preflight || f.Cookie != "" || !f.CrossOrigin() || !f.client.browser || len(f.client.jars) == 0 {
		return ""
	}
	r := e.jarRequest(f)
	if r.Site != jar.Same || r.Include {
		return ""
	}
	r.Include, r.Unsure, r.Now = true, false, f.Start
	for _, sent := range e.jarOf(f).Sends(r) {
		if sent.Why == "" && !sent.Maybe && sent.SetAt.Before(f.Start) {
			return "omit"
		}
	}
	return ""
}

// takeCookies notes that the cookies of a request exist.
func (e *Engine) takeCookies(f *Fact) {
	last := &f.client.cookies
	if f.Cookie == "" || last.header == f.Cookie && last.host == f.Host {
		return
	}
	*last = lastCookies{strings.Clone(f.Cookie), strings.Clone(f.Host)}
	j, r := e.jarOf(f), e.jarRequest(f)
	n := 0
	for pair := range strings.SplitSeq(f.Cookie, ";") {
		if n++; n > maxSetCookies {
			break
		}
		name, _, _ := strings.Cut(strings.Trim(pair, " "), "=")
		j.Seen(name, r)
	}
}

// storeCookies puts the cookies of an answer into the jar.
func (e *Engine) storeCookies(r *record) {
	f := r.fact
	lines := f.SetCookies()
	if len(lines) == 0 || f.Role == Preflight {
		return // a preflight carries no credentials, and takes none
	}
	j, request := e.jarOf(f), e.jarRequest(f)
	if r.attempt.credentials == "omit" {
		request.Unsure = false
	}
	f.client.cookies = lastCookies{}
	for _, line := range lines[:min(len(lines), maxSetCookies)] {
		r.stored = append(r.stored, j.Store(line, valueHash, request))
	}
}

func valueHash(value string) uint64 { return hashOf(value) }

// Stored is what the browser makes of each cookie that this answer sets.
func (c *Case) Stored() []jar.Cookie { return c.record.stored }

// cookieValue is the value of a cookie in a Cookie header.
func cookieValue(header, name string) (value string, ok bool) {
	for pair := range strings.SplitSeq(header, ";") {
		n, v, _ := strings.Cut(strings.Trim(pair, " "), "=")
		if n == name {
			return v, true
		}
	}
	return "", false
}
