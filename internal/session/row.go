package session

import (
	"math/bits"
	"net"
	"strings"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// Row is what a list, a filter and counters need of an exchange, in 80 bytes
// without a pointer. Everything else is in Session.Exchange.
type Row struct {
	ID       uint64
	Started  int64 // ns since the epoch
	Method   Text
	Host     Text // authority the client used, "localhost:8900"
	Target   Text // path and query as on the wire
	Upstream Text // origin of the upstream
	Origin   Text // Origin header of the request
	Referer  Text
	Mime     Text // media type of the response, lower case, without parameters
	Client   Text // address of the client, without the port
	Rule     Text // rule of the headline finding
	took     approx
	request  approx
	response approx
	attempt  uint32 // how far the attempt's ID lies below ID
	place    place  // where in the ring
	Status   uint16 // 0 when no answer came
	Source   exchange.Source
	Class    exchange.Class
	role     uint8
	severity uint8
	outcome  uint8
	Flags    Flags
}

// Flags are the yes-or-no facts of a row.
type Flags uint8

// The flags.
const (
	Running   Flags = 1 << iota // recorded before it ended
	Upgraded                    // a WebSocket or another upgrade
	Preflight                   // a CORS preflight by its request
	Redacted                    // came in with its secrets already replaced
	Truncated                   // a body was longer than what was captured
	Changed                     // corsdash changed something on the way
	EndLost                     // was running, and its end was shed
)

// Took is how long the exchange took, exact up to 134 ms and to 8 digits
// beyond, or exchange.Unknown.
func (r Row) Took() time.Duration { return time.Duration(r.took.value()) }

// RequestSize and ResponseSize count body bytes that passed, exact up to
// 128 MB and to 8 digits beyond.
func (r Row) RequestSize() int64  { return r.request.value() }
func (r Row) ResponseSize() int64 { return r.response.value() }

// Attempt is the ID of the first exchange of the attempt this one belongs to.
func (r Row) Attempt() uint64 { return r.ID - uint64(r.attempt) }

// Outcome is what the browser made of the attempt's answer, by the names of
// the JSON stream, or "" while nobody knows.
func (r Row) Outcome() string { return outcomes[r.outcome] }

// Role is the exchange's part in its attempt.
func (r Row) Role() diag.Role { return roles[r.role] }

// Severity is that of the headline finding, "" without findings.
func (r Row) Severity() diag.Severity { return severities[r.severity] }

// Rank orders rows by severity: 0 without findings, then rising from info to
// blocks.
func (r Row) Rank() int { return int(r.severity) }

// The positions in these lists are what rows and files hold: add at the end.
var (
	roles      = [...]diag.Role{"", diag.Actual, diag.Preflight, diag.Hop}
	severities = [...]diag.Severity{"", diag.Info, diag.Security, diag.Warning, diag.Error, diag.Blocks}
	outcomes   = [...]string{"", "not-cors", "allowed", "blocked", "opaque", "opaqueredirect", "failed", "conditional", "unknown"}
)

func numberOf[T comparable](list []T, v T) uint8 {
	for i, w := range list {
		if v == w {
			return uint8(i)
		}
	}
	return 0
}

// facts are a row's strings before they have handles.
type facts struct {
	method, host, target, upstream, origin, referer, mime, client, rule string
}

// size is the room the strings need at most.
func (f *facts) size() (n int) {
	for _, s := range [...]string{f.method, f.host, f.target, f.upstream, f.origin, f.referer, f.mime, f.client, f.rule} {
		n += textHead + min(len(s), maxText)
	}
	return n
}

// setTexts gives the row handles of t, those of old where the string is the same.
func (r *Row) setTexts(t interface{ keep(old Text, s string) Text }, f facts, old *Row) {
	r.Method, r.Host = t.keep(old.Method, f.method), t.keep(old.Host, f.host)
	r.Target, r.Upstream = t.keep(old.Target, f.target), t.keep(old.Upstream, f.upstream)
	r.Origin, r.Referer = t.keep(old.Origin, f.origin), t.keep(old.Referer, f.referer)
	r.Mime, r.Client = t.keep(old.Mime, f.mime), t.keep(old.Client, f.client)
	r.Rule = t.keep(old.Rule, f.rule)
}

// rowOf reads a row and its strings from a result.
func rowOf(res *diag.Result) (r Row, f facts) {
	x := res.Exchange
	r = Row{
		ID: x.ID, Started: x.Timing.Started.UnixNano(), took: approximate(int64(x.Timing.Took)),
		request: approximate(x.Request.Body.Size), Source: x.Source, Class: x.Failure.Class, Flags: flagsOf(x),
	}
	f = facts{method: x.Request.Method, upstream: x.Upstream, client: withoutPort(x.Client)}
	f.host, f.target = splitURL(x.Request.URL)
	f.origin = x.Request.Headers.First("Origin")
	f.referer = x.Request.Headers.First("Referer")
	if x.Response != nil {
		r.Status, r.response = uint16(x.Response.Status), approximate(x.Response.Body.Size)
		f.mime = mediaType(x.Response.Headers.First("Content-Type"))
	}
	f.rule = r.judge(res)
	return r, f
}

// judge takes over what the engine says and returns the headline's rule.
func (r *Row) judge(res *diag.Result) (rule string) {
	r.attempt = 0
	if res.Attempt != 0 && res.Attempt <= r.ID {
		r.attempt = uint32(min(r.ID-res.Attempt, 1<<32-1))
	}
	r.role, r.severity = numberOf(roles[:], res.Role), 0
	for i := range res.Findings {
		if res.Findings[i].Under != "" {
			continue
		}
		if n := numberOf(severities[:], res.Findings[i].Severity); n > r.severity {
			r.severity, rule = n, res.Findings[i].Rule
		}
	}
	r.outcome = numberOf(outcomes[:], outcomeOf(res, severities[r.severity]))
	return rule
}

func outcomeOf(res *diag.Result, worst diag.Severity) string {
	if outcome := res.Outcome(); outcome != "" {
		return string(outcome)
	}
	switch {
	case worst == diag.Blocks:
		return "blocked"
	case res.Exchange.Response == nil && !res.Exchange.Open:
		return "failed"
	}
	return ""
}

func flagsOf(x *exchange.Exchange) (f Flags) {
	preflight := x.Request.Method == "OPTIONS" && x.Request.Headers.Has("Access-Control-Request-Method")
	truncated := x.Request.Body.Truncated() || x.Response != nil && x.Response.Body.Truncated()
	for i, on := range [...]bool{x.Open, x.Socket != nil, preflight, x.Redacted, truncated, len(x.Changes) > 0} {
		if on {
			f |= 1 << i
		}
	}
	return f
}

// splitURL cuts "http://host/path?query" before the path. What is no absolute
// URL is all target.
func splitURL(url string) (host, target string) {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return "", url
	}
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		return rest[:i], rest[i:]
	}
	return rest, ""
}

func withoutPort(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}

// mediaType is the essence of a Content-Type. Most come in lower case already
// and cost nothing.
func mediaType(contentType string) string {
	essence, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(essence))
}

// approx is a number in 32 bits: 27 bits of value, 5 of shift. The highest
// value stands for every negative number and reads as -1.
type approx uint32

const (
	approxBits = 27
	negative   = ^approx(0)
)

func approximate(v int64) approx {
	if v < 0 {
		return negative
	}
	shift := max(bits.Len64(uint64(v))-approxBits, 0)
	if shift > 31 {
		return negative - 1
	}
	return min(approx(shift<<approxBits)|approx(v>>shift), negative-1)
}

func (a approx) value() int64 {
	if a == negative {
		return -1
	}
	return int64(a&(1<<approxBits-1)) << (a >> approxBits)
}
