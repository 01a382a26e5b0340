package demo

import "strconv"

// policies are CORS configurations that are wrong.
var policies = []Scenario{
	{
		ID: "no-cors", Title: "CORS was never set up", Stack: "Go net/http",
		Browser: "refuses every answer of this backend",
		Lesson:  "The plain case: no CORS header on any response.",
		Routes: []Route{{"/go/weather", func(c *call) {
			goServer(c, reply{status: "200 OK", lines: []string{"Content-Type: application/json"}, body: `{"city":"Oslo","temp":-3}` + "\n"})
		}}},
		Steps: []Step{{Name: "load the weather", Path: "/go/weather", Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "origin-127", Title: "localhost is not 127.0.0.1", Stack: "Express, cors",
		Browser: "compares the two strings and finds them different",
		Lesson:  "The list names http://127.0.0.1, the page was opened as http://localhost: different origins.",
		Routes: []Route{{"/v1/cart", func(c *call) {
			express{origin: nearMiss(c)}.serve(func(c *call) reply { return expressJSON("200 OK", `{"items":2}`) })(c)
		}}},
		Steps: []Step{{Name: "load the cart", Path: "/v1/cart", JSON: true, Saw: []string{failedFetch}, Code: "AllowOriginMismatch"}},
	},
	{
		ID: "origin-port", Title: "The dev server moved to another port", Stack: "nginx",
		Browser: "finds port 3000 in the header where the page has another",
		Lesson:  "A port is part of the origin; configurations outlive dev servers.",
		Routes: []Route{{"/gw/flags", func(c *call) {
			nginx{add: []string{"Access-Control-Allow-Origin: http://localhost:3000"}}.send(c, nginxJSON(`{"beta":true}`))
		}}},
		Steps: []Step{{Name: "load the feature flags", Path: "/gw/flags", JSON: true, Saw: []string{failedFetch}, Code: "AllowOriginMismatch"}},
	},
	{
		ID: "origin-slash", Title: "One slash too many", Stack: "nginx",
		Browser: "compares byte by byte: an origin has no path",
		Lesson:  "The value was copied from the address bar, with its final slash.",
		Routes: []Route{{"/gw/menu", func(c *call) {
			nginx{add: []string{"Access-Control-Allow-Origin: " + c.page() + "/"}}.send(c, nginxJSON(`{"soup":"leek"}`))
		}}},
		Steps: []Step{{Name: "load the menu", Path: "/gw/menu", JSON: true, Saw: []string{failedFetch}, Code: "AllowOriginMismatch"}},
	},
	{
		ID: "wildcard-credentials", Title: "“*” and cookies do not mix", Stack: "Express, cors",
		Browser: "does not take the wildcard for a request with credentials",
		Lesson:  "cors() without options sends “*”; with credentials the origin must be named.",
		Routes: []Route{{"/v1/profile", express{star: true}.serve(func(c *call) reply {
			return expressJSON("200 OK", `{"name":"Ada"}`)
		})}},
		Steps: []Step{{Name: "load the profile", Path: "/v1/profile", Credentials: "include", JSON: true,
			Saw: []string{failedFetch}, Code: "WildcardOriginNotAllowed"}},
	},
	{
		ID: "credentials-refused", Title: "The origin is right, the cookies are not allowed", Stack: "FastAPI, uvicorn",
		Browser: "misses Access-Control-Allow-Credentials: true",
		Lesson:  "allow_credentials is off by default.",
		Routes: []Route{{"/api/preferences", starlette{anonymous: true}.serve(func(c *call) reply {
			return uvicornJSON("200 OK", `{"theme":"dark"}`)
		})}},
		Steps: []Step{{Name: "load the preferences", Path: "/api/preferences", Credentials: "include", JSON: true,
			Saw: []string{failedFetch}, Code: "InvalidAllowCredentials"}},
	},
	{
		ID: "duplicate-origin", Title: "Two layers, two headers", Stack: "nginx in front of Express, cors",
		Browser: "reads the header twice and refuses, although both lines are right",
		Lesson:  "The gateway adds what the application has sent already. One of them must stop.",
		Routes: []Route{{"/gw/search", func(c *call) {
			r := expressJSON("200 OK", `{"hits":[]}`, "X-Powered-By: Express",
				"Access-Control-Allow-Origin: "+c.page(), "Vary: Origin", "Access-Control-Allow-Credentials: true")
			nginx{add: []string{"Access-Control-Allow-Origin: " + c.page()}, always: true}.send(c, r)
		}}},
		Steps: []Step{{Name: "search", Path: "/gw/search?q=cors", JSON: true, Saw: []string{failedFetch}, Code: "MultipleAllowOriginValues"}},
	},
	{
		ID: "express-throws", Title: "The allow-list throws", Stack: "Express, cors",
		Browser: "refuses the HTML page that Express makes of the exception",
		Lesson:  "The origin callback returned an Error: that is a 500, not a refusal.",
		Routes: []Route{{"/v1/billing", express{none: true}.serve(func(c *call) reply {
			return expressError("500 Internal Server Error", "Error: Not allowed by CORS<br> &nbsp; &nbsp;at origin (/app/server.js:14:10)"+
				"<br> &nbsp; &nbsp;at /app/node_modules/cors/lib/index.js:219:13")
		})}},
		Steps: []Step{{Name: "load the invoices", Path: "/v1/billing", JSON: true, Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "spring-invalid", Title: "403 “Invalid CORS request”", Stack: "Spring Boot, Tomcat",
		Browser: "refuses the 403, which has no CORS header at all",
		Lesson:  "Spring refuses actual requests too, and does not say whether origin, method or header was wrong.",
		Routes:  []Route{{"/spring/accounts", spring{}.serve(func(c *call) reply { return invalidCORS() })}},
		Steps: []Step{{Name: "load the accounts", Path: "/spring/accounts", JSON: true,
			Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
}

// nearMiss is the frontend's origin under its other name.
func nearMiss(c *call) string { return otherName(c.page()) }

func nginxJSON(body string) reply {
	return reply{status: "200 OK", body: body, lines: []string{"Content-Type: application/json", "Content-Length: " + strconv.Itoa(len(body))}}
}
