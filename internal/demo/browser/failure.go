package browser

import (
	"errors"
	"fmt"
	"strings"
)

// Failure is a request that gave the page nothing. A script sees the same bare
// error whatever it was; what is in here, only the browser knows.
type Failure struct {
	// Code is Chromium's name for a CORS failure (CDP Network.CorsError), ""
	// when it was something else.
	Code string
	// Hint is the value the message quotes, such as the wrong origin.
	Hint string
	// Net is the network error, such as net::ERR_FAILED.
	Net string
	// Status is that of the answer which was refused, 0 when none came.
	Status int
	// Console is what the console printed, line by line.
	Console []string
}

func (f *Failure) Error() string {
	if f.Code != "" {
		return f.Code
	}
	return f.Net
}

// asFailure names an error of the network.
func asFailure(err error) *Failure {
	var fail *Failure
	if errors.As(err, &fail) {
		return fail
	}
	return netFailure(netName(err))
}

func netFailure(name string) *Failure { return &Failure{Net: name} }

// preflightClass are the codes that have a twin for preflights, and a message
// that begins by saying so.
func ofPreflight(r *refusal) *refusal {
	switch r.code {
	case "WildcardOriginNotAllowed", "MissingAllowOriginHeader", "MultipleAllowOriginValues",
		"InvalidAllowOriginValue", "AllowOriginMismatch", "InvalidAllowCredentials":
		return &refusal{"Preflight" + r.code, r.hint}
	}
	return r
}

// Suffixes of Chromium's messages.
const (
	fetchSuffix = " Have the server send the header with a valid value."
	xhrSuffix   = " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."
)

// schemes are those that CORS requests may use, as a current build lists them.
const schemes = "chrome, chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app"

// consoleLine words a refusal as third_party/blink's cors_error_string.cc does.
// last and first are the URLs of the last and the first hop.
func consoleLine(k Kind, r *refusal, last, first, origin string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Access to %s at '%s' ", kinds[k].console, last)
	if last != first {
		fmt.Fprintf(&b, "(redirected from '%s') ", first)
	}
	fmt.Fprintf(&b, "from origin '%s' has been blocked by CORS policy: ", origin)
	base, twin := strings.CutPrefix(r.code, "Preflight")
	if twin {
		b.WriteString("Response to preflight request doesn't pass access control check: ")
	}
	b.WriteString(reason(k, base, printable(r.hint)))
	return b.String()
}

func reason(k Kind, code, hint string) string {
	const acao = "The 'Access-Control-Allow-Origin' header "
	switch code {
	case "DisallowedByMode":
		return "Cross origin requests are not allowed by request mode."
	case "WildcardOriginNotAllowed":
		return "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'." + onlyIf(k == XHR, xhrSuffix)
	case "MissingAllowOriginHeader":
		return "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	case "MultipleAllowOriginValues":
		return acao + "contains multiple values '" + hint + "', but only one is allowed." + onlyIf(k == Fetch, fetchSuffix)
	case "InvalidAllowOriginValue":
		return acao + "contains the invalid value '" + hint + "'." + onlyIf(k == Fetch, fetchSuffix)
	case "AllowOriginMismatch":
		return acao + "has a value '" + hint + "' that is not equal to the supplied origin." + onlyIf(k == Fetch, fetchSuffix)
	case "InvalidAllowCredentials":
		return "The value of the 'Access-Control-Allow-Credentials' header in the response is '" + hint + "' which must be 'true' when the request's credentials mode is 'include'." + onlyIf(k == XHR, xhrSuffix)
	case "CorsDisabledScheme":
		return "Cross origin requests are only supported for protocol schemes: " + schemes + "."
	case "InvalidStatus":
		return "It does not have HTTP ok status."
	case "DisallowedRedirect":
		return "Redirect is not allowed for a preflight request."
	case "InvalidAllowMethodsPreflightResponse":
		return "Cannot parse Access-Control-Allow-Methods response header field in preflight response."
	case "InvalidAllowHeadersPreflightResponse":
		return "Cannot parse Access-Control-Allow-Headers response header field in preflight response."
	case "MethodDisallowedByPreflightResponse":
		return "Method " + hint + " is not allowed by Access-Control-Allow-Methods in preflight response."
	case "HeaderDisallowedByPreflightResponse":
		return "Request header field " + hint + " is not allowed by Access-Control-Allow-Headers in preflight response."
	case "RedirectContainsCredentials":
		return "Redirect location '" + hint + "' contains a username and password, which is disallowed for cross-origin requests."
	}
	return code
}

func onlyIf(when bool, s string) string {
	if when {
		return s
	}
	return ""
}

// printable writes a header value as Chromium prints it.
func printable(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			fmt.Fprintf(&b, `\u%04X`, c)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// failedToLoad is the line DevTools prints for a request without an answer.
func failedToLoad(net string) string { return "Failed to load resource: " + net }

// badStatus is the line DevTools prints for a readable answer that is an error.
func badStatus(status int, reason string) string {
	return fmt.Sprintf("Failed to load resource: the server responded with a status of %d (%s)", status, reason)
}
