package proxy

import (
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"corsdash/internal/exchange"
)

// refusing is an address where nobody listens.
func refusing(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answering sends bytes after the request's head, and hangs up.
func answering(t *testing.T, text string) string {
	return rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.send(text)
	})
}

func resetting(t *testing.T) string {
	return rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.Conn.(*net.TCPConn).SetLinger(0)
	})
}

// silent takes requests and answers with no more than that.
func silent(t *testing.T, text string) string {
	return rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.send(text)
		c.head()
	})
}

func selfSigned(t *testing.T, start func(*httptest.Server)) string {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = discardLogger
	start(s)
	t.Cleanup(s.Close)
	return s.URL
}

type fault struct {
	name     string
	upstream func(t *testing.T) string
	class    exchange.Class
	status   int
}

var faults = []fault{
	{"refused", func(t *testing.T) string { return "http://" + refusing(t) }, exchange.Refused, 502},
	{"refused by localhost", func(t *testing.T) string {
		_, port, _ := net.SplitHostPort(refusing(t))
		return "http://localhost:" + port
	}, exchange.Refused, 502},
	{"refused, TLS", func(t *testing.T) string { return "https://" + refusing(t) }, exchange.Refused, 502},
	{"name", func(*testing.T) string { return "http://no-such-host.invalid" }, exchange.DNS, 502},
	{"name, TLS", func(*testing.T) string { return "https://no-such-host.invalid" }, exchange.DNS, 502},
	{"self-signed", func(t *testing.T) string { return selfSigned(t, (*httptest.Server).StartTLS) }, exchange.TLS, 502},
	{"plain HTTP on a TLS port", func(t *testing.T) string {
		return "https" + strings.TrimPrefix(backend(t, func(http.ResponseWriter, *http.Request) {}), "http")
	}, exchange.TLS, 502},
	{"TLS port asked in plain HTTP", func(t *testing.T) string {
		return "http" + strings.TrimPrefix(selfSigned(t, (*httptest.Server).StartTLS), "https")
	}, exchange.OK, 400}, // net/http says so itself
	{"not HTTP", func(t *testing.T) string { return answering(t, "SSH-2.0-OpenSSH_9.2\r\n\r\n") }, exchange.Garbage, 502},
	{"binary", func(t *testing.T) string { return answering(t, "\x15\x03\x01\x00\x02\x02\x0a\n\n") }, exchange.Garbage, 502},
	{"bad status line", func(t *testing.T) string { return answering(t, "HTTP/1.1 20 OK\r\n\r\n") }, exchange.Garbage, 502},
	{"head over 256 KB", func(t *testing.T) string {
		return answering(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 300<<10)+"\r\n\r\n")
	}, exchange.Garbage, 502},
	{"endless head", func(t *testing.T) string {
		return rawBackend(t, func(c *peer) {
			defer quietly()
			for c.head(); ; {
				c.send("X: " + strings.Repeat("y", 10<<10) + "\r\n")
			}
		})
	}, exchange.Garbage, 502},
	{"nothing", func(t *testing.T) string { return answering(t, "") }, exchange.Reset, 502},
	{"half a head", func(t *testing.T) string { return answering(t, "HTTP/1.1 200 OK\r\nX: ") }, exchange.Reset, 502},
	{"reset", resetting, exchange.Reset, 502},
	{"interim and no more", func(t *testing.T) string { return answering(t, "HTTP/1.1 102 x\r\n\r\n") }, exchange.Reset, 502},
	{"no answer in time", func(t *testing.T) string { return silent(t, "") }, exchange.Timeout, 504},
	{"half a head in time", func(t *testing.T) string { return silent(t, "HTTP/1.1 200 OK\r\n") }, exchange.Timeout, 504},
	{"interim in time", func(t *testing.T) string { return silent(t, "HTTP/1.1 103 x\r\n\r\n") }, exchange.Timeout, 504},
	{"no connection in time", backlog, exchange.Timeout, 504},
}

