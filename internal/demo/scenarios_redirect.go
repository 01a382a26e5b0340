package demo

import "strconv"

// redirects change a request on its way.
var redirects = []Scenario{
	{
		ID: "slash-307", Title: "A slash is missing, and it works", Stack: "FastAPI, uvicorn",
		Browser: "follows the 307 to the same origin",
		Lesson:  "Each request costs two, and the Location is absolute: it is built from the Host that arrives.",
		Routes: []Route{{"/api/items*", starlette{}.serve(func(c *call) reply {
			if c.path == "/api/items" {
				return addSlash("http://" + c.header("host") + c.path + "/")
			}
			return uvicornJSON("200 OK", `[{"id":1},{"id":2}]`)
		})}},
		Steps: []Step{{Name: "load the items", Path: "/api/items", JSON: true, Saw: []string{"200 redirected"}}},
	},
	{
		ID: "slash-307-internal", Title: "The redirect leads into the container network", Stack: "FastAPI in Docker, uvicorn",
		Browser: "follows the 307 to a host that does not exist outside",
		Lesson:  "The Location names the host by which the gateway knows the backend. The slash would have avoided it all.",
		Routes: []Route{{"/api/stock", starlette{}.serve(func(c *call) reply {
			return addSlash("http://backend:8000/api/stock/")
		})}},
		Steps: []Step{{Name: "load the stock", Path: "/api/stock", JSON: true, Saw: []string{failedFetch}}},
	},
	{
		ID: "post-becomes-get", Title: "405 for a POST that is one", Stack: "Django, django-cors-headers",
		Browser: "follows the 301 with a GET and without the body",
		Lesson:  "APPEND_SLASH answers 301, and a 301 turns POST into GET.",
		Routes: []Route{{"/dj/orders*", django(func(c *call) reply {
			switch {
			case c.path == "/dj/orders":
				return reply{status: "301 Moved Permanently", lines: []string{
					"Content-Type: text/html; charset=utf-8", "Location: /dj/orders/", "Content-Length: 0"}}
			case c.method == "POST":
				return djangoReply("201 Created", "application/json", `{"id": 14}`)
			}
			return djangoReply("405 Method Not Allowed", "application/json", `{"detail":"Method \"GET\" not allowed."}`, "Vary: Accept", "Allow: POST, OPTIONS")
		})}},
		Steps: []Step{{Name: "place an order", Path: "/dj/orders", Method: "POST", Headers: jsonHeader, Body: `{"sku":"A-1"}`, JSON: true,
			Saw: []string{"405 redirected"}}},
	},
	{
		ID: "redirect-to-login", Title: "Unexpected token '<'", Stack: "Django, django-cors-headers",
		Browser: "follows the 302 to the login page and hands over its HTML with status 200",
		Lesson:  "The session is over. An API should say 401.",
		Routes: []Route{
			{"/dj/profile/", django(func(c *call) reply {
				return djangoReply("302 Found", "text/html; charset=utf-8", "", "Location: /dj/accounts/login/?next=/dj/profile/")
			})},
			{"/dj/accounts/login/", django(func(c *call) reply {
				return djangoReply("200 OK", "text/html; charset=utf-8", loginPage,
					"Expires: Thu, 01 Jan 1970 00:00:00 GMT", "Cache-Control: max-age=0, no-cache, no-store, must-revalidate, private")
			})},
		},
		Steps: []Step{{Name: "load the profile", Path: "/dj/profile/", JSON: true,
			Saw: []string{`200 redirected, SyntaxError: Unexpected token '<', "<!doctype "... is not valid JSON`}}},
	},
	{
		ID: "redirect-to-idp", Title: "Single sign-on inside fetch()", Stack: "Spring Boot, Keycloak",
		Browser: "follows the 302 to the identity provider with Origin: null, and refuses its answer",
		Lesson:  "A login page cannot be fetched. An API should say 401, and the page should navigate.",
		Routes: []Route{
			{"/spring/invoices", spring{}.serve(func(c *call) reply {
				return reply{status: "302 ", lines: []string{"Access-Control-Allow-Origin: " + c.page(), "Access-Control-Allow-Credentials: true",
					"Location: " + c.elsewhere() + "/realms/demo/protocol/openid-connect/auth?response_type=code&client_id=shop&state=x7", "Content-Length: 0"}}
			})},
			{"/realms/demo/*", func(c *call) {
				const body = "<!DOCTYPE html>\n<html>\n<head><title>Sign in to demo</title></head>\n</html>\n"
				c.send(reply{status: "200 OK", body: body, lines: []string{
					"Referrer-Policy: no-referrer", "X-Frame-Options: SAMEORIGIN", "Strict-Transport-Security: max-age=31536000; includeSubDomains",
					"Cache-Control: no-store, must-revalidate, max-age=0", "X-Content-Type-Options: nosniff", "Content-Type: text/html;charset=utf-8",
					"content-length: " + strconv.Itoa(len(body))}})
			}},
		},
		Steps: []Step{{Name: "load the invoices", Path: "/spring/invoices", JSON: true,
			Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "redirect-loses-token", Title: "401, although the token is fresh", Stack: "FastAPI, uvicorn",
		Browser: "drops Authorization when the redirect leaves the origin",
		Lesson:  "The refresh that follows cannot help. Ask the final URL.",
		Routes: []Route{
			{"/api/files/7", starlette{}.serve(func(c *call) reply {
				return uvicornJSON("302 Found", "").with("location: " + c.elsewhere() + "/files/7")
			})},
			{"/files/7", starlette{star: true}.serve(func(c *call) reply { return withToken(c, `{"name":"plan.pdf"}`) })},
			{"/api/files/login", starlette{}.serve(func(c *call) reply { return login(c, longToken, "/api/files") })},
			{"/api/files/refresh", starlette{}.serve(refresh("/api/files", longToken))},
		},
		Steps: []Step{
			signIn("/api/files/login"),
			{Name: "open a file", Path: "/api/files/7", Bearer: "access", JSON: true, Refresh: refreshStep("/api/files/refresh"),
				Saw: []string{"401 redirected", "200", "401 redirected"}},
		},
	},
}

// loginPage is a form of the plainest kind.
const loginPage = `<!doctype html>
<html>
<head><title>Log in</title></head>
<body>
<form method="post">
<input name="username"><input name="password" type="password">
</form>
</body>
</html>
`

// addSlash is Starlette's redirect_slashes.
func addSlash(to string) reply {
	return reply{status: "307 Temporary Redirect", lines: []string{"content-length: 0", "location: " + to}}
}
