package diag

import (
	"slices"
	"strings"
	"time"
)

const (
	maxUpstreams = 64
	maxRoutes    = 512 // of an upstream
	maxValues    = 12  // of a list of values seen
	maxValue     = 256 // bytes of a value seen
)

// Upstream is what was seen of one upstream so far. Rules read it.
type Upstream struct {
	Name       string   // its origin, "http://localhost:8000"
	Reach      Practice // answers to requests themselves
	Preflights Practice // answers to preflights
	// Asked are the origins whose pages asked, Allowed those that it named in
	// an answer, Refused those that it did not name although it may have named
	// others. Values are the values of Access-Control-Allow-Origin.
	Asked, Allowed, Refused, Values Values

	Methods    Values  // what Access-Control-Allow-Methods named
	Headers    Values  // what Access-Control-Allow-Headers named
	VaryOrigin uint64  // the last answer with Vary: Origin, 0 for none
	Layers     []Layer // everything recognised so far, surest first
	Answers    int     // exchanges answered
	Failures   int     // exchanges without an answer
	Notes      Notes

	routes   map[string]*Route
	oldest   routeClock
	skew     skew
	learned  uint64 // hash of the header lines its layers were last learned from
	template []byte
}

// Route is what was seen of one route of an upstream: a path with identifiers
// taken out, whatever the method.
type Route struct {
	Path       string
	Reach      Practice // as of the upstream
	Preflights Practice
	JSON       uint64 // the last answer with JSON in it, 0 for none
	HTML       uint64 // the last one with HTML
	OK         uint64 // the last answer with a 2xx status
	Bearer     uint64 // the last request with a bearer token that was not refused
	Cookies    uint64 // the last request with a cookie that was not refused
	Methods    Values
	Notes      Notes

	words pathWords
	used  int // position of the clock when it was last used
}

// Practice counts what an upstream or a route does about CORS in its answers
// to requests with an Origin.
type Practice struct {
	With, Without         int    // answers with Access-Control-Allow-Origin, and without
	LastWith, LastWithout uint64 // exchange IDs, 0 for none
	Any                   int    // answers with any Access-Control-Allow header
	ByStatus              map[int]Pair
}

// Pair counts answers of one status.
type Pair struct {
	With, Without int
	LastWith      uint64
}

// maxStatuses bounds the statuses that are told apart.
const maxStatuses = 32

func (p *Practice) note(f *Fact) {
	with := f.Allow.Origins > 0
	pair := p.ByStatus[f.Status]
	if with {
		p.With++
		p.LastWith = f.ID
		pair.With++
		pair.LastWith = f.ID
	} else {
		p.Without++
		p.LastWithout = f.ID
		pair.Without++
	}
	if f.Allow.Any() {
		p.Any++
	}
	if p.ByStatus == nil {
		p.ByStatus = make(map[int]Pair)
	}
	if _, known := p.ByStatus[f.Status]; known || len(p.ByStatus) < maxStatuses {
		p.ByStatus[f.Status] = pair
	}
}

// Below and From count answers by status: WithBelow(400) are those with
// Access-Control-Allow-Origin that were no errors.
func (p *Practice) WithBelow(status int) (n int) {
	for s, pair := range p.ByStatus {
		if s < status {
			n += pair.With
		}
	}
	return n
}

// WithFrom counts the answers of at least that status that had
// Access-Control-Allow-Origin.
func (p *Practice) WithFrom(status int) (n int) {
	for s, pair := range p.ByStatus {
		if s >= status {
			n += pair.With
		}
	}
	return n
}

// Values are distinct strings seen, newest last, each with the exchange it was
// seen in last. A bounded number is kept; of more the oldest goes.
type Values []Value

// Value is a string that was seen.
type Value struct {
	Text string
	ID   uint64 // exchange
}

// Has reports whether a value was seen.
func (v Values) Has(text string) bool { return v.At(text) != 0 }

// At is the exchange in which a value was seen last, 0 for none.
func (v Values) At(text string) uint64 {
	for i := range v {
		if v[i].Text == text {
			return v[i].ID
		}
	}
	return 0
}

func (v *Values) add(text string, id uint64) {
	for i := range *v {
		if (*v)[i].Text == text {
			(*v)[i].ID = id
			return
		}
	}
	if len(text) > maxValue {
		return
	}
	if len(*v) == maxValues {
		*v = slices.Delete(*v, 0, 1)
	}
	*v = append(*v, Value{strings.Clone(text), id})
}

func (v *Values) remove(text string) {
	*v = slices.DeleteFunc(*v, func(one Value) bool { return one.Text == text })
}

// Notes are what families of rules want to remember beyond the history that
// all share. A key is a constant of the family's.
type Notes map[string]Note

// Note counts how often something was seen, and where.
type Note struct {
	Count       int
	First, Last uint64 // exchange IDs
}

const maxNotes = 64

