package cors

// What is larger than this is no recording of a browser: its longest chain has
// 21 requests and as many preflights, and it retries ten times.
const (
	maxExchanges = 2000
	maxURL       = 2 << 20
)

// Judge says what an engine does with an attempt. It is pure and
// deterministic, and never guesses: where the wire does not tell, the verdict
// is Conditional with both answers or Unknown with the reason.
func Judge(a *Attempt, e Engine) Verdict {
	if e >= engines {
		return Verdict{Engine: e, Outcome: Unknown, Hop: -1, Reason: "no such engine"}
	}
	f := gather(a)
	f.settle(a)
	return f.judge(a, e)
}

// JudgeAll judges an attempt for every engine.
func JudgeAll(a *Attempt) Verdicts {
	f := gather(a)
	f.settle(a)
	return Verdicts{f.judge(a, Chromium), f.judge(a, Firefox), f.judge(a, WebKit), f.recorded}
}

// settle tells the credentials mode from what the browser did next: if it went
// on where one of the two modes would have stopped it, the other one it was.
func (f *facts) settle(a *Attempt) {
	if f.cred != credUnknown || f.recorded >= engines || f.tool || len(a.Wire) < 2 || f.mode != modeCORS && f.mode != modeUnknown {
		return
	}
	_, with := f.run(a, f.recorded, modeCORS, true)
	_, without := f.run(a, f.recorded, modeCORS, false)
	switch {
	case with && !without:
		f.cred = credNotInclude
	case without && !with:
		f.cred = credInclude
	default:
		return
	}
	f.evidence |= evWentOn
}

func (f *facts) judge(a *Attempt, e Engine) Verdict {
	if v, ok := f.dismiss(a, e); ok {
		return v
	}
	if f.mode == modeUnknown {
		return f.judgeModes(a, e)
	}
	return f.judgeCredentials(a, e)
}

// dismiss recognises what is not for this package, and what is beyond it.
func (f *facts) dismiss(a *Attempt, e Engine) (Verdict, bool) {
	v := Verdict{Engine: e, Outcome: NotCORS, Hop: -1}
	switch {
	case len(a.Wire) > maxExchanges:
		v.Outcome, v.Reason = Unknown, "more exchanges than one request of a browser can make"
	case len(a.Wire) == 0:
		v.Outcome, v.Reason = Unknown, "nothing of this request was seen"
	case f.tool:
		v.Reason = "not a browser: nothing enforces CORS"
	case f.mode == modeNavigate:
		v.Reason = "a navigation: CORS does not apply to documents"
	case f.mode == modeWebSocket:
		v.Reason = "a WebSocket: the server checks Origin itself"
	default:
		return v, false
	}
	return v, true
}

const (
	decidesCredentials = "whether the page asked for credentials: credentials: 'include' or withCredentials"
	decidesMode        = "whether the page asked in mode cors or no-cors"
	decidesEmbedder    = "whether the page was sent with Cross-Origin-Embedder-Policy: require-corp"
)

// judgeCredentials judges under both credentials modes where neither is known.
func (f *facts) judgeCredentials(a *Attempt, e Engine) Verdict {
	if f.mode == modeNoCORS {
		return f.judgeEmbedder(a, e)
	}
	if f.cred != credUnknown || f.mode != modeCORS {
		v, _ := f.run(a, e, f.mode, f.cred == credInclude)
		return v
	}
	without, _ := f.run(a, e, modeCORS, false)
	if !without.tainted {
		return without // it never left the page's origin
	}
	with, _ := f.run(a, e, modeCORS, true)
	if with.same(&without) {
		return with
	}
	return either(with, without, meansCredentials(a, with.Hop))
}

// meansCredentials reports whether a server has tried to allow credentials,
// which only does who expects them.
func meansCredentials(a *Attempt, hop int) bool {
	return hop >= 0 && a.Wire[hop].Response != nil && a.Wire[hop].Response.Headers.has(allowCredentials)
}

// either combines two answers. Where both have the same outcome, that much is
// certain. The code is then the one for a request without credentials, which is
// what every API sends unless told otherwise, and both answers stand beside it;
// only where the server shows that it expects credentials nothing is chosen.
func either(with, without Verdict, expected bool) Verdict {
	v := without
	if with.Outcome != without.Outcome || expected {
		v = Verdict{Engine: with.Engine, Outcome: Conditional, Hop: with.Hop}
	}
	v.IfInclude, v.IfNotInclude, v.Decides = &with, &without, decidesCredentials
	return v
}

// judgeModes judges a request that may have been mode cors or no-cors.
func (f *facts) judgeModes(a *Attempt, e Engine) Verdict {
	known := *f
	known.mode = modeCORS
	v := known.judgeCredentials(a, e)
	plain, _ := f.run(a, e, modeNoCORS, true)
	if v.Outcome == plain.Outcome && v.Code == plain.Code {
		return v
	}
	out := Verdict{Engine: e, Outcome: Conditional, Hop: v.Hop, Otherwise: &plain, Decides: decidesMode}
	out.IfInclude, out.IfNotInclude = v.IfInclude, v.IfNotInclude
	if out.IfInclude == nil {
		out.IfInclude, out.IfNotInclude = &v, &v
	} else {
		out.Decides = decidesCredentials + ", and " + decidesMode
	}
	return out
}

// judgeEmbedder judges a no-cors fetch, whose opaque response a page may have
// forbidden itself. Its own policy came with its document, not with this.
func (f *facts) judgeEmbedder(a *Attempt, e Engine) Verdict {
	v, _ := f.run(a, e, modeNoCORS, true)
	if v.Outcome != Opaque || f.pageKind() != "" || f.scripted() {
		return v
	}
	isolated := *f
	isolated.hints = &Hints{Page: pageCOEP}
	refused, _ := isolated.run(a, e, modeNoCORS, true)
	if refused.Outcome == v.Outcome {
		return v
	}
	return Verdict{
		Engine: e, Outcome: Conditional, Hop: v.Hop,
		IfInclude: &v, IfNotInclude: &v, Otherwise: &refused, Decides: decidesEmbedder,
	}
}

// run walks the wire once under one assumption. contradicted means that the
// recorded browser went on where this engine would have stopped.
func (f *facts) run(a *Attempt, e Engine, m mode, include bool) (v Verdict, contradicted bool) {
	r := run{rules: engineRules[e], a: a, facts: f, mode: m, include: include, at: max(f.first, 0)}
	v = r.walk()
	if r.contradicted && e == f.recorded && f.cred != credUnknown {
		v = r.unknown("the browser went on where it should have stopped: these exchanges do not belong together")
	}
	return v, r.contradicted
}
