package jar

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// parse reads a Set-Cookie line:
// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-set-cookie-header-field-2.
func parse(line string, hash func(string) uint64, r Request) Cookie {
	c := Cookie{Host: strings.Clone(r.Host), SetAt: r.Now, SetBy: r.ID}
	if i := strings.IndexAny(line, "\x00\r\n"); i >= 0 {
		c.Refused = BadCharacter
		line = line[:i]
	}
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, ok := strings.Cut(pair, "=")
	if !ok {
		name, value = "", pair // a pair without "=" is all value
	}
	name, value = trim(name), trim(value)
	c.Length = len(value)
	switch {
	case c.Refused != "":
	case name == "" && value == "":
		c.Refused = NoContent
	case len(name)+len(value) > maxLength:
		c.Refused = TooLarge
	case hasControl(name) || hasControl(value):
		c.Refused = BadCharacter
	}
	c.Name, c.Value = strings.Clone(name[:min(len(name), maxLength)]), hash(value)
	c.attributes(attributes, &r)
	if !c.HasPath {
		c.Path = defaultPath(r.Path)
	}
	return c
}

func trim(s string) string { return strings.Trim(s, " \t") }

// hasControl: a tab is allowed within.
func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// maxAttributes bounds what is read of a hostile line.
const maxAttributes = 32

func (c *Cookie) attributes(list string, r *Request) {
	aged := false // Max-Age wins over Expires, whichever comes first
	for n := 0; list != "" && n < maxAttributes; n++ {
		var one string
		one, list, _ = strings.Cut(list, ";")
		name, value, _ := strings.Cut(one, "=")
		name, value = trim(name), trim(value)
		if len(value) > maxAttr {
			c.BadAttr = strings.Clone(name)
			continue
		}
		switch strings.ToLower(name) {
		case "expires":
			if at, ok := expiry(value); !ok {
				c.BadAttr = strings.Clone(trim(one))
			} else if !aged {
				c.expire(at, r.Now)
			}
		case "max-age":
			if seconds, ok := age(value); ok {
				aged = true
				c.expire(r.Now.Add(seconds), r.Now)
			} else {
				c.BadAttr = strings.Clone(trim(one))
			}
		case "domain":
			c.Domain = strings.ToLower(strings.Clone(strings.TrimPrefix(value, ".")))
		case "path":
			c.HasPath = strings.HasPrefix(value, "/")
			c.Path = strings.Clone(value)
		case "secure":
			c.Secure = true
		case "httponly":
			c.HTTPOnly = true
		case "partitioned":
			c.Part = true
		case "samesite":
			c.SameSite = sameSite(value)
		}
	}
}

func (c *Cookie) expire(at, now time.Time) {
	c.Deletes = !at.After(now)
	if limit := now.Add(maxAge); at.After(limit) {
		at = limit
	}
	c.Expires = at
}

// age reads Max-Age: digits, a minus in front makes it the past.
func age(s string) (time.Duration, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || seconds > int64(2*maxAge/time.Second) {
		seconds = int64(2 * maxAge / time.Second)
	}
	if negative {
		return -1, true
	}
	return time.Duration(seconds) * time.Second, true
}

// expiry reads Expires. Browsers are lenient about dates; what the forms of
// HTTP and the usual deviations do not cover is taken for no date, as they do.
func expiry(s string) (time.Time, bool) {
	if t, err := http.ParseTime(s); err == nil {
		return t, true
	}
	for _, layout := range [...]string{
		"Mon, 02-Jan-2006 15:04:05 MST", "Mon, 02-Jan-06 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 MST",
		"Monday, 02-Jan-2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 -0700", "Mon Jan 02 2006 15:04:05 GMT-0700", "2 Jan 2006 15:04:05 MST",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func sameSite(s string) SameSite {
	switch strings.ToLower(s) {
	case "strict":
		return Strict
	case "lax":
		return Lax
	case "none":
		return None
	}
	return Unspecified
}

// defaultPath is the folder of the path that set the cookie: the cookie of
// /auth/login goes to /auth, which surprises people.
func defaultPath(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 || path[0] != '/' {
		return "/"
	}
	return strings.Clone(path[:i])
}
