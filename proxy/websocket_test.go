package proxy

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"corsdash/internal/exchange"
)

// sockets is a backend that echoes messages until the client closes.
func sockets(t testing.TB, mode websocket.CompressionMode) (url string) {
	return backend(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: mode, InsecureSkipVerify: true, Subprotocols: []string{"chat"}})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(8 << 20)
		for {
			kind, data, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if c.Write(r.Context(), kind, data) != nil {
				return
			}
		}
	})
}

func dialSocket(t testing.TB, f *fixture, mode websocket.CompressionMode) (*websocket.Conn, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	c, resp, err := websocket.Dial(ctx, "ws://"+f.addr+"/chat", &websocket.DialOptions{
		CompressionMode: mode, Subprotocols: []string{"chat"}, HTTPHeader: http.Header{"Origin": {"http://localhost:5173"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get("Sec-WebSocket-Protocol") != "chat" {
		t.Errorf("answer %v", resp.Header)
	}
	t.Cleanup(func() { c.CloseNow() })
	c.SetReadLimit(8 << 20)
	return c, ctx
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	f := start(t, sockets(t, websocket.CompressionDisabled))
	c, ctx := dialSocket(t, f, websocket.CompressionDisabled)
	for _, m := range []struct {
		kind websocket.MessageType
		data []byte
	}{
		{websocket.MessageText, []byte("hello")},
		{websocket.MessageBinary, []byte{0, 1, 2, 0xff}},
		{websocket.MessageText, nil},
		{websocket.MessageBinary, bytes.Repeat([]byte("x"), 200)},
		{websocket.MessageBinary, bytes.Repeat([]byte("y"), 70_000)},
		{websocket.MessageBinary, bytes.Repeat([]byte("z"), 4<<20)},
	} {
		if err := c.Write(ctx, m.kind, m.data); err != nil {
			t.Fatal(err)
		}
		kind, data, err := c.Read(ctx)
		if err != nil || kind != m.kind || !bytes.Equal(data, m.data) {
			t.Fatalf("%d bytes came back as %v %d bytes, %v", len(m.data), kind, len(data), err)
		}
	}
	if open := f.any(); !open.Open || open.Response.Status != 101 || open.Socket == nil {
		t.Errorf("first recorded as %+v", open)
	}
	c.CloseRead(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Error("ping:", err)
	}
	if err := c.Close(websocket.StatusNormalClosure, "bye"); err != nil {
		t.Error("close:", err)
	}
	x := f.next()
	if x.ID != 1 || x.Failure.Class != exchange.OK || x.Socket == nil {
		t.Fatalf("recorded as %+v", x)
	}
	if x.Socket.FramesOut != 8 || x.Socket.FramesIn < 8 { // 6 messages, ping or pong, close; the server may split
		t.Errorf("%d frames out, %d in", x.Socket.FramesOut, x.Socket.FramesIn)
	}
	first := x.Socket.Frames[0]
	if !first.Out || first.Opcode != 1 || !first.Final || first.Data != "hello" || first.Size != 5 || first.At <= 0 {
		t.Errorf("first frame %+v", first)
	}
	kept := 0
	for _, fr := range x.Socket.Frames {
		kept += len(fr.Data)
	}
	if kept > 2*DefaultBodyLimit {
		t.Errorf("%d bytes of frames were kept", kept)
	}
}

func TestWebSocketCompression(t *testing.T) {
	t.Parallel()
	f := start(t, sockets(t, websocket.CompressionContextTakeover))
	c, ctx := dialSocket(t, f, websocket.CompressionContextTakeover)
	text := strings.Repeat("compress me ", 1000)
	for range 3 {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, data, err := c.Read(ctx); err != nil || string(data) != text {
			t.Fatalf("%d bytes came back, %v", len(data), err)
		}
	}
	c.Close(websocket.StatusNormalClosure, "")
	x := f.next()
	if fr := x.Socket.Frames[0]; !fr.Compressed || int(fr.Size) != len(fr.Data) || fr.Size > 1000 {
		t.Errorf("first frame %d bytes, compressed %v", fr.Size, fr.Compressed)
	}
}

// rawSocket is a backend that switches protocols and then does as it is told.
func rawSocket(t *testing.T, protocol string, do func(c *peer)) (url string) {
	return rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		c.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nupgrade: " + protocol + "\r\n\r\n")
		do(c)
	})
}

// join upgrades a connection.
func (f *fixture) join(protocol string) *peer {
	f.t.Helper()
	c := f.dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: " + protocol + "\r\n\r\n")
	c.expect("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nupgrade: " + protocol + "\r\n\r\n")
	return c
}

// Frames: text "hi" from the server, masked "hi" from the client, close.
const (
	frameIn    = "\x81\x02hi"
	frameOut   = "\x81\x82\x01\x02\x03\x04\x69\x6b"
	closeIn    = "\x88\x02\x03\xe8"
	closeOut   = "\x88\x82\x00\x00\x00\x00\x03\xe8"
	pingInHalf = "\x89\x05pi"
)

func TestWebSocketEnds(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		upstream func(c *peer)
		client   func(c *peer)
		want     exchange.Class
	}{
		{"by the client, in order",
			func(c *peer) { c.expect(frameOut + closeOut); c.send(closeIn); c.expectEnd() },
			func(c *peer) { c.send(frameOut + closeOut); c.expect(closeIn) }, exchange.OK},
		{"by the server, in order",
			func(c *peer) { c.send(frameIn + closeIn); c.expect(closeOut) },
			func(c *peer) { c.expect(frameIn + closeIn); c.send(closeOut); c.expectEnd() }, exchange.OK},
		{"by a client that vanishes",
			func(c *peer) { c.send(frameIn); c.expectEnd() },
			func(c *peer) { c.expect(frameIn) }, exchange.ClientGone},
		{"by a server that vanishes",
			func(c *peer) { c.send(frameIn) },
			func(c *peer) { c.expect(frameIn); c.expectEnd() }, exchange.Cut},
		{"by a server that vanishes inside a frame",
			func(c *peer) { c.send(pingInHalf) },
			func(c *peer) { c.expect(pingInHalf); c.expectEnd() }, exchange.Cut},
		{"by a server's reset",
			func(c *peer) { c.expect(frameOut); c.Conn.(*net.TCPConn).SetLinger(0) },
			func(c *peer) { c.send(frameOut); io.ReadAll(c) }, exchange.Cut},
		{"by a client's reset",
			func(c *peer) { c.send(frameIn); io.ReadAll(c) },
			func(c *peer) { c.expect(frameIn); c.Conn.(*net.TCPConn).SetLinger(0) }, exchange.ClientGone},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, rawSocket(t, "websocket", tc.upstream))
			c := f.join("websocket")
			tc.client(c)
			c.Close()
			x := f.next()
			if x.Failure.Class != tc.want {
				t.Errorf("recorded as %v", x.Failure)
			}
			if len(x.Socket.Frames) > 0 && x.Socket.Frames[0].Data != "hi" {
				t.Errorf("first frame %+v", x.Socket.Frames[0])
			}
		})
	}
}

