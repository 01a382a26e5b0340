package proxy

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestRoutesPickTheLongestPrefix(t *testing.T) {
	t.Parallel()
	name := func(n string) Route {
		up, _ := scripted(t, "HTTP/1.1 200 OK\r\nX-Name: "+n+"\r\nContent-Length: 0\r\n\r\n")
		return Route{Target: up}
	}
	routes := map[string]string{"": "frontend", "/api": "api", "/api/v2": "v2", "/files/": "files"}
	f := start(t, "http://localhost:1", func(o *Options) {
		o.Routes = nil
		for prefix, n := range routes {
			r := name(n)
			r.Prefix = prefix
			o.Routes = append(o.Routes, r)
		}
	})
	for target, want := range map[string]string{
		"/": "frontend", "/x": "frontend", "/api": "api", "/api/": "api", "/api/x": "api", "/api?x": "api", "/apidocs": "frontend", "/API": "frontend",
		"/api/v2": "v2", "/api/v2/x": "v2", "/api/v20": "api", "/%61pi": "frontend", "//api": "frontend", "/files/x": "files", "/files": "frontend", "/?/api": "frontend",
	} {
		if resp, _ := f.get(target); resp.Header.Get("X-Name") != want {
			t.Errorf("%s went to %q, want %q", target, resp.Header.Get("X-Name"), want)
		}
	}
}

func TestNoRoute(t *testing.T) {
	t.Parallel()
	f := start(t, "", func(o *Options) { o.Routes = []Route{{Prefix: "/api", Target: "http://localhost:1"}} })
	if resp, body := f.get("/", "Origin: http://localhost:5173"); resp.StatusCode != 502 || resp.Header.Get("X-Corsdash-Error") != "no-route" {
		t.Errorf("%s %q", resp.Status, body)
	}
}

// Where the path changes, the way there and the way back are one table.
func TestPathsThereAndBack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		route    Route
		from, to string
		oneWay   bool
	}{
		{Route{}, "/a%2Fb//c?d", "/a%2Fb//c?d", false},
		{Route{Target: "http://h/base"}, "/x", "/base/x", false},
		{Route{Target: "http://h/base/"}, "/x?y", "/base/x?y", false},
		{Route{Target: "http://h/b%20c"}, "/", "/b%20c/", false},
		{Route{Prefix: "/api", Strip: true}, "/api/x/y?z", "/x/y?z", false},
		{Route{Prefix: "/api", Strip: true}, "/api", "/", true},
		{Route{Prefix: "/api", Strip: true}, "/api/", "/", false},
		{Route{Prefix: "/api", Strip: true}, "/api?x", "/?x", true},
		{Route{Prefix: "/api", Strip: true}, "/api//x", "//x", false},
		{Route{Prefix: "/api/", Strip: true}, "/api/x", "/x", false},
		{Route{Prefix: "/api", Rewrite: "/v2"}, "/api/x", "/v2/x", false},
		{Route{Prefix: "/api", Rewrite: "/v2"}, "/api", "/v2", true},
		{Route{Prefix: "/api", Rewrite: "/v2/"}, "/api/x", "/v2/x", false},
		{Route{Prefix: "/api/", Rewrite: "/v2"}, "/api/x", "/v2/x", false},
		{Route{Prefix: "/api", Rewrite: "/"}, "/api/x", "/x", false},
		{Route{Prefix: "/api", Rewrite: "/v2", Target: "http://h/base"}, "/api/x", "/base/v2/x", false},
		{Route{Prefix: "/api", Strip: true, Target: "http://h/base"}, "/api/x", "/base/x", false},
		{Route{Rewrite: "/all"}, "/x", "/all/x", false},
		{Route{Prefix: "/", Strip: true}, "/x", "/x", false},
		{Route{Target: "http://h/base"}, "*", "*", true},
	} {
		if tc.route.Target == "" {
			tc.route.Target = "http://h"
		}
		r, err := new(Proxy).compile(tc.route, nil, &settings{})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.appendTarget(nil, []byte(tc.from))); got != tc.to {
			t.Errorf("%+v: %s goes as %s, want %s", tc.route, tc.from, got, tc.to)
		}
		if back, ok := r.clientPath(tc.to); !tc.oneWay && (!ok || back != tc.from) {
			t.Errorf("%+v: %s comes back as %s, want %s", tc.route, tc.to, back, tc.from)
		}
	}
}

