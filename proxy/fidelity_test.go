package proxy

import (
	"strings"
	"testing"
)

// passage is one exchange as bytes. What the upstream sees and what the client
// gets default to what the other side wrote.
type passage struct {
	name     string
	sends    string // by the client
	sees     string // by the upstream
	answers  string // by the upstream
	gets     string // by the client
	upCloses bool   // the upstream closes behind its answer
	closes   bool   // the proxy closes behind the answer
}

// crlf turns a readable block into the bytes of the wire.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

const ok = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"

// run sends the passage through a proxy, byte by byte compared at both ends,
// and then a second exchange on the same connection where it stays open: a
// stray byte would show there.
func (p passage) run(t *testing.T) {
	p.fill()
	failed := make(chan any, 1)
	up := rawBackend(t, func(c *peer) {
		defer func() {
			if r := recover(); r != nil {
				failed <- r
			}
		}()
		c.expect(p.sees)
		c.send(p.answers)
		if p.upCloses || p.closes {
			return
		}
		c.expect(crlf("GET /next HTTP/1.1\nHost: x\n\n"))
		c.send(crlf(ok))
	})
	f := start(t, up, func(o *Options) { o.AllowHosts = []string{"x", "other"} })
	c := f.dial()
	c.send(p.sends)
	defer func() {
		select {
		case r := <-failed:
			t.Error("upstream:", r)
		default:
		}
	}()
	c.expect(p.gets)
	if p.closes {
		c.expectEnd()
		return
	}
	if p.upCloses {
		return
	}
	c.send(crlf("GET /next HTTP/1.1\nHost: x\n\n"))
	c.expect(crlf(ok))
}

func (p *passage) fill() {
	if p.sends == "" {
		p.sends = "GET / HTTP/1.1\nHost: x\n\n"
	}
	if p.sees == "" {
		p.sees = p.sends
	}
	if p.answers == "" {
		p.answers = ok
	}
	if p.gets == "" {
		p.gets = p.answers
	}
	for _, s := range [...]*string{&p.sends, &p.sees, &p.answers, &p.gets} {
		*s = crlf(*s)
	}
}

func runAll(t *testing.T, list []passage) {
	for _, p := range list {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t)
		})
	}
}

func TestTargetPassesUnchanged(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/", "//", "/a//b/", "/a%2Fb", "/a%2fb", "/%", "/50%/x", "/%zz", "/a;b=c;d", "/?", "/a?", "/a?b?c", "/?&&==",
		"/a/../b", "/./a", "/a\\b", "/[x]{y}|z", "/\"quoted\"", "/'<>'", "/a#b", "/käse?q=ü", "/\xff\xfe",
		"/a?q=http://x/y", "/a+b%20c", "/a:b@c", "/" + strings.Repeat("long/", 8000),
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			passage{sends: "GET " + target + " HTTP/1.1\nHost: x\n\n"}.run(t)
		})
	}
}

