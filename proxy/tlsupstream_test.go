package proxy

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"corsdash/internal/exchange"
)

// secure is a TLS upstream with the certificate that trusts lets the proxy
// accept.
func secure(t testing.TB, http2 bool, handler http.HandlerFunc) (url string, trusts func(*Options)) {
	t.Helper()
	own := certificate(t, time.Now().Add(time.Hour))
	s := httptest.NewUnstartedServer(handler)
	s.EnableHTTP2 = http2
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own.Leaf()}}
	s.Config.ErrorLog = discardLogger
	s.StartTLS()
	t.Cleanup(s.Close)
	ca, _ := own.files(t)
	return s.URL, func(o *Options) { o.CACert = ca }
}

// bothVersions runs a test against TLS upstreams that speak HTTP/2 and not.
func bothVersions(t *testing.T, handler http.HandlerFunc, test func(t *testing.T, f *fixture, up string)) {
	t.Parallel()
	for _, h2 := range []bool{true, false} {
		t.Run(fmt.Sprintf("h2 %v", h2), func(t *testing.T) {
			t.Parallel()
			up, trusts := secure(t, h2, handler)
			test(t, start(t, up, trusts, func(o *Options) { o.Routes[0].HostHeader = "upstream" }), up)
		})
	}
}

func TestTLSUpstreamSeesTheRequest(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Proto", r.Proto)
		fmt.Fprintln(w, r.Method, r.RequestURI, r.Host, r.Header.Values("X-A"), r.Header["User-Agent"], r.Header["Accept-Encoding"])
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		c := f.dial()
		host := strings.TrimPrefix(up, "https://")
		for _, target := range []string{"/a%2Fb?c", "/a//b?", "//x/y?z", "/a;b", "/", "/a?b?c"} {
			c.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nx-a: 1\r\nX-A: 2\r\nConnection: keep-alive\r\n\r\n")
			resp, body := c.answer("GET")
			if want := "GET " + target + " " + host + " [1 2] [] []\n"; body != want {
				t.Errorf("upstream saw %q, want %q", body, want)
			}
			x := f.next()
			if tm := x.Timing; tm.Wait <= 0 || tm.Proxy < 0 || (tm.TLS > 0) == tm.Reused || x.Address == "" || x.Response.Reason != map[string]string{"HTTP/1.1": "OK"}[resp.Header.Get("X-Proto")] {
				t.Errorf("recorded %+v at %q, %q", tm, x.Address, x.Response.Reason)
			}
		}
	})
}

func TestTLSUpstreamKeepsTheCaseOfNames(t *testing.T) {
	t.Parallel()
	own := certificate(t, time.Now().Add(time.Hour))
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own.Leaf()}})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string, 4)
	serveRaw(t, l, func(c *peer) {
		defer quietly()
		for {
			seen <- c.head()
			c.send(crlf(ok))
		}
	})
	ca, _ := own.files(t)
	f := start(t, "https://"+l.Addr().String(), func(o *Options) { o.CACert = ca })
	f.get("/50%/x#y", "sec-ch-ua: a", "X-REQUEST: b", "user-agent: me")
	want := "GET /50%/x#y HTTP/1.1\r\nHost: " + f.addr + "\r\nX-REQUEST: b\r\nsec-ch-ua: a\r\nuser-agent: me\r\n\r\n"
	if got := receive(t, seen, "the request"); got != want {
		t.Errorf("upstream saw %q", got)
	}
	if resp, _ := f.get("/", "X: a\x01b"); resp.StatusCode != 400 {
		t.Errorf("a header net/http does not send: %s", resp.Status)
	}
}

