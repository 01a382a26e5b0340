package cors

import "strings"

// Engine is a browser engine. Browsers built on one engine share its network
// code, and with it every verdict: Edge, Brave and Opera answer as Chromium.
type Engine uint8

// The engines. Chromium and Firefox are checked against recordings of the real
// browsers, WebKit only against its source.
const (
	Chromium Engine = iota
	Firefox
	WebKit
	engines
)

var engineNames = [...]string{"chromium", "firefox", "webkit"}

// Engines lists all engines.
func Engines() []Engine { return []Engine{Chromium, Firefox, WebKit} }

func (e Engine) String() string {
	if e >= engines {
		return "unknown"
	}
	return engineNames[e]
}

// ParseEngine reads an engine's or a browser's name.
func ParseEngine(name string) (Engine, bool) {
	switch lowerName(name) {
	case "chromium", "chrome", "edge", "opera", "brave":
		return Chromium, true
	case "firefox", "gecko":
		return Firefox, true
	case "webkit", "safari":
		return WebKit, true
	}
	return engines, false
}

// EngineOf guesses the engine from a User-Agent. Every browser on iOS is
// WebKit, whatever it calls itself.
func EngineOf(userAgent string) (Engine, bool) {
	has := func(s string) bool { return strings.Contains(userAgent, s) }
	switch {
	case !has("Mozilla/5.0"):
		return engines, false
	case has("iPhone"), has("iPad"), has("CriOS/"), has("FxiOS/"), has("EdgiOS/"):
		return WebKit, true
	case has("Firefox/"):
		return Firefox, true
	case has("Chrome/"), has("Chromium/"):
		return Chromium, true
	case has("AppleWebKit/"):
		return WebKit, true
	}
	return engines, false
}

// rules are the plain facts in which engines differ. What they do differently
// is in chromium.go, firefox.go and webkit.go; the walk is the same for all.
type rules struct {
	engine           Engine
	maxHead          int  // bytes of header lines it accepts
	bareCR           bool // its HTTP parser ends a line at a CR without LF
	blankBeforeColon bool // it trims white space between name and colon
	emptyLocation    bool // an empty Location is a redirect to the same URL
}

var engineRules = [engines]*rules{
	{engine: Chromium, maxHead: 256 << 10, bareCR: true, blankBeforeColon: true},
	{engine: Firefox, maxHead: 384 << 10, emptyLocation: true},
	{engine: WebKit, maxHead: 256 << 10, blankBeforeColon: true},
}

// check is the CORS check, https://fetch.spec.whatwg.org/#concept-cors-check.
// All engines agree on what passes and name what fails in their own order.
func (r *run) check(h Headers, sent string) fault {
	switch r.engine {
	case Firefox:
		return firefoxCheck(h, sent, r.include)
	case WebKit:
		return webkitCheck(h, sent, r.include)
	}
	return chromiumCheck(h, sent, r.include)
}

// preflight judges the answer to a preflight.
func (r *run) preflight(x *Exchange) fault {
	switch r.engine {
	case Firefox:
		return r.firefoxPreflight(x)
	case WebKit:
		return r.webkitPreflight(x)
	}
	return r.chromiumPreflight(x)
}

// unfollowable refuses a Location before the CORS check is made.
func (r *run) unfollowable(to *redirect) fault {
	switch r.engine {
	case Firefox:
		return r.firefoxUnfollowable(to)
	case WebKit:
		return webkitUnfollowable(to)
	}
	return chromiumUnfollowable(to)
}

// forbidden refuses a Location after the CORS check has passed.
func (r *run) forbidden(to *redirect) fault {
	switch r.engine {
	case Firefox:
		return r.firefoxForbidden(to)
	case WebKit:
		return r.webkitForbidden(to)
	}
	return r.chromiumForbidden(to)
}

// damaged refuses a head that the engine's HTTP parser gives up on.
func (r *run) damaged(resp *Response) fault {
	switch r.engine {
	case Firefox:
		return r.firefoxDamaged(resp)
	case WebKit:
		return fault{}
	}
	return chromiumDamaged(resp, r.maxHead)
}

// lost names a transport failure.
func (r *run) lost(failure string, headSeen bool) fault {
	switch r.engine {
	case Firefox:
		return r.firefoxLost(failure, headSeen)
	case WebKit:
		return webkitLost(failure)
	}
	return chromiumLost(failure)
}
