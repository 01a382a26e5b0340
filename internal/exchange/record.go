package exchange

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// A record is the flat form of an exchange: a fixed head of numbers, then
// sections of bytes. The proxy appends to it while the exchange runs, the
// session copies it with one memcpy, the file stores it as it is. Nothing in
// it is a pointer, so the garbage collector never looks at captured traffic.
//
//	0  u32 length of the whole record      24 i64 ×8 took dns connect tls send wait receive proxy (ns, -1 unknown)
//	4  u8  version                         88 i64 request body size
//	5  u8  source                          96 i64 response body size
//	6  u8  flags                          104 u16 status, 0 when no answer came
//	7  u8  failure class                  106 u16 unused
//	8  u64 id                             108 u32 frames in, 112 u32 frames out, 116 u32 unused
//	16 i64 started, ns since the epoch    120 sections: u8 kind, u32 length, bytes
const (
	recordVersion = 1
	headSize      = 120
	sectionHead   = 5
)

const (
	flagOpen = 1 << iota
	flagRedacted
	flagReused
	flagSocket
	flagRequestDecoded
	flagResponseDecoded
	flagRequestCut
	flagResponseCut
)

// Kinds of sections. A kind may stand several times; unknown ones are skipped,
// so that an older corsdash reads what a newer one wrote.
const (
	secClient = iota + 1
	secUpstream
	secAddress
	secMethod
	secURL
	secRequestProto
	secRequestHead
	secRequestBody
	secRequestTrailer
	secReason
	secResponseProto
	secResponseHead
	secResponseBody
	secResponseTrailer
	secInterim // u16 status, then header lines
	secChange
	secDetail
	secFrame // u8 direction and flags, u8 opcode, i64 at, i64 size, payload
)

const frameHead = 18

// ErrRecord is what reading a record that is not one ends with.
var ErrRecord = errors.New("not an exchange record")

// Record is an encoded exchange.
type Record []byte

// Next cuts the first record off a run of records.
func Next(run []byte) (rec Record, rest []byte, err error) {
	if len(run) < headSize {
		return nil, nil, ErrRecord
	}
	n := int(binary.LittleEndian.Uint32(run))
	if n < headSize || n > len(run) || run[4] != recordVersion {
		return nil, nil, ErrRecord
	}
	return Record(run[:n:n]), run[n:], nil
}

// ID is the exchange's number, 0 when it has none yet.
func (r Record) ID() uint64 { return binary.LittleEndian.Uint64(r[8:]) }

// SetID numbers the record.
func (r Record) SetID(id uint64) { binary.LittleEndian.PutUint64(r[8:], id) }

// Decode builds the exchange, with at most bodyLimit bytes of each body
// (negative: all that was captured). The record may be reused afterwards.
func (r Record) Decode(bodyLimit int) (*Exchange, error) {
	if rec, _, err := Next(r); err != nil || len(rec) != len(r) {
		return nil, ErrRecord
	}
	x := r.numbers()
	d := decoder{x: x, limit: bodyLimit}
	if err := d.sections(r[headSize:]); err != nil {
		return nil, err
	}
	d.finish(r)
	return x, nil
}

func (r Record) numbers() *Exchange {
	at := func(off int) int64 { return int64(binary.LittleEndian.Uint64(r[off:])) }
	d := func(off int) time.Duration { return time.Duration(at(off)) }
	x := &Exchange{ID: r.ID(), Source: Source(r[5]), Open: r[6]&flagOpen != 0, Redacted: r[6]&flagRedacted != 0}
	x.Failure.Class = Class(r[7])
	x.Timing = Timing{
		Started: started(at(16)), Took: d(24), DNS: d(32), Connect: d(40), TLS: d(48),
		Send: d(56), Wait: d(64), Receive: d(72), Proxy: d(80), Reused: r[6]&flagReused != 0,
	}
	x.Request.Body = Body{Size: at(88), Decoded: r[6]&flagRequestDecoded != 0, Cut: r[6]&flagRequestCut != 0}
	if status := binary.LittleEndian.Uint16(r[104:]); status != 0 {
		body := Body{Size: at(96), Decoded: r[6]&flagResponseDecoded != 0, Cut: r[6]&flagResponseCut != 0}
		x.Response = &Response{Status: int(status), Body: body}
	}
	if r[6]&flagSocket != 0 {
		x.Socket = &Socket{FramesIn: binary.LittleEndian.Uint32(r[108:]), FramesOut: binary.LittleEndian.Uint32(r[112:])}
	}
	return x
}

