package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"corsdash/internal/exchange"
)

// h2c is a client that speaks HTTP/2 without TLS and without asking first.
func h2c(t testing.TB) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func do(t testing.TB, client *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read the body: %v after %d bytes", err, len(body))
	}
	return resp, string(body)
}

func request(method, url string, body io.Reader, header ...string) *http.Request {
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	return req
}

func TestHTTP2RequestAsTheUpstreamSeesIt(t *testing.T) {
	t.Parallel()
	up, seen := scripted(t, "HTTP/1.1 203 Odd\r\nb: 1\r\nA: 2\r\nb: 3\r\nX-Bad Name: 1\r\nno colon\r\nContent-Length: 2\r\n\r\nok")
	f := start(t, up)
	resp, body := do(t, h2c(t), request("GET", "http://"+f.addr+"/a%2Fb//?c&", nil, "X-A", "1", "X-A", "2", "Cookie", "a=b", "User-Agent", "me", "Te", "trailers"))
	if resp.ProtoMajor != 2 || resp.StatusCode != 203 || body != "ok" || !slices.Equal(resp.Header["B"], []string{"1", "3"}) || resp.ContentLength != 2 || len(resp.Header) != 3 {
		t.Errorf("%s %s %v", resp.Proto, resp.Status, resp.Header)
	}
	want := "GET /a%2Fb//?c& HTTP/1.1\r\nhost: " + f.addr + "\r\ncookie: a=b\r\nte: trailers\r\nuser-agent: me\r\nx-a: 1\r\nx-a: 2\r\n\r\n"
	if got := receive(t, seen, "the request"); got != want {
		t.Errorf("upstream saw %q", got)
	}
	x := f.next()
	if x.Request.Proto != "HTTP/2.0" || x.Response.Proto != "HTTP/2.0" || x.Response.Reason != "" || x.Request.URL != "http://"+f.addr+"/a%2Fb//?c&" {
		t.Errorf("recorded %+v %+v", x.Request, x.Response)
	}
	if d := x.Response.Headers; len(d) != 4 || d[0].Name != "b" || d[1].Name != "a" {
		t.Errorf("recorded %v", d)
	}
}

func TestHTTP2Bodies(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, echo))
	client := h2c(t)
	data := strings.Repeat("0123456789", 100_000)
	for name, body := range map[string]io.Reader{"length": strings.NewReader(data), "unknown": io.MultiReader(strings.NewReader(data)), "none": nil} {
		want := data
		if body == nil {
			want = ""
		}
		if resp, got := do(t, client, request("POST", "http://"+f.addr, body)); got != want {
			t.Errorf("%s: %s, %d bytes came back", name, resp.Status, len(got))
		}
		if x := f.next(); x.Request.Body.Size != int64(len(want)) || x.Failure.Class != exchange.OK {
			t.Errorf("%s: recorded %d bytes, %v", name, x.Request.Body.Size, x.Failure)
		}
	}
}

func TestHTTP2HeadAndEmptyAnswers(t *testing.T) {
	t.Parallel()
	f := start(t, rawBackend(t, func(c *peer) {
		defer quietly()
		for {
			status := strings.Fields(c.head())[1][1:]
			c.send("HTTP/1.1 " + status + " x\r\nContent-Length: 5\r\n\r\n")
		}
	}))
	client := h2c(t)
	for path, want := range map[string]string{"/200": "5", "/304": "5", "/204": "5"} {
		resp, body := do(t, client, request("HEAD", "http://"+f.addr+path, nil))
		if resp.Header.Get("Content-Length") != want || body != "" {
			t.Errorf("%s: %v %q", path, resp.Header, body)
		}
	}
}

