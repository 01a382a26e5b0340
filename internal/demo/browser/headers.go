package browser

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// message builds the request of this hop, its header lines in Chromium's
// order.
func (f *fetch) message() message {
	m := message{method: f.method, url: f.url, body: f.body, credentialed: f.include()}
	f.cacheLines(&m)
	if f.mode == "navigate" {
		f.navigationLines(&m)
	} else {
		f.scriptLines(&m)
	}
	if _, wanted := get(m.lines, "Accept"); !wanted {
		m.add("Accept", kinds[f.req.Kind].accept)
	}
	origin := f.originLine()
	late := origin != "" && f.redirects > 0 && f.originLate
	if origin != "" && !late && f.placeOfOrigin() {
		m.add("Origin", origin)
	}
	if f.req.lastEvent != "" {
		m.add("Last-Event-ID", f.req.lastEvent)
	}
	f.metadata(&m)
	if late {
		m.add("Origin", origin)
	}
	f.originLate = f.originLate || origin == ""
	if referrer := f.b.referrer(f.url, f.policy); referrer != "" {
		m.add("Referer", referrer)
	}
	if _, partial := get(f.headers, "Range"); partial {
		m.add("Accept-Encoding", "identity")
	} else {
		m.add("Accept-Encoding", codings(f.url))
	}
	if _, own := get(f.headers, "Accept-Language"); !own {
		m.add("Accept-Language", acceptLanguage)
	}
	f.lateLines(&m)
	return m
}

// lateLines are added on the way to the network, by the cookie store and the
// cache.
func (f *fetch) lateLines(m *message) {
	if f.include() {
		site := f.cookiesOfSite()
		if cookies := f.b.jar.send(f.url, site, site, f.b.now()); cookies != "" {
			m.add("Cookie", cookies)
		}
	}
	if f.rangeLast() {
		ranges, _ := get(f.headers, "Range")
		m.add("Range", ranges)
	}
}

// cacheLines asks every cache on the way what the page asks of the browser's.
func (f *fetch) cacheLines(m *message) {
	switch {
	case f.req.Cache == "reload", f.req.Cache == "no-store", f.req.Kind == EventStream:
		m.add("Pragma", "no-cache")
		m.add("Cache-Control", "no-cache")
	case f.req.Cache == "no-cache", f.conditional():
		m.add("Cache-Control", "max-age=0")
	}
}

// conditional tells whether the script does its own caching
// (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch, step 8.19).
func (f *fetch) conditional() bool {
	return slices.ContainsFunc(f.headers, func(h Header) bool {
		switch strings.ToLower(h.Name) {
		case "if-modified-since", "if-none-match", "if-unmodified-since", "if-match", "if-range":
			return true
		}
		return false
	})
}

// codings are the content codings offered to a server: the newer ones only
// where nobody on the way can be confused by them.
func codings(u *url.URL) string {
	if trustworthy(u) {
		return "gzip, deflate, br, zstd"
	}
	return "gzip, deflate"
}

// scriptRank orders the lines that Blink keeps in a hash table, as observed:
// the browser's hints and the script's own headers come out mixed. A name not
// listed comes last.
var scriptRank = []string{
	"sec-ch-ua-platform", "origin", "authorization", "x-requested-with", "user-agent", "accept", "sec-ch-ua", "content-type", "sec-ch-ua-mobile",
}

func (f *fetch) scriptLines(m *message) {
	lines := append([]Header{{"User-Agent", userAgent}}, f.hints()...)
	lines = append(lines, without(f.headers, f.placedElsewhere)...)
	if !f.placeOfOrigin() {
		lines = append(lines, Header{"Origin", f.sent})
	}
	if f.req.Kind == EventStream {
		lines = append(lines, Header{"Accept", kinds[EventStream].accept})
	}
	rank := func(h Header) int {
		if i := slices.Index(scriptRank, strings.ToLower(h.Name)); i >= 0 {
			return i
		}
		return len(scriptRank)
	}
	slices.SortStableFunc(lines, func(a, b Header) int { return rank(a) - rank(b) })
	m.lines = append(m.lines, lines...)
}

// placeOfOrigin tells whether Origin stands behind Accept. Elements that use
// CORS set it themselves, among the headers of scriptLines.
func (f *fetch) placeOfOrigin() bool {
	switch f.req.Kind {
	case Image, Script, Module, Stylesheet, Font:
		return f.mode != "cors"
	}
	return true
}

// placedElsewhere drops what scriptLines must not hold. Of
// Upgrade-Insecure-Requests only the browser's own is sent.
func (f *fetch) placedElsewhere(h Header) bool {
	return named("range")(h) && f.rangeLast() || named("upgrade-insecure-requests")(h)
}

// rangeLast tells whether the cache takes Range off and puts it back: it does
// with ranges it understands.
func (f *fetch) rangeLast() bool {
	value, ok := get(f.headers, "Range")
	spec, bytes := strings.CutPrefix(value, "bytes=-")
	_, err := strconv.ParseUint(spec, 10, 63)
	return ok && f.method == "GET" && !f.conditional() && (simpleRange(value) || bytes && err == nil)
}

// hints are the client hints that go everywhere trustworthy.
func (f *fetch) hints() []Header {
	if !trustworthy(f.url) {
		return nil
	}
	return []Header{{"sec-ch-ua", brands}, {"sec-ch-ua-mobile", "?0"}, {"sec-ch-ua-platform", `"Linux"`}}
}

func (f *fetch) navigationLines(m *message) {
	m.lines = append(m.lines, f.hints()...)
	m.add("Upgrade-Insecure-Requests", "1")
	m.add("User-Agent", userAgent)
}

// originLine is the value of Origin, "" for none
// (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
func (f *fetch) originLine() string {
	switch {
	case f.tainted:
		return f.sent
	case f.method == "GET" || f.method == "HEAD":
		return ""
	}
	return f.sent
}

// metadata adds the Sec-Fetch headers (https://www.w3.org/TR/fetch-metadata/).
func (f *fetch) metadata(m *message) {
	if !trustworthy(f.url) {
		return
	}
	m.add("Sec-Fetch-Site", f.relation.String())
	m.add("Sec-Fetch-Mode", f.mode)
	if f.req.Kind == Document {
		m.add("Sec-Fetch-User", "?1")
	}
	m.add("Sec-Fetch-Dest", kinds[f.req.Kind].dest)
	if f.include() && f.b.relate(f.url) == crossSite && f.req.Kind != Document {
		m.add("Sec-Fetch-Storage-Access", "active")
	}
}
