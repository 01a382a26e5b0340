package browser

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// fetch is one request on its way through its hops
// (https://fetch.spec.whatwg.org/#http-fetch).
type fetch struct {
	b   *Browser
	req Request

	// What the request is now; redirects change it.
	method  string
	url     *url.URL
	headers []Header // the script's own
	body    []byte

	mode, credentials string
	first             string   // URL of the first hop
	sent              string   // the origin as Origin names it, "null" once tainted
	relation          relation // the farthest of all hops
	tainted           bool     // response tainting is "cors"
	opaque            bool     // response tainting is "opaque"
	policy            string   // how much Referer tells
	originLate        bool     // Origin was not there from the start, and comes behind Sec-Fetch
	redirects         int
}

// Do performs a request and gives the page what it may have. The error is a
// *Failure. Console messages are part of both.
func (b *Browser) Do(ctx context.Context, req Request) (*Response, error) {
	f, err := b.begin(req)
	if err != nil {
		return nil, err
	}
	for {
		if fail := f.admit(); fail != nil {
			return nil, f.failed(fail)
		}
		r, fail := f.hop(ctx)
		if fail != nil {
			return nil, f.failed(fail)
		}
		location, redirect := r.redirect()
		if !redirect || f.req.Redirect == "manual" {
			return f.finish(r, redirect)
		}
		if fail := f.follow(r, location); fail != nil {
			return nil, f.failed(fail)
		}
	}
}

func (b *Browser) begin(req Request) (*fetch, error) {
	u, err := resolve(b.page, req.URL)
	if err != nil {
		return nil, &Failure{Net: "net::ERR_INVALID_URL"}
	}
	defaults := kinds[req.Kind]
	f := &fetch{
		b: b, req: req, method: normalMethod(req.Method), url: u, body: req.Body,
		mode: defaults.mode, credentials: defaults.credentials,
		first: u.String(), sent: b.origin, relation: b.relate(u),
		policy:  defaultPolicy,
		headers: combined(without(req.Headers, isForbidden)),
	}
	if req.Mode != "" {
		f.mode = req.Mode
		if req.Mode == "no-cors" && req.Kind == Fetch {
			f.headers = without(f.headers, func(h Header) bool {
				return named("range")(h) || !safelisted(strings.ToLower(h.Name), h.Value)
			})
		}
	}
	if req.Credentials != "" {
		f.credentials = req.Credentials
	}
	if _, typed := get(f.headers, "Content-Type"); len(f.body) > 0 && !typed {
		f.headers = append(f.headers, Header{"Content-Type", "text/plain;charset=UTF-8"})
	}
	return f, nil
}

// admit decides what kind of response this hop may give
// (https://fetch.spec.whatwg.org/#main-fetch, step 12).
func (f *fetch) admit() *Failure {
	own := originOf(f.url) == f.b.origin && f.b.origin != "null"
	switch {
	case f.mode == "navigate", own && !f.tainted && !f.opaque:
		return nil
	case f.mode == "same-origin":
		return netFailure("net::ERR_FAILED") // Chromium prints its own sentence, and no CORS code
	case unsafePort(f.url):
		return netFailure("net::ERR_UNSAFE_PORT")
	case f.mode == "no-cors":
		f.opaque = !own || f.opaque
		return nil
	case f.url.Scheme != "http" && f.url.Scheme != "https":
		return f.refuse(&refusal{"CorsDisabledScheme", ""}, 0, "net::ERR_FAILED")
	}
	f.tainted = true
	return nil
}

// include tells whether credentials go along and are believed
// (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch).
func (f *fetch) include() bool {
	return f.credentials == "include" || f.credentials == "same-origin" && !f.tainted && !f.opaque
}

// hop asks one server, with a preflight before it where one is due. The reply
// it returns has passed every check that each hop must pass.
func (f *fetch) hop(ctx context.Context) (*reply, *Failure) {
	if fail := f.preflight(ctx); fail != nil {
		return nil, fail
	}
	r, fail := f.load(ctx)
	if fail != nil {
		return nil, fail
	}
	if location, redirect := r.redirect(); redirect {
		if _, err := resolve(f.url, location); err != nil {
			r.discard()
			return nil, netFailure("net::ERR_INVALID_REDIRECT")
		}
	}
	if f.tainted {
		if bad := corsCheck(r.headers, f.sent, f.include()); bad != nil {
			r.reject()
			return nil, f.refuse(bad, r.status, "net::ERR_FAILED")
		}
	}
	if fail := f.resourcePolicy(r); fail != nil {
		r.reject()
		return nil, fail
	}
	return r, nil
}

// load takes the reply from the cache or from the network, and keeps its
// cookies: they are kept whatever becomes of the response.
func (f *fetch) load(ctx context.Context) (*reply, *Failure) {
	m := f.message()
	var old *entry
	if f.cacheable() && f.req.Cache != "reload" {
		old = f.b.cache.lookup(&m)
	}
	if old != nil {
		if old.fresh(f.b.now()) && f.req.Cache != "no-cache" {
			return old.reply(), nil
		}
		old.validate(&m)
	}
	r, fail := f.b.exchange(ctx, m, false)
	if fail != nil {
		return nil, fail
	}
	if f.include() {
		f.b.jar.set(f.url, r.headers, f.cookiesOfSite(), f.b.now())
	}
	if name, twice := contradiction(r.headers); twice {
		r.body.Close()
		return nil, netFailure("net::ERR_RESPONSE_HEADERS_MULTIPLE_" + name)
	}
	if r.status == 304 && old != nil {
		r.discard()
		next := old.renewed(r, f.b.now())
		f.b.cache.put(withoutFragment(f.url), next)
		return next.reply(), nil
	}
	if f.cacheable() {
		f.b.cache.keep(&m, r, f.b.now())
	}
	return r, nil
}

