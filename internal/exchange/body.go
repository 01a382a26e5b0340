package exchange

import (
	"mime"
	"strings"
)

// body redacts a body. One whose bytes cannot be read as text, because a
// content coding is on or because they are UTF-16, is dropped whole: a secret
// in it could not be found.
func (s *sweep) body(h Headers, b Body) Body {
	if b.Data == "" {
		return b
	}
	if coding := unread(h, b); coding != "" {
		if _, marked := ParseMark(b.Data); marked {
			return b
		}
		mark := Mark{Kind: "body", Coding: coding}
		return b.Plain(s.r.finish(mark, b.Data, b.Data, asIs).text)
	}
	clean := s.content(h.First("Content-Type"), b.Data)
	if clean == b.Data {
		return b
	}
	return b.Plain(clean)
}

// unread names the coding that keeps a body from being read, or is "".
func unread(h Headers, b Body) string {
	if !b.Decoded {
		coding, _ := h.Get("Content-Encoding")
		for name := range strings.SplitSeq(coding, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" && name != "identity" {
				return coding
			}
		}
	}
	if strings.HasPrefix(b.Data, "\xff\xfe") || strings.HasPrefix(b.Data, "\xfe\xff") {
		return "utf-16"
	}
	return ""
}

func (s *sweep) content(contentType, data string) string {
	kind := mediaType(contentType)
	if strings.HasPrefix(kind, "multipart/") {
		return s.multipart(contentType, data)
	}
	return s.text(data, mediumOf(kind, data))
}

// mediaType is a Content-Type without its parameters, in lower case.
func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func mediumOf(kind, data string) medium {
	switch {
	case kind == "application/x-www-form-urlencoded" && !looksJSON(data):
		return formText
	case strings.HasSuffix(kind, "javascript") || kind == "text/css" || kind == "application/wasm":
		return codeText
	case strings.HasSuffix(kind, "xml") || strings.HasPrefix(data, "<?xml"):
		return xmlText
	}
	return anyText
}

// looksJSON reports whether a text is JSON, or lines of it, rather than
// something that contains some.
func looksJSON(text string) bool {
	text = text[skipBlanks(text, 0):]
	text = strings.TrimPrefix(text, "data:")
	text = text[skipBlanks(text, 0):]
	if text == "" {
		return false
	}
	return strings.IndexByte(`{["-0123456789`, text[0]) >= 0
}

// multipart redacts the parts of a form (RFC 7578), whole if their field's
// name is secret.
func (s *sweep) multipart(contentType, data string) string {
	_, params, err := mime.ParseMediaType(contentType)
	boundary := params["boundary"]
	if err != nil || boundary == "" { // the first line shows it
		first, _, _ := strings.Cut(data, "\n")
		boundary = strings.TrimPrefix(strings.TrimSpace(first), "--")
	}
	if boundary == "" {
		return s.text(data, anyText)
	}
	e := edit{src: data}
	delimiter := "--" + boundary
	for from := strings.Index(data, delimiter); from >= 0 && from < len(data); {
		from += len(delimiter)
		to := len(data)
		if i := strings.Index(data[from:], "\n"+delimiter); i >= 0 {
			to = from + i
		}
		s.part(&e, from, strings.LastIndexByte(data[:to], '\r') == to-1, to)
		if to == len(data) {
			break
		}
		from = to + 1
	}
	return e.text()
}

// part redacts the part at src[from:to], which begins behind its delimiter.
func (s *sweep) part(e *edit, from int, crlf bool, to int) {
	if crlf {
		to--
	}
	part := e.src[from:max(from, to)]
	head, content, ok := strings.Cut(part, "\r\n\r\n")
	if !ok {
		head, content, ok = strings.Cut(part, "\n\n")
	}
	if !ok || content == "" {
		return
	}
	lines := ParseHeaders(head)
	_, params, _ := mime.ParseMediaType(lines.First("Content-Disposition"))
	from = to - len(content)
	switch class := s.r.names.of(params["name"]); class {
	case strongName, weakName, authorization:
		e.replace(from, to, s.secretText(content, class, asIs))
	default:
		e.replace(from, to, s.content(lines.First("Content-Type"), content))
	}
}
