package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// nginx is nginx 1.26 in front of something. What stands behind it gives the
// lines, without Date and Connection, which nginx writes itself.
type nginx struct {
	add    []string // add_header lines, appended to what the upstream sent
	always bool     // add_header … always; without it errors go out bare
}

const nginxVersion = "nginx/1.26.3"

// send answers with nginx's own lines first, in its order.
func (n nginx) send(c *call, r reply) {
	kind, length, rest := "", "", []string(nil)
	for _, l := range r.lines {
		switch name, _, _ := strings.Cut(strings.ToLower(l), ":"); name {
		case "content-type":
			kind = l
		case "content-length":
			length = l
		default:
			rest = append(rest, l)
		}
	}
	lines := []string{"Server: " + nginxVersion, "Date: " + c.date()}
	for _, l := range []string{kind, length} {
		if l != "" {
			lines = append(lines, l)
		}
	}
	connection := "Connection: keep-alive"
	if r.close {
		connection = "Connection: close"
	}
	lines = append(append(lines, connection), rest...)
	if n.always || n.adds(r.status) {
		lines = append(lines, n.add...)
	}
	r.lines = lines
	c.send(r)
}

// adds lists the statuses that add_header is for
// (https://nginx.org/en/docs/http/ngx_http_headers_module.html).
func (n nginx) adds(status string) bool {
	switch status[:3] {
	case "200", "201", "204", "206", "301", "302", "303", "304", "307", "308":
		return true
	}
	return false
}

// page is one of nginx's own error pages.
func (n nginx) page(status string) reply {
	body := fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n<hr><center>%s</center>\r\n</body>\r\n</html>\r\n",
		status, status, nginxVersion)
	return reply{status: status, body: body, lines: []string{"Content-Type: text/html", "Content-Length: " + strconv.Itoa(len(body))}}
}

// spring is a Spring Boot application on Tomcat. Tomcat sends no reason.
type spring struct {
	security bool // Spring Security is there, and http.cors() was forgotten
}

func (s spring) serve(app func(*call) reply) func(*call) {
	return func(c *call) {
		var lines []string
		if !s.security {
			lines = append(lines, "Vary: Origin", "Vary: Access-Control-Request-Method", "Vary: Access-Control-Request-Headers")
		}
		r := app(c)
		if s.security {
			lines = append(lines, "X-Content-Type-Options: nosniff", "X-XSS-Protection: 0",
				"Cache-Control: no-cache, no-store, max-age=0, must-revalidate", "Pragma: no-cache", "Expires: 0", "X-Frame-Options: DENY")
		}
		lines = append(lines, r.lines...)
		r.lines = append(lines, "Date: "+c.date(), "Keep-Alive: timeout=60", "Connection: keep-alive")
		c.send(r)
	}
}

// invalidCORS is how Spring refuses an origin, a method or a header.
func invalidCORS() reply {
	return reply{status: "403 ", body: "Invalid CORS request", lines: []string{"Content-Length: 20"}}
}

// goServer is Go's net/http, which sorts its lines.
func goServer(c *call, r reply) {
	r.lines = append(r.lines, "Date: "+c.date(), "Content-Length: "+strconv.Itoa(len(r.body)))
	c.send(r)
}

func chunked(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
