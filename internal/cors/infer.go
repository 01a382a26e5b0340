package cors

import (
	"strconv"
	"strings"
)

// evidence is a set of reasons for what was inferred.
type evidence uint32

const (
	evBrowser evidence = 1 << iota
	evTool
	evOriginHeader
	evReferer
	evSecFetch
	evPreflight
	evHomeSite
	evNoOrigin
	evCookie
	evStorageAccess
	evNoStorageAccess
	evWithheld
	evBrowserAuth
	evWentOn
	evFont
	evFirefoxXHR
	evXHRHeader
)

var evidenceText = [...]string{
	"User-Agent names the browser",
	"User-Agent is a tool's, and tools do not enforce CORS",
	"Origin header names the page",
	"Referer names the page",
	"Sec-Fetch-Mode and Sec-Fetch-Dest name mode and destination",
	"a preflight is sent in mode cors only",
	"Sec-Fetch-Site: same-origin, so something between browser and server rewrote the host or nothing crossed origins",
	"no Origin header on a request that would carry one across origins",
	"a Cookie on a cross-origin CORS request is sent with credentials included only",
	"Sec-Fetch-Storage-Access is sent with credentials included only",
	"a cross-site request of this browser with credentials would carry Sec-Fetch-Storage-Access",
	"a cookie that was sent to this host before is missing here",
	"Authorization that no preflight asked for comes from the browser's own store",
	"the browser went on where the other credentials mode would have stopped it",
	"fonts are never loaded with credentials across origins",
	"Firefox sends Priority with fetch() and none with XMLHttpRequest",
	"headers of an XMLHttpRequest library",
}

// Inference is what was found out about the page's side of an attempt.
// Fields are empty when nothing tells.
type Inference struct {
	Browser     string // engine that sent the requests
	PageOrigin  string
	API         API
	Credentials string   // "include", "not include" or ""
	Evidence    []string // one sentence for each
}

// Infer says what is known about who sent an attempt and how, and why.
func Infer(a *Attempt) Inference {
	f := gather(a)
	f.settle(a)
	out := Inference{PageOrigin: f.page, API: f.api}
	if f.recorded < engines {
		out.Browser = f.recorded.String()
	}
	switch f.cred {
	case credInclude:
		out.Credentials = "include"
	case credNotInclude:
		out.Credentials = "not include"
	}
	for i, s := range evidenceText {
		if f.evidence&(1<<i) != 0 {
			out.Evidence = append(out.Evidence, s)
		}
	}
	return out
}

// tools are HTTP clients that answer to nobody's same-origin policy.
var tools = []string{
	"curl/", "wget/", "postman", "insomnia", "httpie/", "python", "aiohttp", "okhttp", "go-http-client", "node",
	"undici", "axios/", "got ", "java/", "apache-httpclient", "libwww", "ruby", "php", "guzzle", "rest-client", "httpx",
	"thunder client", "k6/", "ab/", "hey/", "wrk",
}

func isTool(userAgent string) bool {
	if userAgent == "" {
		return false
	}
	ua := lowerName(userAgent)
	for _, t := range tools {
		if strings.HasPrefix(ua, t) {
			return true
		}
	}
	return false
}

// inferBrowser looks for the browser in any request of the attempt, because a
// script may set User-Agent on its own.
func (f *facts) inferBrowser(a *Attempt) {
	agents, fetchSite := false, false
	for i := range a.Wire {
		h := a.Wire[i].Request.Headers
		ua := h.first("User-Agent")
		fetchSite = fetchSite || h.has("Sec-Fetch-Site")
		if e, ok := EngineOf(ua); ok {
			f.recorded, f.version = e, majorVersion(ua, e)
			f.evidence |= evBrowser
			return
		}
		agents = agents || isTool(ua)
	}
	if agents && !fetchSite {
		f.tool = true
		f.evidence |= evTool
	}
}

func majorVersion(ua string, e Engine) int {
	product := [...]string{"Chrome/", "Firefox/", "Version/"}[e]
	_, rest, _ := strings.Cut(ua, product)
	digits, _, _ := strings.Cut(rest, ".")
	n, _ := strconv.Atoi(digits)
	return n
}

// inferRequest reads the judged step's first exchanges.
func (f *facts) inferRequest(a *Attempt) {
	first := &a.Wire[f.first]
	main := first // the first exchange that is no preflight
	if isPreflight(first) {
		f.evidence |= evPreflight
		main = nil
		for i := f.first + 1; i < len(a.Wire) && main == nil; i++ {
			if x := &a.Wire[i]; x.Step == f.step && !isPreflight(x) {
				main = x
			}
		}
	}
	f.inferMode(first, main)
	f.inferPage(a, first)
	f.inferAPI(main)
	f.inferCredentials(a)
}

func isPreflight(x *Exchange) bool {
	return x.Request.Method == "OPTIONS" && x.Request.Headers.has("Access-Control-Request-Method") &&
		x.Request.Headers.has("Origin")
}

// inferMode follows what the browser says itself, and where it says nothing
// (Sec-Fetch headers go to trustworthy hosts only) the Origin header.
func (f *facts) inferMode(first, main *Exchange) {
	h := first.Request.Headers
	if isPreflight(first) {
		f.mode = modeCORS
		return
	}
	f.home = h.first("Sec-Fetch-Site") == "same-origin"
	if m, ok := modes[h.first("Sec-Fetch-Mode")]; ok {
		f.mode = m
		f.evidence |= evSecFetch
		if f.home {
			f.evidence |= evHomeSite
		}
		return
	}
	origin, method := h.first("Origin"), main.Request.Method
	target, _ := parseAddress(first.Request.URL)
	switch {
	case sameName(h.first("Upgrade"), "websocket"):
		f.mode = modeWebSocket
	case h.has("Upgrade-Insecure-Requests") && strings.HasPrefix(h.first("Accept"), "text/html"):
		f.mode = modeNavigate
	case origin == "":
		f.mode, f.home = modeCORS, true
		f.evidence |= evNoOrigin
	case origin == target.origin:
		f.mode, f.home = modeCORS, true
	case method == "GET" || method == "HEAD":
		f.mode = modeCORS // no-cors requests of these methods carry no Origin
	}
}

// inferPage finds the page's origin: the Origin header where it names one, else
// the Referer, which survives a redirect that blanks the Origin.
func (f *facts) inferPage(a *Attempt, first *Exchange) {
	opaque := false
	for i := f.first; i < len(a.Wire); i++ {
		switch o := a.Wire[i].Request.Headers.first("Origin"); o {
		case "":
		case "null":
			opaque = true
		default:
			f.page = o
			f.evidence |= evOriginHeader
			return
		}
	}
	if ref, ok := parseAddress(first.Request.Headers.first("Referer")); ok && ref.isHTTP() {
		f.page = ref.origin
		f.evidence |= evReferer
		return
	}
	if target, ok := parseAddress(first.Request.URL); ok && f.home {
		f.page = target.origin
	} else if opaque {
		f.page = "null"
	}
}
