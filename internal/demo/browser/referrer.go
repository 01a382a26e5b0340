package browser

import (
	"net/url"
	"strings"
)

// defaultPolicy holds where nobody said otherwise.
const defaultPolicy = "strict-origin-when-cross-origin"

// referrerPolicy is the policy after a redirect: the response may change it
// (https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect).
func referrerPolicy(lines []Header, old string) string {
	value, _ := get(lines, "Referrer-Policy")
	for token := range strings.SplitSeq(value, ",") {
		switch token = strings.ToLower(strings.Trim(token, " \t")); token {
		case "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
			"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url":
			old = token
		}
	}
	return old
}

// referrer is the value of Referer, "" for none
// (https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer).
func (b *Browser) referrer(to *url.URL, policy string) string {
	if b.page.Scheme != "http" && b.page.Scheme != "https" {
		return ""
	}
	page := *b.page
	page.Fragment, page.User = "", nil
	full, short := page.String(), originOf(b.page)+"/"
	same := originOf(to) == originOf(b.page)
	downgrade := b.page.Scheme == "https" && to.Scheme == "http"
	switch policy {
	case "no-referrer":
		return ""
	case "origin":
		return short
	case "unsafe-url":
		return full
	case "same-origin":
		return onlyIf(same, full)
	case "strict-origin":
		return onlyIf(!downgrade, short)
	case "no-referrer-when-downgrade":
		return onlyIf(!downgrade, full)
	}
	switch {
	case same:
		return full
	case policy == defaultPolicy && downgrade:
		return ""
	}
	return short
}
