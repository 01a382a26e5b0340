package diag

import (
	"math"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/exchange"
)

// Token is a credential that travelled, by its fingerprint: the value is not
// kept. Of a JSON Web Token its mark holds what can be read without a key;
// nothing is verified.
type Token struct {
	exchange.Mark
	Claims   Times
	First    uint64 // exchange in which it was first seen
	IssuedBy uint64 // exchange whose answer brought it, 0 when that was not seen
	IssuedAt time.Time
	Used     time.Time // when it was sent last
	Uses     int
	Accepted uint64 // the last exchange in which it was not refused, 0 for none
	Denied   uint64 // the last one that was answered with 401
	Session  *Session
}

// Times are a token's claims about time (RFC 7519, section 4.1), zero when
// absent.
type Times struct {
	Expires, NotBefore, Issued time.Time
	Milliseconds               bool // a claim counts milliseconds, and so means a time far away
	Invalid                    bool // a claim is no number
}

// JWT reports whether the token is a JSON Web Token.
func (t *Token) JWT() bool { return t.Kind == "jwt" }

// Expired reports whether the token's time is over at a server's time.
func (t *Token) Expired(at time.Time) bool {
	return t != nil && !t.Claims.Expires.IsZero() && !t.Claims.Expires.After(at)
}

// Lifetime is how long the token is valid from the time it was issued, 0 when
// it does not say.
func (t *Token) Lifetime() time.Duration {
	if t.Claims.Expires.IsZero() || t.Claims.Issued.IsZero() {
		return 0
	}
	return t.Claims.Expires.Sub(t.Claims.Issued)
}

// timesOf reads the claims of a mark.
func timesOf(m *exchange.Mark) (t Times) {
	for _, claim := range []struct {
		text string
		time *time.Time
	}{{m.Exp, &t.Expires}, {m.Nbf, &t.NotBefore}, {m.Iat, &t.Issued}} {
		if claim.text == "" {
			continue
		}
		seconds, err := strconv.ParseFloat(claim.text, 64)
		if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > 1e16 {
			t.Invalid = true
			continue
		}
		// Seconds are 10 digits until the year 2286.
		if seconds > 1e11 {
			t.Milliseconds = true
			seconds /= 1000
		}
		whole, fraction := math.Modf(seconds)
		*claim.time = time.Unix(int64(whole), int64(fraction*1e9)).UTC()
	}
	return t
}

const maxTokens = 1024

// tokens are the tokens seen lately.
type tokens struct {
	byHash map[string]*Token
	order  [maxTokens]string
	next   int
}

// of finds or makes the token of a secret.
func (ts *tokens) of(mark exchange.Mark, id uint64) *Token {
	if t := ts.byHash[mark.Hash]; t != nil {
		if t.Kind == "tok" && mark.Kind == "jwt" { // seen first where it was cut
			t.Mark, t.Claims = cloneMark(mark), timesOf(&mark)
		}
		return t
	}
	if ts.byHash == nil {
		ts.byHash = make(map[string]*Token)
	}
	mark = cloneMark(mark)
	t := &Token{Mark: mark, Claims: timesOf(&mark), First: id}
	delete(ts.byHash, ts.order[ts.next])
	ts.order[ts.next] = mark.Hash
	ts.next = (ts.next + 1) % maxTokens
	ts.byHash[mark.Hash] = t
	return t
}

// cloneMark keeps a mark from holding on to the text it was read from.
func cloneMark(m exchange.Mark) exchange.Mark {
	for _, s := range [...]*string{&m.Kind, &m.Hash, &m.Alg, &m.Typ, &m.Iss, &m.Exp, &m.Nbf, &m.Iat, &m.Sub, &m.Sid, &m.Kid, &m.Use, &m.Bad, &m.Coding} {
		*s = strings.Clone(*s)
	}
	audience := make([]string, len(m.Aud))
	for i := range m.Aud {
		audience[i] = strings.Clone(m.Aud[i])
	}
	m.Aud = audience
	return m
}

// credentialOf splits an Authorization value into scheme and credential. A
// value without a blank is all credential.
func credentialOf(authorization string) (scheme, credential string) {
	scheme, credential, ok := strings.Cut(authorization, " ")
	if !ok {
		return "", authorization
	}
	if strings.HasPrefix(authorization, "‹") { // a mark has blanks of its own
		return "", authorization
	}
	return scheme, strings.Trim(credential, " \t")
}

// bearerOf is the token in an Authorization header. What is no token but a
// mistake of the page's code, such as "undefined", is none.
func (e *Engine) bearerOf(f *Fact) *Token {
	c := f.client
	for i := range c.bearers {
		if c.bearers[i].header == f.Authorization {
			return c.bearers[i].token
		}
	}
	scheme, credential := credentialOf(f.Authorization)
	var t *Token
	switch strings.ToLower(scheme) {
	case "bearer", "token", "jwt", "dpop", "":
		credential = strings.Trim(strings.TrimPrefix(credential, "Bearer "), `"`)
		if len(credential) >= 8 && credential != "undefined" && credential != "[object Object]" {
			t = e.tokens.of(e.env.redactor.Mark(credential), f.ID)
		}
	}
	c.bearers[c.nextBearer] = lastBearer{strings.Clone(f.Authorization), t}
	c.nextBearer = (c.nextBearer + 1) % len(c.bearers)
	return t
}

// lastBearer spares looking the same header up for every request.
type lastBearer struct {
	header string
	token  *Token
}
