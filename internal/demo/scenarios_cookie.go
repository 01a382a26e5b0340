package demo

// cookies are those of a refresh that never arrive.
var cookies = []Scenario{
	{
		ID: "cookie-path", Title: "The refresh cookie stays at home", Stack: "FastAPI behind a prefix, uvicorn",
		Browser: "does not send a cookie with Path=/auth/refresh to /api/e/auth/refresh",
		Lesson:  "The backend does not know the prefix under which the browser sees it.",
		Routes: []Route{
			{"/api/e/auth/login", starlette{}.serve(func(c *call) reply { return login(c, briefToken, "/auth/refresh") })},
			{"/api/e/auth/refresh", starlette{}.serve(refresh("/auth/refresh", longToken))},
			{"/api/e/data", starlette{}.serve(func(c *call) reply { return withToken(c, `{"ok":true}`) })},
		},
		Steps: []Step{
			signIn("/api/e/auth/login"),
			{Name: "load the feed", Path: "/api/e/data", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: refreshStep("/api/e/auth/refresh"), Saw: []string{"401", "401"}},
		},
	},
	{
		ID: "cookie-samesite", Title: "It works on localhost and not on 127.0.0.1", Stack: "FastAPI, uvicorn",
		Browser: "drops a SameSite=Lax cookie that comes from another site, and has none to send",
		Lesson:  "Ports do not make a site, names do: localhost and 127.0.0.1 are two.",
		Routes:  authRoutes("/api/f", starlette{}, longToken),
		Steps: []Step{
			elsewhere(signIn("/api/f/auth/login")),
			elsewhere(Step{Name: "load the feed", Path: "/api/f/data", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: elsewhereStep(refreshStep("/api/f/auth/refresh")), Saw: []string{"401", "401"}}),
		},
	},
	{
		ID: "cookie-credentials", Title: "The refresh forgets its cookie", Stack: "FastAPI, uvicorn",
		Browser: "sends no cookies, because the refresh was made without credentials: 'include'",
		Lesson:  "The login had it, the refresh has not.",
		Routes:  authRoutes("/api/g", starlette{}, longToken),
		Steps: []Step{
			signIn("/api/g/auth/login"),
			{Name: "load the feed", Path: "/api/g/data", Bearer: "access", Pause: untilExpired, JSON: true,
				Refresh: &Step{Name: "refresh", Path: "/api/g/auth/refresh", Method: "POST", Keep: keepAccess, JSON: true},
				Saw:     []string{"401", "401"}},
		},
	},
	{
		ID: "cookie-stored-anyway", Title: "The login fails, and a reload is signed in", Stack: "Express, cors",
		Browser: "stores the cookie although it refuses to show the answer",
		Lesson:  "Set-Cookie does not depend on the CORS check: with credentials it counts even when the script sees an error.",
		Routes: []Route{{"/v1/session", express{star: true}.serve(func(c *call) reply {
			if c.cookie("sid") != "" {
				return expressJSON("200 OK", `{"user":"ada"}`)
			}
			return expressJSON("200 OK", `{"user":"ada"}`, "Set-Cookie: sid=s%3Aq7; Path=/v1/session; HttpOnly; SameSite=Lax")
		})}},
		Steps: []Step{
			{Name: "sign in", Path: "/v1/session", Credentials: "include", JSON: true, Saw: []string{failedFetch}, Code: "WildcardOriginNotAllowed"},
			{Name: "try again", Path: "/v1/session", Credentials: "include", JSON: true,
				Saw: []string{failedFetch}, Code: "WildcardOriginNotAllowed"},
		},
	},
}

// elsewhere addresses the API by its other name.
func elsewhere(s Step) Step {
	s.Elsewhere = true
	return s
}

func elsewhereStep(s *Step) *Step {
	s.Elsewhere = true
	return s
}
