package diag

import (
	"strings"
	"sync"

	"corsdash/internal/cors"
	"corsdash/internal/exchange"
)

// judgement is what the browsers make of an attempt as far as it has gone.
//
// Judging takes longer than everything else here together, and most answers
// are plainly fine. For those the outcome is known at once, and the browsers'
// verdicts are worked out when somebody asks.
type judgement struct {
	outcome  cors.Outcome
	decisive *Fact // the exchange that decided, or the last one
	lazy     bool  // plainly allowed; the verdicts are worked out on demand

	once     sync.Once
	attempt  *cors.Attempt // nil once judged
	verdicts cors.Verdicts
}

func (j *judgement) all() *cors.Verdicts {
	j.once.Do(func() {
		if j.attempt != nil {
			j.verdicts, j.attempt = cors.JudgeAll(j.attempt), nil
		}
	})
	return &j.verdicts
}

// judge judges the attempt as it is now. It is nil where CORS has no say.
func (a *Attempt) judge() *judgement {
	if !a.concernsCORS() {
		return nil
	}
	wire, at := a.wire()
	j := &judgement{attempt: &cors.Attempt{Wire: wire}, decisive: a.Last()}
	if a.credentials != "" {
		j.attempt.Hints = &cors.Hints{Credentials: a.credentials}
	}
	if a.passes() {
		j.outcome, j.lazy = cors.Allowed, true
		return j
	}
	all := j.all()
	j.outcome = all.Outcome()
	if v := decided(all, j.outcome); v.Hop >= 0 && v.Hop < len(at) {
		j.decisive = at[v.Hop]
	}
	if j.outcome == cors.Unknown && a.Last().Role == Preflight && a.permitted(a.Last()) {
		j.outcome = cors.Allowed // the preflight, that is
	}
	return j
}

// decided is the verdict of the engine that stands behind the outcome.
func decided(all *cors.Verdicts, outcome cors.Outcome) *cors.Verdict {
	v := &all.Chromium
	for _, e := range cors.Engines() {
		if one := all.Of(e); one.Outcome == outcome {
			v = one
			break
		}
	}
	if v.Outcome == cors.Conditional {
		return worse(v)
	}
	return v
}

// worse is the verdict under the assumption that is worse for the page.
func worse(v *cors.Verdict) *cors.Verdict {
	for _, one := range [...]*cors.Verdict{v.IfInclude, v.IfNotInclude, v.Otherwise} {
		if one != nil && one.Outcome == cors.Blocked {
			return one
		}
	}
	return v
}

// concernsCORS reports whether any member crosses origins in a way that a
// browser judges.
func (a *Attempt) concernsCORS() bool {
	for _, f := range a.Facts {
		if f.CrossOrigin() || f.Mode == "no-cors" && f.Site != "same-origin" && f.Site != "none" && f.Site != "" {
			return true
		}
	}
	return false
}

// wire is the attempt as the browsers' package reads it, and which member each
// of its exchanges is. A preflight that corsdash answered itself, so that the
// page could read why its request failed, is left out once that request is there.
func (a *Attempt) wire() (wire []cors.Exchange, at []*Fact) {
	for i, f := range a.Facts {
		if f.Role == Preflight && f.Own && i+1 < len(a.Facts) {
			continue
		}
		wire = append(wire, wireOf(f))
		at = append(at, f)
	}
	return wire, at
}

func wireOf(f *Fact) cors.Exchange {
	x := f.X
	w := cors.Exchange{Request: cors.Request{
		Method: x.Request.Method, URL: x.Request.URL, Proto: x.Request.Proto,
		Headers: cors.Lines(x.Request.Headers), BodySize: x.Request.Body.Size,
	}}
	w.Error = f.networkError()
	// corsdash's own answer in place of the upstream's is no answer: the
	// verdict is about what the page would get without corsdash.
	if x.Response != nil && !(f.Own && w.Error != "") {
		w.Response = &cors.Response{Status: x.Response.Status, Headers: cors.Lines(x.Response.Headers), BodySize: x.Response.Body.Size}
	}
	return w
}

// passes reports whether the attempt is one that every engine lets pass,
// whatever its credentials mode. It is false in all doubtful cases.
func (a *Attempt) passes() bool {
	first, last := a.First(), a.Last()
	if !last.client.browser {
		return false
	}
	switch len(a.Facts) {
	case 1:
		return first.Role == Preflight && a.permitted(first) || first.plainlyAllowed()
	case 2:
		return first.Role == Preflight && a.permitted(first) && last.plainlyAllowed()
	}
	return false
}

// plainlyAllowed: one Access-Control-Allow-Origin that is the Origin sent, one
// Access-Control-Allow-Credentials that is true.
func (f *Fact) plainlyAllowed() bool {
	return f.Role != Preflight && (f.Mode == "cors" || f.Mode == "" && (f.Method() == "GET" || f.Method() == "HEAD")) &&
		f.namesOrigin() && f.Status/100 != 3 && f.Status != 407 && f.Status != 421
}

func (f *Fact) namesOrigin() bool {
	return f.Status >= 200 && !f.Failed() && !f.seen.odd && !f.seen.upgrade &&
		f.Origin != "" && f.Origin != "null" && f.Origin != f.Target &&
		f.Allow.Origins == 1 && f.Allow.Origin == f.Origin && f.Allow.Credential == 1 && f.Allow.Credentials == "true"
}

// permitted: a preflight whose answer grants all that was asked, by name.
func (a *Attempt) permitted(f *Fact) bool {
	if !f.namesOrigin() || f.Status > 299 || !plainList(f.Allow.Methods) || !plainList(f.Allow.Headers) {
		return false
	}
	switch f.Asks {
	case "GET", "HEAD", "POST":
	default:
		if !listedExactly(f.Allow.Methods, f.Asks) {
			return false
		}
	}
	for name := range strings.SplitSeq(f.AsksHeaders, ",") {
		if name = strings.Trim(name, " \t"); name != "" && !listed(f.Allow.Headers, name) {
			return false
		}
	}
	return true
}

// plainList reports whether every browser can read a list.
func plainList(list string) bool {
	for i := range len(list) {
		c := list[i]
		if c != ',' && c != ' ' && c != '-' && c != '_' && c != '*' && c-'0' >= 10 && c|0x20-'a' >= 26 {
			return false
		}
	}
	// A blank inside an item makes the whole list unreadable.
	for item := range strings.SplitSeq(list, ",") {
		if strings.IndexByte(strings.Trim(item, " "), ' ') >= 0 {
			return false
		}
	}
	return true
}

// listedExactly is listed with case: methods have one.
func listedExactly(list, item string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.Trim(one, " \t") == item {
			return true
		}
	}
	return false
}

// networkError is the failure as browsers would meet it, "" for none. What
// corsdash refused on its own account is none: they got an answer. Nor is it
// one when the page stops reading an answer, as it does to end a stream.
func (f *Fact) networkError() string {
	switch class := f.X.Failure.Class; class {
	case exchange.OK, exchange.BadRequest, exchange.BadHost, exchange.Loop, exchange.NoRoute:
		return ""
	case exchange.ClientGone:
		if f.Status != 0 {
			return ""
		}
		return class.String()
	default:
		return class.String()
	}
}

// plainOutcome is the outcome where no verdict was needed.
func (f *Fact) plainOutcome() cors.Outcome {
	switch failed := f.networkError() != ""; {
	case failed && (f.Own || f.Status == 0):
		return cors.Failed
	case f.Status != 0:
		return cors.NotCORS
	case f.Open():
		return ""
	}
	return cors.Failed
}