// Add counts one more. Only Watch functions may call it.
func (n *Notes) Add(key string, id uint64) {
	note, known := (*n)[key]
	if !known {
		if len(*n) >= maxNotes {
			return
		}
		if *n == nil {
			*n = make(Notes)
		}
		note.First = id
	}
	note.Count++
	note.Last = id
	(*n)[key] = note
}

// routeClock counts uses, to find the route that was not used for longest.
type routeClock struct{ now int }

// route finds or makes the route of a path.
func (u *Upstream) route(path string) *Route {
	u.template = appendTemplate(u.template[:0], path)
	u.oldest.now++
	if r := u.routes[string(u.template)]; r != nil {
		r.used = u.oldest.now
		return r
	}
	if len(u.routes) >= maxRoutes {
		u.forgetRoutes()
	}
	r := &Route{Path: string(u.template), words: wordsOf(path), used: u.oldest.now}
	if u.routes == nil {
		u.routes = make(map[string]*Route)
	}
	u.routes[r.Path] = r
	return r
}

// forgetRoutes drops the quarter of the routes that was not used for longest.
func (u *Upstream) forgetRoutes() {
	used := make([]int, 0, len(u.routes))
	for _, r := range u.routes {
		used = append(used, r.used)
	}
	slices.Sort(used)
	limit := used[len(used)/4]
	for path, r := range u.routes {
		if r.used <= limit {
			delete(u.routes, path)
		}
	}
}

// Skew is how much the upstream's clock is ahead of ours, by the median of its
// Date headers; 0 as long as it is not known.
func (u *Upstream) Skew() time.Duration {
	if u == nil {
		return 0
	}
	return u.skew.median()
}

// learn takes up what an exchange shows.
func (u *Upstream) learn(f *Fact) {
	if f.Status == 0 || f.Own {
		if f.Failed() {
			u.Failures++
		}
		return
	}
	u.Answers++
	u.skew.note(f)
	u.learnLayers(f)
	f.Route.learn(f)
	if f.Origin == "" || f.Upgrade() {
		return
	}
	if f.Role != Preflight {
		u.Reach.note(f)
		f.Route.Reach.note(f)
	} else {
		u.Preflights.note(f)
		f.Route.Preflights.note(f)
		if f.Allow.HasMethods {
			u.Methods.add(f.Allow.Methods, f.ID)
		}
		if f.Allow.HasHeaders {
			u.Headers.add(f.Allow.Headers, f.ID)
		}
	}
	if f.Allow.VariesBy("Origin") {
		u.VaryOrigin = f.ID
	}
	u.learnOrigin(f)
}

func (u *Upstream) learnOrigin(f *Fact) {
	u.Asked.add(f.Origin, f.ID)
	if f.Allow.Origins > 0 {
		u.Values.add(f.Allow.Origin, f.ID)
	}
	switch {
	case f.Allow.Origins > 0 && (f.Allow.Origin == f.Origin || f.Allow.Origin == "*"):
		u.Allowed.add(f.Origin, f.ID)
		u.Refused.remove(f.Origin)
	case f.Status < 300 && !u.Allowed.Has(f.Origin):
		u.Refused.add(f.Origin, f.ID)
	}
}

func (r *Route) learn(f *Fact) {
	switch {
	case isJSON(f.Type):
		r.JSON = f.ID
	case f.Type == "text/html":
		r.HTML = f.ID
	}
	if f.Role == Preflight {
		return
	}
	if f.Status/100 == 2 {
		r.OK = f.ID
	}
	if f.Status != 401 && f.Status != 403 {
		if f.Authorization != "" {
			r.Bearer = f.ID
		}
		if f.Cookie != "" {
			r.Cookies = f.ID
		}
	}
	if len(f.Method()) <= 16 {
		r.Methods.add(f.Method(), f.ID)
	}
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// upstreams are the upstreams seen.
type upstreams struct {
	byName map[string]*Upstream
	last   *Upstream
}

// of finds or makes the upstream of an exchange. A capture that does not know
// it, such as a HAR, goes by the URL.
func (u *upstreams) of(f *Fact) *Upstream {
	name := f.X.Upstream
	if name == "" {
		name = f.Target
	}
	if u.last != nil && u.last.Name == name {
		return u.last
	}
	found := u.byName[name]
	if found == nil {
		found = &Upstream{Name: strings.Clone(name)}
		if u.byName == nil {
			u.byName = make(map[string]*Upstream)
		}
		if len(u.byName) >= maxUpstreams {
			u.forgetLeast()
		}
		u.byName[found.Name] = found
	}
	u.last = found
	return found
}

func (u *upstreams) forgetLeast() {
	var least *Upstream
	for _, one := range u.byName {
		if least == nil || one.Answers < least.Answers || one.Answers == least.Answers && one.Name < least.Name {
			least = one
		}
	}
	delete(u.byName, least.Name)
}
