package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// The demo's tokens are real JWTs, signed with a key that is no secret.
const tokenKey = "corsdash demo, not a secret"

// Lifetimes by the demo's clock. A token from a login in the token scenarios
// dies while one watches; a refreshed one lives on.
const (
	briefToken = 2 * time.Second
	longToken  = 10 * time.Minute
)

// claims are those of an access token (RFC 7519 section 4.1).
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
}

// token issues an access token.
func (c *call) token(lifetime time.Duration) string {
	now := c.b.now()
	return sign(claims{
		Issuer: "https://auth.demo.example", Subject: "user-42", Audience: "demo-api",
		Issued: now.Unix(), Expires: now.Add(lifetime).Unix(), ID: fmt.Sprintf("t%d", c.b.state.number()),
	})
}

func sign(v claims) string {
	payload, _ := json.Marshal(v)
	text := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64(payload)
	return text + "." + b64(mac(text))
}

func mac(text string) []byte {
	h := hmac.New(sha256.New, []byte(tokenKey))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func b64(p []byte) string { return base64.RawURLEncoding.EncodeToString(p) }

// bearer tells what became of the request's token: "" when it is good, else
// the words of the refusal.
func (c *call) bearer() string {
	token, ok := strings.CutPrefix(c.header("authorization"), "Bearer ")
	if !ok {
		return "Not authenticated"
	}
	text, signature, _ := cutLast(token, '.')
	sent, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(sent, mac(text)) {
		return "Signature verification failed"
	}
	_, payload, _ := strings.Cut(text, ".")
	data, _ := base64.RawURLEncoding.DecodeString(payload)
	var v claims
	if json.Unmarshal(data, &v) != nil {
		return "Signature verification failed"
	}
	if c.b.now().Unix() >= v.Expires {
		return "Signature has expired"
	}
	return ""
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// state is what the backend remembers: how often each refresh token was used.
type state struct {
	mu    sync.Mutex
	count int
	used  map[string]int
	order []string
	twice map[string]chan struct{} // closed when a token is used for the second time
}

// maxRefresh bounds the memory: the oldest refresh tokens are forgotten.
const maxRefresh = 512

func (s *state) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return s.count
}

// use counts a refresh token. It returns how often it was used before, and a
// channel that is closed once it is used again.
func (s *state) use(token string) (before int, again <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used == nil {
		s.used, s.twice = map[string]int{}, map[string]chan struct{}{}
	}
	before = s.used[token]
	if s.used[token]++; before == 0 {
		s.twice[token] = make(chan struct{})
		if s.order = append(s.order, token); len(s.order) > maxRefresh {
			delete(s.used, s.order[0])
			delete(s.twice, s.order[0])
			s.order = s.order[1:]
		}
	}
	if before == 1 {
		close(s.twice[token])
	}
	return before, s.twice[token]
}

// cookie is the value of one of the request's cookies.
func (c *call) cookie(name string) string {
	for pair := range strings.SplitSeq(c.header("cookie"), "; ") {
		if n, value, ok := strings.Cut(pair, "="); ok && n == name {
			return value
		}
	}
	return ""
}