func TestTLSUpstreamBodies(t *testing.T) {
	bothVersions(t, echo, func(t *testing.T, f *fixture, up string) {
		data := strings.Repeat("0123456789", 100_000)
		c := f.dial()
		for range 2 {
			go io.WriteString(c, fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(data), data))
			if resp, body := c.answer("POST"); body != data {
				t.Fatalf("%s, %d bytes came back", resp.Status, len(body))
			}
			if x := f.next(); x.Request.Body.Size != int64(len(data)) || x.Response.Body.Size != int64(len(data)) || x.Failure.Class != exchange.OK {
				t.Errorf("recorded %d and %d bytes, %v", x.Request.Body.Size, x.Response.Body.Size, x.Failure)
			}
			c = f.dial() // a full-duplex answer ends its connection
		}
		c.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
		c.head()
		for range 10 {
			c.send("3\r\nabc\r\n")
			c.expect("3\r\nabc\r\n")
		}
		c.send("0\r\n\r\n")
		c.expect("0\r\n\r\n")
	})
}

func TestTLSUpstreamAnswersWithoutABody(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(204)
		case "/head":
			w.Header().Set("Content-Length", "1234")
		}
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		c := f.dial()
		for range 2 {
			c.send("GET /empty HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if got := c.head(); !strings.Contains(got, "Content-Length: 0\r\n") {
				t.Errorf("empty: %q", got)
			}
			c.send("GET /204 HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if got := c.head(); strings.Contains(got, "Content-Length") {
				t.Errorf("204: %q", got)
			}
			c.send("HEAD /head HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if got := c.head(); !strings.Contains(got, "Content-Length: 1234\r\n") {
				t.Errorf("HEAD: %q", got)
			}
		}
	})
}

func TestTLSUpstreamInterimAndTrailers(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "x")
		w.WriteHeader(103)
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", r.Trailer.Get("X-In"))
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		c := f.dial()
		c.send("POST / HTTP/1.1\r\nHost: localhost\r\nTrailer: X-In\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-In: 7\r\n\r\n")
		c.expect("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
		if resp, body := c.answer("POST"); body != "body" || resp.Trailer.Get("X-Sum") != "7" {
			t.Errorf("%s %q, trailer %v", resp.Status, body, resp.Trailer)
		}
		if x := f.next(); len(x.Interim) != 1 || x.Response.Trailers.First("X-Sum") != "7" || x.Request.Trailers.First("X-In") != "7" {
			t.Errorf("recorded %v, %v, %v", x.Interim, x.Request.Trailers, x.Response.Trailers)
		}
	})
}

func TestTLSUpstreamRedirects(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://"+r.Host+"/x%2F?y")
		w.Header().Set("Set-Cookie", "a=b; Domain=example.com; Secure")
		w.WriteHeader(307)
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		resp, _ := f.get("/")
		if resp.Header.Get("Location") != "http://"+f.addr+"/x%2F?y" || resp.Header.Get("Set-Cookie") != "a=b; Secure" {
			t.Errorf("%v", resp.Header)
		}
		if x := f.next(); len(x.Changes) != 3 {
			t.Errorf("changes %q", x.Changes)
		}
	})
}

func TestTLSUpstreamClientLeaves(t *testing.T) {
	asked, noticed := make(chan struct{}, 2), make(chan struct{}, 2)
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			io.WriteString(w, "a")
			w.(http.Flusher).Flush()
		}
		asked <- struct{}{}
		<-r.Context().Done()
		noticed <- struct{}{}
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		for _, path := range []string{"/wait", "/events"} {
			c := f.dial()
			c.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
			receive(t, asked, "the request")
			c.Close()
			receive(t, noticed, "the end at the upstream")
			if x := f.next(); x.Failure.Class != exchange.ClientGone {
				t.Errorf("recorded %v", x.Failure)
			}
		}
	})
}

