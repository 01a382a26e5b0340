package cors

import "strings"

// failureText says in words how a server or the network failed. The keys are
// those of recordings and of our proxy.
var failureText = map[string]string{
	"reset": "the connection was reset before an answer came", "empty": "the connection was closed without an answer",
	"refused": "nobody accepts connections there", "dns": "the name does not resolve", "tls": "no TLS connection came about",
	"timeout": "no answer came in time", "hang": "no answer came in time", "unreachable": "the address cannot be reached",
	"client-gone": "the page gave the request up", "truncated-body": "the body ended early", "cut": "the body ended early",
	"truncated-chunks": "the body ended early", "body-reset": "the connection was reset in the middle of the body",
	"bad-chunk": "the chunked body is malformed", "bad-coding": "the body is not in the coding its header names",
}

// noAnswer judges an exchange without response. What never was HTTP is up to
// each browser's parser, and its bytes are not in the record: Firefox reads
// almost anything as HTTP/0.9, all of them forgive line feeds, junk in front
// and headers cut short.
func (r *run) noAnswer(x *Exchange) fault {
	switch {
	case x.Error == "":
		return fault{outcome: Unknown, reason: "no answer was seen yet"}
	case x.Error == "garbage", x.Error == "partial-headers":
		return fault{outcome: Unknown, reason: "the answer was not well-formed HTTP, and its bytes were not recorded: each browser's parser makes something else of it"}
	case failureText[x.Error] == "" && !strings.HasPrefix(x.Error, "net::") && !strings.HasPrefix(x.Error, "NS_"):
		return fault{outcome: Unknown, reason: "the answer failed in a way this record does not explain"}
	}
	f := r.lost(x.Error, false)
	if r.engine == Firefox && r.tainted && x.Error == "empty" && x.Request.Method == "PUT" {
		// Firefox takes a PUT without any answer for done, and then fails to
		// count the header lines of a response that has no head.
		return fault{code: FirefoxMultipleAllowOrigin}
	}
	if f.reason == "" {
		f.reason = failureText[x.Error]
	}
	return f
}

// bodyFault finds what goes wrong behind the head. It matters to the page only
// when the head has passed.
func bodyFault(x *Exchange, resp *Response) string {
	if x.Error == "truncated-body" && chunked(resp.Headers) {
		return "truncated-chunks"
	}
	if x.Error != "" {
		return x.Error
	}
	if resp.Body == "" {
		return ""
	}
	if chunked(resp.Headers) && strings.Contains(resp.Body, "\r\n") {
		return chunkFault(resp.Body)
	}
	return codingFault(resp)
}

func chunked(h Headers) bool {
	v, _ := h.get("Transfer-Encoding")
	return listed(v, "chunked", true)
}

// chunkFault walks the chunks: https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding.
func chunkFault(body string) string {
	for {
		line, rest, ok := strings.Cut(body, "\r\n")
		if !ok {
			return "truncated-chunks"
		}
		size, ok := chunkSize(line)
		switch {
		case !ok:
			return "bad-chunk"
		case size == 0:
			return ""
		case size+2 > len(rest):
			return "truncated-chunks"
		case rest[size:size+2] != "\r\n":
			return "bad-chunk"
		}
		body = rest[size+2:]
	}
}

func chunkSize(line string) (n int, ok bool) {
	line, _, _ = strings.Cut(line, ";")
	line = trimLWS(line)
	for i := range len(line) {
		d := strings.IndexByte("0123456789abcdef", lower(line[i]))
		if d < 0 || n > 1<<40 {
			return 0, false
		}
		n = n<<4 | d
	}
	return n, line != ""
}

// magic is how streams of a content coding begin.
var magic = map[string]string{"gzip": "\x1f\x8b", "x-gzip": "\x1f\x8b", "zstd": "\x28\xb5\x2f\xfd"}

// codingFault finds bodies that cannot be in the coding their header names.
// Brotli has no magic, but a stream of it that is all printable text does not
// exist at this length.
func codingFault(resp *Response) string {
	coding, _ := resp.Headers.get("Content-Encoding")
	coding = lowerName(coding)
	if m := magic[coding]; m != "" && !strings.HasPrefix(resp.Body, m) {
		return "bad-coding"
	}
	if coding == "br" && len(resp.Body) >= 8 && printable(resp.Body) {
		return "bad-coding"
	}
	return ""
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// headSize is the size of the header lines on the wire.
func headSize(h Headers) (n int) {
	for i := range h {
		n += len(h[i].Name) + len(h[i].Value) + len(": \r\n")
	}
	return n
}

func hasNUL(h Headers) bool {
	for i := range h {
		if strings.IndexByte(h[i].Value, 0) >= 0 || strings.IndexByte(h[i].Name, 0) >= 0 {
			return true
		}
	}
	return false
}
