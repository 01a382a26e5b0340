package proxy

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// zeros is a body of n bytes that costs no memory.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) { return len(p), nil }

func echo(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	control.EnableFullDuplex()
	if r.ContentLength > 0 {
		w.Header().Set("Content-Length", fmt.Sprint(r.ContentLength))
	}
	control.Flush()
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Body.Read(buf)
		w.Write(buf[:n])
		control.Flush()
		if err != nil {
			return
		}
	}
}

// Not parallel: it measures what the process allocates.
func TestLargeBodiesPassInLittleMemory(t *testing.T) {
	const size = 100 << 20
	f := start(t, backend(t, echo), func(o *Options) { o.BodyLimit = 64 << 10 })
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, WriteBufferSize: 64 << 10}}
	defer client.CloseIdleConnections()
	send := func(n int64, length int64) {
		req, _ := http.NewRequest("POST", "http://"+f.addr+"/", zeros(n))
		req.ContentLength = length
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got, err := io.Copy(io.Discard, resp.Body); got != n || err != nil {
			t.Fatalf("%d of %d bytes came back, %v", got, n, err)
		}
		x := f.next()
		if x.Request.Body.Size != n || x.Response.Body.Size != n || len(x.Response.Body.Data) > 64<<10 {
			t.Errorf("recorded %d up, %d down, kept %d", x.Request.Body.Size, x.Response.Body.Size, len(x.Response.Body.Data))
		}
	}
	send(1<<20, -1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	send(size, size)
	send(size, -1)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d MB were allocated for two bodies of %d MB", grown>>20, size>>20)
	}
}

// Each event must arrive before the upstream may send the next one.
func TestStreamedPiecesAreNotHeldBack(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"chunked":     "Transfer-Encoding: chunked\r\n",
		"length":      "Content-Length: 700\r\n",
		"until close": "Connection: close\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := make(chan struct{})
			up := rawBackend(t, func(c *peer) {
				defer quietly()
				c.head()
				c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + head + "\r\n")
				for range next {
					piece := "data: x\n"[:7]
					if name == "chunked" {
						piece = "7\r\n" + piece + "\r\n"
					}
					c.send(piece)
				}
			})
			c := start(t, up).dial()
			c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
				t.Fatal(got)
			}
			for range 20 {
				next <- struct{}{}
				if name == "length" {
					c.expect("data: x")
				} else {
					c.expect("7\r\ndata: x\r\n")
				}
			}
			close(next)
		})
	}
}

// A chunk's line end may come in a segment of its own, and so may any byte.
func TestDripIsNotHeldBack(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	up := rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for _, b := range "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" {
			<-next
			c.send(string(b))
		}
	})
	c := start(t, up).dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	c.head()
	drip := func(n int, want string) {
		for range n {
			next <- struct{}{}
		}
		c.expect(want)
	}
	drip(4, "1\r\na\r\n")
	drip(1, "1\r\nb\r\n")
	drip(1, "1\r\nc\r\n")
	drip(2+3+1, "1\r\nd\r\n")
	drip(2+5, "0\r\n\r\n")
}

func TestUploadIsNotHeldBack(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, echo))
	c := f.dial()
	c.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
	c.head()
	c.expect("2\r\nhi\r\n")
	for range 20 {
		c.send("3\r\nabc\r\n")
		c.expect("3\r\nabc\r\n")
	}
	c.send("0\r\n\r\n")
	c.expect("0\r\n\r\n")
	if x := f.next(); x.Request.Body.Data != x.Response.Body.Data || x.Failure.Class != 0 {
		t.Errorf("recorded %q up, %q down, %v", x.Request.Body.Data, x.Response.Body.Data, x.Failure)
	}
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	const head = "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
	t.Run("accepted", func(t *testing.T) {
		t.Parallel()
		f := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
		c := f.dial()
		c.send(head)
		c.expect("HTTP/1.1 100 Continue\r\n\r\n")
		c.send("hi")
		if resp, body := c.answer("POST"); resp.StatusCode != 200 || body != "hi" {
			t.Errorf("%s %q", resp.Status, body)
		}
		x := f.next()
		if len(x.Interim) != 1 || x.Interim[0].Status != 100 || x.Timing.Wait < 0 || x.Timing.Send < 0 {
			t.Errorf("interim %v, timing %+v", x.Interim, x.Timing)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		f := start(t, rawBackend(t, func(c *peer) {
			defer quietly()
			c.head()
			c.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno")
			c.expectEnd()
		}))
		c := f.dial()
		c.send(head)
		if resp, body := c.answer("POST"); resp.StatusCode != 417 || body != "no" || !resp.Close {
			t.Errorf("%s %q, close %v", resp.Status, body, resp.Close)
		}
		c.Close()
		if x := f.next(); x.Response.Status != 417 || x.Failure.Class != 0 {
			t.Errorf("recorded %d, %v", x.Response.Status, x.Failure)
		}
	})
}

// An upstream that answers before it has read the body, and then closes, makes
// many proxies lose its answer.
func TestEarlyAnswerReachesAClientThatStillWrites(t *testing.T) {
	t.Parallel()
	up := rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.send("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge")
	})
	f := start(t, up)
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 10 {
				c := f.dial()
				c.t = t
				c.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n")
				// Like a browser that reads only after it has written.
				if n, err := io.CopyN(c, zeros(1<<30), 4000000); err != nil {
					t.Fatalf("write failed after %d bytes: %v", n, err)
				}
				resp, body := c.answer("POST")
				if resp.StatusCode != 413 || body != "large" {
					t.Fatalf("%s %q", resp.Status, body)
				}
				if resp.Close { // it began before the upload had ended
					c.expectEnd()
				}
			}
		})
	}
}

func TestContentArrivesWhole(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789abcdef"), 300<<10/16)
	sum := sha256.Sum256(data)
	f := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		if sha256.Sum256(got) != sum {
			w.WriteHeader(400)
		}
		for len(got) > 0 { // pieces of growing size
			n := min(len(got), 1+len(got)/3)
			w.Write(got[:n])
			w.(http.Flusher).Flush()
			got = got[n:]
		}
	}))
	resp, err := http.Post("http://"+f.addr, "x/y", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || err != nil || sha256.Sum256(got) != sum {
		t.Errorf("%s, %d bytes, %v", resp.Status, len(got), err)
	}
	x := f.next()
	if x.Response.Body.Size != int64(len(data)) || len(x.Response.Body.Data) != DefaultBodyLimit || !x.Response.Body.Truncated() {
		t.Errorf("recorded size %d, kept %d", x.Response.Body.Size, len(x.Response.Body.Data))
	}
	if x.Request.Body.Data != string(data[:DefaultBodyLimit]) || x.Response.Body.Data != string(data[:DefaultBodyLimit]) {
		t.Error("what was kept is not the beginning")
	}
}
