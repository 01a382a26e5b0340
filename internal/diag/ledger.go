package diag

import (
	"strconv"
	"strings"
	"time"

	"corsdash/internal/cors"
)

// Grant is the answer to a preflight that browsers keep and go by for a while,
// without asking again: https://fetch.spec.whatwg.org/#cors-preflight-cache.
type Grant struct {
	Preflight uint64 // exchange ID
	Methods   string // its Access-Control-Allow-Methods
	Headers   string
	At        time.Time // when it was answered
	MaxAge    string    // as sent, "" when it had none
}

// preflightCaps are the longest times browsers keep a grant, whatever
// Access-Control-Max-Age says: Chromium two hours
// (services/network/public/cpp/cors/preflight_result.cc), Firefox a day
// (nsCORSListenerProxy.cpp), WebKit ten minutes
// (CrossOriginPreflightResultCache.cpp).
var preflightCaps = map[cors.Engine]time.Duration{
	cors.Chromium: 7200 * time.Second,
	cors.Firefox:  86400 * time.Second,
	cors.WebKit:   600 * time.Second,
}

// preflightDefault is for how long all of them keep a grant that does not say.
const preflightDefault = 5 * time.Second

// Lifetime is how long an engine keeps the grant; 0 means not at all.
func (g *Grant) Lifetime(e cors.Engine) time.Duration {
	if g.MaxAge == "" {
		return preflightDefault
	}
	seconds, err := strconv.ParseInt(g.MaxAge, 10, 64)
	switch {
	case err != nil && e == cors.Firefox:
		return 0 // anything but digits: not kept
	case err != nil:
		return preflightDefault
	case seconds <= 0:
		return 0
	}
	return min(time.Duration(min(seconds, 1<<30))*time.Second, preflightCaps[e])
}

// Left is how long an engine still keeps the grant, 0 when no longer.
func (g *Grant) Left(e cors.Engine, now time.Time) time.Duration {
	return max(0, g.At.Add(g.Lifetime(e)).Sub(now))
}

// maxGrants bounds the ledger.
const maxGrants = 1024

// ledger holds what browsers have in their preflight caches, as far as it was
// seen. Several grants for one URL are one entry, as in Chromium.
type ledger struct {
	byKey map[uint64]Grant
	order [maxGrants]uint64
	next  int
}

func grantKey(f *Fact) uint64 {
	return f.client.hash ^ hashOf(f.Origin, f.URL())
}

// note takes up the answer to a preflight that passes.
func (l *ledger) note(f *Fact) {
	key := grantKey(f)
	if l.byKey == nil {
		l.byKey = make(map[uint64]Grant)
	}
	if _, known := l.byKey[key]; !known {
		delete(l.byKey, l.order[l.next])
		l.order[l.next] = key
		l.next = (l.next + 1) % maxGrants
	}
	l.byKey[key] = Grant{
		Preflight: f.ID, At: f.End, MaxAge: strings.Clone(f.Allow.MaxAge),
		Methods: strings.Clone(cut(f.Allow.Methods)), Headers: strings.Clone(cut(f.Allow.Headers)),
	}
}

func cut(s string) string { return s[:min(len(s), 4*maxValue)] }

// find is the grant by which a browser may have sent f without asking.
func (l *ledger) find(f *Fact) (Grant, bool) {
	g, ok := l.byKey[grantKey(f)]
	if !ok {
		return g, false
	}
	return g, g.Left(f.client.engine, f.Start) > 0
}
