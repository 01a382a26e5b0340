package browser

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// originOf serializes a URL's origin
// (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).
func originOf(u *url.URL) string {
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		return u.Scheme + "://" + authority(u)
	}
	return "null"
}

// authority is host and port as they stand in Host, the default port left out.
func authority(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == defaultPort(u.Scheme) {
		return host
	}
	return host + ":" + port
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	}
	return ""
}

// relation ranks how far a URL is from the page, as Sec-Fetch-Site names it.
type relation int

const (
	sameOrigin relation = iota
	sameSite
	crossSite
)

func (r relation) String() string {
	return [...]string{"same-origin", "same-site", "cross-site"}[r]
}

// relate compares a URL with the page. Ports do not matter for sites, schemes
// do (https://html.spec.whatwg.org/#same-site).
func (b *Browser) relate(u *url.URL) relation {
	switch {
	case b.origin == "null":
		return crossSite
	case originOf(u) == b.origin:
		return sameOrigin
	case httpScheme(u.Scheme) == b.page.Scheme && siteOf(u.Hostname()) == siteOf(b.page.Hostname()):
		return sameSite
	}
	return crossSite
}

// httpScheme is the scheme a WebSocket URL counts as.
func httpScheme(scheme string) string {
	switch scheme {
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return scheme
}

// siteOf is a host's registrable domain, or the host when it has none.
func siteOf(host string) string {
	host = strings.ToLower(host)
	if net.ParseIP(host) != nil || !strings.Contains(host, ".") {
		return host
	}
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// trustworthy tells whether a URL gets Sec-Fetch headers and may use Secure
// cookies (https://w3c.github.io/webappsec-secure-contexts/#potentially-trustworthy-origin).
func trustworthy(u *url.URL) bool {
	return httpScheme(u.Scheme) == "https" || loopbackName(u.Hostname())
}

func loopbackName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
