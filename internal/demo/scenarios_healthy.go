package demo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// healthy is what ordinary traffic looks like, errors included that are no
// problem of CORS. Most of a dashboard is this.
var healthy = []Scenario{
	{
		ID: "list", Title: "A list loads", Stack: "FastAPI, uvicorn", Healthy: true,
		Browser: "sends a simple request with Origin, and hands over the answer because it names that origin",
		Lesson:  "This is what a working cross-origin request looks like.",
		Routes: []Route{{"/api/projects", starlette{}.serve(func(c *call) reply {
			return uvicornJSON("200 OK", `[{"id":1,"name":"Apollo"},{"id":2,"name":"Gemini"},{"id":3,"name":"Voyager"}]`)
		})}},
		Steps: []Step{{Name: "load the projects", Path: "/api/projects", JSON: true, Saw: []string{"200"}}},
	},
	{
		ID: "session", Title: "Sign in, then work with the token", Stack: "FastAPI, uvicorn", Healthy: true,
		Browser: "asks a preflight for each new URL, because JSON and Authorization need permission, and remembers it for ten minutes",
		Lesson:  "Preflights are cheap once they are cached: the second visit to a URL asks none.",
		Routes: []Route{
			{"/api/auth/login", starlette{}.serve(func(c *call) reply { return login(c, longToken, "/api/auth") })},
			{"/api/me", starlette{}.serve(func(c *call) reply { return withToken(c, `{"id":42,"name":"Ada","plan":"team"}`) })},
			{"/api/notifications", starlette{}.serve(func(c *call) reply { return withToken(c, `{"unread":3}`) })},
		},
		Steps: []Step{
			signIn("/api/auth/login"),
			{Name: "who am I", Path: "/api/me", Bearer: "access", JSON: true, Saw: []string{"200"}},
			{Name: "anything new", Path: "/api/notifications", Bearer: "access", JSON: true, Saw: []string{"200"}},
		},
	},
	{
		ID: "tasks", Title: "Create, change and delete", Stack: "Express, cors", Healthy: true,
		Browser: "asks one preflight for each URL and method it has no permission for",
		Lesson:  "POST with JSON, PUT and DELETE all ask first; the answers to OPTIONS are the CORS configuration made visible.",
		Routes:  []Route{{"/v1/tasks*", express{}.serve(tasks)}},
		Steps: []Step{
			{Name: "create a task", API: "xhr", Path: "/v1/tasks", Method: "POST", Headers: axios, Body: `{"title":"Write the report"}`, JSON: true,
				Saw: []string{"201"}},
			{Name: "tick it off", API: "xhr", Path: "/v1/tasks/7", Method: "PUT", Headers: axios, Body: `{"done":true}`, JSON: true,
				Saw: []string{"200"}},
			{Name: "delete it", API: "xhr", Path: "/v1/tasks/7", Method: "DELETE", Headers: axios[1:], Saw: []string{"204"}},
		},
	},
	{
		ID: "revalidated", Title: "The same products again", Stack: "Express, cors", Healthy: true,
		Browser: "asks with If-None-Match, gets 304 and takes the body from its cache",
		Lesson:  "The page sees 200 although the server said 304: what counts for CORS are the stored headers.",
		Routes: []Route{{"/shop/products", express{}.serve(func(c *call) reply {
			return expressJSON("200 OK", `[{"sku":"A-1","price":1290},{"sku":"B-7","price":450}]`)
		})}},
		Steps: []Step{
			{Name: "load the products", Path: "/shop/products", JSON: true, Saw: []string{"200"}},
			{Name: "load them again", Path: "/shop/products", JSON: true, Saw: []string{"200"}},
		},
	},
	{
		ID: "catalog", Title: "A compressed catalogue", Stack: "nginx, gzip", Healthy: true,
		Browser: "takes the content coding off before a script sees the body",
		Lesson:  "What is on the wire and what the script reads differ; the dashboard shows both sizes.",
		Routes:  []Route{{"/static/catalog.json", catalog}},
		Steps:   []Step{{Name: "load the catalogue", Path: "/static/catalog.json?v={run}", JSON: true, Saw: []string{"200"}}},
	},
	{
		ID: "avatar", Title: "A picture", Stack: "nginx", Healthy: true,
		Browser: "loads an <img> in mode no-cors: no Origin, no CORS check, and no script may look inside",
		Lesson:  "Not everything cross-origin is CORS.",
		Routes:  []Route{{"/media/avatar.png", func(c *call) { nginx{}.send(c, picture("Cache-Control: max-age=3600")) }}},
		Steps:   []Step{{Name: "show the avatar", API: "img", Path: "/media/avatar.png?v={run}", Saw: []string{"load"}}},
	},
	{
		ID: "not-found", Title: "404, and the page can read it", Stack: "FastAPI, uvicorn", Healthy: true,
		Browser: "hands the 404 over, because it carries CORS headers",
		Lesson:  "A readable error is an error of the application, never one of CORS.",
		Routes: []Route{{"/api/projects/999", starlette{}.serve(func(c *call) reply {
			return uvicornJSON("404 Not Found", `{"detail":"Project 999 not found"}`)
		})}},
		Steps: []Step{{Name: "open a deleted project", Path: "/api/projects/999", JSON: true, Saw: []string{"404"}}},
	},
	{
		ID: "validation", Title: "422, and the page can read it", Stack: "FastAPI, uvicorn", Healthy: true,
		Browser: "hands the 422 over",
		Lesson:  "HTTPException and validation errors keep CORS headers in FastAPI; only unhandled exceptions lose them.",
		Routes: []Route{{"/api/invites", starlette{}.serve(func(c *call) reply {
			return uvicornJSON("422 Unprocessable Entity", `{"detail":[{"type":"missing","loc":["body","email"],"msg":"Field required","input":{"mail":"bob@example.com"}}]}`)
		})}},
		Steps: []Step{{Name: "invite a colleague", Path: "/api/invites", Method: "POST", Headers: jsonHeader, Body: `{"mail":"bob@example.com"}`, JSON: true,
			Saw: []string{"422"}}},
	},
	{
		ID: "docs", Title: "A document in a frame", Stack: "FastAPI, uvicorn", Healthy: true,
		Browser: "navigates: CORS has no part in it",
		Lesson:  "A link to the API works in the address bar and says nothing about CORS.",
		Routes: []Route{{"/docs", starlette{}.serve(func(c *call) reply {
			body := "<!DOCTYPE html>\n<html>\n<head>\n<title>Demo API - docs</title>\n</head>\n<body>\n<h1>Demo API</h1>\n</body>\n</html>\n"
			return reply{status: "200 OK", body: body, lines: []string{"content-length: " + strconv.Itoa(len(body)), "content-type: text/html; charset=utf-8"}}
		})}},
		Steps: []Step{{Name: "open the docs", API: "frame", Path: "/docs", Saw: []string{"load"}}},
	},
}

