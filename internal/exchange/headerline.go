package exchange

import (
	"slices"
	"strings"
)

// headers returns the lines with their secrets replaced; h itself when there
// were none.
func (s *sweep) headers(h Headers) Headers {
	out := h
	class := plainName
	for i, l := range h {
		if l.Name != "" && (l.Name[0] == ' ' || l.Name[0] == '\t') {
			l = s.continued(l, class)
		} else {
			class = s.r.names.header(l.Name)
			l = s.line(l, class)
		}
		if l == h[i] {
			continue
		}
		if sameLines(out, h) {
			out = slices.Clone(h)
		}
		out[i] = l
	}
	return out
}

// line redacts one header line. One without a colon is all name.
func (s *sweep) line(l Header, class nameClass) Header {
	if l.Value == "" && class == plainName {
		l.Name = s.text(l.Name, anyText)
		return l
	}
	l.Value = s.headerValue(l.Value, class)
	return l
}

// continued redacts a line that continues the one before it (obs-fold, RFC
// 9112 section 5.2). It was split at a colon that is none.
func (s *sweep) continued(l Header, class nameClass) Header {
	text := strings.TrimSpace(l.Name)
	if l.Value != "" {
		text += ":" + l.Value
	}
	clean := s.headerValue(text, class)
	if clean == text {
		return l
	}
	return Header{Name: " " + clean}
}

// headerValue sweeps until nothing changes, as text does: a user's pattern may
// match a scheme or the name of a cookie, and leave another structure. Without
// patterns the structure is read right the first time.
func (s *sweep) headerValue(value string, class nameClass) string {
	if class == fixedName || value == "" {
		return value
	}
	if len(s.r.patterns) == 0 && class != plainName && class != urlName {
		return s.headerOnce(value, class)
	}
	for range maxRounds {
		clean := s.headerOnce(value, class)
		if clean == value {
			break
		}
		value = clean
	}
	return value
}

func (s *sweep) headerOnce(value string, class nameClass) string {
	switch class {
	case urlName:
		return s.once(value, urlText)
	case strongName, weakName, authorization:
		value = s.credentials(value, class, asIs)
	case cookieName:
		return s.matches(s.tokens(s.cookies(value), false), headerText)
	case setCookieName:
		return s.matches(s.tokens(s.setCookie(value), false), headerText)
	case protocolName:
		return s.matches(s.protocols(value), headerText)
	}
	return s.once(value, headerText)
}

// schemes are the words in front of credentials: those of the IANA registry
// and what frameworks use beside them. Any other word may be the secret itself.
var schemes = words(`basic bearer concealed digest dpop gnap hoba mutual negotiate ntlm
	oauth privatetoken scram-sha-1 scram-sha-256 vapid
	access-token api-key apikey aws aws4-hmac-sha256 bot genie-key geniekey googlelogin hawk
	jwt key mac session sharedaccesssignature sharedkey sharedkeylite signature splunk sso-key
	sso-jwt ssws token token: zoho-oauthtoken`)

// credentials keeps the scheme of an Authorization value, twice if it stands
// there twice, and quotes around the credential, because both are findings.
func (s *sweep) credentials(value string, class nameClass, enc encoding) string {
	scheme, rest, found := strings.Cut(value, " ")
	if found && schemes.has(scheme) {
		credential := strings.TrimLeft(rest, " ")
		prefix := value[:len(value)-len(credential)]
		return prefix + s.credentials(credential, class, enc)
	}
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		return `"` + s.secretText(value[1:n-1], class, enc) + `"`
	}
	if schemes.has(value) {
		return value // a scheme and nothing behind it
	}
	return s.secretText(value, class, enc)
}

// cookies keeps the names of a Cookie value. A pair without "=" is all value
// (RFC 6265bis section 5.6).
func (s *sweep) cookies(value string) string {
	e := edit{src: value}
	for from := 0; from < len(value); {
		to := len(value)
		if i := strings.IndexByte(value[from:], ';'); i >= 0 {
			to = from + i
		}
		s.cookie(&e, from, to)
		from = to + 1
	}
	return e.text()
}