// backlog is a port whose queue of connections is full, so that no further
// handshake is answered.
func backlog(t *testing.T) string {
	l, addr := fullListener(t)
	t.Cleanup(l)
	return "http://" + addr
}

func TestFaultsAreNamedAndReadable(t *testing.T) {
	t.Parallel()
	for _, tc := range faults {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, tc.upstream(t), func(o *Options) {
				o.ResponseTimeout = 100 * time.Millisecond
				o.DialTimeout = 100 * time.Millisecond
				if tc.class == exchange.DNS || tc.class == exchange.TLS {
					o.DialTimeout = patience
				}
			})
			c := f.dial()
			c.send("GET /x HTTP/1.1\r\nHost: " + f.addr + "\r\nOrigin: http://localhost:5173\r\nX: y\r\n\r\n")
			resp, body := c.answerAfterInterim()
			x := f.next()
			if resp.StatusCode != tc.status || x.Failure.Class != tc.class {
				t.Fatalf("answered %s %q, recorded %v", resp.Status, body, x.Failure)
			}
			if tc.class == exchange.OK {
				return
			}
			checkRefusal(t, resp, body, tc.class.String())
			if strings.Contains(x.Failure.Detail, "\n") || !strings.HasPrefix(x.Failure.Detail, x.Upstream+" ") {
				t.Errorf("detail %q", x.Failure.Detail)
			}
			if x.Response.Status != tc.status || x.Response.Body.Data != body {
				t.Errorf("recorded answer %d %q", x.Response.Status, x.Response.Body.Data)
			}
		})
	}
}

func (c *peer) answerAfterInterim() (*http.Response, string) {
	for {
		if p, _ := c.br.Peek(10); string(p) != "HTTP/1.1 1" {
			return c.answer("GET")
		}
		c.head()
	}
}

// checkRefusal wants what a page on localhost needs to read the answer.
func checkRefusal(t *testing.T, resp *http.Response, body, class string) {
	t.Helper()
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "http://localhost:5173", "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		"Access-Control-Expose-Headers": "X-Corsdash-Error", "X-Corsdash-Error": class, "Cache-Control": "no-store",
	} {
		if got := resp.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var r refusal
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Error != class || r.Status != resp.StatusCode || r.Message == "" || r.From != "corsdash" {
		t.Errorf("body %q, %v", body, err)
	}
}

func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	up := selfSigned(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(-time.Hour)).Leaf()}}
		s.StartTLS()
	})
	f := start(t, up)
	resp, body := f.get("/", "Origin: http://localhost:5173")
	checkRefusal(t, resp, body, "tls")
}

func TestRefusalOfAPreflightLetsItPass(t *testing.T) {
	t.Parallel()
	f := start(t, "http://"+refusing(t), func(o *Options) { o.AllowOrigins = []string{"https://app.example"} })
	preflight := func(origin string) http.Header {
		c := f.dial()
		c.send("OPTIONS /x HTTP/1.1\r\nHost: " + f.addr + "\r\nOrigin: " + origin + "\r\nAccess-Control-Request-Method: PUT\r\n" +
			"Access-Control-Request-Headers: authorization,x-a\r\n\r\n")
		resp, body := c.answer("OPTIONS")
		if resp.StatusCode != 204 || body != "" || resp.Header.Get("Content-Length") != "" {
			t.Errorf("%s: %s %q %v", origin, resp.Status, body, resp.Header)
		}
		if x := f.next(); x.Failure.Class != exchange.Refused {
			t.Errorf("recorded %v", x.Failure)
		}
		return resp.Header
	}
	for origin, credentials := range map[string]string{
		"http://localhost:5173": "true", "https://app.example": "true", "http://[::1]:80": "true", "http://a.localhost": "true",
		"https://evil.example": "", "https://localhost.evil.example": "", "null": "", "https://app.example.evil": "",
	} {
		h := preflight(origin)
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": "authorization,x-a",
			"Access-Control-Max-Age": "0", "Access-Control-Allow-Credentials": credentials, "X-Corsdash-Error": "refused",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", origin, name, got, want)
			}
		}
	}
}

