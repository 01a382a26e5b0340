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

// Chromium sends Sec-Fetch-Storage-Access with every cross-site request that
// includes credentials, since version 133; other engines leave it out in
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
		if x.Request.Headers.first("Sec-Fetch-Site") == "cross-site" {
			f.cred = credNotInclude
			f.evidence |= evNoStorageAccess
		}
		return
	}
}
