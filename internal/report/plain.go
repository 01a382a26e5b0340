package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
	"corsdash/internal/safe"
)

// newPlain prints a sentence an exchange and nothing that has to be seen to be
// understood: no boxes, no columns, no colour. A screen reader reads it out as
// it comes; the words stand in the order of importance for somebody who stops
// listening half-way.
func newPlain(o Options) Printer {
	return func(dst []byte, r diag.Result) []byte {
		if r.Exchange == nil || r.Exchange.Open {
			return dst
		}
		shown := r
		if o.Redactor != nil {
			shown.Exchange = o.Redactor.Exchange(r.Exchange)
		}
		dst = append(dst, safe.Line(sentence(o, shown))...)
		return append(dst, '\n')
	}
}

func sentence(o Options, r diag.Result) string {
	x := r.Exchange
	var out strings.Builder
	out.WriteString(x.Timing.Started.Format("15:04:05"))
	fmt.Fprintf(&out, " number %d", x.ID)
	if r.Rev > 1 {
		out.WriteString(", seen anew")
	}
	out.WriteString(": " + asked(r) + " " + became(x) + after(x) + ".")
	for i, f := range r.Findings {
		if f.Under != "" {
			continue // what follows from another finding
		}
		fmt.Fprintf(&out, " %s: %s", severityWords[f.Severity], closed(o.text(f.Title)))
		advice, _, _ := strings.Cut(f.Fix, "\n") // code comes behind it
		if i == 0 && advice != "" {
			out.WriteString(" Fix: " + closed(o.text(advice)))
		}
	}
	for _, change := range x.Changes {
		out.WriteString(" Corsdash changed: " + closed(change))
	}
	return out.String()
}

var severityWords = map[diag.Severity]string{
	diag.Blocks: "Blocked", diag.Error: "Error", diag.Warning: "Warning", diag.Security: "Security", diag.Info: "Note",
}

// asked is who asked for what.
func asked(r diag.Result) string {
	x := r.Exchange
	what := x.Request.Method + " " + x.Request.URL
	if r.Role == diag.Preflight {
		what = "preflight for " + x.Request.Headers.First("Access-Control-Request-Method") + " " + x.Request.URL
	}
	if origin, ok := x.Request.Headers.Get("Origin"); ok {
		what += " from " + origin
	}
	return what
}

// became is what the request led to.
func became(x *exchange.Exchange) string {
	if x.Response == nil {
		return "got no answer: " + failure(x)
	}
	text := "got " + strconv.Itoa(x.Response.Status)
	if x.Response.Reason != "" {
		text += " " + x.Response.Reason
	}
	if location := x.Response.Headers.First("Location"); location != "" && x.Response.Status/100 == 3 {
		text += " to " + location
	}
	if x.Response.Body.Size > 0 {
		text += " with " + bytesOf(x.Response.Body.Size)
	}
	if x.Socket != nil {
		text += fmt.Sprintf(", then %d frames in and %d out", x.Socket.FramesIn, x.Socket.FramesOut)
	}
	if x.Failure.Class != exchange.OK {
		text += ", but " + failure(x)
	}
	return text
}

var failures = map[exchange.Class]string{
	exchange.Refused:     "nobody listens at the server's port",
	exchange.DNS:         "the server's name does not resolve",
	exchange.TLS:         "the server's certificate or handshake failed",
	exchange.Timeout:     "the server took too long",
	exchange.Reset:       "the server closed the connection before it answered",
	exchange.Garbage:     "the server's answer is not HTTP",
	exchange.Cut:         "the server broke off in the middle",
	exchange.ClientGone:  "the client left before the end",
	exchange.BadRequest:  "the request is not HTTP that can be passed on",
	exchange.BadHost:     "its Host is not one corsdash answers to",
	exchange.Loop:        "the server is corsdash itself",
	exchange.NoRoute:     "no route takes its path",
	exchange.Unreachable: "the server cannot be reached",
}

func failure(x *exchange.Exchange) string {
	text := failures[x.Failure.Class]
	if text == "" {
		text = "it failed"
	}
	if x.Upstream != "" {
		text += ", " + x.Upstream
	}
	if x.Failure.Detail != "" {
		text += " (" + x.Failure.Detail + ")"
	}
	return text
}

// after is how long it took.
func after(x *exchange.Exchange) string {
	if x.Timing.Took < 0 {
		return ""
	}
	return " after " + span(x.Timing.Took)
}

// span is a duration in a unit that leaves one to three digits before the
// point.
func span(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return trimmed(float64(d)/1e6, 1) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return trimmed(d.Seconds(), 1) + " s"
	}
	return d.Round(time.Second).String()
}

func bytesOf(n int64) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < 1<<20:
		return trimmed(float64(n)/(1<<10), 1) + " KB"
	case n < 1<<30:
		return trimmed(float64(n)/(1<<20), 1) + " MB"
	}
	return trimmed(float64(n)/(1<<30), 1) + " GB"
}

func trimmed(f float64, digits int) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', digits, 64), ".0")
}

// closed ends a sentence that has no end.
func closed(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}
