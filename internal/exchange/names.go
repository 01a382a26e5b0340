package exchange

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"
)

// nameClass says what a header, parameter, field or member of that name holds.
type nameClass uint8

const (
	plainName     nameClass = iota
	fixedName               // never touched: diagnosis rests on it, or the user wants to keep it
	strongName              // a secret wherever the name stands
	weakName                // a word with other uses; a secret in URLs, forms and JSON
	authorization           // a credential behind its scheme
	cookieName              // Cookie: name=value; name=value
	setCookieName           // Set-Cookie: name=value; attributes
	urlName                 // a URL
	protocolName            // Sec-WebSocket-Protocol
)

// defaultNames lists the names in their normal form: lower case without "-",
// "_" and the segments before "." and "[".
//
// They are those of Cloudflare's har-sanitizer and what frameworks and
// identity providers add to them.
var defaultNames = map[nameClass]string{
	fixedName: `accept acceptencoding acceptlanguage acceptranges
		accesscontrolallowcredentials accesscontrolallowheaders accesscontrolallowmethods
		accesscontrolalloworigin accesscontrolallowprivatenetwork accesscontrolexposeheaders
		accesscontrolmaxage accesscontrolrequestheaders accesscontrolrequestmethod
		accesscontrolrequestprivatenetwork age allow cachecontrol connection contentencoding
		contentlanguage contentlength contenttype date expect expires host ifmodifiedsince
		keepalive lastmodified origin retryafter secfetchdest secfetchmode secfetchsite
		secfetchuser secwebsocketaccept secwebsocketkey secwebsocketversion te trailer
		transferencoding upgrade upgradeinsecurerequests useragent vary xcontenttypeoptions`,
	strongName: `accesskey accesstoken apikey assertion authenticitytoken authtoken bearer
		bearertoken clientassertion clientsecret codechallenge codeverifier cookies credential
		credentials csrf csrfmiddlewaretoken csrftoken devicecode idtoken jsessionid jwt
		dpop newpassword oldpassword otp passphrase passwd password password1
		password2 newpassword1 newpassword2 passwordconfirmation phpsessid privatekey
		privatetoken pwd refreshtoken samlrequest samlresponse secret secretkey sessionid
		sessiontoken sessid signingkey token totp usercode xsrf xsrftoken
		ocpapimsubscriptionkey xamzcredential xamzsignature xfunctionskey xgoogcredential
		xgoogsignature`,
	weakName: `auth challenge code key pass pin session sid sig signature state`,
	authorization: `authorization proxyauthorization xauthorization xforwardedauthorization
		httpauthorization redirecthttpauthorization`,
	cookieName:    `cookie httpcookie`,
	setCookieName: `setcookie`,
	urlName:       `contentlocation location referer refresh`,
	protocolName:  `secwebsocketprotocol`,
}

// secretEnds are the ends that make any name a strong one: github_token,
// X-Goog-IAP-Token, db_password.
var secretEnds = []string{
	"token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "secretkey", "privatekey", "sessionid",
}

// names classifies names. A few hundred of them stand in 10 KB of JSON and
// nearly none is a secret, so the last three letters are looked at first: ends
// has for each pair of last letters a bit for each letter in front of them.
type names struct {
	class map[string]nameClass
	ends  [1 << 10]uint32
	globs []string        // the user's headers with a *, lower case
	kept  map[string]bool // what the user wants to read, in normal form
}

func newNames(rules RedactRules) names {
	n := names{class: make(map[string]nameClass, 256), kept: make(map[string]bool)}
	for class, list := range defaultNames {
		for name := range strings.FieldsSeq(list) {
			n.class[name] = class
		}
	}
	for _, key := range rules.Keys {
		n.class[normal(key)] = strongName
	}
	for _, header := range rules.Headers {
		if strings.Contains(header, "*") {
			n.globs = append(n.globs, strings.ToLower(header))
			continue
		}
		if n.class[normal(header)] < authorization { // those have their own form
			n.class[normal(header)] = strongName
		}
	}
	for _, name := range rules.Keep {
		n.class[normal(name)] = fixedName
		n.kept[normal(name)] = true
	}
	for name, class := range n.class {
		if class != fixedName && name != "" {
			n.allowEnd(name)
		}
	}
	for _, end := range secretEnds {
		n.allowEnd(end)
	}
	return n
}

// twoLetters is the bit for a name of two letters. No letter has that number.
const twoLetters = 1 << 31

func (n *names) allowEnd(name string) {
	switch l := len(name); {
	case l == 1: // whatever stands in front of it
		for c := range byte(32) {
			n.ends[pair(c, name[0])] = math.MaxUint32
		}
	case l == 2:
		n.ends[pair(name[0], name[1])] |= twoLetters
	default:
		n.ends[pair(name[l-2], name[l-1])] |= 1 << (name[l-3] & 31)
	}
}

// pair numbers two letters without their case.
func pair(a, b byte) uint { return uint(a&31)<<5 | uint(b&31) }

