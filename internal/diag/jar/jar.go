// Package jar works out what a browser's cookie jar does: which Set-Cookie
// lines it takes, which cookies it sends along, and why not the others.
//
// It follows RFC 6265bis (draft-ietf-httpbis-rfc6265bis) as Chromium carries
// it out; the reasons are the names of its DevTools protocol. Input is lines
// and the circumstances of a request. Values are never kept, only a hash by
// which two of them compare. The package knows no clock and no network.
package jar

import (
	"slices"
	"strings"
	"time"
)

const (
	maxCookies = 180 // of a host, as in Chromium
	maxTotal   = 1024
	maxRefused = 64
	maxLength  = 4096 // bytes of name and value
	maxAttr    = 1024 // bytes of an attribute's value
	maxAge     = 400 * 24 * time.Hour
)

// Reason says why a cookie is not taken or not sent, "" when it is. The names
// are SetCookieBlockedReason and CookieBlockedReason of Chromium's DevTools
// protocol (https://chromedevtools.github.io/devtools-protocol/tot/Network/),
// those at the end are ours.
type Reason string

// The reasons.
const (
	SecureOnly           Reason = "SecureOnly"
	SameSiteStrict       Reason = "SameSiteStrict"
	SameSiteLax          Reason = "SameSiteLax"
	SameSiteUnspecified  Reason = "SameSiteUnspecifiedTreatedAsLax"
	SameSiteNoneInsecure Reason = "SameSiteNoneInsecure"
	SchemefulStrict      Reason = "SchemefulSameSiteStrict"
	SchemefulLax         Reason = "SchemefulSameSiteLax"
	SchemefulUnspecified Reason = "SchemefulSameSiteUnspecifiedTreatedAsLax"
	OverwriteSecure      Reason = "OverwriteSecure"
	InvalidDomain        Reason = "InvalidDomain"
	InvalidPrefix        Reason = "InvalidPrefix"
	TooLarge             Reason = "NameValuePairExceedsMaxSize"
	BadCharacter         Reason = "DisallowedCharacter"
	NoContent            Reason = "NoCookieContent"
	NotOnPath            Reason = "NotOnPath"
	DomainMismatch       Reason = "DomainMismatch"

	NoCredentials       Reason = "CredentialsNotIncluded" // the request was made without credentials
	Expired             Reason = "Expired"                // its time is over
	PartitionedInsecure Reason = "PartitionedInsecure"    // Partitioned without Secure
	OtherPartition      Reason = "OtherPartition"         // set under another site
)

// SameSite is the attribute of that name.
type SameSite uint8

// Its values. Unspecified is Lax to Chromium, with a grace of two minutes for
// top-level POSTs that does not matter here, and None to Firefox and Safari.
const (
	Unspecified SameSite = iota
	None
	Lax
	Strict
)

func (s SameSite) String() string { return [...]string{"", "None", "Lax", "Strict"}[s] }

// Cookie is a cookie without its value.
type Cookie struct {
	Name     string
	Host     string // that set it
	Domain   string // its Domain attribute without the dot in front, "" for host-only
	Path     string
	HasPath  bool // Path was given rather than derived from the URL
	Secure   bool
	HTTPOnly bool
	SameSite SameSite
	Part     bool      // Partitioned
	Expires  time.Time // zero for the end of the session
	Deletes  bool      // it came to delete
	Length   int       // bytes of the value
	Value    uint64    // hash of the value

	SetAt time.Time
	SetBy uint64 // exchange
	Maybe bool   // the browser took it only if the request was made with credentials

	Refused Reason // why the browser did not take it, "" when it did
	BadAttr string // an attribute the browser ignores for its form, as written
}

// Relation is how the site of the page and that of the request go together.
type Relation uint8

// The relations.
const (
	Same      Relation = iota
	Schemeful          // the same but for the scheme
	Cross
)

// Request is what of a request matters to cookies.
type Request struct {
	ID       uint64 // exchange
	Scheme   string
	Host     string // without the port
	Path     string
	Site     Relation
	TopLevel bool // a navigation of the top window
	Safe     bool // GET, HEAD, OPTIONS or TRACE
	Include  bool // credentials are included
	Unsure   bool // whether they are is not known
	Now      time.Time
	Lax      bool // this engine takes unspecified SameSite as Lax: Chromium does
	Strict   bool // this engine takes Secure seriously on http://localhost: Safari does
}

// secure reports whether Secure cookies travel on the request's connection:
// Chromium and Firefox take a loopback name for secure.
func (r *Request) secure() bool {
	if r.Scheme == "https" || r.Scheme == "wss" {
		return true
	}
	return !r.Strict && loopback(r.Host)
}

func loopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "[::1]"
}

// Jar holds the cookies a browser has for the pages of one site, as far as
// they were seen being set. Its zero value is an empty jar.
type Jar struct {
	cookies []Cookie // newest last
	refused []Cookie // that the browser did not take
}

// Store takes a Set-Cookie line and returns what the browser makes of it.
func (j *Jar) Store(line string, hash func(string) uint64, r Request) Cookie {
	c := parse(line, hash, r)
	if c.Refused == "" {
		c.Refused = j.refuse(&c, &r)
	}
	if c.Refused != "" {
		j.refused = append(j.refused, c)
		if len(j.refused) > maxRefused {
			j.refused = slices.Delete(j.refused, 0, 1)
		}
		return c
	}
	c.Maybe = r.Unsure
	j.refused = slices.DeleteFunc(j.refused, func(old Cookie) bool { return old.same(&c) })
	j.cookies = slices.DeleteFunc(j.cookies, func(old Cookie) bool { return old.same(&c) })
	if !c.Deletes {
		j.cookies = append(j.cookies, c)
		j.evict(c.Host)
	}
	return c
}

// same reports whether a cookie replaces another.
func (c *Cookie) same(o *Cookie) bool {
	return c.Name == o.Name && c.Path == o.Path && c.domain() == o.domain() && (c.Domain == "") == (o.Domain == "")
}

func (c *Cookie) domain() string {
	if c.Domain != "" {
		return c.Domain
	}
	return c.Host
}

// evict keeps the jar within bounds; the oldest go.
func (j *Jar) evict(host string) {
	if len(j.cookies) > maxTotal {
		j.cookies = slices.Delete(j.cookies, 0, 1)
	}
	count, oldest := 0, -1
	for i := range j.cookies {
		if j.cookies[i].Host == host {
			count++
			if oldest < 0 {
				oldest = i
			}
		}
	}
	if count > maxCookies {
		j.cookies = slices.Delete(j.cookies, oldest, oldest+1)
	}
}

// Seen notes that a cookie travelled: the browser has it.
func (j *Jar) Seen(name string, r Request) {
	for i := range j.cookies {
		c := &j.cookies[i]
		if c.Name == name && c.matchesHost(r.Host) && pathMatch(c.Path, r.Path) {
			c.Maybe = false
		}
	}
}

// Cookies lists all there are, and those that were refused, oldest first.
func (j *Jar) Cookies() (kept, refused []Cookie) {
	return slices.Clone(j.cookies), slices.Clone(j.refused)
}

// Find returns the newest cookie of that name, taken or refused.
func (j *Jar) Find(name string) (Cookie, bool) {
	var found *Cookie
	for _, list := range [...][]Cookie{j.cookies, j.refused} {
		for i := range list {
			if list[i].Name == name && (found == nil || !list[i].SetAt.Before(found.SetAt)) {
				found = &list[i]
			}
		}
	}
	if found == nil {
		return Cookie{}, false
	}
	return *found, true
}