func TestRequestPassesUnchanged(t *testing.T) {
	t.Parallel()
	runAll(t, []passage{
		{name: "order and case", sends: "GET / HTTP/1.1\nhost: x\nb-Header: 2\nA-HEADER: 1\nsec-ch-ua: \"x\"\n\n"},
		{name: "Host last", sends: "GET / HTTP/1.1\nA: 1\nHost: x\n\n"},
		{name: "duplicates", sends: "GET / HTTP/1.1\nHost: x\nX-A: 1\nx-a: 2\nX-A: 1\nCookie: a=1\nCookie: b=2\n\n"},
		{name: "empty values", sends: "GET / HTTP/1.1\nHost: x\nX-A:\nX-B: \nX-C:\t\n\n"},
		{name: "odd white space", sends: "GET / HTTP/1.1\nHost:x\nX-A:a\nX-B:   a  b\t\n\n"},
		{name: "tabs and high bytes", sends: "GET / HTTP/1.1\nHost: x\nX-A: a\tb\nX-B: \xe4\xf6 ü\nX-C: \x01\n\n"},
		{name: "odd names", sends: "GET / HTTP/1.1\nHost: x\n!#$%&'*+-.^_`|~: 1\n\n"},
		{name: "colons in values", sends: "GET / HTTP/1.1\nHost: x\nX-A: a:b: c\n\n"},
		{name: "method of its own", sends: "PROPFIND / HTTP/1.1\nHost: x\n\n"},
		{name: "lower-case method", sends: "patch / HTTP/1.1\nHost: x\n\n"},
		{name: "asterisk", sends: "OPTIONS * HTTP/1.1\nHost: x\n\n"},
		{name: "large head", sends: "GET / HTTP/1.1\nHost: x\nCookie: " + strings.Repeat("c", 200<<10) + "\n\n"},
		{name: "many lines", sends: "GET / HTTP/1.1\nHost: x\n" + strings.Repeat("X-A: b\n", 2000) + "\n"},
		{name: "length", sends: "POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello"},
		{name: "zero length", sends: "POST / HTTP/1.1\nHost: x\nContent-Length: 0\n\n"},
		{name: "doubled length", sends: "POST / HTTP/1.1\nHost: x\nContent-Length: 5\nContent-Length: 5\n\nhello"},
		{name: "body of a GET", sends: "GET / HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello"},
		{name: "compressed body", sends: "POST / HTTP/1.1\nHost: x\nContent-Encoding: gzip\nContent-Length: 4\n\n\x1f\x8b\x08\x00"},
		{name: "keep-alive", sends: "GET / HTTP/1.1\nHost: x\nConnection: keep-alive\n\n"},
		{name: "te trailers", sends: "GET / HTTP/1.1\nHost: x\nTE: trailers\n\n"},
		{name: "forwarded headers", sends: "GET / HTTP/1.1\nHost: x\nX-Forwarded-For: 1.2.3.4\nForwarded: for=1.2.3.4\nVia: 1.1 y\n\n"},
		{name: "proxy credentials", sends: "GET / HTTP/1.1\nHost: x\nProxy-Authorization: Basic YTpi\n\n"},
	})
}

func TestRequestConnectionHeaders(t *testing.T) {
	t.Parallel()
	runAll(t, []passage{
		{name: "hop-by-hop", sends: "GET / HTTP/1.1\nHost: x\nKeep-Alive: 300\nProxy-Connection: keep-alive\nTE: gzip\nUpgrade: foo\nX-A: 1\n\n",
			sees: "GET / HTTP/1.1\nHost: x\nX-A: 1\n\n"},
		{name: "listed in Connection", sends: "GET / HTTP/1.1\nHost: x\nX-A: 1\nConnection: x-a, X-B\nx-B: 2\nX-C: 3\n\n",
			sees: "GET / HTTP/1.1\nHost: x\nX-C: 3\n\n"},
		{name: "listed but needed", sends: "POST / HTTP/1.1\nHost: x\nConnection: Host, Content-Length\nContent-Length: 2\n\nhi",
			sees: "POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\nhi"},
		{name: "close", sends: "GET / HTTP/1.1\nHost: x\nConnection: close\n\n", sees: "GET / HTTP/1.1\nHost: x\n\n",
			gets: "HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok", closes: true},
		{name: "upgrade to h2c", sends: "GET / HTTP/1.1\nHost: x\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAAP__\n\n",
			sees: "GET / HTTP/1.1\nHost: x\n\n"},
		{name: "upgrade not asked in Connection", sends: "GET / HTTP/1.1\nHost: x\nUpgrade: websocket\n\n", sees: "GET / HTTP/1.1\nHost: x\n\n"},
		{name: "upgrade refused", sends: "GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\n\n",
			answers: "HTTP/1.1 403 No\nContent-Length: 2\n\nno"},
		{name: "upgrade in two lines", sends: "GET / HTTP/1.1\nHost: x\nConnection: keep-alive\nConnection: Upgrade\nUpgrade: websocket\n\n",
			answers: "HTTP/1.1 403 No\nContent-Length: 2\n\nno"},
		{name: "absolute form", sends: "GET http://x/a?b HTTP/1.1\nHost: x\n\n", sees: "GET /a?b HTTP/1.1\nHost: x\n\n"},
		{name: "absolute form without path", sends: "GET http://x?b HTTP/1.1\nHost: x\n\n", sees: "GET /?b HTTP/1.1\nHost: x\n\n"},
		{name: "absolute form names another host", sends: "GET HTTP://other/ HTTP/1.1\nHost: x\n\n", sees: "GET / HTTP/1.1\nHost: other\n\n"},
		{name: "HTTP/1.0", sends: "GET / HTTP/1.0\nHost: x\n\n", sees: "GET / HTTP/1.1\nHost: x\n\n",
			gets: "HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok", closes: true},
		{name: "HTTP/1.0 keep-alive", sends: "GET / HTTP/1.0\nHost: x\nConnection: keep-alive\n\n",
			sees: "GET / HTTP/1.1\nHost: x\nConnection: keep-alive\n\n",
			gets: "HTTP/1.1 200 OK\nContent-Length: 2\nConnection: keep-alive\n\nok"},
		{name: "empty lines before", sends: "\n\nGET / HTTP/1.1\nHost: x\n\n", sees: "GET / HTTP/1.1\nHost: x\n\n"},
	})
}

