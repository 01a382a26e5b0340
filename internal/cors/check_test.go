package cors

import (
	"fmt"
	"testing"
)

// TestAllowOrigin goes through what servers put into Access-Control-Allow-Origin,
// along the lines of the Web Platform Tests' cors/origin.htm. An empty code
// means that the page gets the answer.
func TestAllowOrigin(t *testing.T) {
	const (
		mismatch = ChromiumAllowOriginMismatch
		invalid  = ChromiumInvalidAllowOrigin
		multiple = ChromiumMultipleAllowOrigin
		other    = FirefoxOriginNotMatching
		refused  = WebKitOriginNotAllowed
	)
	tests := []struct {
		values []string // one a header line
		want   [3]Code
	}{
		{[]string{"*"}, [3]Code{}},
		{[]string{" *  "}, [3]Code{}},
		{[]string{"\t*"}, [3]Code{}},
		{[]string{web}, [3]Code{}},
		{[]string{" " + web + "  \t"}, [3]Code{}},

		{nil, [3]Code{ChromiumMissingAllowOrigin, FirefoxMissingAllowOrigin, refused}},
		{[]string{""}, [3]Code{invalid, other, refused}},
		{[]string{"null"}, [3]Code{mismatch, other, refused}},
		{[]string{"http://api.web.test:3000"}, [3]Code{mismatch, other, refused}},
		{[]string{"https://web.test:3000"}, [3]Code{mismatch, other, refused}},
		{[]string{"http://web.test"}, [3]Code{mismatch, other, refused}},
		{[]string{web + "/"}, [3]Code{mismatch, other, refused}},
		{[]string{web + "?"}, [3]Code{mismatch, other, refused}},
		{[]string{web + "#"}, [3]Code{mismatch, other, refused}},
		{[]string{web + "/index.html"}, [3]Code{mismatch, other, refused}},
		{[]string{"HTTP://WEB.TEST:3000"}, [3]Code{mismatch, other, refused}},
		{[]string{"ftp://web.test:3000"}, [3]Code{mismatch, other, refused}},
		{[]string{"http:/web.test:3000"}, [3]Code{mismatch, other, refused}},
		{[]string{"http:web.test:3000"}, [3]Code{mismatch, other, refused}},
		{[]string{"http://*.test"}, [3]Code{mismatch, other, refused}},
		{[]string{"http://*"}, [3]Code{mismatch, other, refused}},
		{[]string{"web.test:3000"}, [3]Code{mismatch, other, refused}}, // a URL of scheme web.test
		{[]string{"localhost:3000"}, [3]Code{mismatch, other, refused}},

		{[]string{"web.test"}, [3]Code{invalid, other, refused}},
		{[]string{"//web.test:3000"}, [3]Code{invalid, other, refused}},
		{[]string{"http:://web.test"}, [3]Code{invalid, other, refused}},
		{[]string{"http://web.test%23"}, [3]Code{invalid, other, refused}},
		{[]string{"http://web.test:70000"}, [3]Code{invalid, other, refused}},
		{[]string{"http://[::1"}, [3]Code{invalid, other, refused}},
		{[]string{"*.test"}, [3]Code{invalid, other, refused}},
		{[]string{"**"}, [3]Code{invalid, other, refused}},
		{[]string{"'*'"}, [3]Code{invalid, other, refused}},
		{[]string{`"*"`}, [3]Code{invalid, other, refused}},
		{[]string{"undefined"}, [3]Code{invalid, other, refused}},
		{[]string{"true"}, [3]Code{invalid, other, refused}},
		{[]string{"${ORIGIN}"}, [3]Code{invalid, other, refused}},
		{[]string{"*" + web}, [3]Code{invalid, other, refused}},

		{[]string{"* " + web}, [3]Code{multiple, other, refused}},
		{[]string{"null " + web}, [3]Code{multiple, other, refused}},
		{[]string{web + " http://b.test"}, [3]Code{multiple, other, refused}},
		{[]string{web + ", *"}, [3]Code{multiple, other, WebKitMultipleOrigins}},
		{[]string{web + "," + web}, [3]Code{multiple, other, WebKitMultipleOrigins}},
		{[]string{"*", "*"}, [3]Code{multiple, FirefoxMultipleAllowOrigin, WebKitMultipleOrigins}},
		{[]string{"", "*"}, [3]Code{multiple, FirefoxMultipleAllowOrigin, WebKitMultipleOrigins}},
		{[]string{web, web}, [3]Code{multiple, FirefoxMultipleAllowOrigin, WebKitMultipleOrigins}},
		{[]string{"", web}, [3]Code{multiple, FirefoxMultipleAllowOrigin, WebKitMultipleOrigins}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%q", tt.values), func(t *testing.T) {
			resp := reply(200)
			for _, v := range tt.values {
				resp.Headers = append(resp.Headers, Header{"Access-Control-Allow-Origin", v})
			}
			checkCodes(t, fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", resp)), tt.want)
		})
	}
}

