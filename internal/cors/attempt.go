package cors

import (
	"encoding/json"
	"errors"
	"unsafe"
)

// Attempt is one request of a page and everything the servers saw of it: its
// preflights, its redirects, its retries, and what the page had asked before
// where that matters. It is read-only for this package.
//
// PageOrigin, Browser and Hints may be absent; what is missing is inferred
// from the wire (see Infer).
type Attempt struct {
	Version    int        `json:"v"`
	Type       string     `json:"type"` // "attempt"
	ID         string     `json:"id,omitempty"`
	PageOrigin string     `json:"page_origin,omitempty"` // serialised origin of the document, "null" when it is opaque
	Browser    string     `json:"browser,omitempty"`     // engine it was recorded with: chromium, firefox, webkit
	Hints      *Hints     `json:"hints,omitempty"`
	Wire       []Exchange `json:"wire"`
}

// Exchange is one request as it arrived and what was answered.
type Exchange struct {
	Step     int       `json:"step,omitempty"` // requests of the page before the judged one have lower steps
	Request  Request   `json:"request"`
	Response *Response `json:"response"`        // nil when no usable answer was sent
	Error    string    `json:"error,omitempty"` // how the server or the network failed: reset, empty, hang, garbage, refused …
}

// Request is what a server received.
type Request struct {
	Method   string  `json:"method"`
	URL      string  `json:"url"` // absolute, as the browser addressed it
	Proto    string  `json:"proto,omitempty"`
	Headers  Headers `json:"headers"`
	BodySize int64   `json:"body_size,omitempty"`
}

// Response is what the browser was sent. Body holds the bytes behind the head
// as they stood on the wire, transfer coding and content coding included;
// leave it empty when they are not known, or not all of them.
type Response struct {
	Status   int     `json:"status"`
	Headers  Headers `json:"headers"`
	BodySize int64   `json:"body_size"`
	Body     string  `json:"body,omitempty"`
}

// Hints say what the page's script or markup asked for, which no server sees.
// Every field may be empty for "not known". A recording that knows URL is
// taken to be complete: what is not in its wire did not reach a server.
type Hints struct {
	API            string  `json:"api,omitempty"`    // fetch, xhr, img, script, module, css, font, eventsource, beacon
	URL            string  `json:"url,omitempty"`    // as the script wrote it
	Method         string  `json:"method,omitempty"` // as the script wrote it
	Headers        Headers `json:"headers,omitempty"`
	Credentials    string  `json:"credentials,omitempty"` // omit, same-origin, include
	Mode           string  `json:"mode,omitempty"`        // cors, no-cors, same-origin
	Redirect       string  `json:"redirect,omitempty"`    // follow, error, manual
	Cache          string  `json:"cache,omitempty"`
	CrossOrigin    *string `json:"crossorigin,omitempty"` // the attribute; "" means anonymous, nil means none
	BodyKind       string  `json:"body_kind,omitempty"`
	UploadListener bool    `json:"upload_listener,omitempty"`
	Page           string  `json:"page,omitempty"`   // kind of page, see the Page constants
	Warmup         []Hints `json:"warmup,omitempty"` // what the page asked before
}

// The kinds of pages that change a verdict. Others, such as "page", "worker"
// or "sandbox", are told apart by their origin alone.
const (
	pageCOEP       = "coep"    // sent with Cross-Origin-Embedder-Policy: require-corp
	pageCSP        = "csp"     // sent with a connect-src 'self' policy
	pagePublic     = "public"  // in the public address space, a secure context
	pagePublicCorp = "pubcorp" // in the public address space, no secure context
)

// Header is one header line. Strings are bytes: nothing promises UTF-8.
type Header struct{ Name, Value string }

// Headers are header lines in their order, duplicates included. In JSON they
// are pairs, and a code point below 256 stands for the byte of that value
// (isomorphic encoding, https://infra.spec.whatwg.org/#isomorphic-encode).
type Headers []Header

// Lines views the header lines of another package as Headers without copying:
// the constraint makes sure that both are laid out alike.
func Lines[S ~[]E, E ~struct{ Name, Value string }](lines S) Headers {
	return unsafe.Slice((*Header)(unsafe.Pointer(unsafe.SliceData(lines))), len(lines))
}

var errPair = errors.New("a header line is a pair of strings")

// UnmarshalJSON reads pairs.
func (h *Headers) UnmarshalJSON(data []byte) error {
	var pairs [][]string
	if err := json.Unmarshal(data, &pairs); err != nil {
		return err
	}
	*h = make(Headers, len(pairs))
	for i, p := range pairs {
		if len(p) != 2 {
			return errPair
		}
		(*h)[i] = Header{isomorphicEncode(p[0]), isomorphicEncode(p[1])}
	}
	return nil
}

// MarshalJSON writes pairs.
func (h Headers) MarshalJSON() ([]byte, error) {
	pairs := make([][2]string, len(h))
	for i, l := range h {
		pairs[i] = [2]string{isomorphicDecode(l.Name), isomorphicDecode(l.Value)}
	}
	return json.Marshal(pairs)
}

// isomorphicEncode turns code points into bytes. Text that holds a larger code
// point was never bytes and stays UTF-8.
func isomorphicEncode(s string) string {
	if isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		b = append(b, byte(r))
	}
	return string(b)
}

func isomorphicDecode(s string) string {
	if isASCII(s) {
		return s
	}
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