func TestRequestChunks(t *testing.T) {
	t.Parallel()
	const head = "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n"
	runAll(t, []passage{
		{name: "plain", sends: head + "5\nhello\n0\n\n"},
		{name: "extension", sends: head + "5;a=\"b\"\nhello\n0;x\n\n", sees: head + "5\nhello\n0\n\n"},
		{name: "leading zeros", sends: head + "005\nhello\n000\n\n", sees: head + "5\nhello\n0\n\n"},
		{name: "trailer", sends: head + "5\nhello\n0\nX-Sum: 1\nx-b: 2\n\n"},
		{name: "upper-case coding", sends: "POST / HTTP/1.1\nHost: x\ntransfer-encoding: Chunked\n\n2\nhi\n0\n\n",
			sees: "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n2\nhi\n0\n\n"},
		{name: "empty", sends: head + "0\n\n"},
	})
}

func TestAnswerPassesUnchanged(t *testing.T) {
	t.Parallel()
	const body = "Content-Length: 2\n\nok"
	runAll(t, []passage{
		{name: "order, case, duplicates", answers: "HTTP/1.1 200 OK\nb: 1\nA: 2\nVARY: x\nvary: y\nA: 2\n" + body},
		{name: "several cookies", answers: "HTTP/1.1 200 OK\nSet-Cookie: a=1; Path=/\nset-cookie: b=2; Domain=x\nSet-Cookie: a=3\n" + body},
		{name: "doubled allow-origin", answers: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: http://x\n" + body},
		{name: "empty and odd values", answers: "HTTP/1.1 200 OK\nX-A:\nX-B:  \nX-C:a\nX-D: \t ü\xff\n" + body},
		{name: "space before colon", answers: "HTTP/1.1 200 OK\nX-A : 1\nAccess-Control-Allow-Origin : *\n" + body},
		{name: "line without colon", answers: "HTTP/1.1 200 OK\nnonsense\n" + body},
		{name: "folded line", answers: "HTTP/1.1 200 OK\nX-A: 1\n  more\n\tand more\n" + body},
		{name: "own reason", answers: "HTTP/1.1 200 All's well, käse\n" + body},
		{name: "empty reason", answers: "HTTP/1.1 404 \n" + body},
		{name: "no reason", answers: "HTTP/1.1 404\n" + body, gets: "HTTP/1.1 404 \n" + body},
		{name: "own status", answers: "HTTP/1.1 799 Odd\n" + body},
		{name: "date and server untouched", answers: "HTTP/1.1 200 OK\nDate: yesterday\nServer: x\n" + body},
		{name: "compressed", answers: "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 4\n\n\x1f\x8b\x08\x00"},
		{name: "large head", answers: "HTTP/1.1 200 OK\nX-A: " + strings.Repeat("x", 200<<10) + "\n" + body},
		{name: "redirect", answers: "HTTP/1.1 307 Temporary Redirect\nLocation: http://elsewhere/a%2Fb?c\n" + body},
		{name: "keep-alive", answers: "HTTP/1.1 200 OK\nConnection: keep-alive\n" + body},
		{name: "103 then final", answers: "HTTP/1.1 103 Early Hints\nLink: </a>; rel=preload\n\nHTTP/1.1 200 OK\n" + body},
		{name: "several interim", answers: "HTTP/1.1 102 \nX: 1\n\nHTTP/1.1 103 a\n\nHTTP/1.1 103 b\nLink: x\n\nHTTP/1.1 200 OK\n" + body},
	})
}

func TestAnswerFraming(t *testing.T) {
	t.Parallel()
	const chunked = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"
	const head = "HEAD / HTTP/1.1\nHost: x\n\n"
	runAll(t, []passage{
		{name: "chunked", answers: chunked + "5\nhello\n0\n\n"},
		{name: "several chunks", answers: chunked + "1\na\n2\nbc\na\n0123456789\n0\n\n"},
		{name: "chunk extension", answers: chunked + "5;x=y\nhello\n0\n\n", gets: chunked + "5\nhello\n0\n\n"},
		{name: "trailer", answers: "HTTP/1.1 200 OK\nTrailer: X-Sum\nTransfer-Encoding: chunked\n\n5\nhello\n0\nX-Sum: 1\nx-B:2\n\n"},
		{name: "gzip, chunked", answers: "HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n2\nzz\n0\n\n", upCloses: true},
		{name: "zero length", answers: "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
		{name: "doubled length", answers: "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nok"},
		{name: "HEAD with length", sends: head, answers: "HTTP/1.1 200 OK\nContent-Length: 1234\n\n"},
		{name: "HEAD without length", sends: head, answers: "HTTP/1.1 200 OK\nX: 1\n\n"},
		{name: "204 with length", answers: "HTTP/1.1 204 No Content\nContent-Length: 5\n\n"},
		{name: "304 with length", answers: "HTTP/1.1 304 Not Modified\nContent-Length: 1234\nETag: \"x\"\n\n"},
		{name: "coding and length", answers: "HTTP/1.1 200 OK\nContent-Length: 99\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
			gets: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n", upCloses: true},
		{name: "chunked twice", answers: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n", upCloses: true},
		{name: "spaced coding", answers: "HTTP/1.1 200 OK\nTransfer-Encoding : chunked\n\n2\nok\n0\n\n",
			gets: "HTTP/1.1 200 OK\nTransfer-Encoding : chunked\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n"},
		{name: "identity beside length", answers: "HTTP/1.1 200 OK\nTransfer-Encoding: identity\nContent-Length: 2\n\nok",
			gets: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", upCloses: true},
		{name: "until close", answers: "HTTP/1.1 200 OK\nX: 1\n\nhello", gets: "HTTP/1.1 200 OK\nX: 1\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", upCloses: true},
		{name: "HTTP/1.0 until close", answers: "HTTP/1.0 200 OK\n\nhello", gets: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", upCloses: true},
		{name: "HTTP/1.0 with length", answers: "HTTP/1.0 200 OK\nContent-Length: 2\n\nok", gets: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", upCloses: true},
		{name: "unreadable length", answers: "HTTP/1.1 200 OK\nContent-Length: many\n\nok", gets: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n", upCloses: true},
		{name: "close", answers: "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nok", gets: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", upCloses: true},
		{name: "hop-by-hop", answers: "HTTP/1.1 200 OK\nConnection: X-A\nX-A: 1\nKeep-Alive: timeout=5\nUpgrade: h2\nContent-Length: 2\n\nok", gets: ok},
		{name: "to HTTP/1.0, chunked", sends: "GET / HTTP/1.0\nHost: x\nConnection: keep-alive\n\n", sees: "GET / HTTP/1.1\nHost: x\nConnection: keep-alive\n\n",
			answers: chunked + "5\nhello\n0\n\n", gets: "HTTP/1.1 200 OK\nConnection: close\n\nhello", closes: true},
		{name: "to HTTP/1.0, interim", sends: "GET / HTTP/1.0\nHost: x\n\n", sees: "GET / HTTP/1.1\nHost: x\n\n",
			answers: "HTTP/1.1 103 x\n\n" + ok, gets: "HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok", closes: true},
	})
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	up, seen := scripted(t, crlf(ok))
	c := start(t, up).dial()
	one := crlf("POST /1 HTTP/1.1\nHost: localhost\nContent-Length: 2\n\nhi")
	two := "GET /2 HTTP/1.1\nHost: localhost\n\n" // bare line ends, as some tools write them
	c.send(one[:len(one)-1] + "i" + two + crlf("GET /3 HTTP/1.1\nHost: localhost\n\n"))
	c.expect(crlf(ok + ok + ok))
	if got := receive(t, seen, "first"); got != one[:len(one)-2] {
		t.Errorf("upstream saw %q", got)
	}
}
