package exchange

import (
	"encoding/binary"
	"sync"
	"time"
)

// Sink takes finished exchanges. Add copies what it needs and returns at once;
// it never blocks on disk or screen. It gives a draft without ID its ID.
type Sink interface {
	Add(*Draft)
}

// Draft is a record under construction. It belongs to one goroutine, is meant
// to be reused with Reset, and allocates only while it grows.
type Draft struct {
	ID                         uint64
	Source                     Source
	Open, Redacted             bool
	Started                    time.Time
	Took, DNS, Connect, TLS    time.Duration
	Send, Wait, Receive, Proxy time.Duration
	Reused                     bool
	Status                     int
	Class                      Class
	FramesIn, FramesOut        uint32

	request, response body
	socket            bool
	buf               []byte
	small             []byte  // the draft's own buffer, while buf is a shared one
	large             *[]byte // the shared one
	last              int     // offset of the open body section, 0 when none is open
}

// body counts one direction.
type body struct {
	size         int64
	captured     int
	decoded, cut bool // see Body
}

// keepCapacity is what a draft keeps for its next exchange. A 256 KB body must
// not stay in memory for the life of an idle connection; the buffers for such
// ones are shared.
const (
	keepCapacity  = 128 << 10
	largeCapacity = 320 << 10 // a body as large as is usually captured, and its heads
)

var large = sync.Pool{New: func() any { b := make([]byte, 0, largeCapacity); return &b }}

// Reset makes the draft ready for the next exchange.
func (d *Draft) Reset(started time.Time) {
	if d.large != nil && cap(d.buf) == cap(*d.large) { // or it has outgrown that one too
		large.Put(d.large)
	}
	if d.large != nil {
		d.buf = d.small
	}
	if cap(d.buf) > keepCapacity {
		d.buf = nil
	}
	*d = Draft{Started: started, buf: d.buf[:0]}
}

// grow makes room for n bytes, in a shared buffer where it takes a large one.
func (d *Draft) grow(n int) {
	need := len(d.buf) + n
	if need <= cap(d.buf) || need <= keepCapacity || need > largeCapacity || d.large != nil {
		return // append will do
	}
	d.large = large.Get().(*[]byte)
	d.small, d.buf = d.buf, append((*d.large)[:0], d.buf...)
}

// Client notes the remote address, like "127.0.0.1:51234".
func (d *Draft) Client(addr string) { appendSection(d, secClient, addr) }

// Upstream notes the origin that was asked, like "http://localhost:8000".
func (d *Draft) Upstream(origin string) { appendSection(d, secUpstream, origin) }

// Address notes which address answered.
func (d *Draft) Address(addr string) { appendSection(d, secAddress, addr) }

// Request notes the request line and the block of header lines as it stood on
// the wire ("Name: value\r\n" each). The URL comes in two parts, so that the
// caller need not join them.
func (d *Draft) Request(method, origin, target, proto, lines []byte) {
	appendSection(d, secMethod, method)
	off := d.open(secURL)
	d.buf = append(append(d.buf, origin...), target...)
	d.close(off)
	appendSection(d, secRequestProto, proto)
	appendSection(d, secRequestHead, lines)
}

// Response notes the status line and header lines that went to the client.
func (d *Draft) Response(status int, reason, proto, lines []byte) {
	d.Status = status
	appendSection(d, secReason, reason)
	appendSection(d, secResponseProto, proto)
	appendSection(d, secResponseHead, lines)
}

// Interim notes a 1xx answer.
func (d *Draft) Interim(status int, lines []byte) {
	off := d.open(secInterim)
	d.buf = binary.LittleEndian.AppendUint16(d.buf, uint16(status))
	d.buf = append(d.buf, lines...)
	d.close(off)
}

// RequestTrailer and ResponseTrailer note trailer lines.
func (d *Draft) RequestTrailer(lines []byte)  { appendSection(d, secRequestTrailer, lines) }
func (d *Draft) ResponseTrailer(lines []byte) { appendSection(d, secResponseTrailer, lines) }

