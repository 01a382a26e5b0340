package proxy

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"corsdash/internal/exchange"
)

// leaving is a backend whose connection ends in the middle of an exchange; the
// channel is closed when it notices.
func leaving(t *testing.T, do func(c *peer)) (url string, noticed chan struct{}) {
	noticed = make(chan struct{})
	return rawBackend(t, func(c *peer) {
		defer quietly()
		do(c)
		if _, err := io.Copy(io.Discard, c.br); err == nil || isReset(err) {
			close(noticed)
		}
	}), noticed
}

// A client that leaves must take the upstream's work with it, in every phase.
func TestClientLeavingReachesTheUpstream(t *testing.T) {
	t.Parallel()
	const get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	const post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
	cases := []struct {
		name, sends string
		upstream    func(c *peer) // after the head
		client      func(c *peer)
	}{
		{"while waiting", get, func(c *peer) {}, func(c *peer) {}},
		{"while waiting, body sent", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi", func(c *peer) {}, func(c *peer) {}},
		{"during upload", post + "abc", func(c *peer) {}, func(c *peer) {}},
		{"during chunked upload", "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", func(c *peer) {}, func(c *peer) {}},
		{"during events", get,
			func(c *peer) { c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n") },
			func(c *peer) { c.head(); c.expect("1\r\na\r\n") }},
		{"with a request in the pipeline", get + "GET /2 HT", func(c *peer) {}, func(c *peer) {}},
		{"after an interim answer", get, func(c *peer) { c.send("HTTP/1.1 103 x\r\n\r\n") }, func(c *peer) { c.head() }},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			up, noticed := leaving(t, func(c *peer) {
				c.head()
				tc.upstream(c)
				close(asked)
			})
			f := start(t, up)
			c := f.dial()
			c.send(tc.sends)
			tc.client(c)
			receive(t, asked, "the request")
			c.Close()
			receive(t, noticed, "the end at the upstream")
			if x := f.next(); x.Failure.Class != exchange.ClientGone {
				t.Errorf("recorded as %v", x.Failure)
			}
		})
	}
}

func TestClientLeavingDuringDownload(t *testing.T) {
	t.Parallel()
	up, noticed := leaving(t, func(c *peer) {
		c.head()
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
		io.CopyN(c, zeros(1<<30), 1000000000)
	})
	f := start(t, up)
	c := f.dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	c.head()
	io.CopyN(io.Discard, c.br, 1<<20)
	c.Close()
	receive(t, noticed, "the end at the upstream")
	if x := f.next(); x.Failure.Class != exchange.ClientGone || x.Response.Status != 200 {
		t.Errorf("recorded as %v", x.Failure)
	}
}

// What the upstream cuts must arrive as a cut, however it is framed.
func TestUpstreamCutReachesTheClient(t *testing.T) {
	t.Parallel()
	heads := map[string]string{
		"length":  "Content-Length: 100\r\n\r\nabc",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		"chunk":   "Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
		"trailer": "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-A: 1\r\n",
	}
	for name, head := range heads {
		for _, hard := range []bool{false, true} {
			for _, proto := range []string{"HTTP/1.1", "HTTP/1.0"} {
				t.Run(strings.Join([]string{name, map[bool]string{true: "RST", false: "FIN"}[hard], proto}, " "), func(t *testing.T) {
					t.Parallel()
					read := make(chan struct{})
					f := start(t, rawBackend(t, func(c *peer) {
						defer quietly()
						c.head()
						c.send("HTTP/1.1 200 OK\r\n" + head)
						<-read
						if hard {
							c.Conn.(*net.TCPConn).SetLinger(0)
						}
					}))
					c := f.dial()
					c.send("GET / " + proto + "\r\nHost: localhost\r\n\r\n")
					resp, err := http.ReadResponse(c.br, nil)
					if err != nil {
						t.Fatal(err)
					}
					io.ReadFull(resp.Body, make([]byte, 3))
					close(read)
					if rest, err := io.ReadAll(resp.Body); err == nil {
						t.Errorf("the answer ended in order after %q", rest)
					} else if hard && !isReset(err) {
						t.Errorf("the reset arrived as %v", err)
					}
					if x := f.next(); x.Failure.Class != exchange.Cut || x.Response.Body.Data != "abc" {
						t.Errorf("recorded as %v with %q", x.Failure, x.Response.Body.Data)
					}
				})
			}
		}
	}
}

