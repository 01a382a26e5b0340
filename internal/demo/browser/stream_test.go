package browser

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"corsdash/internal/demo/websocket"
	"corsdash/internal/wire"

	"github.com/google/go-cmp/cmp"
)

func TestEventStream(t *testing.T) {
	const stream = "retry: 5000\n\n" + ": a comment\n" + "id: 1\ndata: one\n\n" + "data: two\r\ndata:  lines\r\n\r\n" +
		"event: special\ndata\n\n" + "id: 3\nunknown: x\n\n" + "data: never ended"
	synctest.Test(t, func(t *testing.T) {
		s := &testServer{once: true, answer: func(string, *wire.Head) string {
			return ok(stream, "Access-Control-Allow-Origin: *", "Content-Type: text/event-stream; charset=utf-8")
		}}
		b, _ := s.tab(t)
		var got []Event
		begun := time.Now()
		err := b.EventSource(t.Context(), api+"/events", false, func(e Event) bool {
			got = append(got, e)
			return len(got) < 4
		})
		want := []Event{{"", "one", "1"}, {"", "two\n lines", "1"}, {"special", "", "1"}, {"", "one", "1"}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("connected again after %v, the stream asked for 5s", took)
		}
		if id := s.last("Last-Event-ID"); id != "3" {
			t.Errorf("Last-Event-ID %q, want 3", id)
		}
	})
}

func TestEventStreamRefusals(t *testing.T) {
	for name, c := range map[string]struct{ answer, console string }{
		"not a stream": {ok("{}", "Access-Control-Allow-Origin: *", "Content-Type: application/json"),
			`EventSource's response has a MIME type ("application/json") that is not "text/event-stream". Aborting the connection.`},
		"an error": {answer("500 Internal Server Error", "", "Access-Control-Allow-Origin: *"),
			"Failed to load resource: the server responded with a status of 500 (Internal Server Error)"},
		"without CORS": {ok("", "Content-Type: text/event-stream"),
			"Access to resource at 'http://localhost:8000/events' from origin 'http://localhost:5173' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."},
	} {
		s := &testServer{answer: func(string, *wire.Head) string { return c.answer }}
		b, _ := s.tab(t)
		err := b.EventSource(t.Context(), api+"/events", false, func(Event) bool { return true })
		var fail *Failure
		if !errors.As(err, &fail) || len(fail.Console) == 0 || fail.Console[0] != c.console {
			t.Errorf("%s: got %+v", name, err)
		}
		if n := len(s.asked()); n != 1 {
			t.Errorf("%s: asked %d times, want once", name, n)
		}
	}
}

func FuzzEventStream(f *testing.F) {
	f.Add("id: 1\ndata: one\n\n")
	f.Add("retry: 10\r\ndata\r\n\r\n:\n\ndata: x")
	f.Fuzz(func(t *testing.T, body string) {
		s := eventStream{each: func(e Event) bool { return true }}
		resp := &Response{Status: 200, Headers: []Header{{"content-type", "text/event-stream"}}, Body: readCloser{strings.NewReader(body)}}
		if err := s.read(resp); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestWebSocket(t *testing.T) {
	s := &testServer{}
	s.answer = func(_ string, h *wire.Head) string {
		key, _ := h.Get("sec-websocket-key")
		frames := websocket.Frame{Opcode: websocket.Text, Payload: []byte("hel")}.Append(nil)
		frames = websocket.Frame{Opcode: 0, Final: true, Payload: []byte("lo")}.Append(frames)
		frames = websocket.Frame{Opcode: websocket.Close, Final: true, Payload: []byte("\x03\xf1bye")}.Append(frames)
		return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
			websocket.AcceptKey(string(key)) + "\r\n\r\n" + string(frames)
	}
	b, _ := s.tab(t)
	ws, err := b.WebSocket(t.Context(), "ws://localhost:8000/ws", "v1", "v2")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := ws.Receive(); text != "hello" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	_, err = ws.Receive()
	var closed *Closed
	if !errors.As(err, &closed) || closed.Code != 1009 {
		t.Errorf("got %v, want code 1009", err)
	}
	if origin, protocols := s.last("Origin"), s.last("Sec-WebSocket-Protocol"); origin != "http://localhost:5173" || protocols != "v1, v2" {
		t.Errorf("sent Origin %q and protocols %q", origin, protocols)
	}
}

func TestWebSocketRefusals(t *testing.T) {
	for reply, want := range map[string]string{
		answer("403 Forbidden", ""): "Error during WebSocket handshake: Unexpected response code: 403",
		"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n": "Error during WebSocket handshake: Incorrect 'Sec-WebSocket-Accept' header value",
		"": "Error in connection establishment: net::ERR_EMPTY_RESPONSE",
	} {
		s := &testServer{answer: func(string, *wire.Head) string { return reply }}
		b, _ := s.tab(t)
		_, err := b.WebSocket(t.Context(), "ws://localhost:8000/ws")
		var fail *Failure
		if !errors.As(err, &fail) || !strings.HasSuffix(fail.Console[0], "failed: "+want) {
			t.Errorf("got %+v, want %s", err, want)
		}
	}
}
