// Package exchange holds the data that flows through corsdash: one HTTP
// exchange as it stood on the wire, the flat record it travels in, and the
// redaction of its secrets.
//
// Input is what the proxy, a probe or a file saw. Output is an immutable
// Exchange. The package must not judge, print or touch the network, and it
// imports nothing but the standard library.
package exchange

import "time"

// Source says which door an exchange came in by.
type Source uint8

// The doors. Their names are part of the JSON stream.
const (
	SourceProxy Source = iota
	SourceProbe
	SourceHAR
	SourceFile
)

var sourceNames = [...]string{"proxy", "probe", "har", "file"}

func (s Source) String() string { return nameAt(sourceNames[:], int(s)) }

// Exchange is one request and what became of it. It is immutable once handed
// over; strings share one backing array, so keeping a header keeps them all.
type Exchange struct {
	ID       uint64 // 1, 2, 3 … in the order the session first heard of it
	Source   Source
	Open     bool   // still running when it was recorded; a later record has the same ID
	Redacted bool   // secrets were replaced by marks, see Redactor
	Client   string // remote address of the client, "127.0.0.1:51234"
	Upstream string // origin of the upstream, "http://localhost:8000"; empty when none was asked
	Address  string // address of the upstream that answered, "127.0.0.1:8000"
	Request  Request
	Interim  []Interim // 1xx answers other than 101, in order
	Response *Response // nil when no answer came
	Failure  Failure
	Changes  []string // what corsdash changed, one sentence each
	Timing   Timing
	Socket   *Socket // set once the connection was upgraded
}

// Request is what the client sent, before the proxy changed anything.
type Request struct {
	Method   string
	URL      string // absolute; path and query are the bytes of the wire
	Proto    string // "HTTP/1.1", "HTTP/2.0"
	Headers  Headers
	Trailers Headers
	Body     Body
}

// Response is what the client got, after the proxy's changes.
type Response struct {
	Status   int    // 100 to 999
	Reason   string // the words behind the status, empty with HTTP/2
	Proto    string
	Headers  Headers
	Trailers Headers
	Body     Body
}

// Interim is a 1xx answer that came before the real one.
type Interim struct {
	Status  int
	Headers Headers
}

// Body is a message body without its transfer coding. Its content coding
// (gzip, br …) is still on unless Decoded says otherwise.
type Body struct {
	Size    int64  // bytes that passed
	Data    string // the first bytes, up to the body limit
	Decoded bool   // Data is not the bytes that passed: its content coding was removed, or secrets were
	Cut     bool   // of a decoded body: fewer bytes were captured than passed
}

// Truncated reports whether fewer bytes were captured than passed.
func (b Body) Truncated() bool {
	return b.Cut || !b.Decoded && int64(len(b.Data)) < b.Size
}

// Plain is the body with data in the place of the captured bytes. It remembers
// whether those were all, which the length of data cannot tell any more.
func (b Body) Plain(data string) Body {
	return Body{Size: b.Size, Data: data, Decoded: true, Cut: b.Truncated()}
}

// Unknown marks a duration nobody measured.
const Unknown time.Duration = -1

// Timing breaks an exchange down. Phases that did not happen are 0, phases
// that were not measured are Unknown.
type Timing struct {
	Started time.Time
	Took    time.Duration // from the first byte of the request to the last of the answer
	DNS     time.Duration
	Connect time.Duration // TCP only
	TLS     time.Duration
	Send    time.Duration // writing the request
	Wait    time.Duration // from request sent to first byte of the answer
	Receive time.Duration // from first to last byte of the answer
	Proxy   time.Duration // what corsdash itself added
	Reused  bool          // the upstream connection had served before
}

// Socket counts what passed after a 101.
type Socket struct {
	FramesIn, FramesOut uint32  // from upstream to client, from client to upstream
	Frames              []Frame // the first ones, up to the body limit
}

// Frame is one WebSocket frame.
type Frame struct {
	Out        bool // client to upstream
	Opcode     byte // 1 text, 2 binary, 8 close, 9 ping, 10 pong, 0 continuation
	Final      bool
	Compressed bool          // permessage-deflate, Data is still deflated
	At         time.Duration // since the exchange started
	Size       int64         // payload bytes
	Data       string        // payload as captured, unmasked
}

// Failure says what went wrong on the network. The zero value is "nothing".
type Failure struct {
	Class  Class
	Detail string // the system's own words
}

// Class sorts network failures. The names are part of the JSON stream.
type Class uint8

// The classes. Those up to Garbage mean that no usable answer came from the
// upstream; Cut means that one began; the last ones lie on the client's side.
const (
	OK          Class = iota
	Refused           // nobody listens there
	DNS               // the name does not resolve
	TLS               // handshake or certificate
	Timeout           // no connection or no answer in time
	Reset             // connection lost before the head of an answer
	Garbage           // the answer is not HTTP
	Cut               // connection lost in the middle of the body
	ClientGone        // the client left before the answer was complete
	BadRequest        // the client's request is not HTTP that can be passed on
	BadHost           // the Host is not on the allow-list
	Loop              // the upstream is this proxy
	NoRoute           // no route takes this path
	Unreachable       // any other failure to connect
)

var classNames = [...]string{
	"", "refused", "dns", "tls", "timeout", "reset", "garbage", "cut", "client-gone",
	"bad-request", "bad-host", "loop", "no-route", "unreachable",
}

func (c Class) String() string { return nameAt(classNames[:], int(c)) }

func nameAt(names []string, i int) string {
	if i >= len(names) {
		return "unknown"
	}
	return names[i]
}
