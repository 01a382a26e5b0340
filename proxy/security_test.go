package proxy

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"corsdash/internal/exchange"
)

// smuggling is what two readers could take for two different messages. None
// of it may reach the upstream.
var smuggling = map[string]string{
	"length and coding":          "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"coding and length":          "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
	"two codings":                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
	"coding twice":               "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
	"other coding":               "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	"unknown coding":             "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
	"identity":                   "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
	"empty coding":               "Transfer-Encoding:\r\nContent-Length: 0\r\n\r\n",
	"empty item before coding":   "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n",
	"vertical tab before coding": "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
	"coding with parameter":      "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
	"coding in quotes":           "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
	"space before colon":         "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
	"tab before colon":           "Content-Length\t: 4\r\n\r\nabcd",
	"space before name":          " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"folded line":                "X: y\r\n Transfer-Encoding: chunked\r\n\r\n",
	"folded length":              "Content-Length:\r\n 4\r\n\r\nabcd",
	"line without colon":         "Transfer-Encoding\r\n\r\n",
	"empty name":                 ": x\r\n\r\n",
	"two lengths":                "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
	"two lengths in a line":      "Content-Length: 4, 5\r\n\r\nabcde",
	"signed length":              "Content-Length: +4\r\n\r\nabcd",
	"negative length":            "Content-Length: -1\r\n\r\n",
	"hexadecimal length":         "Content-Length: 0x4\r\n\r\nabcd",
	"length with underscore":     "Content-Length: 1_0\r\n\r\n0123456789",
	"empty length":               "Content-Length:\r\n\r\n",
	"huge length":                "Content-Length: 99999999999999999999\r\n\r\n",
	"bare CR":                    "X: a\rTransfer-Encoding: chunked\r\n\r\n",
	"NUL":                        "X: a\x00b\r\n\r\n",
	"NUL in a name":              "X\x00: a\r\n\r\n",
	"second Host":                "Host: evil\r\n\r\n",
}

func TestAmbiguousRequestsAreRefused(t *testing.T) {
	t.Parallel()
	for name, rest := range smuggling {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n"+rest, 400)
		})
	}
}

// refused sends bytes that must be answered by the proxy itself, and closed.
func refused(t *testing.T, sends string, status int) {
	t.Helper()
	up, seen := scripted(t, crlf(ok))
	f := start(t, up)
	c := f.dial()
	c.send(sends)
	resp, body := c.answer("POST")
	if resp.StatusCode != status || !resp.Close || resp.Header.Get("X-Corsdash-Error") == "" {
		t.Errorf("%s %q", resp.Status, body)
	}
	if strings.Contains(sends, "Origin: ") && resp.Header.Get("Access-Control-Allow-Origin") != "http://localhost:5173" {
		t.Errorf("the page cannot read this: %v", resp.Header)
	}
	c.expectEnd()
	if n := len(seen); n > 0 {
		t.Errorf("the upstream saw %q", <-seen)
	}
	if x := f.next(); x.Failure.Class == exchange.OK || x.Response.Status != status {
		t.Errorf("recorded %d %v", x.Response.Status, x.Failure)
	}
}

func TestOddRequestLinesAreRefused(t *testing.T) {
	t.Parallel()
	const host = "Host: localhost\r\n\r\n"
	for name, sends := range map[string]string{
		"two spaces":          "GET  / HTTP/1.1\r\n" + host,
		"space in the target": "GET /a b HTTP/1.1\r\n" + host,
		"tab in the target":   "GET /a\tb HTTP/1.1\r\n" + host,
		"CR in the target":    "GET /a\rb HTTP/1.1\r\n" + host,
		"NUL in the target":   "GET /a\x00b HTTP/1.1\r\n" + host,
		"no target":           "GET HTTP/1.1\r\n" + host,
		"no protocol":         "GET /\r\n" + host,
		"HTTP/0.9":            "GET / HTTP/0.9\r\n" + host,
		"HTTP/2.0":            "GET / HTTP/2.0\r\n" + host,
		"HTTP/1.2":            "GET / HTTP/1.2\r\n" + host,
		"lower-case protocol": "GET / http/1.1\r\n" + host,
		"odd method":          "G(T / HTTP/1.1\r\n" + host,
		"leading space":       " GET / HTTP/1.1\r\n" + host,
		"no host":             "GET / HTTP/1.1\r\n\r\n",
		"CONNECT":             "CONNECT localhost:80 HTTP/1.1\r\n" + host,
		"CONNECT with a path": "CONNECT / HTTP/1.1\r\n" + host,
		"relative target":     "GET index.html HTTP/1.1\r\n" + host,
		"asterisk of a GET":   "GET * HTTP/1.1\r\n" + host,
		"foreign scheme":      "GET ftp://localhost/ HTTP/1.1\r\n" + host,
		"URL in a target":     "GET x?http://localhost/ HTTP/1.1\r\n" + host,
		"no authority":        "GET http:///x HTTP/1.1\r\n" + host,
		"coding of HTTP/1.0":  "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"binary":              "\x00\x01\x02\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, sends, 400)
		})
	}
}

