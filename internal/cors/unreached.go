package cors

import "strconv"

// unseen is the verdict when the next request is not on the wire.
func (r *run) unseen() Verdict {
	if r.peek() != nil {
		return r.unknown("the requests do not follow from each other")
	}
	return r.unknown("the request was not seen")
}

// unreached is the verdict when a redirect's target was never asked. A
// complete record proves that no server got the request; then the target
// itself tells which of the browser's own checks stopped it, or that nobody
// answers there. from is the URL that redirected.
func (r *run) unreached(from string, next *Exchange) Verdict {
	r.classify()
	switch {
	case next != nil:
		return r.unknown("the next request is not for the URL that the redirect names")
	case r.counterfactual() && from == r.url.full() && r.emptyLocation:
		return r.unknown("this browser would have asked for the same URL again, and what the server says to that was not seen")
	case !r.complete:
		return r.unknown("the redirect leads to " + r.url.href + ", and nothing of a request for that was seen here")
	}
	if f := r.stopped(from); !f.ok() {
		return r.refuse(f)
	}
	switch {
	case unsafePort(r.url.port):
		return r.refuse(r.own("net::ERR_UNSAFE_PORT", "NS_ERROR_PORT_ACCESS_NOT_ALLOWED", from))
	case r.url.scheme == "https":
		return r.refuse(r.lost("tls", false))
	case resolvable(&r.url):
		return r.refuse(r.lost("refused", false))
	}
	return r.refuse(r.lost("dns", false))
}

// stopped finds the check in the browser that a redirect did not pass: main
// fetch, step 7, and Local Network Access (https://wicg.github.io/local-network-access/).
// Which of them applies is a matter of the page.
func (r *run) stopped(from string) fault {
	page, _ := parseOrigin(r.page)
	switch {
	case r.mode == modeSameOrigin && !r.atHome():
		return r.disallowedByMode()
	case r.pageKind() == pageCSP && !r.atHome():
		return r.own("blocked:csp", badURI, from)
	case page.scheme == "https" && r.url.scheme == "http" && !r.url.trustworthy():
		return r.own("blocked:mixed-content", badURI, from)
	case r.pageKind() == pagePublic && r.url.loopback():
		return r.localNetwork(ChromiumLocalNetworkDenied)
	case r.pageKind() == pagePublicCorp && r.url.loopback():
		return r.localNetwork(ChromiumInsecureLocalNetwork)
	}
	return fault{}
}

// own is a failure by one of the browser's own checks. Firefox makes them
// before the redirect is final, so it names the URL that redirected, and as a
// CORS failure only if origins had been crossed by then.
func (r *run) own(chromium, firefox, from string) fault {
	f := fault{outcome: Failed, neterr: chromium, reason: "the browser itself does not follow this redirect"}
	switch r.engine {
	case WebKit:
		f.neterr = ""
	case Firefox:
		f.neterr, f.url = firefox, from
		if was, ok := parseAddress(from); ok && (was.origin != r.page || r.hops > 1) {
			f.code = FirefoxDidNotSucceed
		}
	}
	return f
}

func (r *run) localNetwork(code Code) fault {
	switch r.engine {
	case Chromium:
		return fault{code: code, space: "loopback"}
	case Firefox:
		return r.didNotSucceed("NS_ERROR_LOCAL_NETWORK_ACCESS_DENIED", "")
	}
	return fault{outcome: Unknown, reason: "whether this browser lets a public page reach this machine was not recorded"}
}

// disallowedByMode is mode same-origin sent elsewhere: main fetch, step 12.
func (r *run) disallowedByMode() fault {
	f := fault{outcome: Failed, neterr: "blocked:origin", reason: "mode same-origin does not leave the page's origin"}
	switch {
	case r.engine == Firefox:
		f.neterr = badURI
	case r.engine == WebKit && r.hops == 0:
		f.neterr, f.code = "", WebKitModeSameOrigin
	case r.engine == WebKit:
		f.neterr, f.code = "", WebKitUnsafeLoad
	}
	return f
}

// resolvable is false for names that are reserved for having no address:
// https://www.rfc-editor.org/rfc/rfc6761#section-6.4, and for single labels,
// which no public resolver knows.
func resolvable(a *address) bool {
	if a.loopback() || a.host == "" || a.host[0] == '[' || endsInNumber(a.host) {
		return true
	}
	label, dotted := a.host, false
	for i := len(a.host) - 1; i >= 0; i-- {
		if a.host[i] == '.' {
			label, dotted = a.host[i+1:], true
			break
		}
	}
	return dotted && label != "invalid"
}

// unsafePort reports the bad ports: https://fetch.spec.whatwg.org/#bad-port.
func unsafePort(port string) bool {
	switch n, _ := strconv.Atoi(port); n {
	case 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
		110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
		531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
		5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080:
		return true
	}
	return port == "0"
}
