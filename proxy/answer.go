package proxy

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// corsdash's own answers. A browser must be able to read them, or the tool
// itself would cause the CORS error it is there to explain: so they carry
// CORS headers for the origin that asks, and a preflight is let pass, so that
// the page learns the reason from the answer to its actual request.

// refusal is the JSON body of an own answer.
type refusal struct {
	Error    string `json:"error"`  // failure class, also in X-Corsdash-Error
	Status   int    `json:"status"` // the status that fits, even where a preflight got a 204
	Message  string `json:"message"`
	Upstream string `json:"upstream,omitempty"`
	From     string `json:"from"`
}

// refuse answers instead of the upstream. detail is one sentence.
func (f *flight) refuse(status int, class exchange.Class, detail string) {
	f.fail(class, detail)
	if f.clientLeft() {
		return
	}
	body := refusal{Error: class.String(), Status: status, Message: detail, From: "corsdash"}
	if f.route != nil && f.trusted() {
		body.Upstream = f.route.origin
	}
	if !f.trusted() && class != exchange.BadHost && class != exchange.BadRequest {
		body.Message = "" // an unknown page learns that it failed, not what stands behind this port
	}
	data, _ := json.Marshal(body)
	data = append(data, '\n')
	lines := f.ownCORS([]wire.Line{
		line("Content-Type", "application/json; charset=utf-8"),
		line("Cache-Control", "no-store"),
		line("X-Corsdash-Error", class.String()),
	})
	a := &f.answer
	*a = answer{status: status, lines: lines, proto: http11, kind: wire.Length, length: int64(len(data))}
	if f.isPreflight() && class != exchange.BadHost {
		a.status, a.kind, data = http.StatusNoContent, wire.None, nil
	}
	if string(f.in.head.Method) == "HEAD" {
		data = nil
	}
	a.reason = []byte(http.StatusText(a.status))
	block := f.client.start(a, f.in.framing.Close || !f.bodyRead())
	f.mu.Lock()
	f.draft.Response(a.status, a.reason, a.proto, block)
	f.mu.Unlock()
	f.responsePiece(data)
	if f.client.piece(data) != nil || f.client.end(nil) != nil {
		f.leave()
	}
	f.ended = time.Now()
}

func line(name, value string) wire.Line {
	return wire.Line{Name: []byte(name), Value: []byte(value), Raw: []byte(name + ": " + value)}
}

func (f *flight) isPreflight() bool {
	if string(f.in.head.Method) != "OPTIONS" {
		return false
	}
	_, asks := f.in.head.Get("access-control-request-method")
	_, origin := f.in.head.Get("origin")
	return asks && origin
}

// ownCORS adds the headers that make the answer readable. Credentials are
// allowed to known origins only.
func (f *flight) ownCORS(lines []wire.Line) []wire.Line {
	origin, ok := f.in.head.Get("origin")
	if !ok {
		return lines
	}
	lines = append(lines, line("Access-Control-Allow-Origin", string(origin)), line("Vary", "Origin"))
	if f.trusted() {
		lines = append(lines, line("Access-Control-Allow-Credentials", "true"))
	}
	if !f.isPreflight() {
		return append(lines, line("Access-Control-Expose-Headers", "X-Corsdash-Error"))
	}
	method, _ := f.in.head.Get("access-control-request-method")
	lines = append(lines, line("Access-Control-Allow-Methods", string(method)), line("Access-Control-Max-Age", "0"))
	if names, ok := f.in.head.Get("access-control-request-headers"); ok {
		lines = append(lines, line("Access-Control-Allow-Headers", string(names)))
	}
	return lines
}

// trusted reports whether the asking page may learn details: a page of this
// machine, a configured origin, one that the upstream itself allowed before,
// or no page at all.
func (f *flight) trusted() bool {
	value, ok := f.in.head.Get("origin")
	if !ok {
		return f.draftClass() != exchange.BadHost
	}
	origin := strings.ToLower(string(value))
	if origin == "null" || f.draftClass() == exchange.BadHost {
		return false
	}
	_, rest, _ := strings.Cut(origin, "://")
	return isLoopback(hostOnly(rest)) || f.p.state.Load().allowOrigins[origin] || f.p.known.has(origin)
}

func (f *flight) draftClass() exchange.Class {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.draft.Class
}

// originSet remembers origins that upstreams allowed by name.
type originSet struct {
	mu   sync.RWMutex
	list map[string]bool
}

// maxKnownOrigins bounds the set; an upstream that reflects any origin must
// not fill the memory.
const maxKnownOrigins = 256

func (s *originSet) has(origin string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list[origin]
}

// learn takes the value of an Access-Control-Allow-Origin line that repeats
// the origin sent.
func (s *originSet) learn(origin []byte) {
	s.mu.RLock()
	known := s.list[string(origin)]
	s.mu.RUnlock()
	if known {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		s.list = map[string]bool{}
	}
	if len(s.list) < maxKnownOrigins {
		s.list[strings.ToLower(string(origin))] = true
	}
}