// idling answers one request a connection and closes it then, on command.
func idling(t *testing.T, hard bool) (url string, seen chan string, hangUp, hungUp chan struct{}) {
	seen, hangUp, hungUp = make(chan string, 16), make(chan struct{}), make(chan struct{})
	return rawBackend(t, func(c *peer) {
		defer quietly()
		seen <- c.head()
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		<-hangUp
		if hard {
			c.Conn.(*net.TCPConn).SetLinger(0)
		}
		c.Close()
		hungUp <- struct{}{}
	}), seen, hangUp, hungUp
}

func TestIdleConnectionThatTheUpstreamClosed(t *testing.T) {
	t.Parallel()
	for _, hard := range []bool{false, true} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(method, func(t *testing.T) {
				t.Parallel()
				up, seen, hangUp, hungUp := idling(t, hard)
				c := start(t, up).dial()
				for range 5 {
					c.send(method + " / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi")
					if resp, _ := c.answer(method); resp.StatusCode != 200 {
						t.Fatal(resp.Status)
					}
					hangUp <- struct{}{}
					<-hungUp
				}
				close(hangUp)
				if len(seen) != 5 {
					t.Errorf("the upstream saw %d requests", len(seen))
				}
			})
		}
	}
}

// forgetful answers the first request of a connection and hangs up on the
// second after it has read it.
func forgetful(t *testing.T) (url string, seen chan string) {
	seen = make(chan string, 16)
	return rawBackend(t, func(c *peer) {
		defer quietly()
		seen <- c.head()
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		seen <- c.head()
	}), seen
}

func TestOnlyIdempotentRequestsAreSentAgain(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{"GET": 200, "PUT": 200, "DELETE": 200, "OPTIONS": 200, "POST": 502, "PATCH": 502, "FOO": 502} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			up, seen := forgetful(t)
			f := start(t, up)
			c := f.dial()
			c.send("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
			c.answer("GET")
			c.send(method + " /2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if resp, _ := c.answer(method); resp.StatusCode != want {
				t.Errorf("answered %s", resp.Status)
			}
			if n := len(seen); want == 502 && n != 2 || want == 200 && n != 3 {
				t.Errorf("the upstream saw %d requests", n)
			}
			f.next()
			if x := f.next(); (x.Failure.Class == exchange.Reset) != (want == 502) {
				t.Errorf("recorded as %v", x.Failure)
			}
		})
	}
}

func TestNoRepeatOnAFreshConnection(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 4)
	f := start(t, rawBackend(t, func(c *peer) {
		defer quietly()
		seen <- c.head()
	}))
	if resp, _ := f.get("/"); resp.StatusCode != 502 || len(seen) != 1 {
		t.Errorf("%s after %d requests", resp.Status, len(seen))
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	conns := make(chan struct{}, 64)
	f := start(t, rawBackend(t, func(c *peer) {
		defer quietly()
		conns <- struct{}{}
		for {
			c.head()
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}))
	for range 3 { // a client's connection, its end, and the next client's
		c := f.dial()
		for range 5 {
			c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			c.answer("GET")
		}
		c.Close()
		eventually(t, "the connection is in the pool", func() bool { return f.pool.size() == 1 })
	}
	if n := len(conns); n != 1 {
		t.Errorf("%d connections to the upstream", n)
	}
	if x := f.next(); x.Timing.Reused {
		t.Error("the first one was not reused")
	}
	if x := f.next(); !x.Timing.Reused {
		t.Error("the second one was reused")
	}
}

func (p *pool) size() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, list := range p.idle {
		n += len(list)
	}
	return n
}

func TestUnaskedBytesEndAConnection(t *testing.T) {
	t.Parallel()
	f := start(t, rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
		c.expectEnd()
	}))
	c := f.dial()
	for range 2 {
		c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if _, body := c.answer("GET"); body != "ok" {
			t.Errorf("body %q", body)
		}
	}
}

func TestResetIsTold(t *testing.T) {
	for _, err := range []error{syscall.ECONNRESET, syscall.EPIPE, &net.OpError{Op: "read", Err: syscall.ECONNRESET}} {
		if !isReset(err) {
			t.Errorf("%v is a reset", err)
		}
	}
	if isReset(io.EOF) || isReset(errors.New("reset")) {
		t.Error("these are none")
	}
}
