package cors

import "strings"

// URL is an absolute URL as browsers read it: https://url.spec.whatwg.org/.
// The zero URL is none.
type URL struct{ a address }

// ParseURL reads an absolute URL.
func ParseURL(s string) (URL, bool) {
	a, ok := parseAddress(s)
	return URL{a}, ok
}

// Resolve reads a reference, such as a Location, relative to u.
func (u URL) Resolve(ref string) (URL, bool) {
	a, ok := u.a.resolve(ref)
	return URL{a}, ok
}

// String is the serialised URL without its fragment, which is how a request
// names it.
func (u URL) String() string { return u.a.href }

// Scheme is in lower case, without the colon.
func (u URL) Scheme() string { return u.a.scheme }

// Origin is the serialised origin, "null" for schemes that have none.
func (u URL) Origin() string { return u.a.origin }

// Host is the name or address, IPv6 in brackets, without the port.
func (u URL) Host() string { return u.a.host }

// Port is empty when it is the scheme's default.
func (u URL) Port() string { return u.a.port }

// Path is percent-encoded and begins with a slash, except for schemes without
// a host.
func (u URL) Path() string {
	path, _, _ := strings.Cut(u.a.href[u.a.path:], "?")
	return path
}

// Query begins with "?", or is empty.
func (u URL) Query() string {
	if i := strings.IndexByte(u.a.href[u.a.path:], '?'); i >= 0 {
		return u.a.href[u.a.path+i:]
	}
	return ""
}

// Userinfo reports whether the URL holds a user name or password.
func (u URL) Userinfo() bool { return u.a.userinfo }

// HTTP reports whether the scheme is one that fetch follows a redirect to.
func (u URL) HTTP() bool { return u.a.isHTTP() }

// Loopback reports whether the host is this machine by its name alone.
func (u URL) Loopback() bool { return u.a.loopback() }

// Trustworthy reports whether the URL is potentially trustworthy, so that
// browsers send Sec-Fetch headers to it and take Secure cookies from it:
// https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy.
func (u URL) Trustworthy() bool { return u.a.trustworthy() }
