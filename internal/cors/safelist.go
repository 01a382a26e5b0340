package cors

import (
	"slices"
	"strconv"
	"strings"
)

// need is whether an engine asks for permission before a request.
type need uint8

const (
	needUnknown need = iota
	needed
	notNeeded
)

// needs says whether an engine would send a preflight where the wire shows what
// another engine did. They differ in two ways: in what they take for safe in a
// request's headers, and after redirects, where Firefox asks again for every
// request that needed permission once, and the others only if it still does.
func (r *run) needs(next *Exchange, asked bool) need {
	if next == nil {
		return answer(asked)
	}
	if r.hops > 0 {
		return r.needsAgain(next, asked)
	}
	if r.hints == nil || r.hints.API == "" {
		return r.needsUnhinted(next, asked)
	}
	anyway := r.hints.UploadListener || !safeMethod(r.hints.Method)
	theirs, ours := r.recorded.unsafeNames(r.hints), r.engine.unsafeNames(r.hints)
	switch {
	case asked != (anyway || len(theirs) > 0):
		return answer(asked) // for a reason we do not know, such as a typed Blob
	case asked && (anyway || len(ours) > 0) && !slices.Equal(theirs, ours):
		return needUnknown // a preflight with other names may be answered in another way
	}
	return answer(anyway || len(ours) > 0)
}

func answer(asked bool) need {
	if asked {
		return needed
	}
	return notNeeded
}

func (r *run) needsAgain(next *Exchange, asked bool) need {
	switch {
	case r.engine == Firefox:
		return answer(asked || r.preflighted || r.unsafeFromStart())
	case r.recorded == Firefox && asked:
		h := next.Request.Headers
		return answer(!safeMethod(h.first("Access-Control-Request-Method")) || h.has("Access-Control-Request-Headers"))
	}
	return answer(asked)
}

// unsafeFromStart reports whether the request needed permission as the script
// made it, though its first hop, to the page's own origin, did not.
func (r *run) unsafeFromStart() bool {
	if r.hints != nil && r.hints.API != "" {
		return r.hints.UploadListener || !safeMethod(r.hints.Method) || len(Firefox.unsafeNames(r.hints)) > 0
	}
	if r.first < 0 {
		return false
	}
	x := &r.a.Wire[r.first]
	h := x.Request.Headers
	return !safeMethod(x.Request.Method) || h.has("Authorization") ||
		h.has("Content-Type") && !Firefox.safelisted("content-type", h.first("Content-Type"))
}

// needsUnhinted goes by the headers on the wire, where what the script set
// cannot be told from what the browser added.
func (r *run) needsUnhinted(next *Exchange, asked bool) need {
	if asked {
		h := next.Request.Headers
		names, _ := h.get("Access-Control-Request-Headers")
		if !safeMethod(h.first("Access-Control-Request-Method")) || names == "" {
			return needed
		}
		return needed.unless(onlyDisputed(names))
	}
	for i := range next.Request.Headers {
		if disputed(lowerName(next.Request.Headers[i].Name)) {
			return needUnknown
		}
	}
	return notNeeded
}

func (n need) unless(doubt bool) need {
	if doubt {
		return needUnknown
	}
	return n
}

func onlyDisputed(names string) bool {
	for more := true; more; {
		var name string
		name, names, more = nextItem(names)
		if !disputed(lowerName(name)) && !sameName(name, "user-agent") {
			return false
		}
	}
	return true
}

// disputed are the names that not every engine takes for safe, apart from the
// odd value of Accept or Content-Type.
func disputed(name string) bool {
	return clientHint(name) || name == "save-data"
}

func safeMethod(method string) bool {
	switch method {
	case "", "GET", "HEAD", "POST":
		return true
	}
	return sameName(method, "GET") || sameName(method, "HEAD") || sameName(method, "POST")
}

// clientHint are the hints Chromium lets a script send without asking.
func clientHint(name string) bool {
	switch name {
	case "dpr", "device-memory", "viewport-width", "width", "rtt", "downlink", "ect", "intervention":
		return true
	}
	return strings.HasPrefix(name, "sec-ch-")
}

// unsafeNames are the names of the script's headers that need permission:
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names.
func (e Engine) unsafeNames(asked *Hints) []string {
	var unsafe, safe []string
	size := 0
	for _, l := range e.combined(asked) {
		switch {
		case forbiddenRequest(l.Name, l.Value), e == Chromium && l.Name == "user-agent":
		case e.safelisted(l.Name, l.Value):
			safe = append(safe, l.Name)
			size += len(l.Value)
		default:
			unsafe = append(unsafe, l.Name)
		}
	}
	if size > 1024 && e != Firefox { // Firefox does not add the values up
		unsafe = append(unsafe, safe...)
	}
	slices.Sort(unsafe)
	return slices.Compact(unsafe)
}

// combined joins the values a script gave to one name, as fetch and
// XMLHttpRequest do. Firefox looks at those of fetch() one by one.
func (e Engine) combined(asked *Hints) Headers {
	var out Headers
	for _, l := range asked.Headers {
		l = Header{lowerName(l.Name), trimLWS(l.Value)}
		i := slices.IndexFunc(out, func(o Header) bool { return o.Name == l.Name })
		if i < 0 || e == Firefox && API(asked.API) == Fetch {
			out = append(out, l)
			continue
		}
		out[i].Value += ", " + l.Value
	}
	return out
}

// safelisted: https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
func (e Engine) safelisted(name, value string) bool {
	if len(value) > 128 {
		return false
	}
	switch name {
	case "accept":
		return !strings.ContainsFunc(value, unsafeByte) && (e != Firefox || isASCII(value))
	case "accept-language", "content-language":
		return strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 *,-.;=") == ""
	case "content-type":
		return !strings.ContainsFunc(value, unsafeByte) && e.safeType(value)
	case "range":
		return safeRange(value)
	case "save-data":
		return e == Chromium && sameName(value, "on")
	}
	return e == Chromium && clientHint(name)
}

// unsafeByte: https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte.
func unsafeByte(c rune) bool {
	return c < ' ' && c != '\t' || c == 0x7f || strings.ContainsRune("\"():<>?@[\\]{}", c)
}

// safeType allows what a form can send. Firefox takes a comma for the start of
// another value, the others for a parameter's.
func (e Engine) safeType(value string) bool {
	if e == Firefox && strings.Contains(value, ",") {
		return false
	}
	mime, _, _ := strings.Cut(value, ";")
	switch lowerName(trimLWS(mime)) {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return true
	}
	return false
}

// safeRange: one range with a start, https://fetch.spec.whatwg.org/#simple-range-header-value.
// Engines count in 64 bits.
func safeRange(value string) bool {
	spec, ok := strings.CutPrefix(value, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Trim(from+to, "0123456789") != "" {
		return false
	}
	start, err := strconv.ParseInt(from, 10, 64)
	if err != nil || to == "" {
		return err == nil
	}
	end, err := strconv.ParseInt(to, 10, 64)
	return err == nil && start <= end
}

// forbiddenRequest are the headers a script cannot set:
// https://fetch.spec.whatwg.org/#forbidden-request-header.
func forbiddenRequest(name, value string) bool {
	switch name {
	case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
		"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via":
		return true
	case "x-http-method", "x-http-method-override", "x-method-override":
		for more := true; more; {
			var item string
			item, value, more = nextItem(value)
			if sameName(item, "CONNECT") || sameName(item, "TRACE") || sameName(item, "TRACK") {
				return true
			}
		}
	}
	return strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}