// maxName is how much of a name counts, from its end, in bytes.
const maxName = 64

// of classifies a parameter, field or member.
func (n *names) of(name string) nameClass {
	var buf [maxName]byte
	norm := appendNormal(buf[:0], name)
	if class, ok := n.class[string(norm)]; ok {
		return class
	}
	for _, end := range secretEnds {
		if len(norm) > len(end) && string(norm[len(norm)-len(end):]) == end {
			return strongName
		}
	}
	return plainName
}

// endsLike is a cheap test that nearly every name fails: whether text, which
// ends with a name, may end with one we know. What the name's normal form would
// drop or read otherwise passes.
func (n *names) endsLike(text string) bool {
	l := len(text)
	if l < 3 {
		return l > 0
	}
	if !isAlnum(text[l-2]) || !isAlnum(text[l-1]) {
		return true
	}
	letters := n.ends[pair(text[l-2], text[l-1])]
	c := text[l-3]
	if (c == '_' || c == '-') && l > 3 {
		c = text[l-4]
	}
	switch {
	case isAlnum(c):
		return letters>>(c&31)&1 != 0 || endsEscaped(text)
	case isNameByte(c) || c == '\\':
		return true
	}
	return letters&twoLetters != 0 || endsEscaped(text)
}

// endsEscaped reports whether one of the last three characters of s is written
// as an escape: %65n, to%6ben or \u0065n.
func endsEscaped(s string) bool {
	if len(s) < 8 {
		return strings.ContainsAny(s, `%\`)
	}
	s = s[len(s)-8:]
	return s[5] == '%' || s[4] == '%' || s[3] == '%' || s[2] == '\\' || s[1] == '\\' || s[0] == '\\'
}

// header classifies a header. "X-Auth" is what "Auth" is.
func (n *names) header(name string) nameClass {
	class := n.of(name)
	if class == plainName && len(name) > 2 && name[0]|0x20 == 'x' && name[1] == '-' {
		class = n.of(name[2:])
	}
	if class == plainName && len(n.globs) > 0 {
		for _, glob := range n.globs {
			if globMatch(glob, strings.ToLower(name)) {
				return strongName
			}
		}
	}
	return class
}

// globMatch matches a pattern in which * stands for any characters.
func globMatch(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if s, star = strings.CutPrefix(s, head); !star {
		return false
	}
	for i := range len(s) + 1 {
		if globMatch(rest, s[i:]) {
			return true
		}
	}
	return false
}

func normal(name string) string { return string(appendNormal(nil, name)) }

// appendNormal writes the normal form of the last maxName bytes of a name:
// lower case, escapes read, separators dropped, and of "user[password]",
// "user.password" and "password[0]" the one segment that says what it is.
func appendNormal(dst []byte, name string) []byte {
	name = name[max(0, len(name)-maxName):]
	segments := false
	for i := 0; i < len(name); i++ {
		c := normalByte[name[i]]
		switch c {
		case dropped:
			continue
		case escaping:
			r, n := escapeAt(name[i:])
			if n == 0 {
				continue
			}
			i += n - 1
			if r >= utf8.RuneSelf {
				dst = utf8.AppendRune(dst, r)
				continue
			}
			if c = normalByte[r]; c <= escaping {
				continue
			}
		}
		segments = segments || c == '.' || c == '['
		dst = append(dst, c)
	}
	if segments {
		return lastSegment(dst)
	}
	return dst
}

// What normalByte says beside a byte.
const (
	dropped  = 0
	escaping = 1
)

// normalByte maps the bytes of a name to those of its normal form.
var normalByte = func() (table [256]byte) {
	for c := range table {
		table[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			table[c] = byte(c) + 'a' - 'A'
		}
	}
	for _, c := range "-_] \x00\x01" {
		table[c] = dropped
	}
	table['\\'], table['%'] = escaping, escaping
	return table
}()

// lastSegment is what follows the last "." or "[", unless that is an index.
func lastSegment(name []byte) []byte {
	for {
		i := bytes.LastIndexAny(name, ".[")
		if i < 0 {
			return name
		}
		if last := name[i+1:]; len(bytes.Trim(last, "0123456789")) > 0 {
			return last
		}
		name = name[:i]
	}
}

// escapeAt reads a JSON (\u0065) or URL (%65) escape; n is 0 when s begins
// with none. One of a character above ASCII stands for a byte in a URL, so it
// is left to be compared as it is.
func escapeAt(s string) (r rune, n int) {
	var digits string
	switch {
	case len(s) >= 3 && s[0] == '%':
		digits, n = s[1:3], 3
	case len(s) >= 6 && s[0] == '\\' && s[1] == 'u':
		digits, n = s[2:6], 6
	}
	for i := range len(digits) {
		d := unhex(digits[i])
		if d < 0 {
			return 0, 0
		}
		r = r<<4 | rune(d)
	}
	if n == 3 && r >= utf8.RuneSelf {
		return 0, 0
	}
	return r, n
}
