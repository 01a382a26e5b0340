package demo

import (
	"fmt"
	"strconv"
	"time"
)

// tokens expire, are refreshed, or are not.
var tokens = []Scenario{
	{
		ID: "expired-hidden", Title: "The session is over, and the app never notices", Stack: "nginx in front of Express",
		Browser: "refuses the 401, so no code that waits for a 401 runs",
		Lesson:  "add_header without “always” leaves the 401 without CORS headers: the refresh never happens.",
		Routes: []Route{
			{"/gw/auth/login", func(c *call) { gateway(c, expressJSON("200 OK", c.tokenBody(briefToken))) }},
			{"/gw/headlines", func(c *call) { gateway(c, expressJSON("200 OK", `["Nothing new"]`)) }},
			{"/gw/inbox", func(c *call) {
				if c.bearer() != "" {
					gateway(c, expressJSON("401 Unauthorized", `{"error":"jwt expired"}`, `WWW-Authenticate: Bearer`))
					return
				}
				gateway(c, expressJSON("200 OK", `{"messages":4}`))
			}},
		},
		Steps: []Step{
			{Name: "sign in", Path: "/gw/auth/login", Method: "POST", Headers: jsonHeader, Body: credentials, Keep: keepAccess, JSON: true,
				Saw: []string{"200"}},
			{Name: "load the headlines", Path: "/gw/headlines", JSON: true, Saw: []string{"200"}},
			{Name: "load the inbox", Path: "/gw/inbox", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: &Step{Name: "refresh", Path: "/gw/auth/refresh"}, Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"},
		},
	},
	{
		ID: "refresh", Title: "Expired, refreshed, repeated", Stack: "FastAPI, uvicorn",
		Browser: "hands the 401 over and sends the HttpOnly cookie with the refresh",
		Lesson:  "This is how it should be: a readable 401, one refresh, one retry.",
		Routes:  authRoutes("/api/a", starlette{}, longToken),
		Steps: []Step{
			signIn("/api/a/auth/login"),
			{Name: "load the calendar", Path: "/api/a/data", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: refreshStep("/api/a/auth/refresh"), Saw: []string{"401", "200", "200"}},
		},
	},
	{
		ID: "refresh-storm", Title: "Five widgets, five refreshes", Stack: "FastAPI, uvicorn",
		Browser: "sends what it is told: five requests with one expired token, and a refresh for each",
		Lesson:  "Each 401 starts its own refresh. One in flight is enough for all.",
		Routes: append(authRoutes("/api/b", starlette{}, longToken), Route{"/api/b/widgets/*", starlette{}.serve(func(c *call) reply {
			c.wait(60 * time.Millisecond)
			return withToken(c, `{"value":17}`)
		})}),
		Steps: []Step{
			signIn("/api/b/auth/login"),
			{Name: "load the widgets", Path: "/api/b/widgets/{n}", Bearer: "access", Pause: untilExpired, Together: 5, JSON: true,
				Refresh: refreshStep("/api/b/auth/refresh"),
				Saw:     []string{"200", "200", "200", "200", "200", "200", "200", "200", "200", "200", "401", "401", "401", "401", "401"}},
		},
	},
	{
		ID: "refresh-reuse", Title: "Signed out at random", Stack: "Express, rotating refresh tokens",
		Browser: "sends the same cookie with both refreshes",
		Lesson:  "The first refresh uses the token up; the second looks like theft, and the session is revoked.",
		Routes:  rotating,
		Steps: []Step{
			{Name: "sign in", Path: "/v1/auth/login", Method: "POST", Headers: jsonHeader, Body: credentials, Credentials: "include", Keep: keepAccess, JSON: true,
				Saw: []string{"200"}},
			{Name: "load two panels", Path: "/v1/panels/{n}", Bearer: "access", Pause: untilExpired, Together: 2, JSON: true,
				Refresh: refreshStep("/v1/auth/refresh"), Saw: []string{"200", "200", "400", "401", "401"}},
		},
	},
	{
		ID: "stale-token", Title: "401 right after a good refresh", Stack: "FastAPI, uvicorn",
		Browser: "sends the token it is given",
		Lesson:  "A part of the app has kept the old token in a closure.",
		Routes:  authRoutes("/api/c", starlette{}, longToken),
		Steps: []Step{
			{Name: "sign in", Path: "/api/c/auth/login", Method: "POST", Headers: jsonHeader, Body: credentials, Credentials: "include",
				Keep: map[string]string{"access": "access_token", "captured": "access_token"}, JSON: true, Saw: []string{"200"}},
			{Name: "load the board", Path: "/api/c/data", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: refreshStep("/api/c/auth/refresh"), Saw: []string{"401", "200", "200"}},
			{Name: "move a card", Path: "/api/c/data", Method: "PUT", Headers: jsonHeader, Body: `{"column":2}`, Bearer: "captured", Pause: 1500, JSON: true,
				Saw: []string{"401"}},
		},
	},
	{
		ID: "expired-403", Title: "403 where 401 was meant", Stack: "FastAPI, uvicorn",
		Browser: "hands the 403 over; the page refreshes on 401 only",
		Lesson:  "An expired token is a 401 with error=\"invalid_token\" (RFC 6750).",
		Routes: append(authRoutes("/api/d", starlette{}, longToken), Route{"/api/d/vault", starlette{}.serve(func(c *call) reply {
			if c.bearer() != "" {
				return uvicornJSON("403 Forbidden", `{"detail":"Could not validate credentials"}`)
			}
			return uvicornJSON("200 OK", `{"secrets":0}`)
		})}),
		Steps: []Step{
			signIn("/api/d/auth/login"),
			{Name: "open the vault", Path: "/api/d/vault", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: refreshStep("/api/d/auth/refresh"), Saw: []string{"403"}},
		},
	},
}

// untilExpired is how long a step waits for a brief token to die, in ms.
const untilExpired = int(briefToken/time.Millisecond) + 100

const credentials = `{"email":"ada@example.com","password":"not-a-secret"}`

var keepAccess = map[string]string{"access": "access_token"}

func signIn(path string) Step {
	return Step{Name: "sign in", Path: path, Method: "POST", Headers: jsonHeader, Body: credentials, Credentials: "include",
		Keep: keepAccess, JSON: true, Saw: []string{"200"}}
}

func refreshStep(path string) *Step {
	return &Step{Name: "refresh", Path: path, Method: "POST", Credentials: "include", Keep: keepAccess, JSON: true}
}

// authRoutes are a login with a brief token, a refresh, and something to ask.
func authRoutes(under string, s starlette, lifetime time.Duration) []Route {
	return []Route{
		{under + "/auth/login", s.serve(func(c *call) reply { return login(c, briefToken, under+"/auth") })},
		{under + "/auth/refresh", s.serve(refresh(under+"/auth", lifetime))},
		{under + "/data", s.serve(func(c *call) reply { return withToken(c, `{"ok":true}`) })},
	}
}

// refresh exchanges the cookie for a new token. The refresh token may be used
// again: this server has a grace period.
func refresh(path string, lifetime time.Duration) func(*call) reply {
	return func(c *call) reply {
		if c.cookie("refresh_token") == "" {
			return uvicornJSON("401 Unauthorized", `{"detail":"Refresh token missing"}`)
		}
		c.wait(80 * time.Millisecond)
		return uvicornJSON("200 OK", c.tokenBody(lifetime)).with(c.refreshCookie(path, "lax"))
	}
}

// gateway is nginx with add_header but without “always”; it answers preflights
// itself.
func gateway(c *call, r reply) {
	add := []string{"Access-Control-Allow-Origin: " + c.page()}
	if c.isPreflight() {
		add = append(add, "Access-Control-Allow-Methods: GET, POST", "Access-Control-Allow-Headers: authorization, content-type", "Access-Control-Max-Age: 600")
		r = reply{status: "204 No Content"}
	} else {
		r = r.before([]string{"X-Powered-By: Express"})
	}
	nginx{add: add}.send(c, r)
}

// rotating is an authorization server that takes each refresh token once.
var rotating = []Route{
	{"/v1/auth/login", express{}.serve(func(c *call) reply {
		return expressJSON("200 OK", c.tokenBody(briefToken), rotatedCookie(c))
	})},
	{"/v1/auth/refresh", express{}.serve(func(c *call) reply {
		before, again := c.b.state.use(c.cookie("rt"))
		if before > 0 {
			return expressJSON("400 Bad Request", `{"error":"invalid_grant","error_description":"refresh token reuse detected"}`, "Cache-Control: no-store")
		}
		// Both refreshes are on their way before either is answered.
		select {
		case <-again:
		case <-c.b.ctx.Done():
		case <-time.After(2 * time.Second): // the other one is not coming
		}
		return expressJSON("200 OK", c.tokenBody(longToken), rotatedCookie(c), "Cache-Control: no-store")
	})},
	{"/v1/panels/*", express{}.serve(func(c *call) reply {
		if why := c.bearer(); why != "" {
			return expressJSON("401 Unauthorized", `{"error":"`+why+`"}`, `WWW-Authenticate: Bearer error="invalid_token"`)
		}
		return expressJSON("200 OK", `{"panel":`+strconv.Itoa(len(c.path))+`}`)
	})},
}

func rotatedCookie(c *call) string {
	value := b64(mac(fmt.Sprint("rt ", c.b.state.number(), c.b.clock.start.UnixNano())))[:32]
	expires := c.b.now().Add(7 * 24 * time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	return "Set-Cookie: rt=" + value + "; Max-Age=604800; Path=/v1/auth; Expires=" + expires + "; HttpOnly; SameSite=Lax"
}