// axios are the headers that axios sets on its own for a JSON body.
var axios = [][2]string{{"Content-Type", "application/json"}, {"Accept", "application/json, text/plain, */*"}}

func tasks(c *call) reply {
	switch c.method {
	case "POST":
		return expressJSON("201 Created", `{"id":7,"title":"Write the report","done":false}`)
	case "PUT":
		return expressJSON("200 OK", `{"id":7,"title":"Write the report","done":true}`)
	case "DELETE":
		return reply{status: "204 No Content", lines: []string{`ETag: W/"a-bAsFyilMr4Ra1hIU5PyoyFRunpI"`}}
	}
	return expressJSON("200 OK", `[]`)
}

// pixel is a PNG of one pixel.
const pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"

func picture(extra ...string) reply {
	return reply{status: "200 OK", body: pixel, lines: append([]string{"Content-Type: image/png", "Content-Length: " + strconv.Itoa(len(pixel))}, extra...)}
}

func catalog(c *call) {
	var text strings.Builder
	text.WriteString("[")
	for i := range 200 {
		fmt.Fprintf(&text, `{"id":%d,"name":"Article %d","stock":%d},`, i, i, i*7%50)
	}
	text.WriteString(`{"id":200,"name":"The last","stock":0}]`)
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	zw.Write([]byte(text.String()))
	zw.Close()
	n := nginx{add: []string{"Access-Control-Allow-Origin: " + c.page()}}
	n.send(c, reply{status: "200 OK", body: packed.String(), lines: []string{
		"Content-Type: application/json", "Content-Length: " + strconv.Itoa(packed.Len()), "Vary: Accept-Encoding", "Content-Encoding: gzip",
	}})
}

// login hands out a token that lives so long, and a refresh token in a cookie.
func login(c *call, lifetime time.Duration, path string) reply {
	return uvicornJSON("200 OK", c.tokenBody(lifetime)).with(c.refreshCookie(path, "lax"))
}

func (c *call) tokenBody(lifetime time.Duration) string {
	return fmt.Sprintf(`{"access_token":"%s","token_type":"bearer","expires_in":%d}`, c.token(lifetime), int(lifetime/time.Second))
}

func (c *call) refreshCookie(path, site string) string {
	value := b64(mac(fmt.Sprint("refresh ", c.b.state.number(), c.b.clock.start.UnixNano())))[:32]
	return "set-cookie: refresh_token=" + value + "; HttpOnly; Max-Age=604800; Path=" + path + "; SameSite=" + site
}

// withToken answers those whose token is good.
func withToken(c *call, body string) reply {
	if why := c.bearer(); why != "" {
		return unauthorized(why)
	}
	return uvicornJSON("200 OK", body)
}

// unauthorized is a 401 as RFC 6750 section 3 wants it.
func unauthorized(why string) reply {
	challenge := "Bearer"
	if why != "Not authenticated" {
		challenge = `Bearer error="invalid_token", error_description="` + why + `"`
	}
	return uvicornJSON("401 Unauthorized", `{"detail":"`+why+`"}`).before([]string{"www-authenticate: " + challenge})
}
