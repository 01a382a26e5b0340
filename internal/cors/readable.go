package cors

import "slices"

// readable lists the names of the response headers a script can read:
// https://fetch.spec.whatwg.org/#main-fetch, step 14. A cross-origin answer
// shows the safelisted ones and those it exposes.
func readable(h Headers, tainted, include bool) []string {
	exposed, _ := h.get("Access-Control-Expose-Headers")
	if _, bad := badItem(exposed); bad {
		exposed = ""
	}
	all := !tainted || !include && listed(exposed, "*", false)
	var out []string
	for i := range h {
		name := lowerName(h[i].Name)
		switch {
		case name == "set-cookie", name == "set-cookie2", !isToken(name), slices.Contains(out, name):
		case all, safelistedResponse(name), listed(exposed, name, true):
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// safelistedResponse: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name.
func safelistedResponse(name string) bool {
	switch name {
	case "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma":
		return true
	}
	return false
}
