package diag

import (
	"strings"
	"time"

	"corsdash/internal/cors"
)

const (
	// incidentWindow is how long after its last event an incident still takes
	// in what belongs to it.
	incidentWindow = 5 * time.Second

	// noRefreshAfter is when a refused request counts as not followed by a
	// refresh, noRetryAfter when a refresh counts as not followed by a retry.
	noRefreshAfter = 5 * time.Second
	noRetryAfter   = 3 * time.Second

	// stormWindow is how shortly after another a refresh is one too many.
	stormWindow = 2 * time.Second

	// soonAfter is how shortly after a refusal a request to an auth route is
	// taken for its consequence.
	soonAfter = 3 * time.Second
)

// stories numbers sessions and lists the incidents in the order they began.
type stories struct {
	sessions uint64
	list     []*Incident
	of       []*Session // of list
}

const maxStories = 256

func (s *stories) add(i *Incident, session *Session) {
	if len(s.list) == maxStories {
		s.list, s.of = append(s.list[:0], s.list[1:]...), append(s.of[:0], s.of[1:]...)
	}
	s.list, s.of = append(s.list, i), append(s.of, session)
}

// takeRequest takes up what a request shows before its answer is known.
func (e *Engine) takeRequest(r *record) {
	f := r.fact
	e.takeCookies(f)
	if f.Authorization != "" {
		if f.Token = e.bearerOf(f); f.Token != nil {
			f.Token.Uses++
			f.Token.Used = f.Start
		}
	}
	if f.client.open > 0 {
		e.takeRetry(r)
	}
}

// takeAnswer takes up what an answer does to cookies and sessions.
func (e *Engine) takeAnswer(r *record) {
	f := r.fact
	if f.client.open > 0 {
		e.takeRetry(r)
	}
	if f.Own || f.Role == Preflight {
		return
	}
	purpose := f.classify(e.refusedBefore(f))
	if purpose == refreshing { // its answer may delete the cookies it came without
		r.refresh = &Refresh{Cookies: e.jarOf(f).Sends(e.jarRequest(f))}
	}
	e.storeCookies(r)
	switch purpose {
	case refreshing:
		e.takeRefresh(r)
		return
	case signIn:
		e.takeLogin(r)
		return
	case signOut:
		if f.Status/100 == 2 {
			s := e.sessionOf(f)
			s.Logout, s.LeftAt, r.session = f.ID, f.End, s
		}
		return
	}
	if f.refuses() {
		e.takeRefusal(r)
		return
	}
	if f.Token != nil {
		if f.Status < 400 {
			f.Token.Accepted = f.ID
		}
		r.session = e.sessionOf(f)
	}
}

// refuses reports whether an answer refuses the request's credentials: 401, or
// 403 for a token whose time is over.
func (f *Fact) refuses() bool {
	return f.Status == 401 || f.Status == 403 && f.Token.Expired(f.ServerTime())
}

// refusedBefore reports whether a request of this client was refused shortly
// before f was sent.
func (e *Engine) refusedBefore(f *Fact) bool {
	for _, s := range f.client.sessions {
		if i := s.incident(f.Start); i != nil {
			last := i.Denied[len(i.Denied)-1].End
			if gap := f.Start.Sub(last); gap > -before && gap < soonAfter {
				return true
			}
		}
	}
	return false
}

// readable reports whether the page could read the answer.
func (r *record) readable() bool {
	switch r.outcome() {
	case cors.Blocked, cors.Failed, cors.Opaque:
		return false
	}
	return r.fact.Status != 0
}

func (e *Engine) takeRefusal(r *record) {
	f := r.fact
	s := e.sessionOf(f)
	r.session = s
	if f.Token != nil {
		f.Token.Denied = f.ID
	}
	if r.incident != nil {
		return // a retry that was refused again
	}
	i := s.incident(f.Start)
	if i == nil || !i.takes(f) {
		i = &Incident{ID: f.ID, Start: f.Start, Last: f.End, lead: r}
		if len(s.Incidents) == maxIncidents {
			s.Incidents = append(s.Incidents[:0], s.Incidents[1:]...)
		}
		s.Incidents = append(s.Incidents, i)
		e.stories.add(i, s)
		f.client.open++
		e.dues.add(f.End.Add(noRefreshAfter), r)
	}
	r.incident = i
	i.touch(f.End)
	if len(i.Denied) == maxDenied {
		i.More++
		return
	}
	i.Denied = append(i.Denied, Denied{
		ID: f.ID, Method: strings.Clone(f.Method()), Path: strings.Clone(cut(f.Path)), Start: f.Start, End: f.End, Status: f.Status,
		Token: f.Token, Readable: r.readable(), Expired: f.Token.Expired(f.ServerTime()), hash: requestHash(f),
	})
	e.touch(i.lead)
}