func TestPathsOutsideOfTheRouteHaveNoWayBack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		route Route
		path  string
	}{
		{Route{Target: "http://h/base"}, "/other"}, {Route{Target: "http://h/base"}, "/based"},
		{Route{Target: "http://h", Prefix: "/api", Rewrite: "/v1"}, "/v10/x"}, {Route{Target: "http://h", Prefix: "/api", Rewrite: "/v1"}, "/login"},
	} {
		r, err := new(Proxy).compile(tc.route, nil, &settings{})
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := r.clientPath(tc.path); ok {
			t.Errorf("%+v: %s comes back as %s", tc.route, tc.path, back)
		}
	}
}

func TestHostHeader(t *testing.T) {
	t.Parallel()
	up, seen := scripted(t, crlf(ok))
	named := "http://dev.localhost:" + up[strings.LastIndexByte(up, ':')+1:]
	for _, tc := range []struct {
		target, mode, want string
	}{
		{up, "", "app.localhost:1"}, {up, "auto", "app.localhost:1"}, {up, "preserve", "app.localhost:1"},
		{up, "upstream", strings.TrimPrefix(up, "http://")}, {named, "auto", "app.localhost:1"}, {named, "upstream", strings.TrimPrefix(named, "http://")},
	} {
		f := start(t, "", func(o *Options) { o.Routes = []Route{{Target: tc.target, HostHeader: tc.mode}} })
		c := f.dial()
		c.send("GET / HTTP/1.1\r\nA: b\r\nhost: app.localhost:1\r\n\r\n")
		c.answer("GET")
		if got := receive(t, seen, "the request"); got != "GET / HTTP/1.1\r\nA: b\r\nhost: "+tc.want+"\r\n\r\n" {
			t.Errorf("%s %s: upstream saw %q", tc.target, tc.mode, got)
		}
		if x := f.next(); (len(x.Changes) > 0) != (tc.want != "app.localhost:1") {
			t.Errorf("%s %s: changes %q", tc.target, tc.mode, x.Changes)
		}
	}
}

