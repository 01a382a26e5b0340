package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"corsdash/internal/exchange"
)

// Close ends everything in whatever state it is, and records every exchange.
func TestCloseWhileEverythingIsUnderWay(t *testing.T) {
	t.Parallel()
	states := []struct {
		name, sends string
		records     bool
	}{
		{"idle", "", false},
		{"half a head", "GET / HTTP/1.1\r\nHo", false},
		{"waiting", "GET /silent HTTP/1.1\r\nHost: localhost\r\n\r\n", true},
		{"uploading", "POST /silent HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc", true},
		{"uploading chunks", "POST /silent HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", true},
		{"events", "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", true},
		{"flood", "GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n", true},
		{"socket", "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", true},
		{"refused, body on its way", "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 9\r\n\r\nabc", true},
	}
	const each = 5
	var asked sync.WaitGroup
	up := rawBackend(t, func(c *peer) {
		defer quietly()
		path := strings.Fields(c.head())[1]
		asked.Done()
		switch path {
		case "/events":
			c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
		case "/flood":
			c.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
			io.Copy(c, zeros(1<<40))
		case "/socket":
			c.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nupgrade: websocket\r\n\r\n" + frameIn)
		}
		io.Copy(io.Discard, c)
	})
	f := start(t, up)
	want := 0
	for _, s := range states {
		for range each {
			if s.records {
				want++
			}
			if strings.Contains(s.sends, "Host: localhost") {
				asked.Add(1)
			}
			c := f.dial()
			c.send(s.sends)
			if strings.Contains(s.sends, "evil") {
				c.head() // nobody else says that it has been read
			}
		}
	}
	asked.Wait()
	begun := time.Now()
	f.Close()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("Close took %v", took)
	}
	ended := map[string]int{}
	for len(f.sink.list) > 0 {
		if x := <-f.sink.list; !x.Open {
			ended[x.Request.Method+" "+x.Request.URL]++
			want--
		}
	}
	if want != 0 {
		t.Errorf("%d exchanges were not recorded; these were: %v", want, ended)
	}
}

func TestCloseWhileDialling(t *testing.T) {
	t.Parallel()
	f := start(t, backlog(t), func(o *Options) { o.DialTimeout = time.Minute })
	f.dial().send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	eventually(t, "a request is under way", func() (is bool) {
		f.flights.each(func(fl *flight) { is = is || fl.clientIsServed() })
		return is
	})
	f.Close()
	if x := f.next(); x.Failure.Class != exchange.ClientGone || !strings.Contains(x.Failure.Detail, "corsdash was stopped") {
		t.Errorf("recorded %v", x.Failure)
	}
}

func (f *flight) clientIsServed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.active
}

// What is nearly done when Close is called gets the moment to end.
func TestCloseLetsShortExchangesEnd(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}), make(chan struct{})
	f := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		io.WriteString(w, "whole")
	}))
	c := f.dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-asked
	closed := make(chan struct{})
	go func() { f.Close(); close(closed) }()
	<-f.closed
	close(answer)
	if _, body := c.answer("GET"); body != "whole" {
		t.Errorf("body %q", body)
	}
	receive(t, closed, "the end of Close")
	if x := f.next(); x.Failure.Class != exchange.OK {
		t.Errorf("recorded %v", x.Failure)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f := open(t, Options{Routes: []Route{{Target: "http://localhost:1"}}})
	if err := f.Listen("localhost:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- f.Serve(ctx) }()
	cancel()
	if err := receive(t, served, "the end of Serve"); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", f.Addr().String()); err == nil {
		t.Error("still listening")
	}
}

func TestReconfigureUnderLoad(t *testing.T) {
	t.Parallel()
	answer := func(name string) string {
		return backend(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, name) })
	}
	targets := []string{answer("a"), answer("b")}
	f := start(t, targets[0])
	var counts [2]atomic.Int64
	var clients sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		c := f.dial()
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				resp, body := c.answer("GET")
				if resp.StatusCode != 200 || (body != "a" && body != "b") {
					t.Errorf("%s %q", resp.Status, body)
					return
				}
				counts[body[0]-'a'].Add(1)
			}
		})
	}
	for i := range 100 {
		if err := f.Reconfigure(Options{Routes: []Route{{Target: targets[(i+1)%2]}}}); err != nil {
			t.Fatal(err)
		}
		before := counts[(i+1)%2].Load()
		eventually(t, "the new upstream is asked", func() bool { return counts[(i+1)%2].Load() > before })
	}
	close(stop)
	clients.Wait()
}

func TestReconfigureKeepsTheOldSettingsOnAnError(t *testing.T) {
	t.Parallel()
	up, _ := scripted(t, crlf(ok))
	f := start(t, up)
	for _, o := range []Options{
		{}, {Routes: []Route{{Target: "ftp://x"}}}, {Routes: []Route{{Target: "http://x?q"}}}, {Routes: []Route{{Target: "nonsense"}}},
		{Routes: []Route{{Target: up, Prefix: "api"}}}, {Routes: []Route{{Target: up, Rewrite: "v1"}}}, {Routes: []Route{{Target: up, HostHeader: "mine"}}},
		{Routes: []Route{{Target: up, Prefix: "/"}, {Target: up}}}, {Routes: []Route{{Target: up}}, CACert: "/no/such/file"},
	} {
		if err := f.Reconfigure(o); err == nil {
			t.Errorf("accepted %+v", o)
		}
	}
	if resp, _ := f.get("/"); resp.StatusCode != 200 {
		t.Error(resp.Status)
	}
}

func TestManyIdleConnections(t *testing.T) {
	t.Parallel()
	up, _ := scripted(t, crlf(ok))
	f := start(t, up)
	var idle []*peer
	for range 300 {
		idle = append(idle, f.dial())
	}
	for _, c := range []*peer{idle[0], idle[299], f.dial()} {
		c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		c.expect(crlf(ok))
	}
	begun := time.Now()
	f.Close()
	for _, c := range idle {
		c.expectEnd()
	}
	if took := time.Since(begun); took > 400*time.Millisecond {
		t.Errorf("closing idle connections took %v", took)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	f := start(t, "http://localhost:1")
	other := open(t, Options{Routes: []Route{{Target: "http://localhost:1"}}})
	for _, host := range []string{"127.0.0.1", "localhost"} {
		_, port, _ := net.SplitHostPort(f.addr)
		err := other.Listen(host + ":" + port)
		var taken *PortInUse
		if !errors.As(err, &taken) || taken.Next == "" || !strings.Contains(err.Error(), port) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if other.Addr() != nil {
		t.Error("half a listener stayed open")
	}
}

func TestHalfOfLocalhostInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here")
	}
	defer l.Close()
	f := open(t, Options{Routes: []Route{{Target: "http://localhost:1"}}})
	var taken *PortInUse
	if err := f.Listen(fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port)); !errors.As(err, &taken) {
		t.Errorf("%v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Routes: []Route{{Target: "http://localhost:1"}}}); err == nil {
		t.Error("a proxy without a sink")
	}
	s := &sink{}
	if _, err := New(Options{Sink: s, CertFile: "/no/such/file", Routes: []Route{{Target: "http://localhost:1"}}}); err == nil {
		t.Error("a certificate that is not there")
	}
	p, err := New(Options{Sink: s})
	if err != nil {
		t.Fatalf("a proxy that waits for its upstream: %v", err)
	}
	p.Close()
}
