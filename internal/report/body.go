package report

import (
	"errors"
	"strings"
	"unicode/utf8"

	"corsdash/internal/coding"
	"corsdash/internal/exchange"
)

// decodedLimit bounds what one captured body may unpack to, in bytes. Beyond
// it a stream of a few kilobytes could fill the memory.
const decodedLimit = 1 << 20

// uncoded returns x with the content coding of its bodies removed, as far as
// that can be done; x itself when nothing had to be.
func uncoded(x *exchange.Exchange) *exchange.Exchange {
	request, changed := plainBody(x.Request.Headers, x.Request.Body)
	var response exchange.Body
	var changedToo bool
	if x.Response != nil {
		response, changedToo = plainBody(x.Response.Headers, x.Response.Body)
	}
	if !changed && !changedToo {
		return x
	}
	copied := *x
	copied.Request.Body = request
	if x.Response != nil {
		answer := *x.Response
		answer.Body = response
		copied.Response = &answer
	}
	return &copied
}

// plainBody reports whether it took a coding off. A body that ends early, or
// that is too large, gives as much as there is, and says that it was cut.
func plainBody(h exchange.Headers, b exchange.Body) (exchange.Body, bool) {
	encoding := codings(h, b)
	if encoding == "" {
		return b, false
	}
	data, err := coding.Plain(encoding, []byte(b.Data), decodedLimit)
	switch {
	case errors.Is(err, coding.ErrUnknown) || errors.Is(err, coding.ErrCorrupt):
		return b, false
	case err != nil:
		b.Cut = true
	}
	cut := b.Truncated()
	b = b.Plain(string(data))
	b.Cut = cut
	return b, true
}

// codings is the Content-Encoding still on the captured bytes, "" for none.
func codings(h exchange.Headers, b exchange.Body) string {
	if b.Decoded || b.Data == "" {
		return ""
	}
	encoding, _ := h.Get("Content-Encoding")
	if strings.EqualFold(strings.Trim(encoding, " \t"), "identity") {
		return ""
	}
	return encoding
}

// mediaType is the Content-Type without its parameters, in lower case.
func mediaType(h exchange.Headers) string {
	t, _, _ := strings.Cut(h.First("Content-Type"), ";")
	return strings.ToLower(strings.Trim(t, " \t"))
}

// textOf returns a body as text, and false when it is none. A truncated body
// may end inside a character; that stub is left out.
func textOf(mime string, b exchange.Body) (string, bool) {
	if isBinary(mime) || strings.IndexByte(b.Data, 0) >= 0 {
		return "", false
	}
	if utf8.ValidString(b.Data) {
		return b.Data, true
	}
	if b.Truncated() {
		for n := 1; n < utf8.UTFMax && n <= len(b.Data); n++ {
			whole, stub := b.Data[:len(b.Data)-n], b.Data[len(b.Data)-n:]
			if utf8.RuneStart(stub[0]) {
				return whole, !utf8.FullRuneInString(stub) && utf8.ValidString(whole)
			}
		}
	}
	return "", false
}

// binaryTypes are media types that are bytes even when these happen to be
// UTF-8. What is not listed is text if it is UTF-8: nobody can list all of it.
var binaryTypes = [...]string{
	"image/", "audio/", "video/", "font/", "application/octet-stream", "application/zip", "application/gzip",
	"application/pdf", "application/wasm", "application/protobuf", "application/x-protobuf", "application/grpc",
}

func isBinary(mime string) bool {
	if strings.HasSuffix(mime, "+xml") || strings.HasSuffix(mime, "+json") {
		return false
	}
	for _, prefix := range binaryTypes {
		if strings.HasPrefix(mime, prefix) {
			return true
		}
	}
	return false
}
