package cors

import (
	"slices"
	"testing"
)

const firefoxAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"

// observed is a request as a proxy sees it, without hints.
func observed(x ...Exchange) *Attempt { return &Attempt{Wire: x} }

func echoing(pairs ...string) *Response {
	return reply(200, append([]string{"Access-Control-Allow-Origin", web}, pairs...)...)
}

// TestInferCredentials: proof of the credentials mode, and what is none.
func TestInferCredentials(t *testing.T) {
	chrome := []string{"User-Agent", chromeAgent, "Sec-Fetch-Mode", "cors"}
	with := func(more ...string) []string { return append(slices.Clone(chrome), more...) }
	url := "https://api.other.example/x"
	tests := []struct {
		name string
		a    *Attempt
		want string
	}{
		{"nothing tells", observed(crossing("GET", url, echoing())), ""},
		{"a cookie", observed(crossing("GET", url, echoing(), "Cookie", "a=b")), "include"},
		{"a cookie to the own origin", observed(sent("GET", web+"/x", echoing(), "Origin", web, "Cookie", "a=b")), ""},
		{"a cookie of a same-origin request", observed(sent("GET", web+"/x", echoing(), "Cookie", "a=b")), ""},
		{"storage access", observed(crossing("GET", url, echoing(), with("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Storage-Access", "none")...)), "include"},
		{"no storage access", observed(crossing("GET", url, echoing(), with("Sec-Fetch-Site", "cross-site")...)), "not include"},
		{"no storage access, same site", observed(crossing("GET", url, echoing(), with("Sec-Fetch-Site", "same-site")...)), ""},
		{"no storage access, Firefox", observed(crossing("GET", url, echoing(), "User-Agent", firefoxAgent, "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site")), ""},
		{"no storage access, old Chrome", observed(crossing("GET", url, echoing(), "User-Agent",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site")), ""},
		{"a password nobody asked permission for", observed(
			permission("GET", "x-a", url, echoing("Access-Control-Allow-Headers", "x-a")),
			crossing("GET", url, echoing(), "Authorization", "Basic eDp5", "X-A", "1")), "include"},
		{"a password the script set", observed(
			permission("GET", "authorization", url, echoing("Access-Control-Allow-Headers", "authorization")),
			crossing("GET", url, echoing(), "Authorization", "Basic eDp5")), ""},
		{"a cookie that is missing again", observed(
			sent("GET", url, echoing(), "Cookie", "a=b"), stepped(1, crossing("GET", url+"/y", echoing(), "Sec-Fetch-Mode", "cors"))), "not include"},
		{"a cookie of another host", observed(
			sent("GET", "https://b.example/x", echoing(), "Cookie", "a=b"), stepped(1, crossing("GET", url, echoing(), "Sec-Fetch-Mode", "cors"))), ""},
		{"a cookie of another path", observed(
			sent("GET", url+"/deep", echoing(), "Cookie", "a=b"), stepped(1, crossing("GET", url, echoing(), "Sec-Fetch-Mode", "cors"))), ""},
		{"a cookie that was just deleted", observed(
			sent("GET", url, echoing("Set-Cookie", "a=; Max-Age=0"), "Cookie", "a=b"), stepped(1, crossing("GET", url, echoing(), "Sec-Fetch-Mode", "cors"))), ""},
		{"it went on although a wildcard stops credentials", observed(
			crossing("GET", url, reply(302, "Access-Control-Allow-Origin", "*", "Location", "/y"), "User-Agent", firefoxAgent, "Sec-Fetch-Mode", "cors"),
			crossing("GET", "https://api.other.example/y", echoing())), "not include"},
		{"a font", observed(crossing("GET", url, echoing(), "Sec-Fetch-Dest", "font", "Sec-Fetch-Mode", "cors")), "not include"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Infer(tt.a)
			if got.Credentials != tt.want {
				t.Errorf("%q, want %q, by %q", got.Credentials, tt.want, got.Evidence)
			}
			if tt.want != "" && len(got.Evidence) == 0 {
				t.Error("no evidence")
			}
		})
	}
}

func stepped(step int, x Exchange) Exchange {
	x.Step = step
	return x
}

// TestInferPage: the Origin header, else the Referer, else the target itself.
func TestInferPage(t *testing.T) {
	tests := []struct {
		name string
		a    *Attempt
		want string
	}{
		{"Origin", observed(crossing("GET", api+"/x", reply(200), "Referer", "http://other.test/")), web},
		{"null, then named in the preflight", observed(permission("PUT", "", api+"/x", echoing()), sent("PUT", api+"/x", reply(200), "Origin", "null")), web},
		{"null with a Referer", observed(sent("GET", api+"/x", reply(200), "Origin", "null", "Referer", web+"/")), web},
		{"null", observed(sent("GET", api+"/x", reply(200), "Origin", "null")), "null"},
		{"same origin", observed(sent("GET", web+"/x", reply(200), "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors")), web},
		{"a Referer that is none", observed(sent("GET", web+"/x", reply(200), "Referer", "android-app://com.example")), web},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Infer(tt.a); got.PageOrigin != tt.want {
				t.Errorf("%q, want %q", got.PageOrigin, tt.want)
			}
		})
	}
}