// Chunks are read to the letter: what is left over would be a request.
func TestOddChunksAreRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare LF":            "2\nhi\r\n0\r\n\r\n",
		"bare LF behind":     "2\r\nhi\n0\r\n\r\n",
		"bare LF at the end": "0\n\r\n",
		"bare CR":            "2\rhi\r\n0\r\n\r\n",
		"extension with CR":  "2;a\rb\r\nhi\r\n0\r\n\r\n",
		"sign":               "+2\r\nhi\r\n0\r\n\r\n",
		"prefix":             "0x2\r\nhi\r\n0\r\n\r\n",
		"space before":       " 2\r\nhi\r\n0\r\n\r\n",
		"underscore":         "1_0\r\n0123456789012345\r\n0\r\n\r\n",
		"overflow":           "10000000000000002\r\nhi\r\n0\r\n\r\n",
		"no size":            "\r\nhi\r\n0\r\n\r\n",
		"too long":           "2\r\nhix\r\n0\r\n\r\n",
		"trailer with space": "0\r\nX : 1\r\n\r\n",
		"trailer of length":  "0\r\nContent-Length: 1\r\n\r\n",
		"trailer of coding":  "0\r\nTransfer-Encoding: chunked\r\n\r\n",
		"folded trailer":     "0\r\nX: 1\r\n y\r\n\r\n",
		"endless size line":  strings.Repeat("0", 20<<10) + "2\r\nhi\r\n0\r\n\r\n",
		"endless trailer":    "0\r\n" + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 100) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, deaf(t))
			c := f.dial()
			c.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if resp, body := c.answer("POST"); resp.StatusCode != 400 || !resp.Close {
				t.Errorf("%s %q", resp.Status, body)
			}
			c.expectEnd()
		})
	}
}

func TestOversizedHead(t *testing.T) {
	t.Parallel()
	refused(t, "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\nCookie: "+strings.Repeat("c", 4<<20)+"\r\n\r\n", 431)
	refused(t, "GET /"+strings.Repeat("x", 4<<20)+" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431)
	refused(t, strings.Repeat("\r\n", 200<<10), 431)
}

func TestHostAllowList(t *testing.T) {
	t.Parallel()
	up := backend(t, func(http.ResponseWriter, *http.Request) {})
	f := start(t, up, func(o *Options) { o.AllowHosts = []string{"Dev.Example"} })
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8900": 200, "LOCALHOST": 200, "localhost.": 200, "a.b.localhost:1": 200, "127.0.0.1": 200, "127.0.0.1:80": 200,
		"[::1]": 200, "[::1]:80": 200, "192.168.1.9": 200, "dev.example": 200, "DEV.EXAMPLE:8900": 200,
		"evil.example": 403, "evil.example:80": 403, "localhost.evil.example": 403, "evillocalhost": 403, "127.0.0.1.evil.example": 403,
		"x.dev.example": 403, "localhost:80@evil.example": 403, "localhost:x": 403, "user@localhost": 403, "localhost/": 403, "localhost evil": 403,
	} {
		for _, request := range []string{"GET / HTTP/1.1\r\nHost: " + host, "GET http://" + host + "/ HTTP/1.1\r\nHost: localhost"} {
			if strings.Contains(host, " ") && strings.HasSuffix(request, "localhost") || strings.HasSuffix(host, "/") && strings.HasSuffix(request, "localhost") {
				continue // not a target any more
			}
			c := f.dial()
			c.send(request + "\r\nOrigin: http://localhost:5173\r\n\r\n")
			resp, body := c.answer("GET")
			if resp.StatusCode != want {
				t.Errorf("%q: %s %q", request, resp.Status, body)
			}
			if want == 403 && (resp.Header.Get("Access-Control-Allow-Credentials") != "" || resp.Header.Get("X-Corsdash-Error") != "bad-host") {
				t.Errorf("%q: %v", request, resp.Header)
			}
			if x := f.next(); (x.Failure.Class == exchange.BadHost) != (want == 403) {
				t.Errorf("%q: recorded %v", request, x.Failure)
			}
		}
	}
}