// started reads a time back, also that of an exchange which has none.
func started(ns int64) time.Time {
	if ns == (time.Time{}).UnixNano() {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// decoder collects sections. Bodies usually are one piece; a stream that ran
// in both directions at once may have left many.
type decoder struct {
	x         *Exchange
	limit     int
	req, resp []string
	nreq      int
	nresp     int
	response  Response
}

func (d *decoder) sections(p []byte) error {
	// One string for all of it but the bodies: every name and value shares it.
	text := make([]byte, 0, min(len(p), 4096))
	type span struct{ kind, from, to int }
	var spans [48]span
	list := spans[:0]
	for len(p) > 0 {
		if len(p) < sectionHead {
			return ErrRecord
		}
		kind, n := int(p[0]), int(binary.LittleEndian.Uint32(p[1:]))
		if n > len(p)-sectionHead {
			return ErrRecord
		}
		data := p[sectionHead : sectionHead+n]
		p = p[sectionHead+n:]
		switch kind {
		case secRequestBody:
			d.piece(&d.req, &d.nreq, data)
		case secResponseBody:
			d.piece(&d.resp, &d.nresp, data)
		default:
			list = append(list, span{kind, len(text), len(text) + n})
			text = append(text, data...)
		}
	}
	all := string(text)
	for _, s := range list {
		d.text(s.kind, all[s.from:s.to])
	}
	return nil
}

func (d *decoder) piece(list *[]string, have *int, data []byte) {
	if d.limit >= 0 {
		data = data[:max(0, min(len(data), d.limit-*have))]
	}
	if len(data) > 0 {
		*list = append(*list, string(data))
		*have += len(data)
	}
}

func (d *decoder) text(kind int, s string) {
	x := d.x
	switch kind {
	case secClient:
		x.Client = s
	case secUpstream:
		x.Upstream = s
	case secAddress:
		x.Address = s
	case secMethod:
		x.Request.Method = s
	case secURL:
		x.Request.URL = s
	case secRequestProto:
		x.Request.Proto = s
	case secRequestHead:
		x.Request.Headers = ParseHeaders(s)
	case secRequestTrailer:
		x.Request.Trailers = ParseHeaders(s)
	case secReason:
		d.response.Reason = s
	case secResponseProto:
		d.response.Proto = s
	case secResponseHead:
		d.response.Headers = ParseHeaders(s)
	case secResponseTrailer:
		d.response.Trailers = ParseHeaders(s)
	case secInterim:
		if len(s) >= 2 {
			x.Interim = append(x.Interim, Interim{Status: int(s[0]) | int(s[1])<<8, Headers: ParseHeaders(s[2:])})
		}
	case secChange:
		x.Changes = append(x.Changes, s)
	case secDetail:
		x.Failure.Detail = s
	case secFrame:
		d.frame(s)
	}
}

func (d *decoder) frame(s string) {
	if len(s) < frameHead || d.x.Socket == nil {
		return
	}
	num := func(off int) int64 { return int64(binary.LittleEndian.Uint64([]byte(s[off : off+8]))) }
	d.x.Socket.Frames = append(d.x.Socket.Frames, Frame{
		Out: s[0]&1 != 0, Final: s[0]&2 != 0, Compressed: s[0]&4 != 0, Opcode: s[1],
		At: time.Duration(num(2)), Size: num(10), Data: s[frameHead:],
	})
}

func (d *decoder) finish(r Record) {
	d.x.Request.Body.Data = strings.Join(d.req, "")
	if d.x.Response == nil {
		return
	}
	d.response.Status, d.response.Body = d.x.Response.Status, d.x.Response.Body
	d.response.Body.Data = strings.Join(d.resp, "")
	*d.x.Response = d.response
}
