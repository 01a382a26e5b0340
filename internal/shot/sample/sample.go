// Package sample is traffic to look at: what a frontend and a backend that
// disagree about CORS say to each other, as exchanges.
//
// It feeds a session as the proxy does, through drafts, and opens no socket.
package sample

import (
	"fmt"
	"strings"
	"time"

	"corsdash/internal/exchange"
)

// Listen and Upstream are the addresses of the sample.
const (
	Listen   = "http://localhost:8900"
	Upstream = "http://localhost:8000"
	Page     = "http://localhost:5173"
)

// message is one exchange in short.
type message struct {
	method, target string
	request        []string // header lines beside those of every browser
	sent           string   // body of the request
	status         int
	response       []string
	body           string
	took           time.Duration
	more           func(d *exchange.Draft)
}

const (
	json    = "Content-Type: application/json"
	allowed = "Access-Control-Allow-Origin: " + Page
	token   = "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiIsImV4cCI6MTgwMDAwMDAwMH0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
)

// story is a morning in front of a broken backend.
var story = []message{
	{method: "GET", target: "/api/session", status: 200, response: []string{json, allowed, "Access-Control-Allow-Credentials: true", "Vary: Origin", "Set-Cookie: sid=4f1c9a2be77d40b1; Path=/; HttpOnly; SameSite=Lax"},
		body: `{"user":{"id":42,"name":"Ada","roles":["admin","editor"],"active":true},"expires":null}`, took: 14 * time.Millisecond},
	{method: "OPTIONS", target: "/api/orders?page=1&size=50", request: []string{"Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization,x-trace"},
		status: 204, response: []string{allowed, "Access-Control-Allow-Methods: GET, POST", "Access-Control-Allow-Headers: authorization, x-trace", "Access-Control-Max-Age: 600"}, took: 2 * time.Millisecond},
	{method: "GET", target: "/api/orders?page=1&size=50", request: []string{token, "X-Trace: 7f3a"}, status: 200, response: []string{json, allowed, "Vary: Origin"}, body: orders(50), took: 83 * time.Millisecond},
	{method: "POST", target: "/api/login", request: []string{json}, sent: `{"email":"ada@example.test","password":"correct horse battery staple"}`,
		status: 500, response: []string{"Content-Type: text/plain; charset=utf-8", "Server: uvicorn"}, body: "Internal Server Error", took: 412 * time.Millisecond},
	{method: "GET", target: "/api/users", request: []string{token}, status: 307, response: []string{"Location: http://localhost:8900/api/users/", "Content-Length: 0"}, took: 3 * time.Millisecond,
		more: func(d *exchange.Draft) {
			d.Change("Location pointed at http://localhost:8000/api/users/ and was rewritten to the proxy's address.")
		}},
	{method: "GET", target: "/api/users/", request: []string{token}, status: 401, response: []string{json, "WWW-Authenticate: Bearer error=\"invalid_token\""}, body: `{"detail":"Token expired"}`, took: 6 * time.Millisecond},
	{method: "GET", target: "/static/logo.svg", status: 304, took: time.Millisecond},
	{method: "DELETE", target: "/api/orders/7", request: []string{token}, took: 2 * time.Millisecond, more: func(d *exchange.Draft) {
		d.Fail(exchange.Refused, "dial tcp 127.0.0.1:8000: connect: connection refused")
	}},
	{method: "PATCH", target: "/api/orders/12", request: []string{token, json}, sent: `{"status":"shipped","tracking":"1Z 999 AA1 01 2345 6784"}`, status: 404, response: []string{json, allowed}, body: `{"error":"no such order"}`, took: 9 * time.Millisecond},
	{method: "GET", target: "/api/export.zip", status: 200, response: []string{"Content-Type: application/zip", "Content-Disposition: attachment; filename=export.zip"},
		body: "PK\x03\x04\x14\x00\x00\x00\x08\x00" + strings.Repeat("\x9c\x03\xee\x00corsdash", 900), took: 1300 * time.Millisecond},
	{method: "GET", target: "/api/events", status: 200, response: []string{"Content-Type: text/event-stream", allowed}, body: "event: tick\ndata: {\"n\":1}\n\nevent: tick\ndata: {\"n\":2}\n\n", took: 5 * time.Second,
		more: func(d *exchange.Draft) { d.Open = true }},
	{method: "GET", target: "/ws?room=lobby", request: []string{"Upgrade: websocket", "Connection: Upgrade"}, status: 101, response: []string{"Upgrade: websocket", "Connection: Upgrade"}, took: 31 * time.Second, more: frames},
	{method: "GET", target: "/search?q=" + "%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82&redirect=https%3A%2F%2Fexample.test%2Fcallback%3Fcode%3D8f2e1c", status: 302,
		response: []string{"Location: https://login.example.test/authorize?client_id=web&state=xyz"}, took: 11 * time.Millisecond},
	{method: "GET", target: "/api/slow", status: 200, response: []string{json, allowed}, body: `{"done":true}`, took: 64 * time.Second},
	{method: "POST", target: "/api/contact", request: []string{"Content-Type: application/x-www-form-urlencoded"}, sent: "name=Ada+Lovelace&message=It+does+not+work%2C+why%3F&csrf_token=a8f5f167f44f4964e6c998dee827110c",
		status: 201, response: []string{json, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: *"}, body: `{"ok":true}`, took: 21 * time.Millisecond},
}

func orders(n int) string {
	var b strings.Builder
	b.WriteString(`{"total":1204,"items":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"customer":"customer %d","total":%d.%02d,"tags":["new","eu"],"note":null,"paid":%t}`, i+1, i%9, i*13%400, i%100, i%3 == 0)
	}
	return b.String() + "]}"
}

func frames(d *exchange.Draft) {
	d.Upgraded()
	for i, text := range []string{`{"type":"join","room":"lobby"}`, `{"type":"joined","members":["ada","grace"]}`, `{"type":"message","text":"is it CORS?"}`, `{"type":"message","text":"it is always CORS"}`} {
		f := exchange.Frame{Out: i%2 == 0, Opcode: 1, Final: true, At: time.Duration(i*i) * 700 * time.Millisecond, Size: int64(len(text))}
		d.Frame(f, []byte(text))
		if f.Out {
			d.FramesOut++
		} else {
			d.FramesIn++
		}
	}
}

// Len is how many exchanges the story has.
const Len = 15

// Fill sends n exchanges to the sink, the story over and over, 700 ms apart
// from start on.
func Fill(sink exchange.Sink, start time.Time, n int) {
	var d exchange.Draft
	for i := range n {
		story[i%len(story)].draft(&d, start.Add(time.Duration(i)*700*time.Millisecond))
		sink.Add(&d)
	}
}

func (m *message) draft(d *exchange.Draft, at time.Time) {
	d.Reset(at)
	d.Client("127.0.0.1:51234")
	d.Upstream(Upstream)
	d.Request([]byte(m.method), []byte(Listen), []byte(m.target), []byte("HTTP/1.1"), m.requestLines())
	d.RequestBody([]byte(m.sent), 256<<10)
	m.timing(d)
	if m.status != 0 {
		d.Address("127.0.0.1:8000")
		d.Response(m.status, []byte(reasons[m.status]), []byte("HTTP/1.1"), lines(append([]string{"Date: Fri, 15 Jan 2027 08:00:00 GMT"}, m.response...)))
		d.ResponseBody([]byte(m.body), 256<<10)
	}
	if m.more != nil {
		m.more(d)
	}
}

var reasons = map[int]string{101: "Switching Protocols", 200: "OK", 201: "Created", 204: "No Content", 302: "Found", 304: "Not Modified",
	307: "Temporary Redirect", 401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error"}

func (m *message) requestLines() []byte {
	list := []string{"Host: localhost:8900", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
		"Accept: */*", "Origin: " + Page, "Referer: " + Page + "/", "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty",
		"Accept-Encoding: gzip, deflate, br, zstd"}
	return lines(append(list, m.request...))
}

func lines(list []string) []byte { return []byte(strings.Join(append(list, ""), "\r\n")) }

// timing divides the time like a backend that thinks before it answers.
func (m *message) timing(d *exchange.Draft) {
	d.Took = m.took
	d.Proxy = 180 * time.Microsecond
	d.Reused = m.method != "GET"
	if !d.Reused {
		d.DNS, d.Connect = m.took/20, m.took/12
	}
	d.Send = m.took / 40
	d.Wait = m.took * 6 / 10
	d.Receive = m.took - d.DNS - d.Connect - d.Send - d.Wait - d.Proxy
	d.TLS = 0
}
