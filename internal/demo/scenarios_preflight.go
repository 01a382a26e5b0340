package demo

// preflights fail before the request itself is ever sent.
var preflights = []Scenario{
	{
		ID: "preflight-401", Title: "The preflight is asked for a password", Stack: "Spring Boot, Spring Security",
		Browser: "sends the preflight without credentials, as always, and gives up at the 401",
		Lesson:  "The auth filter runs before CORS. http.cors() was forgotten.",
		Routes: []Route{{"/spring/orders", spring{security: true}.serve(func(c *call) reply {
			return reply{status: "401 ", lines: []string{`WWW-Authenticate: Bearer`, "Content-Length: 0"}}
		})}},
		Steps: []Step{{Name: "load the orders", Path: "/spring/orders", Headers: [][2]string{{"Authorization", "Bearer not-a-secret"}},
			Saw: []string{failedFetch}, Code: "PreflightMissingAllowOriginHeader"}},
	},
	{
		ID: "preflight-404", Title: "Nobody knows OPTIONS", Stack: "Fastify without @fastify/cors",
		Browser: "gives up at the 404, the POST is never sent",
		Lesson:  "The route exists, but only for POST.",
		Routes: []Route{{"/f/orders", fastify{none: true}.serve(func(c *call) reply {
			return fastifyJSON("201 Created", `{"id":12}`)
		})}},
		Steps: []Step{{Name: "place an order", Path: "/f/orders", Method: "POST", Headers: jsonHeader, Body: `{"sku":"A-1"}`,
			Saw: []string{failedFetch}, Code: "PreflightMissingAllowOriginHeader"}},
	},
	{
		ID: "preflight-405", Title: "405 for the preflight", Stack: "FastAPI without CORSMiddleware",
		Browser: "gives up at the 405",
		Lesson:  "A hand-written header on the handler's response is not enough: OPTIONS never reaches it.",
		Routes: []Route{{"/api/legacy/orders", starlette{none: true}.serve(func(c *call) reply {
			if c.method == "OPTIONS" {
				return uvicornJSON("405 Method Not Allowed", `{"detail":"Method Not Allowed"}`).before([]string{"allow: POST"})
			}
			return uvicornJSON("200 OK", `{"id":13}`).with("access-control-allow-origin: " + c.page())
		})}},
		Steps: []Step{{Name: "place an order", Path: "/api/legacy/orders", Method: "POST", Headers: jsonHeader, Body: `{"sku":"A-1"}`,
			Saw: []string{failedFetch}, Code: "PreflightMissingAllowOriginHeader"}},
	},
	{
		ID: "preflight-redirect", Title: "A preflight must not be redirected", Stack: "Flask, Flask-CORS, Werkzeug",
		Browser: "does not follow a redirect of a preflight, however right its headers are",
		Lesson:  "The final slash is missing from the URL; Flask redirects OPTIONS too.",
		Routes:  []Route{{"/flask/things", flask{}.serve(slashRedirect)}},
		Steps: []Step{{Name: "add a thing", Path: "/flask/things", Method: "POST", Headers: jsonHeader, Body: `{"name":"lamp"}`,
			Saw: []string{failedFetch}, Code: "PreflightDisallowedRedirect"}},
	},
	{
		ID: "preflight-https", Title: "The preflight is sent to https", Stack: "nginx",
		Browser: "gives up at the 301",
		Lesson:  "A redirect to https kills preflights: the page must use the https URL.",
		Routes: []Route{{"/gw/secure", func(c *call) {
			n := nginx{}
			n.send(c, n.page("301 Moved Permanently").with("Location: https://localhost"+c.path))
		}}},
		Steps: []Step{{Name: "change the password", Path: "/gw/secure", Method: "PUT", Headers: jsonHeader, Body: `{}`,
			Saw: []string{failedFetch}, Code: "PreflightDisallowedRedirect"}},
	},
	{
		ID: "header-not-allowed", Title: "A tracing header nobody allowed", Stack: "Django, django-cors-headers",
		Browser: "finds sentry-trace missing in Access-Control-Allow-Headers and does not send the request",
		Lesson:  "A monitoring SDK adds headers to cross-origin requests; the backend must allow them.",
		Routes:  []Route{{"/dj/metrics/", django(func(c *call) reply { return djangoReply("200 OK", "application/json", `{"ok": true}`) })}},
		Steps: []Step{{Name: "load the metrics", Path: "/dj/metrics/",
			Headers: [][2]string{{"sentry-trace", "771a43a4192642f0b136d5159a501700-7d1f4c0b8a3e2f65-1"}},
			Saw:     []string{failedFetch}, Code: "HeaderDisallowedByPreflightResponse"}},
	},
	{
		ID: "header-refused-400", Title: "“It does not have HTTP ok status”", Stack: "FastAPI, uvicorn",
		Browser: "sees the right origin and a status that is not ok",
		Lesson:  "Starlette answers 400 and names the culprit in the body, where no console shows it.",
		Routes:  []Route{{"/api/experiments", starlette{}.serve(func(c *call) reply { return uvicornJSON("200 OK", `[]`) })}},
		Steps: []Step{{Name: "load the experiments", Path: "/api/experiments", Headers: [][2]string{{"X-Experiment", "b"}},
			Saw: []string{failedFetch}, Code: "PreflightInvalidStatus"}},
	},
	{
		ID: "method-not-allowed", Title: "GET works, DELETE does not", Stack: "Fastify, @fastify/cors",
		Browser: "finds DELETE missing in Access-Control-Allow-Methods",
		Lesson:  "The default list is GET, HEAD and POST.",
		Routes:  []Route{{"/f/comments/3", fastify{}.serve(func(c *call) reply { return fastifyJSON("200 OK", `{"deleted":3}`) })}},
		Steps: []Step{{Name: "delete a comment", Path: "/f/comments/3", Method: "DELETE",
			Saw: []string{failedFetch}, Code: "MethodDisallowedByPreflightResponse"}},
	},
	{
		ID: "method-case", Title: "patch is not PATCH", Stack: "Express, cors",
		Browser: "upper-cases delete, get, head, options, post and put, and no other method",
		Lesson:  "fetch(…, {method: 'patch'}) sends “patch”, which is another method.",
		Routes:  []Route{{"/v1/notes/5", express{}.serve(func(c *call) reply { return expressJSON("200 OK", `{"id":5}`) })}},
		Steps: []Step{{Name: "edit a note", Path: "/v1/notes/5", Method: "patch", Headers: jsonHeader, Body: `{"text":"hello"}`,
			Saw: []string{failedFetch}, Code: "MethodDisallowedByPreflightResponse"}},
	},
	{
		ID: "client-sends-acao", Title: "The frontend “fixes” CORS", Stack: "Express, cors",
		Browser: "takes Access-Control-Allow-Origin for a custom header and asks permission to send it",
		Lesson:  "It is a response header. On a request it only makes things worse.",
		Routes: []Route{{"/v1/quotes", express{none: true}.serve(func(c *call) reply {
			r := expressJSON("200 OK", `["Simplicity is prerequisite for reliability."]`, "Access-Control-Allow-Origin: "+c.page())
			if c.isPreflight() {
				r = reply{status: "204 No Content", lines: []string{
					"Access-Control-Allow-Origin: " + c.page(), "Access-Control-Allow-Headers: content-type", "Content-Length: 0"}}
			}
			return r
		})}},
		Steps: []Step{{Name: "load a quote", Path: "/v1/quotes", Headers: [][2]string{{"Access-Control-Allow-Origin", "*"}}, JSON: true,
			Saw: []string{failedFetch}, Code: "HeaderDisallowedByPreflightResponse"}},
	},
}
