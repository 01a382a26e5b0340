package exchange

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// jwt is a JSON Web Token (RFC 7519), signed (RFC 7515) or encrypted
// (RFC 7516), as far as it can be read without a key.
type jwt struct {
	header, claims map[string]json.RawMessage // claims are nil when they cannot be read
	bad            string
}

// parseJWT reads a token that begins with a header in base64url. It is lenient
// behind that: a token of bad form is a finding, not another kind of secret.
func parseJWT(s string) (t jwt, ok bool) {
	if len(s) < minJWT || s[0] != 'e' { // of {" and of {, space or line break
		return t, false
	}
	if strings.Contains(s, "%2E") || strings.Contains(s, "%2e") {
		s, t.bad = strings.NewReplacer("%2E", ".", "%2e", ".").Replace(s), "encoded"
	}
	parts := strings.Split(s, ".")
	if t.header = segment(parts[0]); t.header == nil {
		return t, false
	}
	if t.header["alg"] == nil && t.header["typ"] == nil {
		return t, false
	}
	if len(parts) > 1 {
		t.claims = segment(parts[1])
	}
	t.judge(parts)
	return t, true
}

// minJWT is the length of a header {"alg":"x"} in base64url.
const minJWT = 15

// judge notes the first thing that is wrong with the token's form.
func (t *jwt) judge(parts []string) {
	encrypted := len(parts) == 5 && t.header["enc"] != nil
	switch {
	case t.bad != "":
	case len(parts) != 3 && !encrypted:
		t.bad = "parts"
	case strings.Contains(strings.Join(parts, ""), "="):
		t.bad = "padding"
	case t.claims == nil && !encrypted:
		t.bad = "payload"
	}
}

// segment decodes a part that is a JSON object, or is nil.
func segment(s string) map[string]json.RawMessage {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	}
	var object map[string]json.RawMessage
	if err != nil || json.Unmarshal(raw, &object) != nil {
		return nil
	}
	return object
}

// jwtMark keeps of a token what says whether it could be valid, and where.
// The signature and the other claims are gone; subject and key ID remain
// comparable.
func (r *Redactor) jwtMark(t jwt) Mark {
	m := Mark{Kind: "jwt", Bad: t.bad}
	m.Alg, m.Typ = jsonText(t.header["alg"]), jsonText(t.header["typ"])
	m.Kid = r.hashOf(t.header["kid"])
	m.Iss, m.Sub, m.Sid = r.URL(jsonText(t.claims["iss"])), r.hashOf(t.claims["sub"]), r.hashOf(t.claims["sid"])
	m.Use = t.use()
	m.Exp, m.Nbf, m.Iat = number(t.claims["exp"]), number(t.claims["nbf"]), number(t.claims["iat"])
	var list []json.RawMessage
	if json.Unmarshal(t.claims["aud"], &list) != nil {
		list = []json.RawMessage{t.claims["aud"]}
	}
	for _, aud := range list[:min(len(list), 4)] {
		if aud := jsonText(aud); aud != "" {
			m.Aud = append(m.Aud, r.URL(aud))
		}
	}
	return m
}

// uses are the words by which tokens say what they are for: the media types of
// RFC 9068, token_use of Cognito, typ of Keycloak, token_type and type of
// libraries for Django and Flask.
var uses = map[string]string{
	"at+jwt": "access", "application/at+jwt": "access", "access": "access", "bearer": "access",
	"refresh": "refresh", "rt+jwt": "refresh", "offline": "refresh", "id": "id",
}

// use is what the token says it is for, or "". Only ID tokens have hashes of
// other tokens in them (OpenID Connect Core, section 3.3.2.11).
func (t *jwt) use() string {
	for _, raw := range [...]json.RawMessage{
		t.header["typ"], t.claims["token_use"], t.claims["typ"], t.claims["token_type"], t.claims["type"],
	} {
		if use := uses[strings.ToLower(jsonText(raw))]; use != "" {
			return use
		}
	}
	if t.claims["at_hash"] != nil || t.claims["c_hash"] != nil || t.claims["nonce"] != nil {
		return "id"
	}
	return ""
}

func (r *Redactor) hashOf(claim json.RawMessage) string {
	if len(claim) == 0 {
		return ""
	}
	return r.hash(string(claim))
}

// maxClaim is the longest claim that is kept, in bytes.
const maxClaim = 200

// jsonText is the value of a JSON string, or "" if it is none or too long.
func jsonText(raw json.RawMessage) (s string) {
	if json.Unmarshal(raw, &s) != nil || len(s) > maxClaim {
		return ""
	}
	return s
}

// number is the JSON text of a time, or "invalid".
func number(raw json.RawMessage) string {
	s := string(raw)
	if s == "null" || s == "" {
		return ""
	}
	if len(s) > 32 || strings.Trim(s, `0123456789+-.eE"`) != "" {
		return "invalid"
	}
	return s
}

// tokens replaces JSON Web Tokens wherever they stand in a text, and JSON in
// base64 that holds secrets, such as a state parameter or a cookie.
func (s *sweep) tokens(text string, inURL bool) string {
	e := edit{src: text}
	for i := 0; i < len(text); {
		j := strings.IndexByte(text[i:], 'J')
		if j < 0 {
			break
		}
		j += i
		i = j + 1
		if j < 2 || text[j-1] != 'y' || text[j-2] != 'e' { // "eyJ" is {" in base64
			continue
		}
		from := tokenStart(text, j-2)
		if from >= e.done {
			i = max(i, s.token(&e, from, inURL))
		}
	}
	return e.text()
}

// tokenStart is where the token begins that "eyJ" at i stands in. It may be
// that of the claims, behind a header that begins otherwise.
func tokenStart(s string, i int) int {
	from := i
	if i > minJWT && s[i-1] == '.' {
		for from = i - 1; from > 0 && isBase64URL(s[from-1]); from-- {
		}
	}
	return from
}

// token replaces the token at from, if there is one, and returns where it ends.
func (s *sweep) token(e *edit, from int, inURL bool) (end int) {
	end = from
	for end < len(e.src) && (isBase64URL(e.src[end]) || strings.IndexByte(".=~", e.src[end]) >= 0) ||
		strings.HasPrefix(e.src[end:], "%2E") || strings.HasPrefix(e.src[end:], "%2e") {
		end++
	}
	if _, ok := parseJWT(e.src[from:end]); !ok {
		for end < len(e.src) && (isBase64URL(e.src[end]) || strings.IndexByte("+/=", e.src[end]) >= 0) {
			end++
		}
		if !s.hidesSecrets(e.src[from:end]) {
			return end
		}
	}
	if insideMark(e.src, from) {
		return end
	}
	if inURL {
		e.replace(from, end, s.secretURL(e.src[from:end], strongName, asIs))
	} else {
		e.replace(from, end, s.secretText(e.src[from:end], strongName, asIs))
	}
	return end
}

func isBase64URL(c byte) bool { return isAlnum(c) || c == '-' || c == '_' }

// hidesSecrets reports whether s is JSON in base64 that redaction would change.
func (s *sweep) hidesSecrets(run string) bool {
	if len(run) < 24 {
		return false
	}
	clean := strings.NewReplacer("-", "+", "_", "/", "=", "", ".", "").Replace(run)
	raw, err := base64.RawStdEncoding.DecodeString(clean[:len(clean)-len(clean)%4])
	if err != nil {
		return false
	}
	text := string(raw)
	return (&sweep{r: s.r}).once(text, anyText) != text
}