// checkCodes demands a code of each engine; an empty one demands that the page
// gets the answer.
func checkCodes(t *testing.T, a *Attempt, want [3]Code) {
	t.Helper()
	for _, got := range everywhere(a) {
		outcome := Allowed
		if want[got.Engine] != "" {
			outcome = Blocked
		}
		if got.Code != want[got.Engine] || got.Outcome != outcome {
			t.Errorf("%s: %s %q (%s), want %s %q", got.Engine, got.Outcome, got.Code, got.Reason, outcome, want[got.Engine])
		}
	}
}

// TestAllowCredentials: the header's one value is true, in lower case, once.
func TestAllowCredentials(t *testing.T) {
	failed := [3]Code{ChromiumInvalidAllowCredentials, FirefoxMissingAllowCredentials, WebKitCredentials}
	tests := []struct {
		values []string
		want   [3]Code
	}{
		{[]string{"true"}, [3]Code{}},
		{[]string{" true\t"}, [3]Code{}},
		{nil, failed},
		{[]string{""}, failed},
		{[]string{"True"}, failed},
		{[]string{"TRUE"}, failed},
		{[]string{`"true"`}, failed},
		{[]string{"'true'"}, failed},
		{[]string{"false"}, failed},
		{[]string{"1"}, failed},
		{[]string{"yes"}, failed},
		{[]string{"true,true"}, failed},
		{[]string{"true", "true"}, failed},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%q", tt.values), func(t *testing.T) {
			resp := reply(200, "Access-Control-Allow-Origin", web)
			for _, v := range tt.values {
				resp.Headers = append(resp.Headers, Header{"Access-Control-Allow-Credentials", v})
			}
			checkCodes(t, fetched("GET", api+"/x", "include", crossing("GET", api+"/x", resp)), tt.want)
			checkCodes(t, fetched("GET", api+"/x", "same-origin", crossing("GET", api+"/x", resp)), [3]Code{})
		})
	}
}

// TestWildcardWithCredentials: Access-Control-Allow-Credentials cannot save it.
func TestWildcardWithCredentials(t *testing.T) {
	resp := reply(200, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Credentials", "true")
	checkCodes(t, fetched("GET", api+"/x", "include", crossing("GET", api+"/x", resp)),
		[3]Code{ChromiumWildcardOrigin, FirefoxWildcardCredentials, WebKitWildcard})
}

// TestEveryStatusIsReadable: the CORS check does not look at the status.
func TestEveryStatusIsReadable(t *testing.T) {
	for _, status := range []int{200, 204, 206, 299, 300, 304, 400, 401, 403, 404, 418, 429, 500, 503, 599, 999} {
		allowed := reply(status, "Access-Control-Allow-Origin", "*")
		checkCodes(t, fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", allowed)), [3]Code{})
		checkCodes(t, fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", reply(status))),
			[3]Code{ChromiumMissingAllowOrigin, FirefoxMissingAllowOrigin, WebKitOriginNotAllowed})
	}
}

// TestNullOrigin: null is a value like any other, and matches itself.
func TestNullOrigin(t *testing.T) {
	for value, want := range map[string][3]Code{
		"null": {},
		"*":    {},
		"Null": {ChromiumInvalidAllowOrigin, FirefoxOriginNotMatching, WebKitOriginNotAllowed},
		web:    {ChromiumAllowOriginMismatch, FirefoxOriginNotMatching, WebKitOriginNotAllowed},
	} {
		a := fetched("GET", api+"/x", "omit", sent("GET", api+"/x", reply(200, "Access-Control-Allow-Origin", value), "Origin", "null"))
		a.PageOrigin = "null"
		checkCodes(t, a, want)
	}
}
