package cors

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

const third = "http://third.test:8001"

var redirectCodes = []int{301, 302, 303, 307, 308}

// hopTo is a redirect that passes the CORS check itself.
func hopTo(from, location string, status int) Exchange {
	return crossing("GET", from, reply(status, "Access-Control-Allow-Origin", "*", "Location", location))
}

// TestRedirectOrigin follows which Origin the last hop is asked with, along the
// lines of the Web Platform Tests' fetch/api/cors/cors-redirect.any.js. Only the
// first request carries an Origin here, so that the others have to be worked out.
func TestRedirectOrigin(t *testing.T) {
	tests := []struct {
		name string
		urls []string
		want string
	}{
		{"other, then the same", []string{api + "/a", api + "/b"}, web},
		{"other, then a third", []string{api + "/a", third + "/b"}, "null"},
		{"own, then other", []string{web + "/a", api + "/b"}, web},
		{"own, own, other, the same", []string{web + "/a", web + "/b", api + "/c", api + "/d"}, web},
		{"own, other, third", []string{web + "/a", api + "/b", third + "/c"}, "null"},
		{"other, and home", []string{api + "/a", web + "/b"}, "null"},
		{"other, third, and back", []string{api + "/a", third + "/b", api + "/c"}, "null"},
		{"other, home, and away again", []string{api + "/a", web + "/b", api + "/c"}, "null"},
		{"another port is another origin", []string{api + "/a", "http://api.test:8080/b"}, "null"},
		{"another scheme too", []string{"http://api.test/a", "https://api.test/b"}, "null"},
		{"a default port is none", []string{"http://api.test/a", "http://api.test:80/b"}, web},
	}
	for _, tt := range tests {
		for _, status := range redirectCodes {
			t.Run(tt.name+" "+strconv.Itoa(status), func(t *testing.T) {
				for _, value := range []string{web, "null"} {
					a := fetched("GET", tt.urls[0], "omit")
					last := len(tt.urls) - 1
					for i, url := range tt.urls[:last] {
						x := hopTo(url, tt.urls[i+1], status)
						if i > 0 || strings.HasPrefix(url, web) {
							x.Request.Headers = nil
						}
						a.Wire = append(a.Wire, x)
					}
					a.Wire = append(a.Wire, sent("GET", tt.urls[last], reply(200, "Access-Control-Allow-Origin", value)))
					want := [3]Code{}
					if value != tt.want {
						want = [3]Code{ChromiumAllowOriginMismatch, FirefoxOriginNotMatching, WebKitOriginNotAllowed}
					}
					checkCodes(t, a, want)
				}
			})
		}
	}
}

// TestEveryHopNeedsTheHeaders: a redirect's own answer is checked too, and the
// message names the URL that redirected.
func TestEveryHopNeedsTheHeaders(t *testing.T) {
	for _, status := range redirectCodes {
		a := fetched("GET", api+"/a", "omit", crossing("GET", api+"/a", reply(status, "Location", "/b")))
		checkCodes(t, a, [3]Code{ChromiumMissingAllowOrigin, FirefoxMissingAllowOrigin, WebKitOriginNotAllowed})

		own := fetched("GET", web+"/a", "omit", sent("GET", web+"/a", reply(status, "Location", api+"/b")),
			crossing("GET", api+"/b", reply(200)))
		checkCodes(t, own, [3]Code{ChromiumMissingAllowOrigin, FirefoxMissingAllowOrigin, WebKitOriginNotAllowed})
		if got := Judge(own, Chromium); got.Hop != 1 || got.Redirected {
			t.Errorf("%+v", got)
		}
		want := "Access to fetch at 'http://api.test:8000/b' (redirected from 'http://web.test:3000/a') from origin 'http://web.test:3000' " +
			"has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
		if got := Judge(own, Chromium); got.Console() != want {
			t.Errorf("%q", got.Console())
		}
	}
}

// TestRedirectWithUserinfo: a name or a password in a Location that crosses
// origins, along the lines of cors-redirect-credentials.any.js.
func TestRedirectWithUserinfo(t *testing.T) {
	for _, userinfo := range []string{"user:password@", "user:@", "user@", ":password@"} {
		for _, tt := range []struct{ from, to string }{{api, "api.test:8000"}, {api, "web.test:3000"}, {api, "third.test:8001"}} {
			t.Run(userinfo+tt.to, func(t *testing.T) {
				location := "http://" + userinfo + tt.to + "/b"
				a := fetched("GET", tt.from+"/a", "omit", hopTo(tt.from+"/a", location, 302))
				got := everywhere(a)
				if got[Chromium].Code != ChromiumRedirectCredentials || got[Chromium].Outcome != Blocked {
					t.Errorf("chromium: %s %s", got[Chromium].Outcome, got[Chromium].Code)
				}
				if got[Firefox].Code != FirefoxDidNotSucceed {
					t.Errorf("firefox: %s %s", got[Firefox].Outcome, got[Firefox].Code)
				}
				if got[WebKit].Code != WebKitRedirectCredentials {
					t.Errorf("webkit: %s %s", got[WebKit].Outcome, got[WebKit].Code)
				}
			})
		}
	}
	a := fetched("GET", api+"/a", "omit", hopTo(api+"/a", "http://@api.test:8000/b", 302), crossing("GET", api+"/b", reply(200, "Access-Control-Allow-Origin", "*")))
	checkCodes(t, a, [3]Code{}) // nothing in front of the @
}

