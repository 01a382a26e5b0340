package cors

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// Outcome is what became of a request in the browser. The names are part of
// the JSON stream.
type Outcome string

// The outcomes.
const (
	NotCORS        Outcome = "not-cors"       // CORS has no say: same origin, a plain load, no browser
	Allowed        Outcome = "allowed"        // the page gets the response
	Blocked        Outcome = "blocked"        // the page gets a network error, because of CORS
	Opaque         Outcome = "opaque"         // a no-cors response: it arrives, but nothing of it can be read
	OpaqueRedirect Outcome = "opaqueredirect" // redirect: 'manual' met a redirect
	Failed         Outcome = "failed"         // a network error that is not CORS
	Conditional    Outcome = "conditional"    // depends on what no server can see; both answers are given
	Unknown        Outcome = "unknown"        // not enough on the wire; Reason says what is missing
)

// Verdict is what one engine does with an attempt. The zero Verdict is not one;
// they come from Judge.
type Verdict struct {
	Engine     Engine
	Outcome    Outcome
	Code       Code   // why, set when Blocked; Firefox names most failures too
	Parameter  string // the value in the message: a header value, a method, a header name
	Reason     string // a sentence for outcomes that a code does not explain
	NetError   string // the browser's own network error, for Failed
	Hop        int    // index in Attempt.Wire of the exchange that decided, -1 when none did
	Header     string // name of the header line at fault, "" when none is
	Status     int    // status the page sees, 0 when it sees none
	Redirected bool   // the page's response.redirected

	// For Conditional: the verdicts with and without credentials, and where
	// something else is open too, the one for that. They also stand beside a
	// verdict whose outcome is the same either way and whose code is not.
	IfInclude, IfNotInclude, Otherwise *Verdict
	Decides                            string // what would decide it

	more    [3]Code // messages after the first, in the order they are printed
	nmore   int
	where   where
	answer  Headers // what the page may read from
	tainted bool    // only safelisted and exposed headers are readable
	include bool
}

// where is what the console message names.
type where struct {
	api          API
	url, initial string // with fragments
	to           string // where a refused redirect leads
	page         string // origin of the page
	status       int    // of the response at fault
	space        string // address space
}

// fault is a failed check. Its zero value is "nothing wrong".
type fault struct {
	outcome   Outcome // empty means Blocked
	code      Code
	parameter string
	header    string
	neterr    string
	reason    string
	url       string // what the message names, when it is not the current URL
	to        string // where a refused redirect leads, for messages that name it
	status    int    // of the response at fault
	space     string // address space that is out of bounds
	more      [3]Code
}

func (f *fault) ok() bool { return f.code == "" && f.outcome == "" }

// add notes a further console message.
func (v *Verdict) add(codes ...Code) {
	for _, c := range codes {
		if c != "" && v.nmore < len(v.more) {
			v.more[v.nmore] = c
			v.nmore++
		}
	}
}

// Codes lists the codes of all messages the browser prints, first the one in
// Code. It is nil when there is none.
func (v *Verdict) Codes() []Code {
	if v.Code == "" {
		return nil
	}
	return append([]Code{v.Code}, v.more[:v.nmore]...)
}

// Console is the console message, exactly as the browser prints it, or "".
func (v *Verdict) Console() string {
	if v.Code == "" {
		return ""
	}
	switch v.Engine {
	case Firefox:
		return firefoxText(v)
	case WebKit:
		return webkitText(v)
	}
	return chromiumText(v)
}

// Clause is the part of the Fetch standard behind the verdict. Its zero value
// means that no clause of it decided.
func (v *Verdict) Clause() Clause { return codeInfo(v.Code).Clause }

// Readable lists the response headers the page's script can read, sorted,
// lower-case; nil when it can read none.
func (v *Verdict) Readable() []string {
	if v.Outcome != Allowed {
		return nil
	}
	return readable(v.answer, v.tainted, v.include)
}

// Sure reports whether the verdict commits itself to one answer.
func (v *Verdict) Sure() bool { return v.Outcome != Conditional && v.Outcome != Unknown }

