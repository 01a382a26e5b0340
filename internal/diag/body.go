package diag

import (
	"strings"

	"corsdash/internal/exchange"
)

// bodyKept is how much of a body rules get to read, in bytes. It is also what
// the engine keeps of one, so that a large download is not held in memory by a
// diagnosis.
const bodyKept = 4 << 10

// body is the beginning of a message body, read at most once.
type body struct {
	text string
	read bool
}

// Body is the beginning of the answer's body, at most 4 KB, without its
// content coding. It is "" when there is none or it cannot be read.
func (f *Fact) Body() string {
	if f.X.Response == nil {
		return ""
	}
	return f.response.of(f.env, f.X.Response.Headers, f.X.Response.Body)
}

// RequestBody is the beginning of the request's body, like Body.
func (f *Fact) RequestBody() string {
	return f.request.of(f.env, f.X.Request.Headers, f.X.Request.Body)
}

func (b *body) of(e *env, h exchange.Headers, captured exchange.Body) string {
	if b.read {
		return b.text
	}
	b.read = true
	data := captured.Data[:min(len(captured.Data), bodyKept)]
	if coding, _ := h.Get("Content-Encoding"); coding != "" && !captured.Decoded && data != "" {
		if e.plain == nil {
			return ""
		}
		// What came out before an error is worth reading: the end is cut off.
		plain, _ := e.plain(coding, []byte(data), bodyKept)
		data = string(plain)
	}
	b.text = data
	return b.text
}

// trimmed is x as the engine keeps it: no more than the beginning of each
// body, and no frames. It is x itself where that is all there is.
func trimmed(x *exchange.Exchange) *exchange.Exchange {
	frames := x.Socket != nil && len(x.Socket.Frames) > 0
	large := len(x.Request.Body.Data) > bodyKept || x.Response != nil && len(x.Response.Body.Data) > bodyKept
	if !frames && !large {
		return x
	}
	y := *x
	y.Request.Body = beginning(x.Request.Body)
	if x.Response != nil {
		response := *x.Response
		response.Body = beginning(response.Body)
		y.Response = &response
	}
	if frames { // they share their memory with the header lines
		y.Socket = &exchange.Socket{FramesIn: x.Socket.FramesIn, FramesOut: x.Socket.FramesOut}
		y.Request.Headers = cloned(y.Request.Headers)
		y.Request.URL, y.Request.Method = strings.Clone(y.Request.URL), strings.Clone(y.Request.Method)
		y.Client, y.Upstream, y.Address = strings.Clone(y.Client), strings.Clone(y.Upstream), strings.Clone(y.Address)
		y.Request.Proto, y.Failure.Detail = strings.Clone(y.Request.Proto), strings.Clone(y.Failure.Detail)
		y.Changes, y.Interim = nil, nil
		if y.Response != nil {
			y.Response.Headers = cloned(y.Response.Headers)
			y.Response.Reason, y.Response.Proto = strings.Clone(y.Response.Reason), strings.Clone(y.Response.Proto)
		}
	}
	return &y
}

func beginning(b exchange.Body) exchange.Body {
	if len(b.Data) > bodyKept {
		b.Cut = true
		b.Data = strings.Clone(b.Data[:bodyKept])
	}
	return b
}

func cloned(h exchange.Headers) exchange.Headers {
	out := make(exchange.Headers, len(h))
	for i, l := range h {
		out[i] = exchange.Header{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)}
	}
	return out
}

// trim lets go of what the engine does not keep.
func (f *Fact) trim() {
	x := trimmed(f.X)
	if x == f.X {
		return
	}
	if x.Socket == nil || x.Socket == f.X.Socket {
		f.X, f.request, f.response = x, body{}, body{}
		return
	}
	g := f.env.read(x)
	g.Role, g.Page, g.Token = f.Role, strings.Clone(f.Page), f.Token
	g.client, g.Upstream, g.Route, g.hash = f.client, f.Upstream, f.Route, f.hash
	*f = *g
}

// weight is about how much memory a kept exchange holds, in bytes.
func weight(x *exchange.Exchange) int {
	n := 1024 + len(x.Request.URL) + len(x.Request.Body.Data)
	for _, l := range x.Request.Headers {
		n += 40 + len(l.Name) + len(l.Value)
	}
	if x.Response != nil {
		n += len(x.Response.Body.Data)
		for _, l := range x.Response.Headers {
			n += 40 + len(l.Name) + len(l.Value)
		}
	}
	return n
}