// TestRedirectCount: twenty redirects are followed and the next one is not.
func TestRedirectCount(t *testing.T) {
	chain := func(n int) *Attempt {
		a := fetched("GET", api+"/0", "omit")
		for i := range n {
			a.Wire = append(a.Wire, hopTo(fmt.Sprint(api, "/", i), fmt.Sprint("/", i+1), 302))
		}
		a.Wire = append(a.Wire, crossing("GET", fmt.Sprint(api, "/", n), reply(200, "Access-Control-Allow-Origin", "*")))
		return a
	}
	checkCodes(t, chain(20), [3]Code{})
	a := chain(21)
	a.Wire = a.Wire[:21] // the browsers do not ask for the last one
	for _, got := range everywhere(a) {
		if got.Outcome != Failed || got.Hop != 20 {
			t.Errorf("%s: %s at hop %d", got.Engine, got.Outcome, got.Hop)
		}
	}
}

// TestRedirectModes: redirect: 'error' and 'manual' come after the CORS check.
func TestRedirectModes(t *testing.T) {
	for mode, want := range map[string]Outcome{"error": Failed, "manual": OpaqueRedirect} {
		a := fetched("GET", api+"/a", "omit", hopTo(api+"/a", "/b", 302))
		a.Hints.Redirect = mode
		for _, got := range everywhere(a) {
			if got.Outcome != want {
				t.Errorf("%s, %s: %s", got.Engine, mode, got.Outcome)
			}
		}
		a.Wire[0].Response.Headers = lines("Location", "/b")
		checkCodes(t, a, [3]Code{ChromiumMissingAllowOrigin, FirefoxMissingAllowOrigin, WebKitOriginNotAllowed})
	}
}

// TestRedirectToAnotherScheme: a Location without http:// is a scheme of its own.
func TestRedirectToAnotherScheme(t *testing.T) {
	for _, location := range []string{"localhost:8001/x", "myapp://callback", "mailto:a@b.test"} {
		a := fetched("GET", api+"/a", "omit", hopTo(api+"/a", location, 302))
		got := everywhere(a)
		for _, v := range got {
			if v.Outcome == Allowed || v.Outcome == Unknown {
				t.Errorf("%s, %s: %s", location, v.Engine, v.Outcome)
			}
		}
		if got[Chromium].Code != ChromiumDisabledScheme || got[WebKit].Code != WebKitRedirectScheme {
			t.Errorf("%s: %s, %s", location, got[Chromium].Code, got[WebKit].Code)
		}
	}
}

// TestNoRedirectAtAll: a 3xx without a Location is an answer like any other.
func TestNoRedirectAtAll(t *testing.T) {
	for _, status := range []int{300, 301, 302, 303, 304, 305, 306, 307, 308} {
		a := fetched("GET", api+"/a", "omit", crossing("GET", api+"/a", reply(status, "Access-Control-Allow-Origin", "*")))
		for _, got := range everywhere(a) {
			if got.Outcome != Allowed || got.Redirected {
				t.Errorf("%d, %s: %s", status, got.Engine, got.Outcome)
			}
		}
	}
	a := fetched("GET", api+"/a", "omit", crossing("GET", api+"/a", reply(300, "Access-Control-Allow-Origin", "*", "Location", "/b")))
	checkCodes(t, a, [3]Code{})
}

// TestRedirected: fetch() tells the page, XMLHttpRequest does not.
func TestRedirected(t *testing.T) {
	a := fetched("GET", api+"/a", "omit", hopTo(api+"/a", "/b", 302), crossing("GET", api+"/b", reply(200, "Access-Control-Allow-Origin", "*")))
	if got := Judge(a, Chromium); !got.Redirected || got.Status != 200 || got.Hop != 1 {
		t.Errorf("%+v", got)
	}
	a.Hints.API = string(XHR)
	if got := Judge(a, Chromium); got.Redirected {
		t.Errorf("%+v", got)
	}
}

// TestWebKitRedirectText: Safari names the target first, then the request.
func TestWebKitRedirectText(t *testing.T) {
	a := fetched("GET", api+"/a", "omit", crossing("GET", api+"/a", reply(302, "Location", third+"/b")))
	got := Judge(a, WebKit)
	want := "Cross-origin redirection to http://third.test:8001/b denied by Cross-Origin Resource Sharing policy: " +
		"Origin http://web.test:3000 is not allowed by Access-Control-Allow-Origin. Status code: 302\n" +
		"Fetch API cannot load http://api.test:8000/a due to access control checks."
	if got.Console() != want {
		t.Errorf("%q", got.Console())
	}
}
