package report

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/cors"
	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// jsonVersion stands first in every line. It changes only when a field changes
// its meaning; new fields come without notice, and readers ignore what they do
// not know. docs/json-stream.schema.json describes them all.
const jsonVersion = "1"

// newJSON prints an exchange when it ends, and again with a higher revision
// when what came later changed its diagnosis.
//
// The object is written by hand, straight into the stream's buffer: this is
// the path of every request in headless use, and encoding/json would make a
// tree of copies first.
func newJSON(o Options) Printer {
	return func(dst []byte, r diag.Result) []byte {
		if r.Exchange == nil || r.Exchange.Open {
			return dst
		}
		plain := uncoded(r.Exchange)
		j := jsonLine{dst: dst, options: o, captured: r.Exchange, plain: plain, x: plain}
		if o.Redactor != nil {
			j.x = o.Redactor.Exchange(plain)
		}
		j.result(&r)
		return append(j.dst, '\n')
	}
}

// jsonLine writes one object.
type jsonLine struct {
	dst      []byte
	options  Options
	x        *exchange.Exchange // as it is shown
	captured *exchange.Exchange // as it was captured, for the sizes
	plain    *exchange.Exchange // without content codings, but with secrets
}

func (j *jsonLine) result(r *diag.Result) {
	x := j.x
	j.raw(`{"v":` + jsonVersion + `,"type":"exchange","id":`).uint(x.ID)
	j.raw(`,"rev":`).int(int64(r.Rev))
	j.raw(`,"source":`).text(x.Source.String())
	j.raw(`,"attempt":`).uint(r.Attempt)
	j.raw(`,"role":`).text(string(r.Role))
	j.raw(`,"started":"`)
	j.dst = x.Timing.Started.UTC().AppendFormat(j.dst, time.RFC3339Nano)
	j.raw(`","took_ms":`).milliseconds(x.Timing.Took)
	j.raw(`,"upstream":`).text(x.Upstream)
	j.raw(`,"request":`)
	j.request()
	j.raw(`,"response":`)
	j.response()
	if x.Socket != nil {
		j.raw(`,"websocket":{"frames_in":`).uint(uint64(x.Socket.FramesIn))
		j.raw(`,"frames_out":`).uint(uint64(x.Socket.FramesOut)).raw(`}`)
	}
	j.raw(`,"error":`).text(x.Failure.Class.String())
	j.raw(`,"error_detail":`).text(x.Failure.Detail)
	j.raw(`,"changes":`).texts(x.Changes)
	j.verdict(r)
	if r.Story != 0 {
		j.raw(`,"story":`).uint(r.Story)
	}
	j.raw(`,"findings":[`)
	for i := range r.Findings {
		j.comma(i)
		j.finding(&r.Findings[i])
	}
	j.raw(`]}`)
}

func (j *jsonLine) request() {
	r := &j.x.Request
	j.raw(`{"method":`).text(r.Method)
	j.raw(`,"url":`).text(r.URL)
	j.raw(`,"proto":`).text(r.Proto)
	j.raw(`,"headers":`).headers(r.Headers)
	j.raw(`,"body":`).body(r.Headers, r.Body, j.plain.Request.Body, j.captured.Request.Body)
	j.trailers(r.Trailers)
	j.raw(`}`)
}

func (j *jsonLine) response() {
	r := j.x.Response
	if r == nil {
		j.raw(`null`)
		return
	}
	j.raw(`{"status":`).int(int64(r.Status))
	j.raw(`,"proto":`).text(r.Proto)
	j.raw(`,"headers":`).headers(r.Headers)
	j.raw(`,"body":`).body(r.Headers, r.Body, j.plain.Response.Body, j.captured.Response.Body)
	j.trailers(r.Trailers)
	if len(j.x.Interim) > 0 {
		j.raw(`,"interim":[`)
		for i, interim := range j.x.Interim {
			j.comma(i)
			j.raw(`{"status":`).int(int64(interim.Status))
			j.raw(`,"headers":`).headers(interim.Headers).raw(`}`)
		}
		j.raw(`]`)
	}
	j.raw(`}`)
}

func (j *jsonLine) trailers(h exchange.Headers) {
	if len(h) > 0 {
		j.raw(`,"trailers":`).headers(h)
	}
}