// Change notes, as a sentence, something corsdash changed.
func (d *Draft) Change(sentence string) { appendSection(d, secChange, sentence) }

// Fail notes what went wrong. The first failure stands.
func (d *Draft) Fail(class Class, detail string) {
	if d.Class != OK || class == OK {
		return
	}
	d.Class = class
	appendSection(d, secDetail, detail)
}

// RequestBody and ResponseBody tee a piece of a body: all of it is counted,
// what still fits under limit (bytes for the whole body) is kept.
func (d *Draft) RequestBody(p []byte, limit int)  { d.tee(&d.request, secRequestBody, p, limit) }
func (d *Draft) ResponseBody(p []byte, limit int) { d.tee(&d.response, secResponseBody, p, limit) }

// ResponseSize is how many bytes of the response's body were teed so far.
func (d *Draft) ResponseSize() int64 { return d.response.size }

// SkipResponse counts n bytes that passed without being seen.
func (d *Draft) SkipResponse(n int64) { d.response.size += n }

// ResponseFull reports whether the response's share of limit is used up.
func (d *Draft) ResponseFull(limit int) bool { return d.response.captured >= limit }

func (d *Draft) tee(b *body, kind byte, p []byte, limit int) {
	b.size += int64(len(p))
	if room := limit - b.captured; room < len(p) {
		p = p[:max(room, 0)]
	}
	if len(p) == 0 {
		return
	}
	b.captured += len(p)
	d.grow(len(p) + sectionHead)
	if d.last == 0 || d.buf[d.last-sectionHead] != kind {
		d.last = d.open(kind)
	}
	d.buf = append(d.buf, p...)
	d.patch(d.last)
}

// Upgraded marks the exchange as a WebSocket (or another upgrade).
func (d *Draft) Upgraded() { d.socket = true }

// Frame notes one WebSocket frame; counting it is the caller's.
func (d *Draft) Frame(f Frame, payload []byte) {
	var flags byte
	for i, on := range [...]bool{f.Out, f.Final, f.Compressed} {
		if on {
			flags |= 1 << i
		}
	}
	off := d.open(secFrame)
	d.buf = append(d.buf, flags, f.Opcode)
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(f.At))
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(f.Size))
	d.buf = append(d.buf, payload...)
	d.close(off)
}

// Len is the size of the record in bytes.
func (d *Draft) Len() int { return headSize + len(d.buf) }

// Encode writes the record into dst, which must have Len bytes.
func (d *Draft) Encode(dst []byte) Record {
	le := binary.LittleEndian
	le.PutUint32(dst, uint32(d.Len()))
	dst[4], dst[5], dst[6], dst[7] = recordVersion, byte(d.Source), d.flags(), byte(d.Class)
	le.PutUint64(dst[8:], d.ID)
	le.PutUint64(dst[16:], uint64(d.Started.UnixNano()))
	for i, v := range [...]time.Duration{d.Took, d.DNS, d.Connect, d.TLS, d.Send, d.Wait, d.Receive, d.Proxy} {
		le.PutUint64(dst[24+8*i:], uint64(v))
	}
	le.PutUint64(dst[88:], uint64(d.request.size))
	le.PutUint64(dst[96:], uint64(d.response.size))
	le.PutUint16(dst[104:], uint16(d.Status))
	le.PutUint16(dst[106:], 0)
	le.PutUint32(dst[108:], d.FramesIn)
	le.PutUint32(dst[112:], d.FramesOut)
	le.PutUint32(dst[116:], 0)
	copy(dst[headSize:], d.buf)
	return Record(dst[:d.Len()])
}

func (d *Draft) flags() (f byte) {
	for i, on := range [...]bool{d.Open, d.Redacted, d.Reused, d.socket,
		d.request.decoded, d.response.decoded, d.request.cut, d.response.cut} {
		if on {
			f |= 1 << i
		}
	}
	return f
}