func (i *Incident) touch(at time.Time) {
	if at.After(i.Last) {
		i.Last = at
	}
}

// requestHash names a request for finding it again; a preflight has that of
// the request it asks for.
func requestHash(f *Fact) uint64 {
	if f.hash == 0 {
		method := f.Method()
		if f.Role == Preflight {
			method = f.Asks
		}
		f.hash = hashOf(method, f.URL())
	}
	return f.hash
}

// takeRetry looks whether a request is one that was refused before, sent again.
func (e *Engine) takeRetry(r *record) {
	f := r.fact
	open := 0
	for _, s := range f.client.sessions {
		i := s.incident(f.Start)
		if i == nil {
			continue
		}
		open++
		hash := requestHash(f)
		for n := range i.Denied {
			if d := &i.Denied[n]; d.hash == hash && d.takes(f) {
				e.retried(r, s, i, d)
				return
			}
		}
	}
	f.client.open = open
}

// takes reports whether f is the retry of a refused request: the next of its
// kind after the refusal, or more news of the one there is.
func (d *Denied) takes(f *Fact) bool {
	if f.ID == d.ID || f.Start.Before(d.End.Add(-before)) {
		return false
	}
	return d.Retry == 0 || d.Retry == f.ID || d.RetryOpen
}

func (e *Engine) retried(r *record, s *Session, i *Incident, d *Denied) {
	f := r.fact
	d.Retry, d.RetryOpen = f.ID, f.Role == Preflight || f.Status == 0
	if d.RetryStart.IsZero() {
		d.RetryStart = f.Start
	}
	if f.Role != Preflight {
		d.RetryWith, d.RetryGot = f.Token, f.Status
	}
	r.incident, r.session = i, s
	i.touch(f.End)
	e.touch(i.lead)
	for _, refresh := range i.Refreshes {
		e.touch(refresh.record)
	}
}

func (e *Engine) takeLogin(r *record) {
	f := r.fact
	r.login = true
	if f.Status/100 != 2 {
		return
	}
	access, refresh := e.issued(f)
	s := e.sessionOf(f)
	if access != nil && access.Session == nil {
		s = e.sessionAbout(f.client, subjectOf(access))
		access.Session = s
	}
	e.use(f, s)
	r.session = s
	s.Login, s.Logout = f.ID, 0
	s.take(access, refresh)
	s.noteRefreshCookie(r)
}

// take notes tokens that were issued.
func (s *Session) take(access *Token, refresh string) {
	if access != nil {
		s.Newest, access.Session = access, s
	}
	if refresh != "" {
		s.current = refresh
	}
}

// noteRefreshCookie remembers which cookie holds the refresh token: one that
// says so, else one that scripts cannot read and that is meant for auth routes.
func (s *Session) noteRefreshCookie(r *record) {
	for i := range r.stored {
		c := &r.stored[i]
		name := strings.ToLower(c.Name)
		switch {
		case c.Deletes:
		case strings.Contains(name, "refresh") || name == "rt":
			s.RefreshCookie = c.Name
			return
		case s.RefreshCookie == "" && c.HTTPOnly && c.HasPath && wordsOf(c.Path).any():
			s.RefreshCookie = c.Name
		}
	}
}

// issued finds the tokens that an answer hands out: the access token, and the
// refresh token's fingerprint.
func (e *Engine) issued(f *Fact) (access *Token, refresh string) {
	if isJSON(f.Type) {
		body := f.responseSample()
		if value := member(body, accessNames...); len(value) >= 8 {
			access = e.tokens.of(e.env.redactor.Mark(value), f.ID)
		}
		if value := member(body, refreshNames...); len(value) >= 8 {
			refresh = e.env.redactor.Mark(value).Hash
		}
	}
	lines := f.SetCookies()
	for _, line := range lines[:min(len(lines), 16)] {
		pair, _, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(pair, "=")
		name = strings.ToLower(name)
		switch {
		case len(value) < 8:
		case strings.Contains(name, "refresh") || name == "rt":
			refresh = e.env.redactor.Mark(value).Hash
		case access == nil && (strings.Contains(name, "access") || strings.HasPrefix(value, "eyJ") || strings.HasPrefix(value, "‹redacted jwt")):
			access = e.tokens.of(e.env.redactor.Mark(value), f.ID)
		}
	}
	if access != nil && access.IssuedBy == 0 {
		access.IssuedBy, access.IssuedAt = f.ID, f.End
	}
	return access, refresh
}
