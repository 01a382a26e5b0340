package demo

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"corsdash/internal/wire"
)

// call is one request under way at the backend.
type call struct {
	b      *backend
	nc     net.Conn
	br     *bufio.Reader
	head   *wire.Head
	method string
	path   string
	query  url.Values
	body   []byte
	close  bool  // the connection ends with this answer
	err    error // of writing; the client has left
}

// header is the value of the first line of that name, in lower case.
func (c *call) header(name string) string {
	value, _ := c.head.Get(name)
	return string(value)
}

func (c *call) origin() string { return c.header("origin") }

// page is the origin of the demo's frontend, which well configured stacks
// allow.
func (c *call) page() string { return c.b.page }

func (c *call) isPreflight() bool {
	return c.method == "OPTIONS" && c.origin() != "" && c.header("access-control-request-method") != ""
}

// elsewhere is the origin of this backend by its other name, as seen from
// where the client is: through a proxy it is the proxy's.
func (c *call) elsewhere() string {
	return otherName("http://" + c.header("host"))
}

// otherName swaps localhost and 127.0.0.1 in an origin; other origins have no
// other name.
func otherName(origin string) string {
	if rest, ok := strings.CutPrefix(origin, "http://localhost"); ok {
		return "http://127.0.0.1" + rest
	}
	if rest, ok := strings.CutPrefix(origin, "http://127.0.0.1"); ok {
		return "http://localhost" + rest
	}
	return origin
}

// date is the time by the demo's clock as it stands in Date.
func (c *call) date() string { return c.b.now().UTC().Format(http.TimeFormat) }

// wait lets time pass by the demo's clock.
func (c *call) wait(d time.Duration) {
	if c.err == nil {
		c.b.clock.sleep(c.b.ctx, d)
		c.err = c.b.ctx.Err()
	}
}

// reply is an answer: the header lines in their order and spelling, and the
// body.
type reply struct {
	status string // "200 OK"
	lines  []string
	body   string
	close  bool // end the connection afterwards, whether or not a line says so
}

// with appends header lines.
func (r reply) with(lines ...string) reply {
	r.lines = append(append([]string{}, r.lines...), lines...)
	return r
}

// send writes the answer as it is.
func (c *call) send(r reply) {
	var text strings.Builder
	text.WriteString("HTTP/1.1 " + r.status + "\r\n")
	for _, l := range r.lines {
		text.WriteString(l + "\r\n")
		c.close = c.close || strings.EqualFold(l, "connection: close")
	}
	text.WriteString("\r\n")
	if c.method != "HEAD" {
		text.WriteString(r.body)
	}
	c.close = c.close || r.close
	c.write(text.String())
}

func (c *call) write(s string) {
	if c.err == nil {
		_, c.err = c.nc.Write([]byte(s))
	}
}

// chunk writes a piece of a chunked body; an empty one ends it.
func (c *call) chunk(s string) {
	c.write(chunked(s))
}
