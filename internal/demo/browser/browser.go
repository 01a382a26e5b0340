// Package browser is a simulated browser: it does with a page's requests what
// Chromium does, as far as a server or a script can tell. It asks preflights,
// follows and taints redirects, keeps cookies and a cache, refuses what CORS
// refuses, and words its refusals as Chromium's console does.
//
// Input is a request as a script states it, output is what the script gets.
// On the way are real connections in HTTP/1.1, to this machine only: other
// names do not resolve here. The package follows the Fetch standard
// (https://fetch.spec.whatwg.org/) and, where Chromium departs from it,
// Chromium; it must not use our verdicts (internal/cors), which it serves to
// test. It has no TLS, no service workers and no documents of its own.
package browser

import (
	"context"
	"net"
	"net/url"
	"time"
)

// Options describe the page.
type Options struct {
	// Page is the URL of the document whose scripts run, such as
	// http://localhost:5173/.
	Page string
	// Opaque is set for pages whose origin serializes to "null": sandboxed
	// frames, data: and file: pages.
	Opaque bool
	// Dial connects to a host and port. Nil dials loopback addresses and
	// refuses every other name.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
	// Now is the clock; nil is the real one.
	Now func() time.Time
}

// Browser is one tab with a profile of its own. Its methods may be called
// from several goroutines.
type Browser struct {
	page   *url.URL
	origin string // serialized origin of the page
	now    func() time.Time
	pool   pool
	jar    jar
	seen   preflightCache
	cache  cache
}

// New opens a tab. The error is that of a page URL that is none.
func New(o Options) (*Browser, error) {
	page, err := url.Parse(o.Page)
	if err != nil {
		return nil, err
	}
	b := &Browser{page: page, origin: originOf(page), now: o.Now}
	if o.Opaque {
		b.origin = "null"
	}
	if b.now == nil {
		b.now = time.Now
	}
	b.pool.dial = o.Dial
	if b.pool.dial == nil {
		b.pool.dial = dialLoopback
	}
	b.pool.groups = map[string]*group{}
	return b, nil
}

// Close closes every connection, those in use too.
func (b *Browser) Close() { b.pool.close() }
