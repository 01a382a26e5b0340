package proxy

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The oracle: generated exchanges go through this proxy and through
// httputil.ReverseProxy, with the same backend behind both. What the backend
// saw and what the client got must be the same, but for the differences that
// normalRequest and normalAnswer take out, each with its reason.

// sighting is a request as the backend saw it.
type sighting struct {
	Line, Body      string
	Header, Trailer http.Header
}

// outcome is an answer as the client got it.
type outcome struct {
	Status          int
	Interim         []string
	Header, Trailer http.Header
	Body            string
	Cut             bool
}

// normalRequest takes out of what the backend saw:
func normalRequest(s *sighting) {
	for _, name := range []string{
		"Connection",                                                            // a line "keep-alive" passes us: it is as true of the next connection
		"Proxy-Authorization",                                                   // ReverseProxy drops it as meant for a proxy; to the page we are the server
		"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", // ReverseProxy drops them with Rewrite; we change nothing unasked
		"Content-Length", // the framing of an empty body: "Content-Length: 0" passes us whatever the method
		"Trailer",        // net/http announces trailers in its own words
		"Te",             // net/http makes one line of several
		"User-Agent",     // of several, too
	} {
		s.Header.Del(name)
	}
	s.Trailer = nil // ReverseProxy announces trailers and then sends none; ours have tests of their own
}

// normalAnswer takes out of what the client got:
func normalAnswer(o *outcome, method string) {
	for _, name := range []string{
		"Date", "Content-Type", // net/http adds them where the backend sent none
		"Connection", "Transfer-Encoding", // each proxy's own framing
		"Trailer", // announced by net/http in its own words
	} {
		o.Header.Del(name)
	}
	if method != "HEAD" && o.Status != 304 && o.Header.Get("Content-Length") == strconv.Itoa(len(o.Body)) {
		o.Header.Del("Content-Length") // framing again: net/http counts short bodies of unknown length
	}
	if o.Status == 204 {
		o.Header.Del("Content-Length") // net/http removes what RFC 9110 forbids; we pass what came
	}
	switch {
	case o.Status == 502, o.Header.Get("X-Corsdash-Error") != "":
		*o = outcome{Status: 502} // ours has a body and says why, and lets preflights pass
	case o.Cut && o.Body == "":
		*o = outcome{Cut: true} // net/http may swallow the head with the body
	}
}

// trial is one generated exchange.
type trial struct {
	method, request, answer string
	cut                     bool // the backend hangs up behind its answer
}

var (
	methods = []string{"GET", "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "PROPFIND"}
	targets = []string{"/", "/a%2Fb", "/a//b", "/a?b=c&d", "/?", "/a+b%20c", "/x?y=http://z/", "/.well-known", "/../x", "/a:b", "/~u"}
	asks    = []string{
		"Origin: http://localhost:5173", "Cookie: a=b; c=d", "X-A: 1", "x-a: 2", "X-Empty:", "Authorization: Bearer x", "Accept-Encoding: gzip, br",
		"Access-Control-Request-Method: PUT", "Range: bytes=0-1", "If-None-Match: \"x\"", "User-Agent: me", "TE: trailers", "TE: gzip", "Connection: keep-alive",
		"Connection: X-Hop", "X-Hop: 1", "Keep-Alive: 5", "Proxy-Connection: x", "Proxy-Authorization: x", "X-Forwarded-For: 1.2.3.4", "Via: 1.1 x",
		"Upgrade: h2c", "Expect: 100-continue", "X-Utf8: käse", "X-Tab: a\tb", "Pragma: no-cache",
	}
	tells = []string{
		"Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: http://localhost:5173", "Set-Cookie: a=b; Path=/", "set-cookie: c=d", "Vary: Origin",
		"vary: Accept", "X-Empty:", "Content-Encoding: gzip", "Location: http://elsewhere/x%2Fy", "Server: x", "Content-Type: text/x", "Date: x", "ETag: \"x\"",
		"Connection: X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "Cache-Control: no-store", "WWW-Authenticate: Basic", "X-Utf8: käse",
	}
	statuses = []string{"200 OK", "200 OK", "201 ", "204 No Content", "206 Part", "301 Moved", "304 Not Modified", "307 Again", "401 Who", "403 No", "404", "418 Teapot", "500 Oh", "503 Later"}
)

func some(r *rand.Rand, pool []string, most int) string {
	var b strings.Builder
	for range r.IntN(most) {
		b.WriteString(pool[r.IntN(len(pool))] + "\r\n")
	}
	return b.String()
}

func one(r *rand.Rand, pool []string) string { return pool[r.IntN(len(pool))] }

func newTrial(r *rand.Rand) trial {
	t := trial{method: one(r, methods)}
	proto := "HTTP/1.1"
	if r.IntN(8) == 0 {
		proto = "HTTP/1.0"
	}
	t.request = t.method + " " + one(r, targets) + " " + proto + "\r\nHost: localhost\r\n" + some(r, asks, 8)
	body := strings.Repeat("b", r.IntN(3)*r.IntN(3000))
	switch k := r.IntN(6); {
	case k < 2 && t.method != "HEAD":
		t.request += fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	case k == 2 && proto == "HTTP/1.1":
		t.request += "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + inChunks(r, body) + "0\r\nX-Sum: 1\r\n\r\n"
	case k == 3 && proto == "HTTP/1.1":
		t.request += "Transfer-Encoding: chunked\r\n\r\n" + inChunks(r, body) + "0\r\n\r\n"
	default:
		t.request += "\r\n"
	}
	t.answer, t.cut = newAnswer(r)
	if head, _, ok := strings.Cut(t.answer, "\r\n\r\n"); ok && t.method == "HEAD" && !strings.HasPrefix(head, "HTTP/1.1 103") {
		t.answer, t.cut = head+"\r\n\r\n", false
	} else if t.method == "HEAD" {
		t.method, t.request = "GET", "GET"+strings.TrimPrefix(t.request, "HEAD")
	}
	return t
}

// newAnswer is what the backend writes, and whether it hangs up behind it.
func newAnswer(r *rand.Rand) (answer string, cut bool) {
	if r.IntN(6) == 0 {
		answer = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
	}
	body := strings.Repeat("a", r.IntN(3)*r.IntN(9000))
	status := one(r, statuses)
	head := "HTTP/1.1 " + status + "\r\n" + some(r, tells, 7)
	switch k := r.IntN(12); {
	case status[:3] == "204" || status[:3] == "304":
		return answer + head + "\r\n", false
	case k < 4:
		return answer + head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body), false
	case k < 7:
		return answer + head + "Transfer-Encoding: chunked\r\n\r\n" + inChunks(r, body) + "0\r\n\r\n", false
	case k == 7:
		return answer + head + "Trailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks(r, body) + "0\r\nX-End: 1\r\n\r\n", false
	case k == 8:
		// net/http forgets what else Connection lists when it says close.
		head = strings.ReplaceAll(head, "Connection: X-Hop\r\n", "")
		return answer + head + "Connection: close\r\n\r\n" + body, true
	case k == 9:
		return answer + head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body)+5, body), true
	case k == 10:
		return answer + head + "Transfer-Encoding: chunked\r\n\r\n" + inChunks(r, body), true
	}
	return "nonsense\r\n\r\n", true
}

