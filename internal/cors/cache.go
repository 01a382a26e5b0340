package cors

// stored is the answer a browser would find in its HTTP cache for a URL: the
// latest 200 or permanent redirect of an earlier step. Whether it used it is
// told by the wire, which shows no request then.
func (r *run) stored(url *address) *Exchange {
	if r.step == 0 {
		return nil
	}
	for i := len(r.a.Wire) - 1; i >= 0; i-- {
		x := &r.a.Wire[i]
		if x.Step >= r.step || x.Response == nil || isPreflight(x) || !storable(x.Response.Status) {
			continue
		}
		if a, ok := parseAddress(x.Request.URL); ok && a.href == url.href {
			return x
		}
	}
	return nil
}

// refusedBefore reports whether the answer in the cache had failed the CORS
// check when it came. Firefox keeps such an answer, and its console then has
// the message twice: from then and from now.
func (r *run) refusedBefore(x *Exchange) bool {
	origin := x.Request.Headers.first("Origin")
	if r.engine != Firefox || origin == "" {
		return false
	}
	include := r.hints != nil && x.Step < len(r.hints.Warmup) && r.hints.Warmup[x.Step].Credentials == "include"
	f := firefoxCheck(r.parsed(x.Response.Headers), origin, include)
	return !f.ok()
}

func storable(status int) bool {
	switch status {
	case 200, 203, 301, 308, 404, 410:
		return true
	}
	return false
}

// revalidates reports whether a request asked on the browser's own account
// whether its copy is still good. A script may ask too, and then gets the 304.
func (r *run) revalidates(x *Exchange) bool {
	for _, name := range [...]string{"If-None-Match", "If-Modified-Since"} {
		if x.Request.Headers.has(name) && !r.scriptSet(name) {
			return true
		}
	}
	return false
}

// scriptSet reports whether the script set a header that needs permission: a
// hint says so, or a preflight asked for it.
func (r *run) scriptSet(name string) bool {
	if r.hints != nil && r.hints.Headers.has(name) {
		return true
	}
	for i := max(r.first, 0); i < r.at && i < len(r.a.Wire); i++ {
		if x := &r.a.Wire[i]; isPreflight(x) {
			if v, _ := x.Request.Headers.get("Access-Control-Request-Headers"); listed(v, name, true) {
				return true
			}
		}
	}
	return false
}

// refreshed is a stored head updated by a 304, which replaces the lines it
// brings: https://www.rfc-editor.org/rfc/rfc9111#name-freshening-stored-responses.
func refreshed(old, update Headers) Headers {
	out := make(Headers, 0, len(old)+len(update))
	for _, l := range old {
		if !update.has(l.Name) {
			out = append(out, l)
		}
	}
	return append(out, update...)
}