func TestRefusedHostAlsoRefusesPreflights(t *testing.T) {
	t.Parallel()
	f := start(t, "http://"+refusing(t))
	c := f.dial()
	c.send("OPTIONS / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n")
	if resp, _ := c.answer("OPTIONS"); resp.StatusCode != 403 {
		t.Error(resp.Status)
	}
}

// Whatever address a request names, it goes to the configured upstream.
func TestNotAnOpenProxy(t *testing.T) {
	t.Parallel()
	up, seen := scripted(t, crlf(ok))
	other, leaked := scripted(t, crlf(ok))
	f := start(t, up)
	c := f.dial()
	c.send("GET " + other + "/x HTTP/1.1\r\nHost: " + strings.TrimPrefix(other, "http://") + "\r\n\r\n")
	c.answer("GET")
	if got := receive(t, seen, "the request"); !strings.HasPrefix(got, "GET /x HTTP/1.1\r\n") || len(leaked) > 0 {
		t.Errorf("upstream saw %q, the other %d", got, len(leaked))
	}
}

func TestLoopToItself(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"127.0.0.1", "localhost", "0.0.0.0", "loop.localhost", "[::ffff:127.0.0.1]"} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(scheme+" "+name, func(t *testing.T) {
				t.Parallel()
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				addr := l.Addr().String()
				l.Close()
				_, port, _ := net.SplitHostPort(addr)
				f := open(t, Options{Routes: []Route{{Target: scheme + "://" + name + ":" + port}}})
				if err := f.Listen(addr); err != nil {
					t.Skip("somebody took the port meanwhile")
				}
				f.serve()
				resp, body := f.get("/", "Origin: http://localhost:5173")
				if resp.StatusCode != 508 || resp.Header.Get("X-Corsdash-Error") != "loop" {
					t.Errorf("%s %q", resp.Status, body)
				}
			})
		}
	}
}

// A client that never ends its head is answered and closed after 10 s. The
// clock is a bubble's; the connection is a pipe.
func TestSlowHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{Routes: []Route{{Target: "http://localhost:1"}}})
		ours, theirs := net.Pipe()
		go f.newConn(addressed{theirs}).run()
		begun := time.Now()
		c := &peer{Conn: ours, t: t, br: newPeer(t, ours).br}
		ours.SetDeadline(time.Time{})
		c.send("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n")
		time.Sleep(9 * time.Second) // of the bubble's clock
		c.send("X: y\r\n")
		resp, _ := c.answer("GET")
		if took := time.Since(begun); resp.StatusCode != 408 || took != headTimeout || resp.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s after %v: %v", resp.Status, took, resp.Header)
		}
		c.expectEnd()
		if x := f.next(); x.Response.Status != 408 || x.Request.Headers.First("Origin") == "" {
			t.Errorf("recorded %+v", x.Response)
		}
		f.Close()
	})
}

// A connection without a request ends after a while, without an answer.
func TestIdleClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{Routes: []Route{{Target: "http://localhost:1"}}})
		for name, sends := range map[string]string{"nothing": "", "a P": "P"} {
			ours, theirs := net.Pipe()
			go f.newConn(addressed{theirs}).run()
			begun := time.Now()
			ours.Write([]byte(sends))
			n, _ := ours.Read(make([]byte, 1))
			if took := time.Since(begun); took > idleTimeout || (sends != "" && took > 2*headTimeout) || (sends == "" && n > 0) {
				t.Errorf("%s: %d bytes after %v", name, n, took)
			}
			ours.Close()
		}
		f.Close()
	})
}

// addressed gives a pipe the address of a socket.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (addressed) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
