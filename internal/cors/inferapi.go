package cors

import "strings"

// destinations maps Sec-Fetch-Dest to what loads such a thing. A script loaded
// in mode cors may be a module or have a crossorigin attribute.
var destinations = map[string]API{"image": Image, "script": Script, "style": Style, "font": Font}

func (f *facts) inferAPI(x *Exchange) {
	if x == nil {
		return
	}
	h := x.Request.Headers
	if api, ok := destinations[h.first("Sec-Fetch-Dest")]; ok {
		f.api = api
		if api == Font {
			f.cred = credNotInclude
			f.evidence |= evFont
		}
		return
	}
	switch {
	case h.first("Accept") == "text/event-stream":
		f.api = EventSource
	case h.has("X-Requested-With"), h.first("Accept") == "application/json, text/plain, */*": // axios
		f.api = XHR
		f.evidence |= evXHRHeader
	case f.recorded == Firefox && f.mode == modeCORS && h.has("Sec-Fetch-Mode") && f.version >= 128:
		// The header is the browser's own doing only without the script's;
		// a script that sets it must use fetch or XHR alike, so it proves
		// nothing then.
		if !h.has("Priority") {
			f.api = XHR
			f.evidence |= evFirefoxXHR
		} else {
			f.api = Fetch
		}
	}
}

// inferCredentials looks for proof of the credentials mode. Proof is rare:
// a request without cookies may have been sent with credentials to a server
// that never set any.
func (f *facts) inferCredentials(a *Attempt) {
	if f.cred != credUnknown || f.mode != modeCORS && f.mode != modeUnknown {
		return
	}
	asked := ""
	for i := f.first; i < len(a.Wire); i++ {
		x := &a.Wire[i]
		if x.Step != f.step {
			continue
		}
		h := x.Request.Headers
		if h.has("Sec-Fetch-Storage-Access") {
			f.cred = credInclude
			f.evidence |= evStorageAccess
			return
		}
		if isPreflight(x) {
			asked = x.Request.Headers.first("Access-Control-Request-Headers")
			continue
		}
		if f.provesCredentials(x, asked) {
			f.cred = credInclude
			return
		}
	}
	f.inferWithout(a)
	if f.cred == credUnknown {
		f.inferWithheld(a)
	}
}

// provesCredentials looks at one request that crosses origins.
func (f *facts) provesCredentials(x *Exchange, asked string) bool {
	h := x.Request.Headers
	origin := h.first("Origin")
	if origin == "" || h.first("Sec-Fetch-Site") == "same-origin" {
		return false
	}
	target, ok := parseAddress(x.Request.URL)
	if !ok || target.origin == f.page || target.origin == origin {
		return false
	}
	if h.has("Cookie") {
		f.evidence |= evCookie
		return true
	}
	// A script's own Authorization needs a preflight that asks for it.
	if asked != "" && !listed(asked, "authorization", true) && strings.HasPrefix(h.first("Authorization"), "Basic ") {
		f.evidence |= evBrowserAuth
		return true
	}
	return false
}

// Chromium sends Sec-Fetch-Storage-Access with every request to another site
// that includes credentials, since version 133; other engines leave it out in
// workers and after redirects, so its absence proves something here only.
const storageAccessSince = 133

func (f *facts) inferWithout(a *Attempt) {
	if f.recorded != Chromium || f.version < storageAccessSince {
		return
	}
	for i := f.first; i < len(a.Wire); i++ {
		x := &a.Wire[i]
		if x.Step != f.step || isPreflight(x) {
			continue
		}
		if h := x.Request.Headers; h.first("Sec-Fetch-Site") == "cross-site" && otherSite(h.first("Origin"), x.Request.URL) {
			f.cred = credNotInclude
			f.evidence |= evNoStorageAccess
		}
		return
	}
}

// inferWithheld looks for a cookie that was sent to a host before and is missing
// from a later request to a path beneath: whatever the cookie's own path is, it
// covers both. Ports never matter to cookies.
func (f *facts) inferWithheld(a *Attempt) {
	var had address
	for i := range a.Wire {
		x := &a.Wire[i]
		h := x.Request.Headers
		at, ok := parseAddress(x.Request.URL)
		if !ok || isPreflight(x) {
			continue
		}
		if x.Step == f.step && !h.has("Cookie") && crosses(h, &at) && beneath(&at, &had) {
			f.cred = credNotInclude
			f.evidence |= evWithheld
			return
		}
		if h.has("Cookie") && (x.Response == nil || !x.Response.Headers.has("Set-Cookie")) {
			had = at
		}
	}
}

// crosses reports whether a request's Origin is not its target's.
func crosses(h Headers, at *address) bool {
	origin := h.first("Origin")
	return origin != "" && origin != at.origin
}

func beneath(at, had *address) bool {
	if at.scheme != had.scheme || at.host != had.host {
		return false
	}
	path, _, _ := strings.Cut(at.href[at.path:], "?")
	above, _, _ := strings.Cut(had.href[had.path:], "?")
	rest, ok := strings.CutPrefix(path, above)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(above, "/"))
}

// otherSite compares the page with the target itself: Sec-Fetch-Site also calls
// a request cross-site that a redirect has led back home.
func otherSite(origin, url string) bool {
	page, ok := parseOrigin(origin)
	target, ok2 := parseAddress(url)
	return ok && ok2 && page.isHTTP() && registrable(page.host) != registrable(target.host)
}