// Load fills a reset draft from an exchange, the way back from Decode.
func (d *Draft) Load(x *Exchange) {
	d.ID, d.Source, d.Open, d.Redacted = x.ID, x.Source, x.Open, x.Redacted
	t := x.Timing
	d.Started, d.Took, d.DNS, d.Connect, d.TLS = t.Started, t.Took, t.DNS, t.Connect, t.TLS
	d.Send, d.Wait, d.Receive, d.Proxy, d.Reused = t.Send, t.Wait, t.Receive, t.Proxy, t.Reused
	d.Client(x.Client)
	d.Upstream(x.Upstream)
	d.Address(x.Address)
	d.Fail(x.Failure.Class, x.Failure.Detail)
	for _, c := range x.Changes {
		d.Change(c)
	}
	d.loadRequest(&x.Request)
	for _, i := range x.Interim {
		d.Interim(i.Status, lineBlock(i.Headers))
	}
	if x.Response != nil {
		d.loadResponse(x.Response)
	}
	if x.Socket != nil {
		d.Upgraded()
		d.FramesIn, d.FramesOut = x.Socket.FramesIn, x.Socket.FramesOut
		for _, f := range x.Socket.Frames {
			d.Frame(f, []byte(f.Data))
		}
	}
}

func (d *Draft) loadRequest(r *Request) {
	appendSection(d, secMethod, r.Method)
	appendSection(d, secURL, r.URL)
	appendSection(d, secRequestProto, r.Proto)
	d.lines(secRequestHead, r.Headers)
	d.lines(secRequestTrailer, r.Trailers)
	appendSection(d, secRequestBody, r.Body.Data)
	d.request = loaded(r.Body)
}

func (d *Draft) loadResponse(r *Response) {
	d.Status = r.Status
	appendSection(d, secReason, r.Reason)
	appendSection(d, secResponseProto, r.Proto)
	d.lines(secResponseHead, r.Headers)
	d.lines(secResponseTrailer, r.Trailers)
	appendSection(d, secResponseBody, r.Body.Data)
	d.response = loaded(r.Body)
}

func loaded(b Body) body {
	return body{size: b.Size, captured: len(b.Data), decoded: b.Decoded, cut: b.Cut}
}

func (d *Draft) lines(kind byte, h Headers) {
	if len(h) == 0 {
		return
	}
	off := d.open(kind)
	for _, l := range h {
		d.buf = AppendLine(d.buf, l.Name, l.Value)
	}
	d.close(off)
}

func lineBlock(h Headers) (block []byte) {
	for _, l := range h {
		block = AppendLine(block, l.Name, l.Value)
	}
	return block
}

// AppendLine appends "Name: value\r\n". A line break inside would make two
// lines of one, so it becomes a space; on a real wire it cannot occur.
func AppendLine(dst []byte, name, value string) []byte {
	dst = append(appendOneLine(dst, name), ':', ' ')
	return append(appendOneLine(dst, value), '\r', '\n')
}

func appendOneLine(dst []byte, s string) []byte {
	from := len(dst)
	dst = append(dst, s...)
	for i, c := range dst[from:] {
		if c == '\n' {
			dst[from+i] = ' '
		}
	}
	return dst
}

// appendSection appends a whole section; an empty one says nothing and is left out.
func appendSection[T ~string | ~[]byte](d *Draft, kind byte, s T) {
	if len(s) == 0 {
		return
	}
	off := d.open(kind)
	d.buf = append(d.buf, s...)
	d.close(off)
}

// open starts a section and returns the offset of its first byte.
func (d *Draft) open(kind byte) int {
	d.last = 0
	d.buf = append(d.buf, kind, 0, 0, 0, 0)
	return len(d.buf)
}

func (d *Draft) close(off int) { d.patch(off) }

func (d *Draft) patch(off int) {
	binary.LittleEndian.PutUint32(d.buf[off-4:], uint32(len(d.buf)-off))
}
