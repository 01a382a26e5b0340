package browser

import (
	"io"
	"net/url"
	"slices"
	"strings"
)

// Header is one header line.
type Header struct{ Name, Value string }

// Kind is what in the page makes a request.
type Kind int

// The kinds.
const (
	Fetch Kind = iota
	XHR
	Image
	Script
	Module
	Stylesheet
	Font
	EventStream // what an EventSource sends; see Browser.EventSource
	Frame       // navigation of an iframe
	Document    // navigation of the tab
)

// traits are the defaults that come with a kind.
type traits struct {
	console     string // its name in console messages
	mode        string
	credentials string
	dest        string // Sec-Fetch-Dest
	accept      string
}

const (
	acceptImage    = "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
	acceptDocument = "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)

var kinds = [...]traits{
	Fetch:       {"fetch", "cors", "same-origin", "empty", "*/*"},
	XHR:         {"XMLHttpRequest", "cors", "same-origin", "empty", "*/*"},
	Image:       {"image", "no-cors", "include", "image", acceptImage},
	Script:      {"script", "no-cors", "include", "script", "*/*"},
	Module:      {"script", "cors", "same-origin", "script", "*/*"},
	Stylesheet:  {"CSS stylesheet", "no-cors", "include", "style", "text/css,*/*;q=0.1"},
	Font:        {"font", "cors", "same-origin", "font", "*/*"},
	EventStream: {"resource", "cors", "same-origin", "empty", "text/event-stream"},
	Frame:       {"", "navigate", "include", "iframe", acceptDocument},
	Document:    {"", "navigate", "include", "document", acceptDocument},
}

// Request is a request as the page states it. Zero values are the defaults of
// its kind.
type Request struct {
	Kind        Kind
	Method      string // as the script wrote it
	URL         string // absolute, or relative to the page
	Headers     []Header
	Body        []byte
	Credentials string // omit, same-origin, include
	Mode        string // cors, no-cors, same-origin
	Redirect    string // follow, error, manual
	Cache       string // default, no-store, reload, no-cache

	// UploadListener makes an XHR ask a preflight whatever else it is
	// (https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send).
	UploadListener bool

	lastEvent string // what an EventSource saw last; it needs no permission
}

// Response is what the page gets when the browser lets it.
type Response struct {
	Type       string // basic, cors, opaque, opaqueredirect
	Status     int    // 0 when opaque
	Reason     string
	URL        string // of the last hop, without fragment
	Redirected bool
	Headers    []Header // those a script may read, names in lower case
	Console    []string // what the console said although the request succeeded

	// Body streams as bytes arrive. It fails with a *Failure when the
	// connection is cut, and must be closed.
	Body io.ReadCloser
}

// Get returns the values of a readable header, joined, and whether there is
// one; a script reads null where there is none.
func (r *Response) Get(name string) (string, bool) { return get(r.Headers, name) }

// get joins the lines of that name as Fetch reads them
// (https://fetch.spec.whatwg.org/#concept-header-list-get).
func get(lines []Header, name string) (value string, ok bool) {
	for _, l := range lines {
		if !strings.EqualFold(l.Name, name) {
			continue
		}
		if ok {
			value += ", "
		}
		value, ok = value+l.Value, true
	}
	return value, ok
}

func first(lines []Header, name string) (string, bool) {
	for _, l := range lines {
		if strings.EqualFold(l.Name, name) {
			return l.Value, true
		}
	}
	return "", false
}

// without returns the lines that are not to be dropped.
func without(lines []Header, drop func(Header) bool) []Header {
	var kept []Header
	for _, l := range lines {
		if !drop(l) {
			kept = append(kept, l)
		}
	}
	return kept
}

// combined joins lines of the same name, as Headers.append and
// XMLHttpRequest.setRequestHeader do.
func combined(lines []Header) []Header {
	var out []Header
	for _, l := range lines {
		i := slices.IndexFunc(out, func(o Header) bool { return strings.EqualFold(o.Name, l.Name) })
		if i < 0 {
			out = append(out, l)
			continue
		}
		out[i].Value += ", " + l.Value
	}
	return out
}

// named makes a condition of names in lower case.
func named(names ...string) func(Header) bool {
	return func(h Header) bool { return slices.Contains(names, strings.ToLower(h.Name)) }
}

// normalMethod upper-cases the methods that a script may write in any case
// (https://fetch.spec.whatwg.org/#concept-method-normalize). "patch" is not
// one of them, which surprises people.
func normalMethod(m string) string {
	switch up := strings.ToUpper(m); up {
	case "":
		return "GET"
	case "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT":
		return up
	}
	return m
}

func withoutFragment(u *url.URL) string {
	c := *u
	c.Fragment, c.RawFragment = "", ""
	return c.String()
}