// body writes sizes as they were on the wire and the bytes as they are shown:
// without content coding and secrets.
func (j *jsonLine) body(h exchange.Headers, shown, plain, captured exchange.Body) {
	j.raw(`{"size":`).int(captured.Size)
	if captured.Size == 0 && captured.Data == "" {
		j.raw(`}`)
		return
	}
	j.raw(`,"captured":`).int(kept(captured))
	if shown.Truncated() {
		j.raw(`,"truncated":true`)
	}
	mime := mediaType(h)
	if mime != "" {
		j.raw(`,"mime":`).text(mime)
	}
	if encoding := codings(h, captured); encoding != "" && plain.Decoded {
		j.raw(`,"decoded":`).text(strings.ToLower(encoding))
	}
	if text, ok := textOf(mime, shown); ok {
		j.raw(`,"text":`).text(text)
	} else {
		j.raw(`,"encoding":"base64","text":"`)
		j.dst = base64.StdEncoding.AppendEncode(j.dst, []byte(shown.Data))
		j.raw(`"`)
	}
	j.raw(`}`)
}

// kept is how many of the bytes that passed were captured. A body that comes
// decoded from a file tells it only when nothing was cut.
func kept(b exchange.Body) int64 {
	if b.Decoded && !b.Cut {
		return b.Size
	}
	return min(int64(len(b.Data)), b.Size)
}

// verdict writes what became of the attempt, and what each browser makes of it
// where CORS has a say.
func (j *jsonLine) verdict(r *diag.Result) {
	outcome := r.Outcome()
	if outcome == "" {
		return
	}
	j.raw(`,"verdict":{"outcome":`).text(string(outcome)).raw(`,"browsers":{`)
	if all := r.Verdicts(); all != nil {
		for i, engine := range cors.Engines() {
			data, err := json.Marshal(all.Of(engine))
			if err != nil {
				continue // cannot happen: a verdict is text and numbers
			}
			j.comma(i)
			j.text(engine.String()).raw(`:`).raw(j.options.text(string(data)))
		}
	}
	j.raw(`}}`)
}

func (j *jsonLine) finding(f *diag.Finding) {
	j.raw(`{"rule":`).text(f.Rule)
	j.raw(`,"severity":`).text(string(f.Severity))
	j.raw(`,"title":`).text(j.options.text(f.Title))
	j.raw(`,"why":`).text(j.options.text(f.Why))
	j.raw(`,"fix":`).text(j.options.text(f.Fix))
	j.raw(`,"evidence":[`)
	for i, line := range f.Evidence {
		j.comma(i)
		j.text(j.options.text(line))
	}
	j.raw(`],"exchanges":[`)
	for i, id := range f.Exchanges {
		j.comma(i)
		j.uint(id)
	}
	j.raw(`]`)
	for _, extra := range [...]struct{ name, value string }{{"under", f.Under}, {"spec", f.Spec}, {"mistaken_for", f.Mistaken}, {"probe", f.Probe}} {
		if extra.value != "" {
			j.raw(`,"` + extra.name + `":`).text(extra.value)
		}
	}
	j.raw(`}`)
}

func (j *jsonLine) headers(h exchange.Headers) *jsonLine {
	j.raw(`[`)
	for i, line := range h {
		j.comma(i)
		j.raw(`[`).text(line.Name).raw(`,`).text(line.Value).raw(`]`)
	}
	return j.raw(`]`)
}

func (j *jsonLine) texts(list []string) {
	j.raw(`[`)
	for i, s := range list {
		j.comma(i)
		j.text(s)
	}
	j.raw(`]`)
}

func (j *jsonLine) comma(i int) {
	if i > 0 {
		j.raw(`,`)
	}
}

func (j *jsonLine) raw(s string) *jsonLine  { j.dst = append(j.dst, s...); return j }
func (j *jsonLine) text(s string) *jsonLine { j.dst = appendQuoted(j.dst, s); return j }
func (j *jsonLine) int(n int64) *jsonLine   { j.dst = strconv.AppendInt(j.dst, n, 10); return j }
func (j *jsonLine) uint(n uint64) *jsonLine { j.dst = strconv.AppendUint(j.dst, n, 10); return j }

// milliseconds writes a duration to the microsecond, null when it is unknown.
func (j *jsonLine) milliseconds(d time.Duration) {
	if d < 0 {
		j.raw(`null`)
		return
	}
	us := d.Round(time.Microsecond).Microseconds()
	j.dst = strconv.AppendFloat(j.dst, float64(us)/1000, 'f', -1, 64)
}
