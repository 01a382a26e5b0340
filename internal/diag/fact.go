package diag

import (
	"net/http"
	"strings"
	"time"

	"corsdash/internal/cors"
	"corsdash/internal/exchange"
)

// Fact is one exchange with what is read off it once. Rules read it and never
// change it. Strings share the exchange's memory.
type Fact struct {
	X     *exchange.Exchange // without the bodies' ends once the engine keeps it, see Body
	ID    uint64
	Role  Role
	Start time.Time // first byte of the request
	End   time.Time // last byte of the answer, or as far as it is known

	// The request. Target is the origin of its URL, Path has no query.
	Scheme, Host, Port, Target string
	Path, Query                string
	Origin, Page               string // Origin header; origin of the page, "" when nothing tells
	Site, Mode, Dest           string // Sec-Fetch-*
	Asks                       string // Access-Control-Request-Method
	AsksHeaders                string // Access-Control-Request-Headers, as sent
	Referer, Accept            string
	Cookie                     string // the Cookie header, lines joined
	Authorization              string
	Scripted                   bool // a script asked: mode cors, or signs of a client library

	// The answer. Status is 0 when none came.
	Status   int
	Type     string // media type in lower case, without parameters
	Location string
	Allow    AllowLines
	Own      bool // corsdash itself answered, because the upstream could not

	Upstream *Upstream // its history
	Route    *Route
	Token    *Token // the token in its Authorization header, nil for none

	client   *client
	env      *env
	hash     uint64 // of method and URL, for finding repetitions
	seen     scanned
	date     string // the Date header
	dated    time.Time
	request  body
	response body
	layers   []Layer
	layered  bool
	trimmed  bool // X holds less than what came
}

// AllowLines are the answer's CORS headers. A count above one means several
// lines; Origin and Credentials then hold all values, joined with ", ".
type AllowLines struct {
	Origin, Credentials, Methods, Headers, MaxAge, Expose string
	Origins, Credential                                   int // lines
	HasMethods, HasHeaders, HasMaxAge                     bool
	Vary                                                  string
}

// Any reports whether there is any Access-Control-Allow header.
func (a *AllowLines) Any() bool {
	return a.Origins > 0 || a.Credential > 0 || a.HasMethods || a.HasHeaders
}

// VariesBy reports whether Vary names a header, or is "*".
func (a *AllowLines) VariesBy(name string) bool { return listed(a.Vary, name) || listed(a.Vary, "*") }

// env is what all facts of an engine share.
type env struct {
	redactor *exchange.Redactor
	plain    func(encoding string, data []byte, limit int) ([]byte, error)
}

// read takes from an exchange all that is cheap to have.
func (e *env) read(x *exchange.Exchange) *Fact {
	f := &Fact{X: x, ID: x.ID, Role: Actual, Start: x.Timing.Started, End: x.Timing.Started, env: e}
	if x.Timing.Took > 0 {
		f.End = f.Start.Add(x.Timing.Took)
	}
	f.splitURL()
	f.scanRequest(x.Request.Headers)
	if f.Asks != "" && f.Origin != "" && x.Request.Method == "OPTIONS" {
		f.Role = Preflight
	}
	if x.Response != nil {
		f.Status = x.Response.Status
		f.scanResponse(x.Response.Headers)
	}
	f.Own = f.seen.own && x.Failure.Class != exchange.OK
	f.Page = f.pageOf()
	f.Scripted = f.Mode == "cors" || f.Mode == "same-origin" || f.seen.library
	return f
}

// splitURL cuts the URL, which has a path by the time it was captured. What is
// no absolute URL is all path.
func (f *Fact) splitURL() {
	url := f.X.Request.URL
	i := strings.Index(url, "://")
	if i < 0 {
		f.Path = url
		return
	}
	f.Scheme = url[:i]
	end := len(url)
	if slash := strings.IndexAny(url[i+3:], "/?"); slash >= 0 {
		end = i + 3 + slash
	}
	f.Target, f.Host = url[:end], url[i+3:end]
	if colon := strings.LastIndexByte(f.Host, ':'); colon >= 0 && !strings.HasSuffix(f.Host, "]") {
		f.Host, f.Port = f.Host[:colon], f.Host[colon+1:]
	}
	f.Path = url[end:]
	if q := strings.IndexByte(f.Path, '?'); q >= 0 {
		f.Path, f.Query = f.Path[:q], f.Path[q:]
	}
}