func TestInferAPI(t *testing.T) {
	tests := []struct {
		name  string
		pairs []string
		want  API
	}{
		{"nothing", nil, ""},
		{"an event stream", []string{"Accept", "text/event-stream"}, EventSource},
		{"jQuery", []string{"X-Requested-With", "XMLHttpRequest"}, XHR},
		{"axios", []string{"Accept", "application/json, text/plain, */*"}, XHR},
		{"Firefox, fetch", []string{"User-Agent", firefoxAgent, "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Priority", "u=4"}, Fetch},
		{"Firefox, XMLHttpRequest", []string{"User-Agent", firefoxAgent, "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, XHR},
		{"a font", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "font"}, Font},
		{"a picture", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "image"}, Image},
		{"a stylesheet", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "style"}, Style},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Infer(observed(crossing("GET", api+"/x", echoing(), tt.pairs...))); got.API != tt.want {
				t.Errorf("%q, want %q", got.API, tt.want)
			}
		})
	}
}

// TestLeftAlone: traffic that CORS has nothing to say about, for every engine.
func TestLeftAlone(t *testing.T) {
	tests := []struct {
		name string
		a    *Attempt
		want Outcome
	}{
		{"curl", observed(sent("GET", api+"/x", reply(200), "User-Agent", "curl/8.5.0", "Accept", "*/*")), NotCORS},
		{"curl with an Origin", observed(crossing("GET", api+"/x", reply(500), "User-Agent", "curl/8.5.0")), NotCORS},
		{"a server's fetch", observed(sent("POST", api+"/x", reply(200), "User-Agent", "node", "Sec-Fetch-Mode", "cors")), NotCORS},
		{"a navigation", observed(sent("GET", web+"/", reply(200), "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "none")), NotCORS},
		{"a navigation to a LAN address", observed(sent("GET", web+"/", reply(200), "User-Agent", chromeAgent,
			"Upgrade-Insecure-Requests", "1", "Accept", "text/html,application/xhtml+xml")), NotCORS},
		{"a form from elsewhere", observed(crossing("POST", api+"/x", reply(200), "User-Agent", chromeAgent,
			"Upgrade-Insecure-Requests", "1", "Accept", "text/html,application/xhtml+xml")), NotCORS},
		{"a WebSocket", observed(crossing("GET", api+"/ws", reply(101), "Upgrade", "websocket", "Connection", "Upgrade")), NotCORS},
		{"same origin", observed(sent("GET", web+"/x", reply(500), "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Referer", web+"/")), NotCORS},
		{"same origin through a dev proxy", observed(sent("POST", "http://backend:8000/x", reply(200), "Host", "backend:8000",
			"Origin", "http://localhost:5173", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors")), NotCORS},
		{"a dev proxy that redirects to the backend's own name", observed(sent("GET", "http://backend:8000/x", reply(200),
			"Referer", "http://localhost:5173/", "User-Agent", chromeAgent)), NotCORS},
		{"a picture", observed(sent("GET", api+"/x.png", &Response{Status: 200, Headers: lines("Content-Type", "image/png"), BodySize: 70},
			"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Sec-Fetch-Site", "cross-site", "Referer", web+"/")), NotCORS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, got := range everywhere(tt.a) {
				if got.Outcome != tt.want || got.Console() != "" || got.Outcome == NotCORS && got.Reason == "" {
					t.Errorf("%s: %s %s (%s), want %s", got.Engine, got.Outcome, got.Code, got.Reason, tt.want)
				}
			}
			all := JudgeAll(tt.a)
			if got := all.Outcome(); got != tt.want {
				t.Errorf("overall %s", got)
			}
		})
	}
}

// TestConditional: what no server can see gives both answers, and what would
// decide between them.
func TestConditional(t *testing.T) {
	a := observed(crossing("GET", api+"/x", reply(200, "Access-Control-Allow-Origin", "*"), "Sec-Fetch-Mode", "cors", "User-Agent", firefoxAgent))
	got := Judge(a, Firefox)
	if got.Outcome != Conditional || got.Sure() || got.Decides == "" || got.IfInclude == nil || got.IfNotInclude == nil {
		t.Fatalf("%+v", got)
	}
	if got.IfInclude.Code != FirefoxWildcardCredentials || got.IfInclude.Outcome != Blocked {
		t.Errorf("with credentials: %s %s", got.IfInclude.Outcome, got.IfInclude.Code)
	}
	if got.IfNotInclude.Outcome != Allowed || got.Console() != "" {
		t.Errorf("without: %s", got.IfNotInclude.Outcome)
	}
}

// TestConditionalOnTheCode: both modes end the same way and only the message
// differs. Then the outcome is certain, and the code too unless the server
// shows that it expects credentials.
func TestConditionalOnTheCode(t *testing.T) {
	a := observed(permission("PUT", "", api+"/x", echoing()))
	got := Judge(a, Chromium)
	if got.Outcome != Blocked || !got.Sure() || got.Code != ChromiumMethodDisallowed || got.IfInclude == nil ||
		got.IfInclude.Code != ChromiumPreflightCredentials || got.IfNotInclude.Code != ChromiumMethodDisallowed {
		t.Errorf("%+v", got)
	}
	a = observed(permission("PUT", "", api+"/x", echoing("Access-Control-Allow-Credentials", "yes")))
	if got := Judge(a, Chromium); got.Outcome != Conditional || got.IfInclude.Outcome != Blocked || got.IfNotInclude.Outcome != Blocked {
		t.Errorf("%+v", got)
	}
}

// TestUnknownMode: to hosts that are not trustworthy browsers send no
// Sec-Fetch headers, and a POST may be no-cors.
func TestUnknownMode(t *testing.T) {
	a := observed(crossing("POST", api+"/x", reply(200), "Content-Type", "text/plain", "User-Agent", chromeAgent))
	got := Judge(a, Chromium)
	if got.Outcome != Conditional || got.Otherwise == nil || got.Otherwise.Outcome != Opaque || got.IfNotInclude.Code != ChromiumMissingAllowOrigin {
		t.Errorf("%+v", got)
	}
}

// TestNothingSure: what cannot be judged says why.
func TestNothingSure(t *testing.T) {
	tests := []struct {
		name string
		a    *Attempt
	}{
		{"nothing at all", observed()},
		{"a preflight that passes and nothing after it", observed(permission("PUT", "", api+"/x", echoing("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Credentials", "true")))},
		{"a redirect and nothing after it", observed(crossing("GET", api+"/x", reply(302, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Credentials", "true", "Location", "/y")))},
		{"a request for something else behind a redirect", observed(
			crossing("GET", api+"/x", reply(302, "Access-Control-Allow-Origin", web, "Access-Control-Allow-Credentials", "true", "Location", "/y")),
			crossing("GET", api+"/z", echoing()))},
		{"garbage", observed(Exchange{Request: Request{Method: "GET", URL: api + "/x", Headers: lines("Origin", web)}, Error: "garbage"})},
		{"no URL", observed(crossing("GET", "/x", reply(200)))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, got := range everywhere(tt.a) {
				if got.Outcome != Unknown || got.Reason == "" || got.Code != "" {
					t.Errorf("%s: %s %s (%s)", got.Engine, got.Outcome, got.Code, got.Reason)
				}
			}
		})
	}
}

func TestEngineOf(t *testing.T) {
	tests := []struct {
		agent string
		want  Engine
	}{
		{chromeAgent, Chromium},
		{chromeAgent + " Edg/156.0.0.0", Chromium},
		{firefoxAgent, Firefox},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15", WebKit},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/133.0 Mobile/15E148 Safari/604.1", WebKit},
		{"Mozilla/5.0 (iPad; CPU OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/135.0 Mobile/15E148 Safari/605.1.15", WebKit},
		{"curl/8.5.0", engines}, {"", engines}, {"PostmanRuntime/7.43", engines},
	}
	for _, tt := range tests {
		if got, ok := EngineOf(tt.agent); got != tt.want || ok != (tt.want < engines) {
			t.Errorf("%s: %s", tt.agent, got)
		}
	}
}