func inChunks(r *rand.Rand, body string) string {
	var b strings.Builder
	for body != "" {
		n := 1 + r.IntN(len(body))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return b.String()
}

// laboratory is a backend that does what the trial under way says.
type laboratory struct {
	trial atomic.Pointer[trial]
	seen  chan sighting
}

func (l *laboratory) serve(c *peer) {
	defer quietly()
	for {
		r, err := http.ReadRequest(c.br)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		l.seen <- sighting{Line: r.Method + " " + r.RequestURI + " " + r.Host, Body: string(body), Header: r.Header, Trailer: r.Trailer}
		tr := l.trial.Load()
		c.send(tr.answer)
		if tr.cut {
			return
		}
	}
}

// through sends the request of the trial to a proxy.
func (l *laboratory) through(t *testing.T, tr *trial, addr string) (*sighting, outcome) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	l.trial.Store(tr)
	c := newPeer(t, nc)
	c.send(tr.request)
	o := c.outcome(tr.method, tr.old())
	select {
	case s := <-l.seen:
		normalRequest(&s)
		return &s, o
	default:
		return nil, o
	}
}

func (t *trial) old() bool { return strings.Contains(t.request, " HTTP/1.0\r\n") }

func (c *peer) outcome(method string, old bool) (o outcome) {
	for {
		resp, err := http.ReadResponse(c.br, &http.Request{Method: method})
		if err != nil {
			return outcome{Cut: true}
		}
		if resp.StatusCode == 100 {
			continue // net/http's own, where the backend's would be ours
		}
		if resp.StatusCode < 200 {
			if !old { // an HTTP/1.0 client knows none, and ReverseProxy sends them
				o.Interim = append(o.Interim, resp.Status+" "+resp.Header.Get("Link"))
			}
			continue
		}
		body, err := io.ReadAll(resp.Body)
		o.Status, o.Header, o.Trailer, o.Body, o.Cut = resp.StatusCode, maps.Clone(resp.Header), resp.Trailer, string(body), err != nil
		return o
	}
}

func TestSameAsReverseProxy(t *testing.T) {
	t.Parallel()
	lab := &laboratory{seen: make(chan sighting, 16)}
	up := rawBackend(t, lab.serve)
	target, _ := url.Parse(up)
	f := start(t, up)
	oracle := backend(t, (&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		Transport:     plainTransport(t),
		FlushInterval: -1,
		ErrorLog:      discardLogger,
	}).ServeHTTP)
	random := rand.New(rand.NewPCG(1, 2))
	failed := 0
	for range 2000 {
		tr := newTrial(random)
		theirSight, theirs := lab.through(t, &tr, strings.TrimPrefix(oracle, "http://"))
		ourSight, ours := lab.through(t, &tr, f.addr)
		if tr.old() {
			theirs.Cut = ours.Cut // we reset the connection, where its plain end would look like that of the answer
		}
		normalAnswer(&theirs, tr.method)
		normalAnswer(&ours, tr.method)
		if d := cmp.Diff(theirSight, ourSight) + cmp.Diff(theirs, ours); d != "" {
			t.Errorf("request %q\nanswer %q\n-ReverseProxy +ours\n%s", shorten(tr.request), shorten(tr.answer), d)
			if failed++; failed > 5 {
				t.FailNow()
			}
		}
	}
}

func shorten(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}

func plainTransport(t *testing.T) *http.Transport {
	tr := &http.Transport{DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}
