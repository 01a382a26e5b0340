package diag

import (
	"slices"
	"time"

	"corsdash/internal/diag/jar"
)

const (
	maxSessions  = 8  // of a client
	maxRefreshes = 32 // of a session
	maxIncidents = 16 // of a session
	maxDenied    = 64 // of an incident
)

// Session is what belongs to one sign-in of one browser: its tokens, their
// refreshes, and the incidents when a request was refused.
type Session struct {
	Client    string // "Chrome at 127.0.0.1"
	Page      string // origin of the page, "" when not known
	Subject   string // fingerprint of whom its tokens are about, "" when not known
	Newest    *Token // the access token issued last
	Refreshes []*Refresh
	Incidents []*Incident
	Login     uint64    // the sign-in, 0 when it was not seen
	Logout    uint64    // the sign-out, 0 for none
	LeftAt    time.Time // when it was answered

	RefreshCookie string // name of the cookie that holds the refresh token, "" when none was seen

	number  uint64
	spent   map[string]uint64 // refresh tokens sent with success, by fingerprint: where
	current string            // fingerprint of the refresh token issued last
	used    time.Time
}

// Refresh is one exchange of a refresh token for an access token.
type Refresh struct {
	ID         uint64
	Method     string
	Path       string
	Start, End time.Time
	Status     int        // 0 when no answer came
	Readable   bool       // the page could read the answer
	Sent       string     // fingerprint of the refresh token sent, "" when none was found
	SentIn     string     // "body", "cookie", "header", "query" or ""
	Bearer     *Token     // the access token sent along, nil for none
	Issued     *Token     // the access token that came back, nil when none was found
	IssuedNext string     // fingerprint of the refresh token that came back, "" for none
	Code       string     // the error code of the answer (RFC 6749, section 5.2), "" for none
	Reuses     uint64     // the refresh that had used the same token before, 0 for none
	Cookies    []jar.Sent // what the jar held for it when it was sent
	Overlaps   uint64     // a refresh that was under way, or just over, when this one began; 0 for none

	record *record
}

// OK reports whether the refresh succeeded and the page could see it.
func (r *Refresh) OK() bool { return r.Status/100 == 2 && r.Readable }

// Incident is one time of a session's requests being refused, whatever their
// number, and what was done about it.
type Incident struct {
	ID        uint64 // the first refused exchange; also the ID of the story
	Denied    []Denied
	More      int // refused requests beyond those in Denied
	Refreshes []*Refresh
	Start     time.Time
	Last      time.Time // when something last happened

	lead *record
}

// Denied is a request that was refused for its credentials.
type Denied struct {
	ID         uint64
	Method     string
	Path       string
	Start, End time.Time
	Status     int
	Token      *Token // that was sent, nil for none
	Readable   bool   // the page could read the refusal
	Expired    bool   // the token's time was over, by the server's clock
	Retry      uint64 // the same request sent again, 0 for none
	RetryStart time.Time
	RetryOpen  bool   // so far only its preflight, or no answer yet
	RetryWith  *Token // the token it was sent with
	RetryGot   int    // its status, 0 while it has none

	hash uint64
}

// Refreshed is the first refresh of the incident that succeeded, nil for none.
func (i *Incident) Refreshed() *Refresh {
	for _, r := range i.Refreshes {
		if r.OK() {
			return r
		}
	}
	return nil
}

// Of returns what is known of a refused exchange.
func (i *Incident) Of(id uint64) (d Denied, ok bool) {
	for _, d := range i.Denied {
		if d.ID == id {
			return d, true
		}
	}
	return d, false
}

// Pending are the refused requests that were not sent again.
func (i *Incident) Pending() (list []Denied) {
	for _, d := range i.Denied {
		if d.Retry == 0 {
			list = append(list, d)
		}
	}
	return list
}

// sessionOf finds the session a request belongs to, or makes one: that of its
// token, else that of whom the token is about, else the one used last.
func (e *Engine) sessionOf(f *Fact) *Session {
	if t := f.Token; t != nil {
		if t.Session == nil {
			t.Session = e.sessionAbout(f.client, subjectOf(t))
		}
		return e.use(f, t.Session)
	}
	return e.use(f, e.sessionAbout(f.client, ""))
}

func subjectOf(t *Token) string {
	switch {
	case t.Sid != "":
		return t.Iss + " " + t.Sid
	case t.Sub != "":
		return t.Iss + " " + t.Sub
	}
	return ""
}

// sessionAbout finds the session of a client about a subject. Sessions whose
// subject nobody knows yet take the first that comes.
func (e *Engine) sessionAbout(c *client, subject string) *Session {
	for _, s := range c.sessions {
		if subject == "" || s.Subject == subject {
			return s
		}
	}
	for _, s := range c.sessions {
		if s.Subject == "" {
			s.Subject = subject
			return s
		}
	}
	e.stories.sessions++
	s := &Session{Client: c.name, Subject: subject, number: e.stories.sessions}
	if len(c.sessions) == maxSessions {
		c.sessions = slices.Delete(c.sessions, maxSessions-1, maxSessions)
	}
	c.sessions = append(c.sessions, s)
	return s
}

// use moves a session to the front.
func (e *Engine) use(f *Fact, s *Session) *Session {
	list := f.client.sessions
	if i := slices.Index(list, s); i > 0 {
		copy(list[1:i+1], list[:i])
		list[0] = s
	}
	s.used = f.End
	if s.Page == "" {
		s.Page = f.Page
	}
	return s
}

// incident is the newest one if it may still be going on at a time, nil if not.
func (s *Session) incident(at time.Time) *Incident {
	if n := len(s.Incidents); n > 0 {
		if last := s.Incidents[n-1]; at.Before(last.Last.Add(incidentWindow)) && at.After(last.Start.Add(-incidentWindow)) {
			return last
		}
	}
	return nil
}

// takes reports whether a refused request is part of the incident rather than
// the first of another: it was sent before the tokens were renewed, or still
// with the old one.
func (i *Incident) takes(f *Fact) bool {
	for n := range i.Denied {
		if f.Token != nil && i.Denied[n].Token == f.Token {
			return true
		}
	}
	if f.Token != nil && f.Token.IssuedAt.After(i.Start) {
		return false // a token that is newer than the trouble
	}
	refresh := i.Refreshed()
	return refresh == nil || f.Start.Before(refresh.End)
}

// spend notes a refresh token that was taken, and returns where it was taken
// before.
func (s *Session) spend(fingerprint string, id uint64) (before uint64) {
	if fingerprint == "" {
		return 0
	}
	if before = s.spent[fingerprint]; before != 0 {
		return before
	}
	if s.spent == nil || len(s.spent) >= maxTokens {
		s.spent = make(map[string]uint64)
	}
	s.spent[fingerprint] = id
	return 0
}
