package demo

import "strconv"

// loads are about what a page may read of an answer, and about caches.
var loads = []Scenario{
	{
		ID: "expose-headers", Title: "The total is always null", Stack: "Express, cors",
		Browser: "hands the answer over without X-Total-Count",
		Lesson:  "A script sees only a handful of headers, unless Access-Control-Expose-Headers names more.",
		Routes: []Route{{"/v1/customers", express{}.serve(func(c *call) reply {
			return expressJSON("200 OK", `[{"id":1,"name":"Grace"},{"id":2,"name":"Alan"}]`, "X-Total-Count: 240", `Link: </v1/customers?page=2>; rel="next"`)
		})}},
		Steps: []Step{{Name: "load a page of customers", Path: "/v1/customers?page=1", JSON: true, Read: []string{"X-Total-Count", "Link"},
			Saw: []string{"200 x-total-count=null link=null"}}},
	},
	{
		ID: "cdn-vary", Title: "It depends on who asked first", Stack: "nginx with proxy_cache",
		Browser: "refuses an answer that was made for another origin",
		Lesson:  "The cache does not look at Origin: Vary: Origin is missing.",
		Routes: []Route{{"/cdn/config.json", func(c *call) {
			r := nginxJSON(`{"region":"eu"}`).with("Cache-Control: public, max-age=0, s-maxage=600", "Age: 41", "X-Cache: HIT",
				"Access-Control-Allow-Origin: https://staging.example.com")
			nginx{}.send(c, r)
		}}},
		Steps: []Step{{Name: "load the configuration", Path: "/cdn/config.json", JSON: true,
			Saw: []string{failedFetch}, Code: "AllowOriginMismatch"}},
	},
	{
		ID: "image-then-fetch", Title: "The picture shows, the canvas cannot have it", Stack: "S3-like storage",
		Browser: "takes the fetch from its cache, where the picture lies without CORS headers",
		Lesson:  "The storage sends CORS headers only when asked with Origin, and no Vary: nothing is even sent the second time.",
		Routes: []Route{{"/bucket/logo.png", func(c *call) {
			r := picture("x-amz-request-id: 7Q2M0EXAMPLE", "Cache-Control: public, max-age=600", `ETag: "9a0364b9e99bb480dd25e1f0284c8555"`)
			if c.origin() != "" {
				r = r.with("Access-Control-Allow-Origin: *")
			}
			c.send(r.with("Date: "+c.date(), "Server: AmazonS3"))
		}}},
		Steps: []Step{
			{Name: "show the logo", API: "img", Path: "/bucket/logo.png?v={run}", Saw: []string{"load"}},
			{Name: "load it for a canvas", Path: "/bucket/logo.png?v={run}", Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"},
		},
	},
	{
		ID: "opaque", Title: "mode: 'no-cors' “fixed” it", Stack: "Go net/http",
		Browser: "sends the request and shows the script nothing: status 0, no body",
		Lesson:  "no-cors is for things no script looks at. Remove it and fix the server.",
		Routes: []Route{{"/go/rates", func(c *call) {
			goServer(c, reply{status: "200 OK", lines: []string{"Content-Type: application/json"}, body: `{"EUR":1.0}` + "\n"})
		}}},
		Steps: []Step{{Name: "load the rates", Path: "/go/rates", Mode: "no-cors", JSON: true,
			Saw: []string{"opaque, SyntaxError: Unexpected end of JSON input"}}},
	},
	{
		ID: "script-blocked", Title: "A script that is JSON", Stack: "Express, cors",
		Browser: "does not let JSON into a <script>: opaque response blocking",
		Lesson:  "JSONP is gone on the server, the page still asks for it.",
		Routes: []Route{{"/v1/jsonp", express{}.serve(func(c *call) reply {
			return expressJSON("200 OK", `{"deprecated":true}`, "X-Content-Type-Options: nosniff")
		})}},
		Steps: []Step{{Name: "load the widget", API: "script", Path: "/v1/jsonp?callback=show", Saw: []string{"error"}}},
	},
	{
		ID: "corp", Title: "helmet() and the pictures are gone", Stack: "Express, helmet",
		Browser: "refuses to embed what says Cross-Origin-Resource-Policy: same-origin",
		Lesson:  "Not CORS, but its neighbour: crossOriginResourcePolicy: { policy: 'cross-origin' }.",
		Routes: []Route{{"/v1/photo.png", express{none: true}.serve(func(c *call) reply {
			return reply{status: "200 OK", body: pixel, lines: []string{
				"Cross-Origin-Opener-Policy: same-origin", "Cross-Origin-Resource-Policy: same-origin", "Origin-Agent-Cluster: ?1",
				"Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff", "Content-Type: image/png",
				"Content-Length: " + strconv.Itoa(len(pixel)), "ETag: " + weakTag(pixel)}}
		})}},
		Steps: []Step{{Name: "show a photo", API: "img", Path: "/v1/photo.png", Saw: []string{"error"}}},
	},
}