func TestTLSUpstreamCuts(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/body":
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
		case "/slow":
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		c := f.dial()
		c.send("GET /body HTTP/1.1\r\nHost: localhost\r\n\r\n")
		c.head()
		if rest, err := io.ReadAll(c.br); string(rest) != "3\r\nabc\r\n" {
			t.Errorf("%q, %v", rest, err)
		}
		if x := f.next(); x.Failure.Class != exchange.Cut {
			t.Errorf("recorded %v", x.Failure)
		}
		if resp, body := f.get("/head"); resp.StatusCode != 502 || resp.Header.Get("X-Corsdash-Error") != "reset" {
			t.Errorf("%s %q", resp.Status, body)
		}
		f.Reconfigure(Options{Routes: []Route{{Target: up, Insecure: true}}, ResponseTimeout: 50 * time.Millisecond})
		if resp, body := f.get("/slow"); resp.StatusCode != 504 || resp.Header.Get("X-Corsdash-Error") != "timeout" {
			t.Errorf("%s %q", resp.Status, body)
		}
	})
}

// The Transport may close a request's body while it is being read; the next
// request on the connection must not meet that reader.
func TestTLSUpstreamEarlyAnswer(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		w.WriteHeader(413)
		io.WriteString(w, "large")
		w.(http.Flusher).Flush()
	}
	bothVersions(t, handler, func(t *testing.T, f *fixture, up string) {
		for range 10 {
			c := f.dial()
			c.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n")
			if _, err := io.CopyN(c, zeros(2000000), 2000000); err != nil {
				t.Fatal(err)
			}
			if resp, body := c.answer("POST"); resp.StatusCode != 413 || body != "large" {
				t.Fatalf("%s %q", resp.Status, body)
			}
		}
	})
}

func TestTLSUpstreamSocket(t *testing.T) {
	bothVersions(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, Subprotocols: []string{"chat"}})
		if err != nil {
			return
		}
		defer c.CloseNow()
		kind, data, _ := c.Read(r.Context())
		c.Write(r.Context(), kind, data)
		c.Read(r.Context())
	}, func(t *testing.T, f *fixture, up string) {
		c, ctx := dialSocket(t, f, websocket.CompressionDisabled)
		c.Write(ctx, websocket.MessageText, []byte("hi"))
		if _, data, err := c.Read(ctx); string(data) != "hi" {
			t.Errorf("%q, %v", data, err)
		}
		c.Close(websocket.StatusNormalClosure, "")
		if x := f.next(); x.Socket.FramesOut != 2 || x.Failure.Class != exchange.OK || x.Timing.TLS <= 0 {
			t.Errorf("recorded %+v, %v, %+v", x.Socket, x.Failure, x.Timing)
		}
	})
}

// A connection made without checking the certificate must not serve once the
// check is asked for.
func TestReconfigureTrust(t *testing.T) {
	t.Parallel()
	up, _ := secure(t, false, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	route := Route{Target: up, Insecure: true}
	f := start(t, "", func(o *Options) { o.Routes = []Route{route} })
	c := f.dial()
	ask := func(lines string) int {
		c.send("GET / HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n")
		resp, _ := c.answer("GET")
		return resp.StatusCode
	}
	const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	before := []int{ask(""), ask(upgrade)}
	route.Insecure = false
	if err := f.Reconfigure(Options{Routes: []Route{route}}); err != nil {
		t.Fatal(err)
	}
	if after := []int{ask(""), ask(upgrade)}; before[0] != 204 || before[1] != 204 || after[0] != 502 || after[1] != 502 {
		t.Errorf("%v before, %v after", before, after)
	}
}

func TestCACertMustBePEM(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/ca"
	if err := os.WriteFile(file, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Sink: &sink{}, CACert: file, Routes: []Route{{Target: "http://x"}}}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("%v", err)
	}
}

func TestTLSLocalhostIsBothFamilies(t *testing.T) {
	t.Parallel()
	up, trusts := secure(t, true, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(up, "https://"))
	f := start(t, "https://localhost:"+port, trusts)
	if resp, body := f.get("/"); resp.StatusCode != 204 {
		t.Errorf("%s %q", resp.Status, body)
	}
}