// cookie redacts the value of the pair at src[from:to].
func (s *sweep) cookie(e *edit, from, to int) {
	pair := e.src[from:to]
	if markAt(strings.TrimSpace(pair)) > 0 {
		return // of a pair without "="
	}
	name, value, ok := cutPair(pair)
	if !ok {
		name, value = "", pair
	} else if len(s.r.names.kept) > 0 && s.r.names.kept[normal(strings.TrimSpace(name))] {
		return
	}
	from = to - len(value)
	value = strings.Trim(value, " \t")
	from += strings.Index(e.src[from:to], value)
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		from, value = from+1, value[1:n-1]
	}
	e.replace(from, from+len(value), s.secretText(value, strongName, percent))
}

// cutPair cuts at the first "=" that is not part of a mark.
func cutPair(pair string) (name, value string, ok bool) {
	for i := range len(pair) {
		if pair[i] == '=' && !insideMark(pair, i) {
			return pair[:i], pair[i+1:], true
		}
	}
	return pair, "", false
}

// setCookie keeps the name and the attributes of a Set-Cookie value.
func (s *sweep) setCookie(value string) string {
	e := edit{src: value}
	for from, first := 0, true; from < len(value); first = false {
		to := len(value)
		if i := strings.IndexByte(value[from:], ';'); i >= 0 {
			to = from + i
		}
		if first {
			s.cookie(&e, from, to)
		} else {
			s.attribute(&e, from, to)
		}
		from = to + 1
	}
	return e.text()
}

var cookieAttributes = words(`path domain expires max-age secure httponly samesite priority partitioned version comment`)

// attribute keeps a known attribute. What looks like one but is not may be a
// second cookie, and so may be what follows a comma: some servers fold several
// Set-Cookie lines into one, and browsers then lose all but the first.
func (s *sweep) attribute(e *edit, from, to int) {
	name, value, ok := cutPair(e.src[from:to])
	if !ok {
		return
	}
	if !cookieAttributes.has(strings.TrimSpace(name)) {
		s.cookie(e, from, to)
		return
	}
	if i := strings.LastIndexByte(value, '='); i >= 0 {
		if comma := strings.LastIndexByte(value[:i], ','); comma >= 0 {
			s.cookie(e, to-len(value)+comma+1, to)
		}
	}
}

// subprotocols are the ones in use. Browsers cannot send Authorization with a
// WebSocket, so tokens travel in Sec-WebSocket-Protocol, and anything that is
// not known to be a name may be one.
var subprotocols = words(`actioncable-unsupported actioncable-v1-json actioncable-v1-msgpack amqp
	binary base64 bfcp.3gpp.org bitcoin chat coap graphql-transport-ws graphql-ws json jmap
	mbws.huawei.com mqtt mqttv3.1 mqttv3.1.1 msgpack msrp next-hmr ocpp1.2 ocpp1.5 ocpp1.6
	ocpp2.0 ocpp2.0.1 ocpp2.1 pcp phoenix protobuf sip soap socket.io stomp superchat
	v10.stomp v11.stomp v12.stomp vite-hmr vite-ping wamp wamp.2.json wamp.2.msgpack xmpp
	bearer token access_token access-token auth authorization jwt`)

// protocols keeps known names, and of "base64url.bearer.authorization.k8s.io.X"
// what stands in front of the token.
func (s *sweep) protocols(value string) string {
	e := edit{src: value}
	for from := 0; from < len(value); {
		to := len(value)
		if i := strings.IndexByte(value[from:], ','); i >= 0 {
			to = from + i
		}
		item := strings.Trim(value[from:to], " \t")
		start := from + strings.Index(value[from:to], item)
		if i := strings.LastIndex(item, ".k8s.io."); i >= 0 {
			item, start = item[i+len(".k8s.io."):], start+i+len(".k8s.io.")
		}
		if !subprotocols.has(item) {
			e.replace(start, start+len(item), s.secretText(item, strongName, asIs))
		}
		from = to + 1
	}
	return e.text()
}
