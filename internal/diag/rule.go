package diag

import "corsdash/internal/diag/fix"

// Rule is one thing that can be wrong, as a value. Check is pure: it reads the
// case and changes nothing. docs/adding-a-rule.md tells how to write one.
type Rule struct {
	ID       string   // never changes once shipped
	Severity Severity // unless the Match says otherwise
	Class    Class    // decides which of several findings is the headline
	On       On       // Check runs when any of these holds
	Hides    []string // rules whose findings follow from this one's

	Looks    string // what the developer sees
	Cause    string
	Fix      string // advice in one line, placeholders as in package fix
	Topic    string // of the code to go with it, "" for none
	Spec     string // link
	Mistaken string // what it is often mistaken for, "" for nothing
	Probe    string // the probe that confirms it, "" when the capture is proof enough

	Check func(*Case) (Match, bool)
}

// Class is the priority of a cause: where several findings meet, that of the
// first class is the headline.
type Class uint8

// The classes, in order.
const (
	Transport Class = iota
	HiddenError
	Redirect
	PreflightAuth
	DuplicateHeaders
	AllowList
	Credentials
	MethodHeader
	Cache
	Auth
	Cookies
	Lint
)

// On is a set of conditions, cheap to know, under which a rule is worth asking.
type On uint32

// The conditions. Those about verdicts hold for the exchange that decided, not
// for the others of its attempt.
const (
	OnBlocked     On = 1 << iota // the browser refuses the attempt because of this exchange
	OnConditional                // it refuses it or not, depending on what no server sees
	OnAllowed                    // CORS had a say and lets it pass
	OnOpaque                     // a no-cors load
	OnFailed                     // the network failed
	OnPreflight                  // it is a preflight
	OnRedirect                   // it answers with a redirect, or a redirect led to it
	On4xx
	On5xx
	OnDenied    // 401, 403 or 419
	OnSetCookie // the answer sets a cookie
	OnCookie    // the request has a cookie
	OnToken     // the request has an Authorization header
	OnRefresh   // it is a token refresh
	OnLogin     // it is a sign-in
	OnStory     // it is part of an auth story
	OnUpgrade   // it asks for a WebSocket
	OnHTML      // the answer is HTML
	OnCrossSite // CORS does not apply, but cookies are those of another site
	OnAlways    // every exchange; costs every exchange, so for next to nothing only
)

// Match is what a rule has found in a case.
type Match struct {
	Title    string // one line, what a colleague would say
	Why      string // Rule.Cause when empty
	Severity Severity
	Evidence []string // see Fact.Sent, Got, Lacks, Says
	Also     []*Fact  // other exchanges concerned; the case's own always is
	Values   fix.Values
	Fix      string // in the place of Rule.Fix
	Topic    string // in the place of Rule.Topic
	Stack    string // whose fix to show; found from the layers when empty
}

// Watch is what a family of rules does to remember more than the shared
// history: it runs once for each exchange, before the rules, and may change
// the Notes of the case's upstream and route and nothing else.
type Watch struct {
	On   On
	Note func(*Case)
}
