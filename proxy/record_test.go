package proxy

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"corsdash/internal/exchange"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	up, _ := scripted(t, "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nX-A : 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 2\r\n\r\nok")
	f := start(t, up)
	c := f.dial()
	c.send("PUT /a%2Fb?c HTTP/1.1\r\nHost: localhost:1\r\nx-B: 1\r\nX-b: 2\r\nContent-Length: 2\r\n\r\nhi")
	c.head()
	c.answer("PUT")
	got := f.next()
	want := &exchange.Exchange{
		ID: 1, Client: c.LocalAddr().String(), Upstream: up, Address: strings.TrimPrefix(up, "http://"),
		Request: exchange.Request{
			Method: "PUT", URL: "http://localhost:1/a%2Fb?c", Proto: "HTTP/1.1",
			Headers: exchange.Headers{{Name: "Host", Value: "localhost:1"}, {Name: "x-B", Value: "1"}, {Name: "X-b", Value: "2"}, {Name: "Content-Length", Value: "2"}},
			Body:    exchange.Body{Size: 2, Data: "hi"},
		},
		Interim: []exchange.Interim{{Status: 103, Headers: exchange.Headers{{Name: "Link", Value: "x"}}}},
		Response: &exchange.Response{
			Status: 201, Reason: "Made", Proto: "HTTP/1.1",
			Headers: exchange.Headers{{Name: "X-A ", Value: "1"}, {Name: "Set-Cookie", Value: "a=b"}, {Name: "Set-Cookie", Value: "c=d"}, {Name: "Content-Length", Value: "2"}},
			Body:    exchange.Body{Size: 2, Data: "ok"},
		},
		Timing: got.Timing,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestTrailersAreRecorded(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", r.Trailer.Get("X-In"))
	}))
	c := f.dial()
	c.send("POST / HTTP/1.1\r\nHost: localhost\r\nTrailer: X-In\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-In: 7\r\n\r\n")
	if resp, _ := c.answer("POST"); resp.Trailer.Get("X-Sum") != "7" {
		t.Errorf("trailer %v", resp.Trailer)
	}
	if x := f.next(); x.Request.Trailers.First("X-In") != "7" || x.Response.Trailers.First("X-Sum") != "7" {
		t.Errorf("recorded %v and %v", x.Request.Trailers, x.Response.Trailers)
	}
}

func TestTimings(t *testing.T) {
	t.Parallel()
	const delay = 60 * time.Millisecond
	f := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		<-time.After(delay)
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		<-time.After(delay)
		io.WriteString(w, "b")
	}))
	c := f.dial()
	for i := range 2 {
		begun := time.Now()
		c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		c.answer("GET")
		took := time.Since(begun)
		tm := f.next().Timing
		switch sum := tm.Connect + tm.Send + tm.Wait + tm.Receive; {
		case tm.Started.Before(begun) || tm.Took > took+delay || tm.Took < 2*delay:
			t.Errorf("started %v after, took %v of %v", tm.Started.Sub(begun), tm.Took, took)
		case tm.Wait < delay || tm.Receive < delay || tm.Send < 0 || sum > tm.Took:
			t.Errorf("wait %v, receive %v, send %v of %v", tm.Wait, tm.Receive, tm.Send, tm.Took)
		case tm.Proxy < 0 || tm.Proxy > took-2*delay:
			t.Errorf("the proxy's part: %v of %v", tm.Proxy, took)
		case tm.Reused != (i == 1) || (tm.Connect > 0) != (i == 0) || tm.TLS != 0:
			t.Errorf("request %d: reused %v, connect %v", i, tm.Reused, tm.Connect)
		}
	}
}

// The time a slow client takes for its head is not the proxy's.
func TestSlowClientIsNotTheProxysTime(t *testing.T) {
	t.Parallel()
	up, _ := scripted(t, crlf(ok))
	f := start(t, up)
	c := f.dial()
	c.send("GET / HTTP/1.1\r\n")
	<-time.After(50 * time.Millisecond)
	c.send("Host: localhost\r\n\r\n")
	c.answer("GET")
	if tm := f.next().Timing; tm.Took < 50*time.Millisecond || tm.Proxy > tm.Took-40*time.Millisecond {
		t.Errorf("took %v, the proxy's part %v", tm.Took, tm.Proxy)
	}
}

func TestLongExchangesAreAnnounced(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	f := start(t, rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		<-next
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
		<-next
		c.send("k")
	}))
	c := f.dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	waiting := f.any()
	next <- struct{}{}
	running := f.any()
	next <- struct{}{}
	c.answer("GET")
	ended := f.next()
	if !waiting.Open || waiting.Response != nil || waiting.Timing.Took < announceAfter {
		t.Errorf("first %+v", waiting)
	}
	if !running.Open || running.Response == nil || running.Response.Body.Data != "o" {
		t.Errorf("then %+v", running.Response)
	}
	if ended.Open || ended.Response.Body.Data != "ok" || waiting.ID != ended.ID || running.ID != ended.ID {
		t.Errorf("at last %+v, IDs %d %d %d", ended.Response, waiting.ID, running.ID, ended.ID)
	}
}

func TestCaptureOff(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, echo), func(o *Options) { o.BodyLimit = -1 })
	c := f.dial()
	c.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi")
	c.answer("POST")
	if x := f.next(); x.Request.Body.Size != 2 || x.Response.Body.Size != 2 || x.Request.Body.Data+x.Response.Body.Data != "" {
		t.Errorf("%+v %+v", x.Request.Body, x.Response.Body)
	}
}

// lockedBuffer is a log that tests may read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestLocalhostIsBothFamilies(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1", "::1"} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", net.JoinHostPort(addr, "0"))
			if err != nil {
				t.Skip("no ", addr, " here")
			}
			serveRaw(t, l, func(c *peer) {
				defer quietly()
				c.head()
				c.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			})
			_, port, _ := net.SplitHostPort(l.Addr().String())
			var log lockedBuffer
			f := start(t, "http://localhost:"+port, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
			for range 2 {
				if resp, body := f.get("/"); resp.StatusCode != 200 {
					t.Fatalf("%s %q", resp.Status, body)
				}
				if x := f.next(); x.Address != l.Addr().String() {
					t.Errorf("%s answered", x.Address)
				}
			}
			// ::1 is asked first, so only the other one is worth a word.
			said := strings.Count(log.String(), "answers="+l.Addr().String())
			if want := map[string]int{"127.0.0.1": 1, "::1": 0}[addr]; said != want {
				t.Errorf("said %d times: %s", said, log.String())
			}
		})
	}
}
