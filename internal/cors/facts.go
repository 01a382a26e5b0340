package cors

// API is what in the page made the request. The names are those of hints.
type API string

// The kinds of requests.
const (
	Fetch       API = "fetch"
	XHR         API = "xhr"
	EventSource API = "eventsource"
	Beacon      API = "beacon"
	Image       API = "img"
	Script      API = "script"
	Module      API = "module"
	Style       API = "css"
	Font        API = "font"
)

// element reports whether the request comes from markup, whose loads tell the
// page nothing but "worked" or "failed".
func (a API) element() bool {
	switch a {
	case Fetch, XHR, EventSource, "":
		return false
	}
	return true
}

// mode is a request mode, https://fetch.spec.whatwg.org/#concept-request-mode.
type mode uint8

const (
	modeUnknown mode = iota // cors or no-cors
	modeCORS
	modeNoCORS
	modeSameOrigin
	modeNavigate
	modeWebSocket
)

var modes = map[string]mode{
	"cors": modeCORS, "no-cors": modeNoCORS, "same-origin": modeSameOrigin,
	"navigate": modeNavigate, "websocket": modeWebSocket,
}

// credentials is what is known of a request's credentials mode. Only "include"
// makes a difference to CORS.
type credentials uint8

const (
	credUnknown credentials = iota
	credInclude
	credNotInclude
)

// facts are what is known about the page's side of an attempt, from hints or
// from the wire.
type facts struct {
	recorded Engine // engine that sent the requests, engines when not known
	version  int    // its major version, 0 when not known
	tool     bool   // not a browser at all
	step     int    // the step to judge
	first    int    // index of its first exchange, -1 when it has none
	page     string // origin of the page: serialised, "null", or "" when not known
	api      API    // "" when not known
	mode     mode
	cred     credentials
	home     bool // the first request went to the page's own origin
	complete bool // the record is complete: what it does not show did not reach a server
	hints    *Hints
	evidence evidence
}

// scripted reports whether a hint says which API asked, so that the page's own
// experience is the answer even where CORS had no say.
func (f *facts) scripted() bool { return f.hints != nil && f.hints.API != "" }

// pageKind is the kind of page, "" when not known.
func (f *facts) pageKind() string {
	if f.hints == nil {
		return ""
	}
	return f.hints.Page
}

// redirectMode is the redirect mode, "" when not known.
func (f *facts) redirectMode() string {
	if f.hints == nil {
		return ""
	}
	return f.hints.Redirect
}

// gather collects the facts of an attempt.
func gather(a *Attempt) facts {
	f := facts{recorded: engines, hints: a.Hints, first: -1}
	for i := range a.Wire {
		f.step = max(f.step, a.Wire[i].Step)
	}
	if a.Hints != nil {
		f.step = max(f.step, len(a.Hints.Warmup))
		f.complete = a.Hints.URL != ""
	}
	for i := range a.Wire {
		if a.Wire[i].Step == f.step {
			f.first = i
			break
		}
	}
	f.inferBrowser(a)
	if f.first >= 0 {
		f.inferRequest(a)
	}
	f.applyHints(a)
	return f
}

// applyHints lets what is known replace what was inferred.
func (f *facts) applyHints(a *Attempt) {
	if e, ok := ParseEngine(a.Browser); ok {
		f.recorded, f.tool = e, false
	}
	if a.PageOrigin != "" {
		f.page, f.tool = a.PageOrigin, false
	}
	h := a.Hints
	if h == nil {
		return
	}
	if h.API != "" {
		f.api, f.tool = API(h.API), false
	}
	f.hintMode(h)
	f.hintCredentials(h)
}

// hintMode derives the mode from the API's default, and from the crossorigin
// attribute for elements: https://html.spec.whatwg.org/#create-a-potential-cors-request.
func (f *facts) hintMode(h *Hints) {
	if m, ok := modes[h.Mode]; ok {
		f.mode = m
		return
	}
	switch API(h.API) {
	case Fetch, XHR, EventSource, Module, Font:
		f.mode = modeCORS
	case Image, Script, Style:
		f.mode = modeNoCORS
		if h.CrossOrigin != nil {
			f.mode = modeCORS
		}
	}
}

func (f *facts) hintCredentials(h *Hints) {
	switch {
	case h.Credentials == "include", h.CrossOrigin != nil && lowerName(*h.CrossOrigin) == "use-credentials", API(h.API) == Beacon:
		f.cred = credInclude
	case h.Credentials != "", h.CrossOrigin != nil, API(h.API) == Font, API(h.API) == Module, API(h.API) == EventSource && f.complete:
		f.cred = credNotInclude
	}
}
