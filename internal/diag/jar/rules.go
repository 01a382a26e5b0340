package jar

import (
	"net/netip"
	"slices"
	"strings"
)

// refuse is the storage model:
// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-storage-model.
func (j *Jar) refuse(c *Cookie, r *Request) Reason {
	if !r.Include && !r.Unsure {
		return NoCredentials
	}
	if !c.domainFits() {
		return InvalidDomain
	}
	if c.Secure && !r.secure() {
		return SecureOnly
	}
	if !c.Secure && r.Scheme != "https" && j.shadowsSecure(c, r) {
		return OverwriteSecure
	}
	if c.SameSite == None && !c.Secure {
		return SameSiteNoneInsecure
	}
	if reason := c.sameSite(r, true); reason != "" {
		return reason
	}
	if !c.prefixFits() {
		return InvalidPrefix
	}
	if c.Part && !c.Secure {
		return PartitionedInsecure
	}
	return ""
}

// domainFits: Domain must be the host or above it, and no public suffix. One
// that is the host itself and a public suffix makes the cookie host-only.
func (c *Cookie) domainFits() bool {
	switch {
	case c.Domain == "":
		return true
	case c.Domain == c.Host:
		if IsSuffix(c.Domain) || isIP(c.Host) {
			c.Domain = ""
		}
		return true
	case IsSuffix(c.Domain) || isIP(c.Host):
		return false
	}
	return strings.HasSuffix(c.Host, "."+c.Domain)
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// shadowsSecure: a cookie without Secure must not stand in front of one with.
func (j *Jar) shadowsSecure(c *Cookie, r *Request) bool {
	return !loopback(r.Host) && slices.ContainsFunc(j.cookies, func(old Cookie) bool {
		return old.Secure && old.Name == c.Name && (old.matchesHost(c.domain()) || c.matchesHost(old.domain())) && pathMatch(old.Path, c.Path)
	})
}

// sameSite applies the attribute, when a cookie is set as when it is sent.
func (c *Cookie) sameSite(r *Request, setting bool) Reason {
	if r.Site == Same || c.SameSite == None || c.SameSite == Unspecified && !r.Lax {
		return ""
	}
	if r.TopLevel && (setting || c.SameSite != Strict && r.Safe) {
		return ""
	}
	return sameSiteReasons[c.SameSite][r.Site]
}

var sameSiteReasons = map[SameSite][3]Reason{
	Strict:      {Schemeful: SchemefulStrict, Cross: SameSiteStrict},
	Lax:         {Schemeful: SchemefulLax, Cross: SameSiteLax},
	Unspecified: {Schemeful: SchemefulUnspecified, Cross: SameSiteUnspecified},
}

// prefixFits: https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-cookie-name-prefixes.
// Browsers compare the prefixes without case.
func (c *Cookie) prefixFits() bool {
	switch name := strings.ToLower(c.Name); {
	case strings.HasPrefix(name, "__host-"):
		return c.Secure && c.Domain == "" && c.HasPath && c.Path == "/"
	case strings.HasPrefix(name, "__secure-"):
		return c.Secure
	}
	return true
}

// Sent is a cookie and why it does not go with a request, "" when it goes.
type Sent struct {
	Cookie
	Why Reason
}

// Sends says of each cookie that could concern a request whether it goes along.
// Cookies of hosts that have nothing to do with it are left out.
func (j *Jar) Sends(r Request) (list []Sent) {
	for i := range j.cookies {
		c := &j.cookies[i]
		if related(c, r.Host) {
			list = append(list, Sent{*c, c.sends(&r)})
		}
	}
	for i := range j.refused {
		if c := &j.refused[i]; related(c, r.Host) {
			list = append(list, Sent{*c, c.Refused})
		}
	}
	return list
}

// related: the same host or the same registrable domain, or both are names of
// this machine, which people take for one.
func related(c *Cookie, host string) bool {
	return c.matchesHost(host) || Site(c.domain()) == Site(host) || loopback(c.Host) && loopback(host)
}

func (c *Cookie) sends(r *Request) Reason {
	switch {
	case !c.matchesHost(r.Host):
		return DomainMismatch
	case !pathMatch(c.Path, r.Path):
		return NotOnPath
	case c.Secure && !r.secure():
		return SecureOnly
	case !c.Expires.IsZero() && !c.Expires.After(r.Now):
		return Expired
	}
	if reason := c.sameSite(r, false); reason != "" {
		return reason
	}
	if !r.Include && !r.Unsure {
		return NoCredentials
	}
	return ""
}

func (c *Cookie) matchesHost(host string) bool {
	if c.Domain == "" {
		return host == c.Host
	}
	return host == c.Domain || strings.HasSuffix(host, "."+c.Domain)
}

// pathMatch: /auth takes /auth and /auth/x, not /authx.
func pathMatch(cookie, path string) bool {
	if path == "" {
		path = "/"
	}
	if !strings.HasPrefix(path, cookie) {
		return false
	}
	return len(path) == len(cookie) || strings.HasSuffix(cookie, "/") || path[len(cookie)] == '/'
}