func TestUnknownPagesLearnNoDetails(t *testing.T) {
	t.Parallel()
	f := start(t, "http://"+refusing(t))
	resp, body := f.get("/", "Origin: https://evil.example")
	if resp.Header.Get("Access-Control-Allow-Credentials") != "" || strings.Contains(body, "127.0.0.1") {
		t.Errorf("%v %q", resp.Header, body)
	}
	if _, body := f.get("/"); !strings.Contains(body, "nothing listens there") {
		t.Errorf("without a page: %q", body)
	}
}

// An origin that the upstream has allowed by name may read why it failed.
func TestOriginsTheUpstreamAllowsAreKnown(t *testing.T) {
	t.Parallel()
	up := rawBackend(t, func(c *peer) {
		defer quietly()
		if h := c.head(); strings.HasPrefix(h, "GET /allow ") {
			c.send("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://app.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		}
	})
	f := start(t, up)
	get := func(path string) string {
		resp, _ := f.get(path, "Origin: https://app.example")
		return resp.Header.Get("Access-Control-Allow-Credentials")
	}
	if before, _, after := get("/fail"), get("/allow"), get("/fail"); before != "" || after != "true" {
		t.Errorf("credentials %q before, %q after", before, after)
	}
}

func TestRefusalOfOddRequests(t *testing.T) {
	t.Parallel()
	f := start(t, "http://"+refusing(t))
	t.Run("HEAD", func(t *testing.T) {
		c := f.dial()
		c.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		resp, _ := c.answer("HEAD")
		if again, body := c.answer("GET"); resp.ContentLength < 10 || again.StatusCode != 502 || len(body) < 10 {
			t.Errorf("%v, then %v", resp, again)
		}
	})
	t.Run("HTTP/1.0", func(t *testing.T) {
		c := f.dial()
		c.send("GET / HTTP/1.0\r\n\r\n")
		if resp, _ := c.answer("GET"); resp.StatusCode != 502 || !resp.Close {
			t.Errorf("%v", resp)
		}
		c.expectEnd()
		f.next()
		f.next()
		if x := f.next(); x.Request.URL != "http://"+f.addr+"/" || x.Request.Proto != "HTTP/1.0" {
			t.Errorf("recorded %s %s", x.Request.URL, x.Request.Proto)
		}
	})
	t.Run("body on its way", func(t *testing.T) {
		c := f.dial()
		c.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n")
		c.send(strings.Repeat("x", 3000000))
		if resp, _ := c.answer("POST"); resp.StatusCode != 502 {
			t.Errorf("%v", resp)
		}
	})
}

// What an upload meets when the upstream fails under it.
func TestFaultsDuringAnUpload(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		up    func(t *testing.T) string
		sends string
		want  int
	}{
		"reset":          {resetting, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc", 502},
		"no answer":      {func(t *testing.T) string { return answering(t, "") }, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc", 502},
		"bad chunk":      {func(t *testing.T) string { return silent(t, "") }, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		"bad chunk end":  {func(t *testing.T) string { return silent(t, "") }, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400},
		"never answered": {deaf, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 504},
		"never read":     {deaf, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n", 504},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, tc.up(t), func(o *Options) { o.ResponseTimeout = 200 * time.Millisecond })
			c := f.dial()
			c.send(tc.sends)
			if name == "never read" {
				c.send(strings.Repeat("x", 50000000))
			}
			resp, body := c.answer("POST")
			if resp.StatusCode != tc.want || !resp.Close && name != "never answered" {
				t.Errorf("%s %q", resp.Status, body)
			}
			c.Close()
			if x := f.next(); x.Response.Status != tc.want || x.Failure.Class == exchange.ClientGone {
				t.Errorf("recorded %d %v", x.Response.Status, x.Failure)
			}
		})
	}
}

// deaf accepts connections and reads nothing.
func deaf(t *testing.T) string {
	done := make(chan struct{})
	url := rawBackend(t, func(*peer) { <-done })
	t.Cleanup(func() { close(done) })
	return url
}
