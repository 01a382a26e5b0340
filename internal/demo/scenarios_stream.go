package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/demo/websocket"
)

// streams take their time.
var streams = []Scenario{
	{
		ID: "events", Title: "Server-sent events", Stack: "FastAPI, uvicorn", Healthy: true,
		Browser: "opens an EventSource, which is a CORS request, and reads as the events come",
		Lesson:  "A stream is one request that stays open; the dashboard shows it while it runs.",
		Routes:  []Route{{"/api/events", prices}},
		Steps:   []Step{{Name: "watch the prices", API: "eventsource", Path: "/api/events", Events: 5, Saw: []string{"5 events"}}},
	},
	{
		ID: "socket", Title: "A WebSocket", Stack: "uvicorn, websockets", Healthy: true,
		Browser: "upgrades the connection; CORS has no say, the server must look at Origin",
		Lesson:  "Frames in both directions are counted and shown.",
		Routes:  []Route{{"/ws/chat", echo}},
		Steps: []Step{{Name: "chat", API: "websocket", Path: "/ws/chat", Send: []string{"hello", "is anybody there?", "bye"},
			Saw: []string{"3 messages, closed 1000"}}},
	},
	{
		ID: "socket-refused", Title: "The WebSocket is refused", Stack: "Django Channels, Daphne",
		Browser: "reports a failed handshake and nothing else",
		Lesson:  "The server checks Origin: ALLOWED_HOSTS or OriginValidator lacks the page's.",
		Routes: []Route{{"/ws/admin", func(c *call) {
			c.send(reply{status: "403 Forbidden", body: "Forbidden", lines: []string{
				"Content-Type: text/plain; charset=utf-8", "Content-Length: 9", "Server: daphne", "Connection: close"}})
		}}},
		Steps: []Step{{Name: "open the admin channel", API: "websocket", Path: "/ws/admin", Saw: []string{"0 messages, closed 1006"}}},
	},
	{
		ID: "slow", Title: "A slow answer", Stack: "FastAPI, uvicorn",
		Browser: "waits",
		Lesson:  "Open requests are on screen while they run, with their age.",
		Routes: []Route{{"/api/forecast", starlette{}.serve(func(c *call) reply {
			c.wait(2500 * time.Millisecond)
			return uvicornJSON("200 OK", `{"trend":"up"}`)
		})}},
		Steps: []Step{{Name: "compute a forecast", Path: "/api/forecast", JSON: true, Saw: []string{"200"}}},
	},
	{
		ID: "given-up", Title: "The page gives up", Stack: "FastAPI, uvicorn",
		Browser: "closes the connection when the script aborts",
		Lesson:  "The client left: neither the backend nor CORS is to blame.",
		Routes: []Route{{"/api/suggest", starlette{}.serve(func(c *call) reply {
			c.wait(5 * time.Second)
			return uvicornJSON("200 OK", `["corsdash"]`)
		})}},
		Steps: []Step{{Name: "suggest while typing", Path: "/api/suggest?q=cor", GiveUp: 600, JSON: true,
			Saw: []string{"AbortError: signal is aborted without reason"}}},
	},
	{
		ID: "drip", Title: "A body that drips", Stack: "Express, cors",
		Browser: "hands the body over piece by piece",
		Lesson:  "Nothing is buffered on the way: each piece passes as it comes.",
		Routes:  []Route{{"/v1/log", express{}.serveStream(drip)}},
		Steps:   []Step{{Name: "follow the log", Path: "/v1/log", Saw: []string{"200"}}},
	},
	{
		ID: "cut", Title: "A body that is cut", Stack: "nginx in front of an application",
		Browser: "shows status 200, and fails while reading the body",
		Lesson:  "Content-Length promised more than came: a worker died in the middle.",
		Routes: []Route{{"/gw/ledger", func(c *call) {
			r := nginxJSON(`{"entries":[{"id":1,"amount":20},{"id":2,"amou`).with("Access-Control-Allow-Origin: " + c.page())
			r.lines[1], r.close = "Content-Length: 48210", true
			nginx{}.send(c, r)
		}}},
		Steps: []Step{{Name: "load the ledger", Path: "/gw/ledger", JSON: true, Saw: []string{"200, TypeError: Failed to fetch"}}},
	},
	{
		ID: "download", Title: "A download", Stack: "Express, cors", Healthy: true,
		Browser: "reads three megabytes; the file's name stays hidden from the script",
		Lesson:  "Content-Disposition needs Access-Control-Expose-Headers.",
		Routes: []Route{{"/v1/export.csv", express{}.serve(func(c *call) reply {
			body := strings.Repeat("2026-11-20;Ada;1290\n", 150_000)
			return reply{status: "200 OK", body: body, lines: []string{`Content-Disposition: attachment; filename="export.csv"`,
				"Content-Type: text/csv; charset=utf-8", "Content-Length: " + strconv.Itoa(len(body))}}
		})}},
		Steps: []Step{{Name: "export as CSV", Path: "/v1/export.csv", Read: []string{"Content-Disposition"},
			Saw: []string{"200 content-disposition=null"}}},
	},
}

// prices sends an event every 300 ms, ten in all.
func prices(c *call) {
	s := starlette{}
	lines := append([]string{"cache-control: no-store", "content-type: text/event-stream; charset=utf-8"}, s.headersFor(c)...)
	c.send(uvicorn(c, reply{status: "200 OK", lines: append(lines, "Transfer-Encoding: chunked")}))
	for i := 1; i <= 10 && c.err == nil; i++ {
		c.chunk(fmt.Sprintf("id: %d\r\ndata: {\"sku\":\"A-1\",\"price\":%d}\r\n\r\n", i, 1290+i*5))
		c.wait(300 * time.Millisecond)
	}
	c.chunk("")
}

// serveStream is for applications that write their body themselves.
func (e express) serveStream(app func(*call)) func(*call) {
	return func(c *call) {
		lines := append([]string{"X-Powered-By: Express"}, e.headersFor(c)...)
		c.send(reply{status: "200 OK", lines: append(lines, "Content-Type: text/plain; charset=utf-8", "Date: "+c.date(),
			"Connection: keep-alive", "Keep-Alive: timeout=5", "Transfer-Encoding: chunked")})
		app(c)
		c.chunk("")
	}
}

func drip(c *call) {
	for i := 1; i <= 12; i++ {
		c.chunk(fmt.Sprintf("12:00:%02d worker %d finished\n", i, i%3))
		c.wait(120 * time.Millisecond)
	}
}

// echo is a WebSocket that says everything twice.
func echo(c *call) {
	if !strings.EqualFold(c.header("upgrade"), "websocket") {
		notFound(c)
		return
	}
	c.send(reply{status: "101 Switching Protocols", close: true, lines: []string{
		"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: " + websocket.AcceptKey(c.header("sec-websocket-key")),
		"date: " + c.date(), "server: uvicorn",
	}})
	for c.err == nil {
		f, err := websocket.Read(c.br)
		if err != nil {
			return
		}
		f.Mask = nil
		switch f.Opcode {
		case websocket.Ping:
			f.Opcode = websocket.Pong
		case websocket.Pong:
			continue
		case websocket.Text:
			c.wait(150 * time.Millisecond)
		}
		c.write(string(f.Append(nil)))
		if f.Opcode == websocket.Close {
			return
		}
	}
}