func TestHalfClosedTunnelStillDelivers(t *testing.T) {
	t.Parallel()
	f := start(t, rawSocket(t, "raw", func(c *peer) {
		c.expect("question")
		c.expectEnd()
		c.send("answer")
	}))
	c := f.join("raw")
	c.send("question")
	c.Conn.(*net.TCPConn).CloseWrite()
	c.expect("answer")
	c.expectEnd()
	if x := f.next(); x.Failure.Class != exchange.OK || x.Socket.FramesIn+x.Socket.FramesOut != 0 {
		t.Errorf("recorded as %v, %+v", x.Failure, x.Socket)
	}
}

// The answer to an upgrade may take long enough for the client to be watched;
// the first frames must not fall to the watcher.
func TestSlowUpgrade(t *testing.T) {
	t.Parallel()
	watched := make(chan struct{})
	f := start(t, rawBackend(t, func(c *peer) {
		defer quietly()
		c.head()
		<-watched
		c.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nupgrade: websocket\r\n\r\n" + frameIn)
		c.expect(frameOut + frameOut)
		c.send(closeIn)
	}))
	c := f.dial()
	c.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	eventually(t, "the client is watched", func() (is bool) {
		f.flights.each(func(fl *flight) {
			fl.mu.Lock()
			is = is || fl.watch == watching
			fl.mu.Unlock()
		})
		return is
	})
	c.send(frameOut) // early, into the watcher's hands
	close(watched)
	c.head()
	c.expect(frameIn)
	c.send(frameOut)
	c.expect(closeIn)
	c.Close()
	if x := f.next(); x.Socket.FramesOut != 2 || x.Socket.FramesIn != 2 {
		t.Errorf("%+v", x.Socket)
	}
}

func TestUnaskedSwitchIsGarbage(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{nil, {"Connection: Upgrade", "Upgrade: h2c"}} {
		up, _ := scripted(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nupgrade: h2c\r\n\r\n")
		f := start(t, up)
		if resp, _ := f.get("/", lines...); resp.StatusCode != 502 || resp.Header.Get("X-Corsdash-Error") != "garbage" {
			t.Errorf("%s %v", resp.Status, resp.Header)
		}
	}
}
