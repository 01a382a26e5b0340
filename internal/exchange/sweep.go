package exchange

import "slices"

// sweep is one pass of a redactor over one exchange.
type sweep struct {
	r     *Redactor
	json  bool     // the text at hand is JSON: a quotation mark ends what stands in a string
	known []string // secrets found so far that are worth looking for elsewhere
}

func (s *sweep) request(r *Request) {
	r.URL = s.url(r.URL)
	r.Headers = s.headers(r.Headers)
	r.Trailers = s.headers(r.Trailers)
	r.Body = s.body(r.Headers, r.Body)
}

// response returns r itself if there is nothing to redact.
func (s *sweep) response(r *Response) *Response {
	if r == nil {
		return nil
	}
	reason := s.text(r.Reason, anyText)
	headers, trailers := s.headers(r.Headers), s.headers(r.Trailers)
	body := s.body(r.Headers, r.Body)
	if reason == r.Reason && body.Data == r.Body.Data && sameLines(headers, r.Headers) && sameLines(trailers, r.Trailers) {
		return r
	}
	return &Response{Status: r.Status, Reason: reason, Proto: r.Proto, Headers: headers, Trailers: trailers, Body: body}
}

// sameLines reports whether a and b are one list, not whether they are equal.
func sameLines(a, b Headers) bool { return len(a) == 0 || &a[0] == &b[0] }

func (s *sweep) interim(list []Interim) []Interim {
	out := list
	for i, answer := range list {
		lines := s.headers(answer.Headers)
		if sameLines(lines, answer.Headers) {
			continue
		}
		if &out[0] == &list[0] {
			out = slices.Clone(list)
		}
		out[i].Headers = lines
	}
	return out
}

func (s *sweep) sentences(list []string) []string {
	out := list
	for i, sentence := range list {
		clean := s.text(sentence, anyText)
		if clean == sentence {
			continue
		}
		if &out[0] == &list[0] {
			out = slices.Clone(list)
		}
		out[i] = clean
	}
	return out
}

// secret is what stands for a value under a secret name.
func (s *sweep) secret(value string, class nameClass, enc encoding) (m *masked, ok bool) {
	if isUseless(value) || class == weakName && isOrdinary(value) {
		return nil, false
	}
	if _, marked := ParseMark(value); marked {
		return nil, false
	}
	s.remember(decoded(value, enc))
	return s.r.masked(value, enc), true
}

// secretText is the value or its mark, for headers and bodies.
func (s *sweep) secretText(value string, class nameClass, enc encoding) string {
	if m, ok := s.secret(value, class, enc); ok {
		return m.text
	}
	return value
}

// secretURL is the value or its mark, for URLs and forms.
func (s *sweep) secretURL(value string, class nameClass, enc encoding) string {
	if m, ok := s.secret(value, class, enc); ok {
		return m.url
	}
	return value
}
