package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The stacks below were run and listened to: FastAPI behind uvicorn, Flask with
// Flask-CORS, Django with django-cors-headers. Names, case and order of the
// lines are theirs.

// starlette is an application behind uvicorn with Starlette's CORSMiddleware.
// The zero value allows the frontend, with credentials.
type starlette struct {
	methods   []string // nil allows the usual ones
	headers   []string // nil allows Authorization and Content-Type
	expose    string
	star      bool // allow_origins=["*"], without credentials
	anonymous bool // allow_credentials=False
	refuse    bool // the list holds another origin
	none      bool // no CORSMiddleware at all
}

// crash is the status of a reply that no middleware gets to see: Starlette's
// ServerErrorMiddleware stands outside all others, and uvicorn closes the
// connection after it has logged the traceback.
const crash = "500 Internal Server Error"

func (s starlette) serve(app func(*call) reply) func(*call) {
	return func(c *call) {
		if c.isPreflight() && !s.none {
			c.send(uvicorn(c, s.preflight(c)))
			return
		}
		r := app(c)
		if r.status == crash {
			r.close = true
		} else {
			r = r.with(s.headersFor(c)...)
		}
		c.send(uvicorn(c, r))
	}
}

// uvicorn puts its own two lines first.
func uvicorn(c *call, r reply) reply {
	r.lines = append([]string{"date: " + c.date(), "server: uvicorn"}, r.lines...)
	return r
}

func (s starlette) allows(c *call) bool {
	return c.origin() == c.page() && !s.refuse
}

// headersFor is what the middleware adds to an actual response.
func (s starlette) headersFor(c *call) (lines []string) {
	if c.origin() == "" || s.none {
		return nil
	}
	if s.star {
		lines = append(lines, "access-control-allow-origin: *")
	} else if !s.anonymous {
		lines = append(lines, "access-control-allow-credentials: true")
	}
	if s.expose != "" {
		lines = append(lines, "access-control-expose-headers: "+s.expose)
	}
	if !s.star && s.allows(c) {
		lines = append(lines, "access-control-allow-origin: "+c.origin(), "vary: Origin")
	}
	return lines
}

// preflight is the middleware's own answer; a refusal names the culprit.
func (s starlette) preflight(c *call) reply {
	methods, headers := s.methods, s.headers
	if methods == nil {
		methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	if headers == nil {
		headers = []string{"Authorization", "Content-Type"}
	}
	headers = append(slices.Clone(headers), "Accept", "Accept-Language", "Content-Language", "Content-Type")
	slices.Sort(headers)
	var lines, refused []string
	if s.star {
		lines = append(lines, "access-control-allow-origin: *")
	} else {
		lines = append(lines, "vary: Origin")
	}
	lines = append(lines, "access-control-allow-methods: "+strings.Join(methods, ", "), "access-control-max-age: 600",
		"access-control-allow-headers: "+strings.Join(slices.Compact(headers), ", "))
	if !s.anonymous && !s.star {
		lines = append(lines, "access-control-allow-credentials: true")
	}
	switch {
	case s.star:
	case s.allows(c):
		lines = append(lines, "access-control-allow-origin: "+c.origin())
	default:
		refused = append(refused, "origin")
	}
	if !slices.Contains(methods, c.header("access-control-request-method")) {
		refused = append(refused, "method")
	}
	for name := range strings.SplitSeq(c.header("access-control-request-headers"), ",") {
		if name != "" && !slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) }) {
			refused = append(refused, "headers")
			break
		}
	}
	if refused != nil {
		return textBody("400 Bad Request", "Disallowed CORS "+strings.Join(refused, ", ")).before(lines)
	}
	return textBody("200 OK", "OK").before(lines)
}

func textBody(status, body string) reply {
	return reply{status: status, lines: []string{"content-length: " + strconv.Itoa(len(body)), "content-type: text/plain; charset=utf-8"}, body: body}
}

func uvicornJSON(status, body string) reply {
	return reply{status: status, lines: []string{"content-length: " + strconv.Itoa(len(body)), "content-type: application/json"}, body: body}
}

// before puts lines in front of those there are.
func (r reply) before(lines []string) reply {
	r.lines = append(slices.Clone(lines), r.lines...)
	return r
}

// flask is an application on Werkzeug's server, with Flask-CORS or bare.
type flask struct {
	bare bool
}

func (f flask) serve(app func(*call) reply) func(*call) {
	return func(c *call) {
		r := app(c)
		lines := []string{"Server: Werkzeug/3.1.8 Python/3.11.7", "Date: " + c.date()}
		lines = append(lines, r.lines...)
		if !f.bare && c.origin() == c.page() {
			lines = append(lines, "Access-Control-Allow-Origin: "+c.origin(), "Access-Control-Allow-Credentials: true")
			if c.isPreflight() {
				lines = append(lines, "Access-Control-Allow-Headers: "+strings.ReplaceAll(c.header("access-control-request-headers"), ",", ", "),
					"Access-Control-Allow-Methods: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
			}
		}
		r.lines = append(lines, "Connection: close")
		c.send(r)
	}
}

// slashRedirect is Werkzeug's answer to a path without its final slash.
func slashRedirect(c *call) reply {
	to := "http://" + c.header("host") + c.path + "/"
	body := fmt.Sprintf("<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"+
		"<p>You should be redirected automatically to the target URL: <a href=\"%s\">%s</a>. If not, click the link.\n", to, to)
	return reply{status: "308 PERMANENT REDIRECT", body: body, lines: []string{
		"Content-Type: text/html; charset=utf-8", "Content-Length: " + strconv.Itoa(len(body)), "Location: " + to,
	}}
}

// django is an application on runserver with django-cors-headers on top.
func django(app func(*call) reply) func(*call) {
	return func(c *call) {
		r := reply{status: "200 OK", lines: []string{"Content-Type: text/html; charset=utf-8", "Content-Length: 0"}}
		if !c.isPreflight() {
			r = app(c)
			r.lines = append(r.lines, "X-Content-Type-Options: nosniff", "Referrer-Policy: same-origin", "Cross-Origin-Opener-Policy: same-origin")
		}
		lines := append([]string{"Date: " + c.date(), "Server: WSGIServer/0.2 CPython/3.12.8"}, r.lines...)
		lines = append(lines, "Vary: origin", "access-control-allow-credentials: true")
		if c.origin() == c.page() {
			lines = append(lines, "access-control-allow-origin: "+c.origin())
			if c.isPreflight() {
				lines = append(lines, "access-control-allow-headers: accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
					"access-control-allow-methods: DELETE, GET, OPTIONS, PATCH, POST, PUT", "access-control-max-age: 86400")
			}
		}
		r.lines = lines
		c.send(r)
	}
}

func djangoReply(status, kind, body string, extra ...string) reply {
	lines := append([]string{"Content-Type: " + kind}, extra...)
	return reply{status: status, lines: append(lines, "X-Frame-Options: DENY", "Content-Length: "+strconv.Itoa(len(body))), body: body}
}
