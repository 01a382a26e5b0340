// Package layer recognises who answered: the application, its framework, the
// server in front of it, a gateway, a CDN. An answer usually shows several.
//
// Input is the head of an answer and the beginning of its body. Only named
// headers and known phrases of bodies count; what is not recognised stays
// unknown. The package keeps nothing.
package layer

import (
	"strings"

	"corsdash/internal/exchange"
)

// Kind is where a layer stands.
type Kind uint8

// The kinds, from the inside out.
const (
	App Kind = iota // a ready-made application: a CMS, an identity provider
	Framework
	Middleware
	AppServer // runs an application and speaks HTTP for it
	DevServer
	WebServer // stands in front of applications, or serves files
	Gateway
	CDN
	Platform // hosting, tunnels
)

var kindNames = [...]string{"application", "framework", "middleware", "application server", "dev server", "web server", "gateway", "CDN", "platform"}

func (k Kind) String() string { return kindNames[k] }

// Layer is one that was recognised.
type Layer struct {
	Name       string // "uvicorn"
	Kind       Kind
	Confidence int    // 1 to 100: 90 and more for a name in a header, less for phrases others may use too
	Evidence   string // the header line or the phrase
	Made       bool   // it made this answer itself rather than passing it on
	Stack      string // whose fixes apply, a key of fix.Stacks; "" for none
}

// Answer is what there is to go by.
type Answer struct {
	Status  int
	Headers exchange.Headers
	Type    string // media type, lower case, without parameters
	Body    string // its beginning, without content coding
}

// Find recognises the layers of an answer, the surest first, inner ones before
// outer ones.
func Find(a Answer) []Layer {
	var s search
	for i := range a.Headers {
		s.header(&a.Headers[i])
	}
	s.combinations(a.Headers)
	s.body(&a)
	s.imply()
	return s.sorted()
}

// search collects layers, each once with the best evidence.
type search struct{ list []Layer }

func (s *search) add(l Layer) {
	for i := range s.list {
		if have := &s.list[i]; have.Name == l.Name {
			have.Made = have.Made || l.Made
			if l.Confidence > have.Confidence {
				have.Confidence, have.Evidence = l.Confidence, l.Evidence
			}
			return
		}
	}
	s.list = append(s.list, l)
}

// confidence is how sure a layer is so far, 0 when it was not seen.
func (s *search) confidence(name string) int {
	for i := range s.list {
		if s.list[i].Name == name {
			return s.list[i].Confidence
		}
	}
	return 0
}

// found adds a layer by its name, with what is known of it.
func (s *search) found(name string, confidence int, evidence string, made bool) {
	about := layers[name]
	s.add(Layer{Name: name, Kind: about.kind, Stack: about.stack, Confidence: confidence, Evidence: evidence, Made: made})
}

// header looks one header line up.
func (s *search) header(h *exchange.Header) {
	var buf [48]byte
	if len(h.Name) > len(buf) {
		return
	}
	name := append(buf[:0], h.Name...)
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			name[i] = c | 0x20
		}
	}
	for _, sign := range headerSigns[string(name)] {
		if sign.matches(h.Value) {
			s.found(sign.layer, sign.confidence, h.Name+": "+shortened(h.Value), sign.made)
		}
	}
}

func shortened(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// body looks for phrases. Only answers that are errors, redirects or pages are
// searched: the data of an application may hold any phrase.
func (s *search) body(a *Answer) {
	if a.Body == "" || a.Status < 300 && a.Type != "text/html" {
		return
	}
	for i := range bodySigns {
		sign := &bodySigns[i]
		if sign.status != 0 && sign.status != a.Status || sign.kind != "" && !strings.Contains(a.Type, sign.kind) {
			continue
		}
		if sign.header != "" && !a.Headers.Has(sign.header) || sign.without != "" && a.Headers.Has(sign.without) {
			continue
		}
		if sign.in(a.Body) {
			s.found(sign.layer, sign.confidence, "body: "+shortened(sign.shows()), true)
		}
	}
}

// imply adds what a layer does not come without: uvicorn with Starlette's
// phrases is Starlette, WSGIServer with Django's headers is Django.
func (s *search) imply() {
	for _, rule := range implications {
		if sure := s.confidence(rule.layer); sure > 0 && s.confidence(rule.implied) == 0 {
			s.found(rule.implied, min(rule.confidence, sure-1), "implied by "+rule.layer, false)
		}
	}
}

// sorted orders by confidence, and from the inside out among equals. Lists are
// short.
func (s *search) sorted() []Layer {
	for i := 1; i < len(s.list); i++ {
		for j := i; j > 0 && before(&s.list[j], &s.list[j-1]); j-- {
			s.list[j], s.list[j-1] = s.list[j-1], s.list[j]
		}
	}
	return s.list
}

func before(a, b *Layer) bool {
	if a.Confidence != b.Confidence {
		return a.Confidence > b.Confidence
	}
	if a.Kind != b.Kind {
		return a.Kind < b.Kind
	}
	return a.Name < b.Name
}

// Stack is the stack to fix: that of the innermost application layer that is
// sure enough to say so, else that of the server or gateway that is; "" when
// nothing is.
func Stack(list []Layer) string {
	best, bestKind := "", Platform+1
	for i := range list {
		l := &list[i]
		if l.Stack != "" && l.Confidence >= sureEnough && l.Kind < bestKind {
			best, bestKind = l.Stack, l.Kind
		}
	}
	return best
}

// sureEnough is the confidence from which on a layer decides about advice.
const sureEnough = 60

// Merge adds newly recognised layers to those known of an upstream. Names are
// kept once, with the best evidence; the surest 12 are kept.
func Merge(known, seen []Layer) []Layer {
	s := search{list: known}
	for _, l := range seen {
		l.Made = false
		l.Evidence = strings.Clone(l.Evidence)
		s.add(l)
	}
	list := s.sorted()
	return list[:min(len(list), 12)]
}

// Outside reports whether a layer of that kind stands in front of an
// application rather than being one.
func (k Kind) Outside() bool { return k >= WebServer }

// Title is the layer's name as people write it.
func (l *Layer) Title() string {
	if title := titles[l.Name]; title != "" {
		return title
	}
	return l.Name
}
