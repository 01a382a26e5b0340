package diag

import (
	"cmp"
	"slices"
	"time"

	"corsdash/internal/diag/jar"
	"corsdash/internal/exchange"
)

// Story is a copy of an incident for people to read: requests that were
// refused, and what was done about it, in the order it happened.
type Story struct {
	ID       uint64 // also in Result.Story
	Client   string
	Page     string // origin of the page, "" when not known
	Subject  string // fingerprint of whom the tokens are about, "" when not known
	Started  time.Time
	Last     time.Time
	State    StoryState
	Timeline []Event
}

// StoryState is how a story stands. The names are for programs too.
type StoryState string

// The states.
const (
	Running   StoryState = "running"   // something may still come
	Recovered StoryState = "recovered" // refreshed, and all refused requests were sent again with success
	Partly    StoryState = "partly"    // refreshed, but not all requests were sent again with success
	Lost      StoryState = "lost"      // the refresh failed
	Left      StoryState = "left"      // nobody tried a refresh
)

// Event is one step of a story.
type Event struct {
	At       time.Time
	Exchange uint64
	What     string // "refused", "refresh", "retry"
	Request  string // "GET /api/items"
	Status   int    // 0 when no answer came
	Token    string // fingerprint of the token sent, "" for none
	Gave     string // of a refresh: fingerprint of the token that came back
	Readable bool   // the page could read the answer
}

// Stories lists the newest auth stories, oldest first, as copies.
func (e *Engine) Stories() []Story {
	list := make([]Story, 0, len(e.stories.list))
	for n, i := range e.stories.list {
		s := e.stories.of[n]
		story := Story{
			ID: i.ID, Client: s.Client, Page: s.Page, Subject: s.Subject,
			Started: i.Start, Last: i.Last, State: i.state(e.now), Timeline: i.timeline(),
		}
		list = append(list, story)
	}
	return list
}

func (i *Incident) timeline() (events []Event) {
	for _, d := range i.Denied {
		request := d.Method + " " + d.Path
		events = append(events, Event{d.Start, d.ID, "refused", request, d.Status, fingerprint(d.Token), "", d.Readable})
		if d.Retry != 0 && d.RetryGot != 0 {
			events = append(events, Event{d.RetryStart, d.Retry, "retry", request, d.RetryGot, fingerprint(d.RetryWith), "", true})
		}
	}
	for _, r := range i.Refreshes {
		sent := r.Sent
		if sent != "" {
			sent = "tok·" + cutTo(sent, 4)
		}
		events = append(events, Event{r.Start, r.ID, "refresh", r.Method + " " + r.Path, r.Status, sent, fingerprint(r.Issued), r.Readable})
	}
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Exchange, b.Exchange)) })
	return events
}

func fingerprint(t *Token) string {
	if t == nil {
		return ""
	}
	return t.Fingerprint()
}

func (i *Incident) state(now time.Time) StoryState {
	over := now.After(i.Last.Add(incidentWindow))
	switch {
	case i.Refreshed() == nil && len(i.Refreshes) > 0 && over:
		return Lost
	case i.Refreshed() == nil && over:
		return Left
	case i.Refreshed() == nil:
		return Running
	}
	for _, d := range i.Denied {
		if d.RetryGot == 0 || d.RetryGot == 401 {
			if over {
				return Partly
			}
			return Running
		}
	}
	return Recovered
}

// TokenState is a copy of what is known of a token.
type TokenState struct {
	exchange.Mark
	Claims   Times
	Issued   Event // what brought it; zero when that was not seen
	First    uint64
	Used     time.Time // when it was sent last, zero for never
	Uses     int
	Accepted uint64        // the last exchange in which it was not refused
	Denied   uint64        // the last one that was answered with 401
	Newest   bool          // it is the one issued last in its session
	Skew     time.Duration // how far the server's clock is ahead of ours
}

// Tokens lists the tokens seen lately, the one used last first, as copies.
func (e *Engine) Tokens() []TokenState {
	list := make([]TokenState, 0, len(e.tokens.byHash))
	for _, t := range e.tokens.byHash {
		state := TokenState{
			Mark: t.Mark, Claims: t.Claims, First: t.First, Used: t.Used, Uses: t.Uses, Accepted: t.Accepted, Denied: t.Denied,
			Newest: t.Session != nil && t.Session.Newest == t, Skew: e.upstreams.last.Skew(),
		}
		if t.IssuedBy != 0 {
			state.Issued = Event{At: t.IssuedAt, Exchange: t.IssuedBy, What: "issued", Gave: t.Fingerprint()}
		}
		list = append(list, state)
	}
	slices.SortFunc(list, func(a, b TokenState) int {
		return cmp.Or(b.Used.Compare(a.Used), cmp.Compare(b.First, a.First), cmp.Compare(a.Hash, b.Hash))
	})
	return list
}

// CookieState is a copy of a cookie and whose it is.
type CookieState struct {
	jar.Cookie
	Client string
	Site   string // of the pages it was set under, "http://localhost"
}

// Cookies lists the cookies that browsers hold, and those they refused, as far
// as they were seen being set.
func (e *Engine) Cookies() (list []CookieState) {
	for _, c := range e.clients.byID {
		for key, j := range c.jars {
			site := "http://" + key
			if len(key) > 2 && key[:2] == "s:" {
				site = "https://" + key[2:]
			}
			kept, refused := j.Cookies()
			for _, one := range append(kept, refused...) {
				list = append(list, CookieState{one, c.name, site})
			}
		}
	}
	slices.SortFunc(list, func(a, b CookieState) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.SetBy, b.SetBy), cmp.Compare(a.Host, b.Host))
	})
	return list
}