// contradiction finds headers that Chromium does not take twice with different
// values, because reading them differently is how responses get split.
func contradiction(lines []Header) (string, bool) {
	for _, name := range []string{"Location", "Content-Length", "Content-Disposition"} {
		var first string
		seen := false
		for _, l := range lines {
			if !strings.EqualFold(l.Name, name) {
				continue
			}
			if seen && l.Value != first {
				return strings.ToUpper(strings.ReplaceAll(name, "-", "_")), true
			}
			first, seen = l.Value, true
		}
	}
	return "", false
}

// cookiesOfSite tells whether cookies bound to their site may pass. Chromium
// asks only where the request goes now, not which way it came.
func (f *fetch) cookiesOfSite() bool {
	return f.req.Kind == Document || f.b.relate(f.url) != crossSite
}

// maxRedirects is how many redirects one request may follow
// (https://fetch.spec.whatwg.org/#http-redirect-fetch, step 7).
const maxRedirects = 20

// follow changes the request as its redirect demands
// (https://fetch.spec.whatwg.org/#http-redirect-fetch).
func (f *fetch) follow(r *reply, location string) *Failure {
	defer r.discard()
	if f.req.Redirect == "error" {
		return netFailure("net::ERR_FAILED")
	}
	to, _ := resolve(f.url, location) // hop has tried
	switch to.Scheme {
	case "http", "https":
	case "about", "blob", "chrome", "data", "file", "filesystem":
		return netFailure("net::ERR_UNSAFE_REDIRECT") // the network itself refuses these
	default:
		f.url = to
		return f.refuse(&refusal{"CorsDisabledScheme", ""}, r.status, "net::ERR_FAILED")
	}
	if f.redirects++; f.redirects > maxRedirects {
		return netFailure("net::ERR_TOO_MANY_REDIRECTS")
	}
	if to.User != nil && f.mode == "cors" && (f.tainted || originOf(to) != f.b.origin) {
		return f.refuse(&refusal{"RedirectContainsCredentials", ""}, r.status, "net::ERR_FAILED")
	}
	f.changeMethod(r.status)
	if originOf(to) != originOf(f.url) {
		f.headers = without(f.headers, named("authorization"))
		if f.mode != "navigate" && originOf(f.url) != f.b.origin {
			f.sent = "null" // step 17: nobody vouches for the page any more
		}
	}
	f.policy = referrerPolicy(r.headers, f.policy)
	f.url = to
	f.relation = max(f.relation, f.b.relate(to))
	return nil
}

// changeMethod makes a GET of a POST where history wants it (step 12).
func (f *fetch) changeMethod(status int) {
	old := status == 301 || status == 302
	if !(old && f.method == "POST") && !(status == 303 && f.method != "GET" && f.method != "HEAD") {
		return
	}
	f.method, f.body, f.originLate = "GET", nil, true
	f.headers = without(f.headers, named("content-encoding", "content-language", "content-location", "content-type"))
}

// finish gives the page its response.
func (f *fetch) finish(r *reply, redirect bool) (*Response, error) {
	if redirect {
		r.discard()
		return &Response{Type: "opaqueredirect", Body: http.NoBody}, nil
	}
	body, fail := decoded(r)
	if fail != nil {
		return nil, f.failed(fail)
	}
	r.body = body
	if fail := f.element(r); fail != nil {
		return nil, f.failed(fail)
	}
	out := &Response{
		Type: "basic", Status: r.status, Reason: r.reason, URL: withoutFragment(f.url), Redirected: f.redirects > 0,
		Headers: readable(r.headers, f.tainted, f.include()), Body: r.body,
	}
	switch {
	case f.tainted:
		out.Type = "cors"
	case f.opaque:
		r.body.Close()
		*out = Response{Type: "opaque", Body: http.NoBody}
	}
	if r.status >= 400 && f.mode != "navigate" {
		out.Console = []string{badStatus(r.status, r.reason)}
	}
	return out, nil
}

// refuse words a CORS failure at this hop.
func (f *fetch) refuse(bad *refusal, status int, net string) *Failure {
	line := consoleLine(f.req.Kind, bad, f.url.String(), f.first, f.b.origin)
	return &Failure{Code: bad.code, Hint: bad.hint, Net: net, Status: status, Console: []string{line}}
}

// failed adds the line that DevTools prints for every request that failed.
func (f *fetch) failed(fail *Failure) *Failure {
	line := failedToLoad(fail.Net)
	quiet := fail.Net == "" || fail.Net == "net::ERR_ABORTED" || fail.Net == blockedByORB
	if !quiet && !slices.Contains(fail.Console, line) {
		fail.Console = append(fail.Console, line)
	}
	return fail
}
