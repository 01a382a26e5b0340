package cors

import (
	"fmt"
	"testing"
)

// passing is the request behind a preflight that lets it through.
func passing(method, url string) Exchange {
	return crossing(method, url, reply(200, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Credentials", "true"))
}

// TestPreflightLists is the matrix of wildcards and letter case, along the lines
// of the Web Platform Tests' fetch/api/cors/cors-preflight-star.any.js.
func TestPreflightLists(t *testing.T) {
	method := [3]Code{ChromiumMethodDisallowed, FirefoxMethodNotFound, WebKitMethod}
	header := [3]Code{ChromiumHeaderDisallowed, FirefoxHeaderNotAllowed, WebKitHeader}
	tests := []struct {
		credentials      string
		methods, headers string // allowed
		method, names    string // asked for
		want             [3]Code
	}{
		{"omit", "get", "x-test", "GET", "x-test", [3]Code{}},
		{"omit", "*", "X-TEST", "SUPER", "x-test", [3]Code{}},
		{"omit", "*", "*", "OK", "x-test", [3]Code{}},
		{"omit", "*", "*", "PUT", "authorization", [3]Code{}}, // no engine excludes it
		{"omit", "", "x-test", "GET", "x-test", [3]Code{}},
		{"omit", "", "x-test", "POST", "x-test", [3]Code{}},
		{"omit", "PUT, PATCH", "a,x-test ,b", "PATCH", "x-test", [3]Code{}},
		{"omit", ",PUT,,", ", x-test,", "PUT", "x-test", [3]Code{}},
		{"include", "PUT", "*", "PUT", "", [3]Code{}},
		{"include", "*", "*", "*", "*", [3]Code{}},

		{"include", "*", "*", "OK", "x-test", method},
		{"include", "*", "", "PUT", "", method},
		{"include", "put", "*", "PUT", "", method},
		{"omit", "put", "", "PUT", "", method},
		{"omit", "PATCH", "", "patch", "", method},
		{"omit", "", "", "DELETE", "", method},
		{"include", "get", "*", "GET", "x-test", header},
		{"include", "*", "*", "GET", "x-test", header},
		{"omit", "", "", "GET", "x-test", header},
		{"omit", "", "x_test, xtest", "GET", "x-test", header},
		{"omit", "PUT", "x-a", "PUT", "x-a,x-b", header},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s(%s) for %q %q", tt.credentials, tt.method, tt.names, tt.methods, tt.headers), func(t *testing.T) {
			pre := reply(200, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Credentials", "true")
			if tt.methods != "" {
				pre.Headers = append(pre.Headers, Header{"Access-Control-Allow-Methods", tt.methods})
			}
			if tt.headers != "" {
				pre.Headers = append(pre.Headers, Header{"Access-Control-Allow-Headers", tt.headers})
			}
			a := fetched(tt.method, api+"/x", tt.credentials, permission(tt.method, tt.names, api+"/x", pre))
			if tt.want[Chromium] == "" {
				a.Wire = append(a.Wire, passing(tt.method, api+"/x"))
			}
			checkCodes(t, a, tt.want)
		})
	}
}

// TestPreflightMalformedLists: one item that is no token spoils the list, but
// engines do not look at it at the same time. Firefox judges the methods first.
func TestPreflightMalformedLists(t *testing.T) {
	for _, bad := range []string{"GET PUT", "PUT;GET", `"PUT"`, "PUT, (x)", "[PUT]", "X: y", "P\u00dcT", "PUT/1"} {
		t.Run(bad, func(t *testing.T) {
			ok := []string{"Access-Control-Allow-Origin", web}
			methods := reply(200, append(ok, "Access-Control-Allow-Methods", bad)...)
			checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", methods)),
				[3]Code{ChromiumInvalidAllowMethods, FirefoxInvalidMethod, WebKitInvalidMethods})
			names := reply(200, append(ok, "Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", bad)...)
			checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "x-a", api+"/x", names)),
				[3]Code{ChromiumInvalidAllowHeaders, FirefoxInvalidHeader, WebKitInvalidHeaders})
		})
	}
}