// pageOf is the origin of the page that asked: the Origin header where it
// names one, else the Referer, which survives a redirect that blanks the
// Origin.
func (f *Fact) pageOf() string {
	if f.Origin != "" && f.Origin != "null" {
		return f.Origin
	}
	i := strings.Index(f.Referer, "://")
	if i < 0 {
		return ""
	}
	if end := strings.IndexAny(f.Referer[i+3:], "/?#"); end >= 0 {
		return f.Referer[:i+3+end]
	}
	return f.Referer
}

// Method is the request's method, byte for byte.
func (f *Fact) Method() string { return f.X.Request.Method }

// URL is the request's URL as it was on the wire.
func (f *Fact) URL() string { return f.X.Request.URL }

// Answered reports whether the upstream sent a usable answer.
func (f *Fact) Answered() bool { return f.Status != 0 && !f.Own }

// Failed reports whether the network failed before an answer was complete, or
// the request never got to an upstream. A page that stops reading an answer is
// no failure.
func (f *Fact) Failed() bool {
	class := f.X.Failure.Class
	return class != exchange.OK && (class != exchange.ClientGone || f.Status == 0)
}

// Open reports whether the exchange is still running.
func (f *Fact) Open() bool { return f.X.Open }

// Engine is the browser engine that sent the request; ok is false for tools
// and what is unknown.
func (f *Fact) Engine() (cors.Engine, bool) { return f.client.engine, f.client.browser }

// Tool reports whether the sender is no browser: curl, Postman, a server.
func (f *Fact) Tool() bool { return f.client.tool }

// CrossOrigin reports whether CORS has a say: the browser says so itself, or
// the Origin sent is not that of the URL. A proxy on the way may have rewritten
// the host; then Sec-Fetch-Site still reads "same-origin".
func (f *Fact) CrossOrigin() bool {
	switch {
	case f.Role == Preflight:
		return true
	case f.Site == "same-origin" || f.Site == "none" || f.Mode == "navigate" || f.Mode == "websocket" || f.seen.upgrade:
		return false
	case f.Mode == "cors" && f.Site != "":
		return true
	}
	return f.Origin != "" && f.Origin != f.Target
}

// Header is the first value of a response header, or "".
func (f *Fact) Header(name string) string {
	if f.X.Response == nil {
		return ""
	}
	return f.X.Response.Headers.First(name)
}

// HasHeader reports whether the answer has a header.
func (f *Fact) HasHeader(name string) bool {
	return f.X.Response != nil && f.X.Response.Headers.Has(name)
}

// SentHeader is the first value of a request header, or "".
func (f *Fact) SentHeader(name string) string { return f.X.Request.Headers.First(name) }

// SetCookies lists the answer's Set-Cookie lines.
func (f *Fact) SetCookies() []string {
	if !f.seen.setCookie {
		return nil
	}
	return f.X.Response.Headers.Values("Set-Cookie")
}

// Redirects reports whether the answer sends the browser elsewhere.
func (f *Fact) Redirects() bool {
	switch f.Status {
	case 301, 302, 303, 307, 308:
		return f.seen.location
	}
	return false
}

// Upgrade reports whether the request asks for a WebSocket or another protocol.
func (f *Fact) Upgrade() bool { return f.seen.upgrade || f.Mode == "websocket" }

// ServerTime is when the server answered by its own clock: its Date, or our
// time with the upstream's usual difference. Tokens are judged by it.
func (f *Fact) ServerTime() time.Time {
	if date := f.Date(); !date.IsZero() {
		return date
	}
	return f.End.Add(f.Upstream.Skew())
}

// Date is the answer's Date header, zero when it has none that can be read.
func (f *Fact) Date() time.Time {
	if f.dated.IsZero() && f.date != "" {
		f.dated, _ = http.ParseTime(f.date)
		f.date = ""
	}
	return f.dated
}

// PageURL is where the request came from as far as the Referer tells, else the
// page's origin.
func (f *Fact) PageURL() string {
	if f.Referer != "" {
		return f.Referer
	}
	return f.Page
}
