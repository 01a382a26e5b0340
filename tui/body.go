package tui

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"corsdash/internal/coding"
	"corsdash/internal/exchange"
	"corsdash/internal/safe"
)

const (
	// decodeLimit bounds a decoded body: what is captured is small, what comes
	// out of it need not be.
	decodeLimit = 64 << 20

	formLimit = 2000 // fields of a form that are listed
)

// titled is a paper with lines above it.
type titled struct {
	sheet
	body paper
}

func (t *titled) lines() int { return len(t.rows) + t.body.lines() }

func (t *titled) draw(p *pane, i int) {
	if i < len(t.rows) {
		t.sheet.draw(p, i)
		return
	}
	t.body.draw(p, i-len(t.rows))
}

// buildBody lays out the body of a request or an answer, or the messages of a
// WebSocket.
func buildBody(job pageJob) paper {
	if job.raw.Socket != nil && !job.sent {
		return buildMessages(job)
	}
	b := readBody(job)
	page := &titled{sheet: sheet{w: job.w}}
	page.words(dim, b.about(job.sent))
	page.gap()
	page.body = b.paper(job.w)
	return page
}

// bodyText is a body made readable.
type bodyText struct {
	mime     string // media type, lower case, without parameters
	size     int64  // bytes that passed
	captured int    // bytes of them that were kept
	coding   string // content coding that was taken off, or could not be
	err      error  // why it could not, or not entirely
	data     string // decoded and masked
	part     bool
}

// readBody takes the content coding off and masks secrets.
func readBody(job pageJob) bodyText {
	body, headers := job.raw.Request.Body, job.raw.Request.Headers
	if !job.sent {
		if job.raw.Response == nil {
			return bodyText{}
		}
		body, headers = job.raw.Response.Body, job.raw.Response.Headers
	}
	b := bodyText{size: body.Size, captured: len(body.Data), mime: mediaType(headers)}
	data := body.Data
	if encoding, _ := headers.Get("Content-Encoding"); encoding != "" && !body.Decoded {
		b.coding = encoding
		plain, err := coding.Plain(encoding, []byte(data), decodeLimit)
		if b.err = err; !errors.Is(err, coding.ErrUnknown) {
			data = string(plain)
		}
	}
	if job.part && len(data) > preview {
		data, b.part = data[:preview], true
	}
	b.data = maskBody(job, data)
	return b
}

func mediaType(h exchange.Headers) string {
	kind, _, _ := strings.Cut(h.First("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// maskBody replaces the secrets of a decoded body. The redactor wants to know
// what sort of text it is, so it gets the exchange with that body and no other.
func maskBody(job pageJob, data string) string {
	if job.mask == nil || data == "" {
		return data
	}
	x := withoutBodies(job.raw)
	if job.sent {
		x.Request.Body = x.Request.Body.Plain(data)
		return job.mask.Exchange(x).Request.Body.Data
	}
	x.Response.Body = x.Response.Body.Plain(data)
	return job.mask.Exchange(x).Response.Body.Data
}

// about says what the body is, and what is missing of it.
func (b *bodyText) about(sent bool) safe.Text {
	text := safe.Text("Answer")
	if sent {
		text = "Request"
	}
	if b.size == 0 {
		return text + " without a body"
	}
	if b.mime != "" {
		text += ", " + safe.Line(b.mime)
	}
	text += ", " + size(b.size)
	if int64(b.captured) < b.size {
		text += ", captured " + size(int64(b.captured)) + " of it"
	}
	switch {
	case b.coding == "":
	case errors.Is(b.err, coding.ErrUnknown):
		text += ", still coded as " + safe.Line(b.coding)
	case b.err != nil:
		text += ", " + safe.Line(b.coding) + " taken off as far as possible: " + safe.Line(b.err.Error())
	default:
		text += ", " + safe.Line(b.coding) + " taken off: " + size(int64(len(b.data)))
	}
	if b.part {
		text += ", reading the rest …"
	}
	return text
}

// paper picks the way to show the bytes.
func (b *bodyText) paper(w int) paper {
	switch {
	case b.data == "":
		return &sheet{w: w}
	case isBinary(b.data):
		return newHexPage(b.data, w)
	case looksJSON(b.mime, b.data):
		return newTextPage(safe.Block(indentJSON(b.data)), w, true)
	case b.mime == "application/x-www-form-urlencoded":
		return formSheet(b.data, w)
	}
	return newTextPage(safe.Block(b.data), w, false)
}

// isBinary reports whether bytes are nothing to read: of their beginning, more
// than a tenth would show as escapes.
func isBinary(data string) bool {
	head := data[:min(len(data), 4096)]
	odd := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRuneInString(head[i:])
		whole := i+n < len(head) || len(head) == len(data) // a character may be cut at the end
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1b || r == utf8.RuneError && n == 1 && whole {
			odd++
		}
		i += n
	}
	return odd*10 > len(head)
}

// formSheet lists the fields of a form.
func formSheet(data string, w int) *sheet {
	s := &sheet{w: w}
	fields := strings.Split(data, "&")
	for _, field := range fields[:min(len(fields), formLimit)] {
		label, value, _ := strings.Cut(field, "=")
		s.wrap(span{name, unescaped(label)}, min(labelWidth, w/2), plain, unescaped(value))
	}
	if more := len(fields) - formLimit; more > 0 {
		s.add(span{dim, "and " + grouped(uint64(more)) + " more"})
	}
	return s
}

func unescaped(s string) safe.Text {
	if plain, err := url.QueryUnescape(s); err == nil {
		return safe.Line(plain)
	}
	return safe.Line(s)
}

// buildRaw lays out both messages as one text, heads and bodies as they passed.
func buildRaw(job pageJob) paper {
	x := masked(job.mask, withoutBodies(job.raw))
	var out strings.Builder
	r := &x.Request
	out.WriteString(r.Method + " " + target(r.URL) + " " + r.Proto + "\n")
	writeLines(&out, r.Headers)
	writeBody(&out, job, true)
	writeLines(&out, r.Trailers)
	for _, i := range x.Interim {
		out.WriteString("\n" + r.Proto + " " + string(integer(int64(i.Status))) + "\n")
		writeLines(&out, i.Headers)
	}
	if a := x.Response; a != nil {
		out.WriteString("\n" + a.Proto + " " + string(integer(int64(a.Status))) + " " + a.Reason + "\n")
		writeLines(&out, a.Headers)
		writeBody(&out, job, false)
		writeLines(&out, a.Trailers)
	}
	return newTextPage(safe.Block(out.String()), job.w, false)
}

func writeLines(out *strings.Builder, h exchange.Headers) {
	for _, l := range h {
		out.WriteString(oneLine(l.Name) + ": " + oneLine(l.Value) + "\n")
	}
}

// oneLine keeps a line a line: no header has a line break of its own, so one
// that shows up is shown as what it is.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\t") {
		return string(safe.Line(s))
	}
	return s
}

func writeBody(out *strings.Builder, job pageJob, sent bool) {
	job.sent = sent
	b := readBody(job)
	if b.size == 0 {
		return
	}
	out.WriteString("\n")
	if isBinary(b.data) || errors.Is(b.err, coding.ErrUnknown) {
		out.WriteString("[" + string(size(b.size)) + " that are no text; see Body]\n")
		return
	}
	out.WriteString(b.data)
	if !strings.HasSuffix(b.data, "\n") {
		out.WriteString("\n")
	}
	if b.part || int64(b.captured) < b.size {
		out.WriteString("[captured " + string(size(int64(b.captured))) + " of " + string(size(b.size)) + "]\n")
	}
}
