package demo

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"corsdash/internal/wire"
)

// Limits of the backend.
const (
	maxHead  = 64 << 10
	maxBody  = 4 << 20
	idleTime = 2 * time.Minute
)

// backend serves the scenarios' routes byte for byte: net/http would sort and
// respell the header lines that make each stack recognisable.
type backend struct {
	ctx    context.Context
	page   string // origin of the frontend
	clock  *clock
	log    *slog.Logger
	routes []Route
	state  state
	seen   func(*call) // what tests look at; nil otherwise

	mu    sync.Mutex
	open  map[net.Conn]struct{}
	group sync.WaitGroup
}

func (b *backend) now() time.Time { return b.clock.now() }

// serve takes connections until the listener is closed.
func (b *backend) serve(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		b.mu.Lock()
		if b.ctx.Err() != nil {
			b.mu.Unlock()
			nc.Close()
			return
		}
		b.open[nc] = struct{}{}
		b.group.Go(func() { b.connection(nc) })
		b.mu.Unlock()
	}
}

// stop cuts every connection and waits for those who served them.
func (b *backend) stop() {
	b.mu.Lock()
	for nc := range b.open {
		nc.Close()
	}
	b.mu.Unlock()
	b.group.Wait()
}

func (b *backend) connection(nc net.Conn) {
	defer func() {
		nc.Close()
		b.mu.Lock()
		delete(b.open, nc)
		b.mu.Unlock()
	}()
	br := bufio.NewReader(nc)
	for {
		nc.SetReadDeadline(time.Now().Add(idleTime))
		c, err := b.read(nc, br)
		if err != nil {
			if err != io.EOF && b.ctx.Err() == nil {
				b.log.Debug("demo backend: a request could not be read", "error", err)
			}
			return
		}
		if b.seen != nil {
			b.seen(c)
		}
		b.route(c.path)(c)
		if c.close || c.err != nil {
			return
		}
	}
}

// read takes the next request off the connection, with its whole body.
func (b *backend) read(nc net.Conn, br *bufio.Reader) (*call, error) {
	raw, err := wire.ReadHead(br, nil, maxHead, nil)
	if err != nil {
		return nil, err
	}
	head := new(wire.Head)
	if err := head.ParseRequest(raw); err != nil {
		return nil, err
	}
	framing, err := head.RequestFraming()
	if err != nil {
		return nil, err
	}
	u, err := url.ParseRequestURI(string(head.Target))
	if err != nil {
		return nil, err
	}
	c := &call{
		b: b, nc: nc, br: br, head: head, method: string(head.Method),
		path: u.Path, query: u.Query(), close: framing.Close && !strings.EqualFold(string(connectionOf(head)), "upgrade"),
	}
	var body wire.Body
	body.Reset(br, framing)
	for {
		piece, err := body.Next(nil)
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		if c.body = append(c.body, piece...); len(c.body) > maxBody {
			return nil, fmt.Errorf("body over %d bytes", maxBody)
		}
	}
}

func connectionOf(h *wire.Head) []byte {
	value, _ := h.Get("connection")
	return value
}

// route finds the longest path that takes the request.
func (b *backend) route(path string) func(*call) {
	serve, length := notFound, -1
	for _, r := range b.routes {
		prefix, below := strings.CutSuffix(r.Path, "*")
		if (path == r.Path || below && strings.HasPrefix(path, prefix)) && len(prefix) > length {
			serve, length = r.Serve, len(prefix)
		}
	}
	return serve
}

// notFound answers paths that belong to no scenario.
func notFound(c *call) {
	starlette{}.serve(func(c *call) reply { return uvicornJSON("404 Not Found", `{"detail":"Not Found"}`) })(c)
}