func TestHTTP2InterimAndTrailers(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "x")
		w.WriteHeader(103)
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", r.Trailer.Get("X-In"))
	}))
	req := request("POST", "http://"+f.addr, io.MultiReader(strings.NewReader("hi")))
	req.Trailer = http.Header{"X-In": {"7"}}
	var hints []string
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		hints = append(hints, fmt.Sprint(code, " ", h.Get("Link")))
		return nil
	}}
	resp, body := do(t, h2c(t), req.WithContext(httptrace.WithClientTrace(context.Background(), trace)))
	if resp.StatusCode != 200 || body != "body" || resp.Trailer.Get("X-Sum") != "7" || len(hints) != 1 || hints[0] != "103 x" {
		t.Errorf("%s %q, trailer %v, hints %q", resp.Status, body, resp.Trailer, hints)
	}
	x := f.next()
	if x.Request.Trailers.First("x-in") != "7" || x.Response.Trailers.First("X-Sum") != "7" || len(x.Interim) != 1 {
		t.Errorf("recorded %v, %v, %v", x.Request.Trailers, x.Response.Trailers, x.Interim)
	}
}

func TestHTTP2StreamsBothWays(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, echo))
	in, out := io.Pipe()
	resp, err := h2c(t).Do(request("POST", "http://"+f.addr, in))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	buf := make([]byte, 3)
	for range 20 {
		io.WriteString(out, "abc")
		if _, err := io.ReadFull(resp.Body, buf); err != nil || string(buf) != "abc" {
			t.Fatalf("%q, %v", buf, err)
		}
	}
	out.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
}

func TestHTTP2ClientLeaves(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		body   bool
		events bool
	}{{"waiting", false, false}, {"uploading", true, false}, {"events", false, true}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			up, noticed := leaving(t, func(c *peer) {
				c.head()
				if tc.events {
					c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
				}
				close(asked)
			})
			f := start(t, up)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var body io.Reader
			if tc.body {
				in, out := io.Pipe()
				defer out.Close()
				go io.WriteString(out, "abc")
				body = in
			}
			req := request("POST", "http://"+f.addr, body).WithContext(ctx)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if resp, err := h2c(t).Do(req); err == nil {
					io.ReadAll(resp.Body)
					resp.Body.Close()
				}
			}()
			receive(t, asked, "the request")
			cancel()
			receive(t, noticed, "the end at the upstream")
			<-ended
			if x := f.next(); x.Failure.Class != exchange.ClientGone {
				t.Errorf("recorded %v", x.Failure)
			}
		})
	}
}

func TestHTTP2UpstreamCut(t *testing.T) {
	t.Parallel()
	f := start(t, answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"))
	resp, err := h2c(t).Get("http://" + f.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var stream http2.StreamError
	if got, err := io.ReadAll(resp.Body); err == nil || string(got) != "abc" {
		t.Errorf("%q, %v (%v)", got, err, errors.As(err, &stream))
	}
	if x := f.next(); x.Failure.Class != exchange.Cut {
		t.Errorf("recorded %v", x.Failure)
	}
}

func TestHTTP2Refusals(t *testing.T) {
	t.Parallel()
	f := start(t, "http://"+refusing(t))
	client := h2c(t)
	resp, body := do(t, client, request("POST", "http://"+f.addr, strings.NewReader("body"), "Origin", "http://localhost:5173"))
	if resp.StatusCode != 502 {
		t.Error(resp.Status)
	}
	checkRefusal(t, resp, body, "refused")
	req := request("GET", "http://"+f.addr, nil)
	req.Host = "evil.example"
	if resp, _ := do(t, client, req); resp.StatusCode != 403 || resp.Header.Get("X-Corsdash-Error") != "bad-host" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
}

func TestHTTP2ManyStreams(t *testing.T) {
	t.Parallel()
	f := start(t, backend(t, echo))
	client := h2c(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			body := bytes.Repeat([]byte{byte(i)}, 1000*i)
			if resp, got := do(t, client, request("POST", "http://"+f.addr, bytes.NewReader(body))); got != string(body) {
				t.Errorf("%d: %s, %d bytes", i, resp.Status, len(got))
			}
		})
	}
	all.Wait()
}

