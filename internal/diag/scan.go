package diag

import (
	"strings"

	"corsdash/internal/exchange"
)

// scanned are the yes-or-no facts of one look at the header lines.
type scanned struct {
	upgrade   bool // the request asks for another protocol
	library   bool // a header that libraries set, not browsers
	storage   bool // Sec-Fetch-Storage-Access, proof of credentials
	setCookie bool
	location  bool
	own       bool // X-Corsdash-Error
	odd       bool // header lines that browsers may refuse, or read differently
}

// scanRequest looks at each line once. Lines are told apart by the length of
// their names first, because most comparisons end there.
func (f *Fact) scanRequest(lines exchange.Headers) {
	for i := range lines {
		name, value := lines[i].Name, lines[i].Value
		switch len(name) {
		case len("Origin"):
			f.scanSix(name, value)
		case len("Referer"):
			if is(name, "Referer") {
				f.Referer = value
			} else if is(name, "Upgrade") {
				f.seen.upgrade = true
			}
		case len("Authorization"):
			if f.Authorization == "" && is(name, "Authorization") {
				f.Authorization = value
			}
		case len("Sec-Fetch-Mode"):
			f.scanSecFetch(name, value)
		case len("X-Requested-With"):
			f.seen.library = f.seen.library || is(name, "X-Requested-With")
		case len("Sec-Fetch-Storage-Access"):
			f.seen.storage = f.seen.storage || is(name, "Sec-Fetch-Storage-Access")
		case len("Access-Control-Request-Method"):
			if f.Asks == "" && is(name, "Access-Control-Request-Method") {
				f.Asks = value
			}
		case len("Access-Control-Request-Headers"):
			if is(name, "Access-Control-Request-Headers") {
				f.AsksHeaders = joined(f.AsksHeaders, value, ", ")
			}
		}
	}
	// What axios asks for; fetch() without further ado sends */*.
	f.seen.library = f.seen.library || strings.HasPrefix(f.Accept, "application/json")
}

func (f *Fact) scanSix(name, value string) {
	switch {
	case is(name, "Origin"):
		f.Origin = value
	case is(name, "Accept"):
		f.Accept = value
	case is(name, "Cookie"):
		f.Cookie = joined(f.Cookie, value, "; ")
	}
}

func (f *Fact) scanSecFetch(name, value string) {
	switch {
	case is(name, "Sec-Fetch-Site"):
		f.Site = value
	case is(name, "Sec-Fetch-Mode"):
		f.Mode = value
	case is(name, "Sec-Fetch-Dest"):
		f.Dest = value
	}
}

// scanResponse looks at each line of the answer once.
func (f *Fact) scanResponse(lines exchange.Headers) {
	var lengths, dispositions, locations, size int
	for i := range lines {
		name, value := lines[i].Name, lines[i].Value
		size += len(name) + len(value)
		f.scanOdd(name, value)
		switch len(name) {
		case len("Vary"): // and Date
			f.scanFour(name, value)
		case len("Location"):
			if is(name, "Location") {
				locations++
				f.Location, f.seen.location = value, true
			}
		case len("Set-Cookie"):
			f.seen.setCookie = f.seen.setCookie || is(name, "Set-Cookie")
		case len("Content-Type"):
			if f.Type == "" && is(name, "Content-Type") {
				f.Type = mediaType(value)
			}
		case len("Content-Length"):
			if is(name, "Content-Length") {
				lengths++
			}
		case len("X-Corsdash-Error"):
			f.seen.own = f.seen.own || is(name, "X-Corsdash-Error")
		case len("Content-Disposition"):
			if is(name, "Content-Disposition") {
				dispositions++
			}
		default:
			f.scanAllow(name, value)
		}
	}
	// Chromium refuses an answer with several of these, all browsers one that
	// is too large; the short cut of judge.go must not decide those.
	if lengths > 1 || dispositions > 1 || locations > 1 || size > 128<<10 {
		f.seen.odd = true
	}
}

func (f *Fact) scanFour(name, value string) {
	switch {
	case is(name, "Vary"):
		f.Allow.Vary = joined(f.Allow.Vary, value, ", ")
	case is(name, "Date"):
		f.date = value
	}
}

func (f *Fact) scanAllow(name, value string) {
	a := &f.Allow
	switch len(name) {
	case len("Access-Control-Allow-Origin"):
		if is(name, "Access-Control-Allow-Origin") {
			a.Origin = joinedLine(a.Origin, value, a.Origins)
			a.Origins++
		}
	case len("Access-Control-Allow-Credentials"):
		if is(name, "Access-Control-Allow-Credentials") {
			a.Credentials = joinedLine(a.Credentials, value, a.Credential)
			a.Credential++
		}
	case len("Access-Control-Allow-Methods"): // and -Headers
		if is(name, "Access-Control-Allow-Methods") {
			a.Methods, a.HasMethods = joined(a.Methods, value, ", "), true
		} else if is(name, "Access-Control-Allow-Headers") {
			a.Headers, a.HasHeaders = joined(a.Headers, value, ", "), true
		}
	case len("Access-Control-Expose-Headers"):
		if is(name, "Access-Control-Expose-Headers") {
			a.Expose = joined(a.Expose, value, ", ")
		}
	case len("Access-Control-Max-Age"):
		if is(name, "Access-Control-Max-Age") {
			a.MaxAge, a.HasMaxAge = value, true
		}
	}
}

// scanOdd notes lines that engines read differently: bytes that are no text,
// blanks in front of the colon.
func (f *Fact) scanOdd(name, value string) {
	if name == "" || name[len(name)-1] == ' ' || name[len(name)-1] == '\t' ||
		strings.IndexByte(value, 0) >= 0 || strings.IndexByte(value, '\r') >= 0 {
		f.seen.odd = true
	}
}

// is compares header names, which have the same length here, without case.
func is(a, b string) bool { return strings.EqualFold(a, b) }

// joined appends to a list that may be empty.
func joined(list, value, separator string) string {
	if list == "" {
		return value
	}
	return list + separator + value
}

// joinedLine appends a header line to those before, of which there were n.
func joinedLine(list, value string, n int) string {
	if n == 0 {
		return value
	}
	return list + ", " + value
}

// listed reports whether a comma list has an item, without case.
func listed(list, item string) bool {
	for list != "" {
		var one string
		one, list, _ = strings.Cut(list, ",")
		if strings.EqualFold(strings.Trim(one, " \t"), item) {
			return true
		}
	}
	return false
}

// mediaType is a Content-Type without its parameters, in lower case.
func mediaType(contentType string) string {
	essence, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.Trim(essence, " \t"))
}