// UP stands for the upstream's authority, ME for the proxy's.
func TestLocationsAndCookiesStayOnTheProxy(t *testing.T) {
	t.Parallel()
	rewritten := map[string]string{
		"Location: http://UP/x":                    "Location: http://ME/x",
		"Location: HTTP://UP/x?y=http://UP/#z":     "Location: http://ME/x?y=http://UP/#z",
		"Location: http://UP":                      "Location: http://ME/",
		"Location: http://UP?q":                    "Location: http://ME/?q",
		"Location: //UP/x":                         "Location: http://ME/x",
		"Location: http://user:p%zz@UP/x":          "Location: http://ME/x",
		"location: http://UP/50%/a%2Fb//c":         "location: http://ME/50%/a%2Fb//c",
		"Content-Location: http://UP/x":            "Content-Location: http://ME/x",
		"Set-Cookie: a=b; Domain=.example.com":     "Set-Cookie: a=b",
		"Set-Cookie: a=b; domain=example.com; x=y": "Set-Cookie: a=b; x=y",
	}
	kept := []string{
		"Location: /x", "Location: x", "Location: ?q", "Location: #f", "Location: ", "Location: http://other/x", "Location: https://UP/x", "Location: http://UP1/x",
		"Location: http://UP.evil/x", "Location: http://evil@other/UP", "Location: http:x", "Location: mailto:a@UP", "Location: /login?next=http://UP/x",
		"Set-Cookie: a=b", "Set-Cookie: a=b; Domain=localhost", "Set-Cookie: a=b; Domain=", "Set-Cookie: a=\"Domain=x\"; Path=/; Secure", "X-Location: http://UP/x",
	}
	for _, l := range kept {
		rewritten[l] = l
	}
	answers := make(chan string, 1)
	up := rawBackend(t, func(c *peer) {
		defer quietly()
		for {
			c.head()
			c.send("HTTP/1.1 302 Found\r\n" + <-answers + "\r\nContent-Length: 0\r\n\r\n")
		}
	})
	upAuthority := strings.TrimPrefix(up, "http://")
	for _, mode := range []string{"upstream", "preserve"} {
		f := start(t, "", func(o *Options) { o.Routes = []Route{{Target: up, HostHeader: mode}} })
		me := "localhost:" + f.addr[strings.LastIndexByte(f.addr, ':')+1:]
		c := f.dial()
		for from, to := range rewritten {
			if mode == "preserve" {
				to = from
			}
			fill := strings.NewReplacer("UP", upAuthority, "ME", me)
			from, to = fill.Replace(from), fill.Replace(to)
			answers <- from
			c.send("GET / HTTP/1.1\r\nHost: " + me + "\r\n\r\n")
			c.expect("HTTP/1.1 302 Found\r\n" + to + "\r\nContent-Length: 0\r\n\r\n")
			x := f.next()
			listed := slices.ContainsFunc(x.Changes, func(s string) bool { return !strings.HasPrefix(s, "Host sent") })
			if listed != (from != to) {
				t.Errorf("%s: changes %q", from, x.Changes)
			}
		}
	}
}

func TestLocationOfAStrippedRoute(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{
		"http://UP/v1/x": "http://ME/api/x", "/v1/x?y": "/api/x?y", "/login": "/login", "http://UP/login": "http://UP/login", "x": "x",
	} {
		var location string
		up := rawBackend(t, func(c *peer) {
			defer quietly()
			c.head()
			c.send("HTTP/1.1 307 x\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n")
		})
		f := start(t, "", func(o *Options) {
			o.Routes = []Route{{Target: up, Prefix: "/api", Rewrite: "/v1", HostHeader: "upstream"}}
		})
		fill := strings.NewReplacer("UP", strings.TrimPrefix(up, "http://"), "ME", f.addr)
		location = fill.Replace(from)
		if resp, _ := f.get("/api/x"); resp.Header.Get("Location") != fill.Replace(to) {
			t.Errorf("%s became %s", location, resp.Header.Get("Location"))
		}
	}
}

func TestForwardedHeaders(t *testing.T) {
	t.Parallel()
	up, seen := scripted(t, crlf(ok))
	f := start(t, up, func(o *Options) { o.Forwarded = true })
	f.get("/", "x-forwarded-for: 1.2.3.4", "X-Forwarded-For: 5.6.7.8", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil")
	want := "GET / HTTP/1.1\r\nHost: " + f.addr + "\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8, 127.0.0.1\r\nX-Forwarded-Host: " + f.addr + "\r\nX-Forwarded-Proto: http\r\n\r\n"
	if got := receive(t, seen, "the request"); got != want {
		t.Errorf("upstream saw %q", got)
	}
	if x := f.next(); len(x.Changes) != 1 || x.Request.Headers.First("X-Forwarded-Host") != "evil" {
		t.Errorf("changes %q, request %v", x.Changes, x.Request.Headers)
	}
}

func TestChangesOfThePathAreListed(t *testing.T) {
	t.Parallel()
	f := start(t, "", func(o *Options) {
		o.Routes = []Route{{Target: backend(t, func(http.ResponseWriter, *http.Request) {}), Prefix: "/api", Strip: true}}
	})
	f.get("/api/x")
	if x := f.next(); len(x.Changes) != 1 || x.Changes[0] != "path sent to the upstream: /api/x → /x" || x.Request.URL != "http://"+f.addr+"/api/x" {
		t.Errorf("%s, changes %q", x.Request.URL, x.Changes)
	}
}