// A header that HTTP/2 can carry and HTTP/1.1 cannot must not get through.
func TestHTTP2OddRequestsAreRefused(t *testing.T) {
	t.Parallel()
	up, seen := scripted(t, crlf(ok))
	f := start(t, up)
	for name, fields := range map[string][]string{
		"space in the path":   {":method", "GET", ":path", "/a HTTP/1.1\tb", ":scheme", "http", ":authority", "localhost"},
		"space in the method": {":method", "GET /smuggled HTTP/1.1", ":path", "/", ":scheme", "http", ":authority", "localhost"},
		"path of another":     {":method", "GET", ":path", "ftp://evil/", ":scheme", "http", ":authority", "localhost"},
		"CONNECT":             {":method", "CONNECT", ":authority", "localhost:80"},
		"foreign authority":   {":method", "GET", ":path", "http://evil.example/", ":scheme", "http", ":authority", "localhost"},
		"two hosts":           {":method", "GET", ":path", "/", ":scheme", "http", ":authority", "localhost", "host", "evil.example"},
	} {
		t.Run(name, func(t *testing.T) {
			c := f.dial()
			c.t = t
			status := c.rawHTTP2(fields)
			if name == "two hosts" {
				if got := receive(t, seen, "the request"); strings.Count(got, "ost: ") != 1 || strings.Contains(got, "evil") {
					t.Errorf("upstream saw %q", got)
				}
				return
			}
			if status == "200" || len(seen) > 0 {
				t.Errorf("answered %s; the upstream saw %d requests", status, len(seen))
			}
		})
	}
}

// rawHTTP2 sends one request as it is and returns its status, or "" when the
// stream is reset.
func (c *peer) rawHTTP2(fields []string) (status string) {
	c.t.Helper()
	io.WriteString(c, http2.ClientPreface)
	framer := http2.NewFramer(c, c.br)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	framer.WriteSettings()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for i := 0; i < len(fields); i += 2 {
		enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return ""
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			return frame.PseudoValue("status")
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return ""
		}
	}
}

func TestTLSListener(t *testing.T) {
	t.Parallel()
	mine := certificate(t, time.Now().Add(time.Hour))
	f := start(t, backend(t, echo), func(o *Options) { o.CertFile, o.KeyFile = mine.files(t) })
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: mine.pool()}, ForceAttemptHTTP2: proto == "HTTP/2.0"}
		if proto == "HTTP/1.1" {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
		client := &http.Client{Transport: transport}
		for range 2 {
			resp, body := do(t, client, request("POST", "https://"+f.addr+"/x", strings.NewReader("hi")))
			if resp.Proto != proto || body != "hi" {
				t.Errorf("%s %s %q", resp.Proto, resp.Status, body)
			}
			if x := f.next(); x.Request.URL != "https://"+f.addr+"/x" || x.Request.Proto != proto {
				t.Errorf("recorded %s %s", x.Request.Proto, x.Request.URL)
			}
		}
		transport.CloseIdleConnections()
	}
	c := f.dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n\r\n")
	if resp, body := c.answer("GET"); resp.StatusCode != 400 || !strings.Contains(body, "https://") || resp.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("plain HTTP: %s %q", resp.Status, body)
	}
}

func TestTLSClientOnAPlainPort(t *testing.T) {
	t.Parallel()
	f := start(t, "http://localhost:1")
	begun := time.Now()
	if _, err := tls.DialWithDialer(&net.Dialer{Timeout: patience}, "tcp", f.addr, &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("a handshake with nobody")
	}
	if took := time.Since(begun); took > headTimeout/2 {
		t.Errorf("the client waited %v", took)
	}
	if x := f.next(); x.Failure.Class != exchange.BadRequest || !strings.Contains(x.Failure.Detail, "TLS") {
		t.Errorf("recorded %v", x.Failure)
	}
}