// same reports whether two verdicts tell a developer the same.
func (v *Verdict) same(o *Verdict) bool {
	return v.Outcome == o.Outcome && v.Code == o.Code && v.Parameter == o.Parameter &&
		v.NetError == o.NetError && v.nmore == o.nmore && v.more == o.more
}

type verdictJSON struct {
	Outcome      Outcome  `json:"outcome"`
	Code         Code     `json:"code,omitempty"`
	Codes        []Code   `json:"codes,omitempty"`
	Parameter    string   `json:"parameter,omitempty"`
	Console      string   `json:"console,omitempty"`
	Reason       string   `json:"reason,omitempty"`
	NetError     string   `json:"net_error,omitempty"`
	Hop          *int     `json:"hop,omitempty"`
	Header       string   `json:"header,omitempty"`
	Clause       *Clause  `json:"clause,omitempty"`
	Readable     []string `json:"readable_headers,omitempty"`
	Status       int      `json:"status,omitempty"`
	Redirected   bool     `json:"redirected,omitempty"`
	IfInclude    *Verdict `json:"if_include,omitempty"`
	IfNotInclude *Verdict `json:"if_not_include,omitempty"`
	Otherwise    *Verdict `json:"otherwise,omitempty"`
	Decides      string   `json:"decides,omitempty"`
}

// MarshalJSON writes the verdict as one browser's entry of the JSON stream.
func (v Verdict) MarshalJSON() ([]byte, error) {
	out := verdictJSON{
		Outcome: v.Outcome, Code: v.Code, Console: v.Console(), Reason: v.Reason, NetError: v.NetError,
		Header: v.Header, Readable: v.Readable(), Status: v.Status, Redirected: v.Redirected,
		IfInclude: v.IfInclude, IfNotInclude: v.IfNotInclude, Otherwise: v.Otherwise, Decides: v.Decides,
	}
	if v.nmore > 0 {
		out.Codes = v.Codes()
	}
	if utf8.ValidString(v.Parameter) {
		out.Parameter = v.Parameter
	}
	if v.Hop >= 0 {
		out.Hop = &v.Hop
	}
	if c := v.Clause(); c.URL != "" {
		out.Clause = &c
	}
	return json.Marshal(out)
}

// Verdicts are the engines' answers to one attempt.
type Verdicts struct {
	Chromium, Firefox, WebKit Verdict
	recorded                  Engine // the one the attempt was recorded with; engines when not known
}

// Of is one engine's verdict.
func (v *Verdicts) Of(e Engine) *Verdict {
	switch e {
	case Firefox:
		return &v.Firefox
	case WebKit:
		return &v.WebKit
	}
	return &v.Chromium
}

// severity orders outcomes for the overall one, worst first.
var severity = []Outcome{Blocked, Failed, Conditional, Unknown, Opaque, OpaqueRedirect, Allowed, NotCORS}

// Outcome is the overall outcome. It is the answer of the browser that made the
// request; when that is not known, or its answer is not, the worst of the three.
func (v *Verdicts) Outcome() Outcome {
	if v.recorded < engines {
		if o := v.Of(v.recorded).Outcome; o != Unknown {
			return o
		}
	}
	worst := len(severity)
	for _, e := range Engines() {
		if i := slices.Index(severity, v.Of(e).Outcome); i >= 0 {
			worst = min(worst, i)
		}
	}
	if worst == len(severity) {
		return Unknown
	}
	return severity[worst]
}

// MarshalJSON writes the verdict object of the JSON stream.
func (v Verdicts) MarshalJSON() ([]byte, error) {
	type browsers struct {
		Chromium *Verdict `json:"chromium"`
		Firefox  *Verdict `json:"firefox"`
		WebKit   *Verdict `json:"webkit"`
	}
	return json.Marshal(struct {
		Outcome  Outcome  `json:"outcome"`
		Browsers browsers `json:"browsers"`
	}{v.Outcome(), browsers{&v.Chromium, &v.Firefox, &v.WebKit}})
}
