package diag

import (
	"net/url"
	"strings"
)

// What an exchange with an authorization server is for is told by its path,
// its body and what came back, no one of them alone.

// purpose is what an exchange does to a session.
type purpose uint8

const (
	ordinary purpose = iota
	signIn
	refreshing
	signOut
)

// authWords are the words in paths that have to do with sessions; refreshWords
// those that have to do with renewing one.
var (
	authWords    = []string{"auth", "oauth", "oauth2", "token", "tokens", "session", "sessions", "jwt", "account", "accounts", "user", "users", "identity", "openid-connect", "sso"}
	refreshWords = []string{"refresh", "renew", "silent", "refresh-token", "refresh_token", "refreshtoken", "refresh-session", "token-refresh", "renew-token"}
	loginWords   = []string{"login", "signin", "sign-in", "sign_in", "log-in", "authenticate", "logon"}
	logoutWords  = []string{"logout", "signout", "sign-out", "sign_out", "log-out", "revoke", "logoff"}
)

// pathWords notes which of the words are segments of a path.
type pathWords struct{ auth, refresh, login, logout bool }

func wordsOf(path string) (w pathWords) {
	for n := 0; path != "" && n < maxSegments; n++ {
		var segment string
		segment, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if len(segment) < 3 || len(segment) > 20 {
			continue
		}
		w.auth = w.auth || contains(authWords, segment)
		w.refresh = w.refresh || contains(refreshWords, segment)
		w.login = w.login || contains(loginWords, segment)
		w.logout = w.logout || contains(logoutWords, segment)
	}
	return w
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if len(w) == len(word) && strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

func (w pathWords) any() bool { return w.auth || w.refresh || w.login || w.logout }

// The names under which bodies carry tokens.
var (
	accessNames  = []string{"access_token", "accessToken", "access", "token", "jwt", "auth_token", "authToken", "id_token", "idToken"}
	refreshNames = []string{"refresh_token", "refreshToken", "refresh"}
)

// grants are the grant types of RFC 6749 and its relatives.
const refreshGrant = "refresh_token"

// classify says what an answered exchange is for. soon means that a request of
// the session was refused less than 3 s before it.
func (f *Fact) classify(soon bool) purpose {
	if f.Role == Preflight || f.Method() == "OPTIONS" {
		return ordinary
	}
	words := f.Route.words
	post := f.Method() == "POST"
	if !words.any() && !(post && strings.Contains(f.RequestBody(), "refresh")) {
		return ordinary
	}
	if words.logout {
		return signOut
	}
	score := f.refreshScore(words, post, soon)
	switch grant := member(f.requestSample(), "grant_type"); {
	case grant == refreshGrant:
		return refreshing
	case grant != "", member(f.requestSample(), "password") != "", words.login:
		return signIn
	case score >= 3:
		return refreshing
	case post && words.auth && f.issues() && f.Token == nil:
		return signIn
	}
	return ordinary
}

// refreshScore adds up the signs of a refresh; three are enough.
func (f *Fact) refreshScore(words pathWords, post, soon bool) (score int) {
	for _, sign := range [...]struct {
		points int
		holds  bool
	}{
		{1, post},
		{1, words.refresh},
		{1, words.auth && words.refresh},
		{2, member(f.requestSample(), refreshNames...) != ""},
		{1, strings.Contains(strings.ToLower(f.Cookie), "refresh")},
		{2, f.issues()},
		{1, soon && words.auth || soon && words.refresh},
	} {
		if sign.holds {
			score += sign.points
		}
	}
	return score
}

// issues reports whether the answer hands a token out.
func (f *Fact) issues() bool {
	if f.Status/100 != 2 {
		return false
	}
	if isJSON(f.Type) && member(f.responseSample(), accessNames...) != "" {
		return true
	}
	for _, line := range f.SetCookies()[:min(len(f.SetCookies()), 8)] {
		name, value, _ := strings.Cut(line, "=")
		if lower := strings.ToLower(name); strings.Contains(lower, "access") || strings.Contains(lower, "refresh") || strings.HasPrefix(value, "eyJ") {
			return true
		}
	}
	return false
}

// authBody is how much of a body is searched for tokens, in bytes.
const authBody = 32 << 10

// requestSample and responseSample are the bodies as far as tokens are looked
// for: further than what rules get to read, because tokens are long.
func (f *Fact) requestSample() string {
	if b := f.X.Request.Body; len(b.Data) > bodyKept && (b.Decoded || !f.X.Request.Headers.Has("Content-Encoding")) {
		return b.Data[:min(len(b.Data), authBody)]
	}
	return f.RequestBody()
}

func (f *Fact) responseSample() string {
	if f.X.Response == nil {
		return ""
	}
	b := f.X.Response.Body
	coding, coded := f.X.Response.Headers.Get("Content-Encoding")
	switch {
	case !coded || b.Decoded:
		return b.Data[:min(len(b.Data), authBody)]
	case f.env.plain == nil:
		return ""
	}
	plain, _ := f.env.plain(coding, []byte(b.Data[:min(len(b.Data), authBody)]), authBody)
	return string(plain)
}

// member is the value of the first of the names that a JSON or form body has,
// as a string, at any depth, "" for none. A value that is cut off is none.
func member(body string, names ...string) string {
	for _, name := range names {
		if value := jsonMember(body, name); value != "" {
			return value
		}
		if value := formMember(body, name); value != "" {
			return value
		}
	}
	return ""
}

func jsonMember(body, name string) string {
	for rest := body; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return ""
		}
		quoted := i > 0 && rest[i-1] == '"'
		rest = rest[i+len(name):]
		if !quoted || !strings.HasPrefix(rest, `"`) {
			continue
		}
		value, ok := strings.CutPrefix(strings.TrimLeft(rest[1:], " \t\r\n"), ":")
		if !ok {
			continue
		}
		value, ok = strings.CutPrefix(strings.TrimLeft(value, " \t\r\n"), `"`)
		if !ok {
			continue
		}
		if end := strings.IndexByte(value, '"'); end >= 0 {
			return strings.ReplaceAll(value[:end], `\/`, "/")
		}
		return ""
	}
}

func formMember(body, name string) string {
	if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
		return ""
	}
	for pair := range strings.SplitSeq(body, "&") {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			if plain, err := url.QueryUnescape(value); err == nil {
				return plain
			}
			return value
		}
	}
	return ""
}
