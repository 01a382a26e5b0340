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
	var shown []string
	for list, more := lowerName(exposed), true; more; {
		var item string
		item, list, more = nextItem(list)
		shown = append(shown, item)
	}
	slices.Sort(shown)
	_, star := slices.BinarySearch(shown, "*")
	all := !tainted || !include && star
	var out []string
	for i := range h {
		name := lowerName(h[i].Name)
		if !isToken(name) || name == "set-cookie" || name == "set-cookie2" {
			continue
		}
		if _, named := slices.BinarySearch(shown, name); all || named || safelistedResponse(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// safelistedResponse: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name.
func safelistedResponse(name string) bool {
	switch name {
	case "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma":
		return true
	}
	return false
}