// TestPreflightStatus: any success will do, and nothing else. A redirect is
// told apart by Chromium and Firefox where it has a Location.
func TestPreflightStatus(t *testing.T) {
	failed := [3]Code{ChromiumPreflightStatus, FirefoxPreflightStatus, WebKitPreflightStatus}
	for _, status := range []int{200, 201, 202, 203, 204, 205, 206, 299} {
		pre := reply(status, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Methods", "PUT")
		checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", pre), passing("PUT", api+"/x")), [3]Code{})
	}
	for _, status := range []int{300, 301, 302, 303, 304, 305, 306, 307, 308, 400, 401, 403, 404, 405, 501, 502, 503} {
		pre := reply(status, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Methods", "PUT")
		checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", pre)), failed)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		pre := reply(status, "Access-Control-Allow-Origin", web, "Location", api+"/x/")
		checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", pre)),
			[3]Code{ChromiumPreflightRedirect, FirefoxExternalRedirect, WebKitPreflightStatus})
	}
}

// TestPreflightOrder: what is named when several things are wrong at once.
func TestPreflightOrder(t *testing.T) {
	bare := reply(404)
	checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", bare)),
		[3]Code{ChromiumPreflightMissing, FirefoxMissingAllowOrigin, WebKitPreflightStatus})

	redirect := reply(302, "Location", api+"/login")
	checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", redirect)),
		[3]Code{ChromiumPreflightRedirect, FirefoxMissingAllowOrigin, WebKitPreflightStatus})

	nothing := reply(200, "Access-Control-Allow-Origin", web)
	checkCodes(t, fetched("PUT", api+"/x", "include", permission("PUT", "x-a", api+"/x", nothing)),
		[3]Code{ChromiumPreflightCredentials, FirefoxMissingAllowCredentials, WebKitCredentials})
	checkCodes(t, fetched("PUT", api+"/x", "omit", permission("PUT", "x-a", api+"/x", nothing)),
		[3]Code{ChromiumMethodDisallowed, FirefoxMethodNotFound, WebKitMethod})
}

// TestPreflightCodes: Firefox says that the request did not succeed after every
// failure of a preflight, Chromium says one thing only.
func TestPreflightCodes(t *testing.T) {
	a := fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", reply(404, "Access-Control-Allow-Origin", "*")))
	if got := Judge(a, Chromium); len(got.Codes()) != 1 {
		t.Errorf("chromium prints %q", got.Codes())
	}
	got := Judge(a, Firefox)
	if want := fmt.Sprint([]Code{FirefoxPreflightStatus, FirefoxDidNotSucceed}); fmt.Sprint(got.Codes()) != want {
		t.Errorf("firefox prints %q, want %s", got.Codes(), want)
	}
}

// TestPreflightThenRefused: permission for the method says nothing about the
// answer, which has to pass on its own.
func TestPreflightThenRefused(t *testing.T) {
	pre := reply(204, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Methods", "PUT")
	a := fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", pre), crossing("PUT", api+"/x", reply(500)))
	checkCodes(t, a, [3]Code{ChromiumMissingAllowOrigin, FirefoxMissingAllowOrigin, WebKitOriginNotAllowed})
	for _, got := range everywhere(a) {
		if got.Hop != 1 {
			t.Errorf("%s: hop %d", got.Engine, got.Hop)
		}
	}
}

// TestWebKitHeaderOrder: WebKit goes through the headers it knows first, and
// prints those in their usual spelling.
func TestWebKitHeaderOrder(t *testing.T) {
	pre := reply(204, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Methods", "PUT")
	a := fetched("PUT", api+"/x", "omit", permission("PUT", "authorization,x-a,x-b", api+"/x", pre))
	a.Hints.Headers = lines("X-b", "1", "x-A", "2", "AUTHORIZATION", "t")
	if got := Judge(a, WebKit); got.Parameter != "Authorization" {
		t.Errorf("%q, want Authorization", got.Parameter)
	}
	pre.Headers = append(pre.Headers, Header{"Access-Control-Allow-Headers", "authorization"})
	if got := Judge(a, WebKit); got.Parameter != "X-b" {
		t.Errorf("%q, want X-b", got.Parameter)
	}
	if got := Judge(a, Chromium); got.Code != ChromiumHeaderDisallowed {
		t.Errorf("chromium: %s", got.Code)
	}
	if got := Judge(a, Firefox); got.Parameter != "x-a" && got.Parameter != "x-b" {
		t.Errorf("firefox: %q", got.Parameter)
	}
}
