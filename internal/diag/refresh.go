package diag

import (
	"strings"
)

// takeRefresh takes up a refresh that has been answered.
func (e *Engine) takeRefresh(r *record) {
	f := r.fact
	s := e.sessionOfRefresh(f)
	refresh := r.refresh
	refresh.ID, refresh.Method, refresh.Path = f.ID, strings.Clone(f.Method()), strings.Clone(cut(f.Path))
	refresh.Start, refresh.End, refresh.Status, refresh.Readable = f.Start, f.End, f.Status, r.readable()
	refresh.Bearer, refresh.record = f.Token, r
	refresh.Sent, refresh.SentIn = e.sentRefreshToken(f, s)
	for _, other := range s.Refreshes {
		if other.Start.Before(f.End) && f.Start.Before(other.End.Add(stormWindow)) && !f.Start.Before(other.Start) {
			refresh.Overlaps = other.ID
			e.touch(other.record)
		}
	}
	r.session = s
	if f.Status/100 == 2 {
		access, next := e.issued(f)
		refresh.Issued, refresh.IssuedNext = access, next
		refresh.Reuses = s.spend(refresh.Sent, f.ID)
		s.take(access, next)
		s.noteRefreshCookie(r)
	} else {
		refresh.Reuses = s.spent[refresh.Sent]
		refresh.Code = strings.Clone(cutTo(member(f.Body(), "error", "code"), 64))
	}
	if len(s.Refreshes) == maxRefreshes {
		s.Refreshes = append(s.Refreshes[:0], s.Refreshes[1:]...)
	}
	s.Refreshes = append(s.Refreshes, refresh)
	e.joinIncident(r, s, refresh)
}

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

// joinIncident makes a refresh part of the incident it answers to, if there is
// one.
func (e *Engine) joinIncident(r *record, s *Session, refresh *Refresh) {
	i := s.incident(refresh.Start)
	if i == nil {
		return
	}
	if len(i.Refreshes) < maxRefreshes {
		i.Refreshes = append(i.Refreshes, refresh)
	}
	i.touch(refresh.End)
	r.incident = i
	e.touch(i.lead)
	if refresh.OK() {
		e.dues.add(refresh.End.Add(noRetryAfter), i.lead)
	}
}

// sessionOfRefresh is the session that a refresh renews. Its own bearer token
// tells, or the refresh token, or that a request was refused just before.
func (e *Engine) sessionOfRefresh(f *Fact) *Session {
	if f.Token != nil {
		return e.sessionOf(f)
	}
	for _, s := range f.client.sessions {
		if sent, _ := e.sentRefreshToken(f, s); sent != "" && (sent == s.current || s.spent[sent] != 0) {
			return e.use(f, s)
		}
	}
	for _, s := range f.client.sessions {
		if i := s.incident(f.Start); i != nil && !i.Denied[0].End.After(f.Start.Add(before)) {
			return e.use(f, s)
		}
	}
	return e.sessionOf(f)
}

// sentRefreshToken finds the refresh token in a request, by its fingerprint.
func (e *Engine) sentRefreshToken(f *Fact, s *Session) (fingerprint, in string) {
	if value := member(f.requestSample(), refreshNames...); len(value) >= 8 {
		return e.env.redactor.Mark(value).Hash, "body"
	}
	if value := formMember(strings.TrimPrefix(f.Query, "?"), "refresh_token"); len(value) >= 8 {
		return e.env.redactor.Mark(value).Hash, "query"
	}
	if f.Cookie == "" {
		return "", ""
	}
	for pair := range strings.SplitSeq(f.Cookie, ";") {
		name, value, _ := strings.Cut(strings.Trim(pair, " "), "=")
		lower := strings.ToLower(name)
		if len(value) >= 8 && (name == s.RefreshCookie || strings.Contains(lower, "refresh") || lower == "rt") {
			return e.env.redactor.Mark(value).Hash, "cookie"
		}
	}
	return "", ""
}
