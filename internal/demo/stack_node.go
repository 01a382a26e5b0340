package demo

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// express is an Express application with the cors package, as it was listened
// to. The zero value allows the frontend, with credentials.
type express struct {
	origin string // a fixed string as option: sent whatever was asked
	star   bool   // cors() without options
	none   bool   // no cors at all
}

func (e express) serve(app func(*call) reply) func(*call) {
	return func(c *call) {
		lines := []string{"X-Powered-By: Express"}
		var r reply
		if c.isPreflight() && !e.none {
			r = reply{status: "204 No Content", lines: append(e.preflight(c), "Content-Length: 0")}
		} else {
			r = app(c)
			lines = append(lines, e.headersFor(c)...)
		}
		if c.header("if-none-match") != "" && strings.Contains(strings.Join(r.lines, "\n"), "ETag: "+c.header("if-none-match")) {
			r = reply{status: "304 Not Modified", lines: []string{"ETag: " + c.header("if-none-match")}}
		}
		r.lines = append(append(lines, r.lines...), "Date: "+c.date(), "Connection: keep-alive", "Keep-Alive: timeout=5")
		c.send(r)
	}
}

// headersFor is what the cors package sets on an actual response.
func (e express) headersFor(c *call) []string {
	switch {
	case e.none:
		return nil
	case e.star:
		return []string{"Access-Control-Allow-Origin: *"}
	case e.origin != "":
		return []string{"Access-Control-Allow-Origin: " + e.origin, "Vary: Origin"}
	case c.origin() == c.page():
		return []string{"Access-Control-Allow-Origin: " + c.origin(), "Vary: Origin", "Access-Control-Allow-Credentials: true"}
	}
	return []string{"Vary: Origin", "Access-Control-Allow-Credentials: true"}
}

func (e express) preflight(c *call) []string {
	vary, lines := "Vary: Origin, Access-Control-Request-Headers", e.headersFor(c)
	methods := "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE"
	if e.star {
		lines = append(lines, methods, "Vary: Access-Control-Request-Headers")
	} else {
		for i, l := range lines {
			if l == "Vary: Origin" {
				lines[i] = vary
			}
		}
		lines = append(lines, methods)
	}
	if names := c.header("access-control-request-headers"); names != "" {
		lines = append(lines, "Access-Control-Allow-Headers: "+names)
	}
	return lines
}

func expressJSON(status, body string, extra ...string) reply {
	return reply{status: status, body: body, lines: append(extra,
		"Content-Type: application/json; charset=utf-8", "Content-Length: "+strconv.Itoa(len(body)), "ETag: "+weakTag(body))}
}

// weakTag is an ETag as Express computes it: length and SHA-1 of the body.
func weakTag(body string) string {
	sum := sha1.Sum([]byte(body))
	return fmt.Sprintf(`W/"%x-%s"`, len(body), base64.StdEncoding.EncodeToString(sum[:])[:27])
}

// expressError is what finalhandler makes of an error: an HTML page.
func expressError(status, text string) reply {
	body := "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>" +
		text + "</pre>\n</body>\n</html>\n"
	return reply{status: status, body: body, lines: []string{
		"Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff",
		"Content-Type: text/html; charset=utf-8", "Content-Length: " + strconv.Itoa(len(body)),
	}}
}

// fastify is a Fastify application with @fastify/cors, or without.
type fastify struct{ none bool }

func (f fastify) serve(app func(*call) reply) func(*call) {
	return func(c *call) {
		var r reply
		switch {
		case c.isPreflight() && !f.none:
			r = reply{status: "204 No Content", lines: f.cors(c, "Origin, Access-Control-Request-Headers")}
			r.lines = append(r.lines, "access-control-allow-methods: GET,HEAD,POST") // the default, which surprises people
			if names := c.header("access-control-request-headers"); names != "" {
				r.lines = append(r.lines, "access-control-allow-headers: "+names)
			}
			r.lines = append(r.lines, "content-length: 0")
		case c.isPreflight():
			r = fastifyJSON("404 Not Found", fmt.Sprintf(`{"message":"Route OPTIONS:%s not found","error":"Not Found","statusCode":404}`, c.path))
		case f.none:
			r = app(c)
		default:
			r = app(c)
			r.lines = append(f.cors(c, "Origin"), r.lines...)
		}
		r.lines = append(r.lines, "Date: "+c.date(), "Connection: keep-alive", "Keep-Alive: timeout=72")
		c.send(r)
	}
}

func (f fastify) cors(c *call, vary string) []string {
	if c.origin() != c.page() {
		return []string{"vary: " + vary}
	}
	return []string{"vary: " + vary, "access-control-allow-origin: " + c.origin(), "access-control-allow-credentials: true"}
}

func fastifyJSON(status, body string) reply {
	return reply{status: status, body: body, lines: []string{
		"content-type: application/json; charset=utf-8", "content-length: " + strconv.Itoa(len(body)),
	}}
}
