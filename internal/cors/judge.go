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
	if f.cred != credUnknown || f.recorded >= engines || f.tool || f.mode != modeCORS && f.mode != modeUnknown {
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

const decidesCredentials = "whether the page asked for credentials: credentials: 'include' or withCredentials"

// judgeCredentials judges under both credentials modes where neither is known.
func (f *facts) judgeCredentials(a *Attempt, e Engine) Verdict {
	if f.cred != credUnknown || f.mode != modeCORS {
		v, _ := f.run(a, e, f.mode, f.cred == credInclude)
		return v
	}
	with, _ := f.run(a, e, modeCORS, true)
	without, _ := f.run(a, e, modeCORS, false)
	if with.same(&without) {
		return with
	}
	return Verdict{
		Engine: e, Outcome: Conditional, Hop: with.Hop,
		IfInclude: &with, IfNotInclude: &without, Decides: decidesCredentials,
	}
}

// judgeModes judges a request that may have been mode cors or no-cors.
func (f *facts) judgeModes(a *Attempt, e Engine) Verdict {
	known := *f
	known.mode = modeCORS
	v := known.judgeCredentials(a, e)
	plain, _ := f.run(a, e, modeNoCORS, true)
	if v.same(&plain) {
		return v
	}
	if v.Outcome != Conditional {
		both := v
		v = Verdict{Engine: e, Outcome: Conditional, Hop: v.Hop, IfInclude: &both, IfNotInclude: &both}
		v.Decides = "whether the page asked in mode cors or no-cors"
	} else {
		v.Decides = decidesCredentials + ", and whether it asked in mode cors or no-cors"
	}
	v.IfNoCORS = &plain
	return v
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
