package diag

import (
	"fmt"
	"net/http"
	"strings"

	"corsdash/internal/exchange"
)

// Evidence is lines such as "#12 response: server: uvicorn": the exchange, the
// part of it, and what stands there. Secrets are never quoted: of cookies and
// credentials remain name and attributes, scheme and fingerprint.

// maxQuote bounds what one line of evidence quotes, in bytes.
const maxQuote = 200

func (f *Fact) evidence(part, text string) string {
	return fmt.Sprintf("#%d %s: %s", f.ID, part, text)
}

// Asked quotes the request line.
func (f *Fact) Asked() string {
	return f.evidence("request", f.Method()+" "+quote(f.env.redactor.URL(f.URL())))
}

// Sent quotes the lines of a request header, or says that there is none.
func (f *Fact) Sent(name string) string {
	return f.lines("request", name, f.X.Request.Headers.Values(name))
}

// Got quotes the lines of a response header, or says that there is none.
func (f *Fact) Got(name string) string {
	if f.X.Response == nil {
		return f.evidence("response", "none")
	}
	return f.lines("response", name, f.X.Response.Headers.Values(name))
}

func (f *Fact) lines(part, name string, values []string) string {
	if len(values) == 0 {
		return f.evidence(part, "no "+name)
	}
	var out []string
	for _, value := range values[:min(len(values), 4)] {
		out = append(out, name+": "+f.presentable(name, value))
	}
	text := strings.Join(out, " | ")
	if len(values) > 4 {
		text += fmt.Sprintf(" | and %d more", len(values)-4)
	}
	return f.evidence(part, text)
}

// presentable is a header's value without its secrets.
func (f *Fact) presentable(name, value string) string {
	switch strings.ToLower(name) {
	case "set-cookie":
		pair, attributes, _ := strings.Cut(value, ";")
		cookie, _, _ := strings.Cut(pair, "=")
		value = cookie + "=…"
		if attributes != "" {
			value += ";" + attributes
		}
		return quote(value)
	case "cookie":
		var names []string
		for pair := range strings.SplitSeq(value, ";") {
			cookie, _, _ := strings.Cut(strings.TrimSpace(pair), "=")
			names = append(names, cookie+"=…")
		}
		return quote(strings.Join(names, "; "))
	case "authorization", "proxy-authorization":
		scheme, credentials, ok := strings.Cut(value, " ")
		if !ok {
			return f.env.redactor.Fingerprint(value)
		}
		return scheme + " " + f.env.redactor.Fingerprint(strings.TrimSpace(credentials))
	case "location", "referer", "content-location", "link":
		return quote(f.env.redactor.URL(value))
	}
	if harmless(name) {
		return quote(value)
	}
	x := exchange.Exchange{Request: exchange.Request{Headers: exchange.Headers{{Name: name, Value: value}}}}
	return quote(f.env.redactor.Exchange(&x).Request.Headers[0].Value)
}

// harmless reports headers whose values are no secrets by their nature.
func harmless(name string) bool {
	for _, prefix := range [...]string{"Access-Control-", "Sec-Fetch-", "Content-"} {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return true
		}
	}
	switch strings.ToLower(name) {
	case "origin", "vary", "server", "via", "allow", "host", "date", "age", "www-authenticate", "cache-control", "upgrade", "x-powered-by":
		return true
	}
	return false
}

// Answers quotes the status line, or says why there is none.
func (f *Fact) Answers() string {
	switch {
	case f.Own:
		return f.evidence("upstream", f.failure())
	case f.Status == 0 && f.Failed():
		return f.evidence("response", "none, "+f.failure())
	case f.Status == 0:
		return f.evidence("response", "none")
	}
	reason := f.X.Response.Reason
	if reason == "" {
		reason = http.StatusText(f.Status)
	}
	return f.evidence("response", strings.TrimSpace(fmt.Sprintf("%d %s", f.Status, quote(reason))))
}

// failure is the network failure in the system's words.
func (f *Fact) failure() string {
	text := f.X.Failure.Class.String()
	if detail := f.X.Failure.Detail; detail != "" {
		text += ": " + quote(f.env.redactor.Text(detail))
	}
	return text
}

// Says quotes the beginning of the answer's body on one line.
func (f *Fact) Says() string {
	text := f.Body()
	if text == "" {
		return f.evidence("body", "empty")
	}
	text = f.env.redactor.Text(text[:min(len(text), 3*maxQuote)])
	return f.evidence("body", quote(strings.Join(strings.Fields(text), " ")))
}

// quote cuts a text to size, between characters.
func quote(text string) string {
	if len(text) <= maxQuote {
		return text
	}
	cut := maxQuote
	for cut > 0 && text[cut]&0xc0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}

// cutLine splits at the first line break.
func cutLine(text string) (first, rest string, more bool) { return strings.Cut(text, "\n") }

// withCode puts code behind advice.
func withCode(advice, code string) string {
	if code == "" {
		return advice
	}
	return advice + "\n" + code
}
