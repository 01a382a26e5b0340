package demo

import "strconv"

// hidden are errors of the server that look like errors of CORS.
var hidden = []Scenario{
	{
		ID: "hidden-500", Title: "“Blocked by CORS”, only for this report", Stack: "FastAPI, uvicorn",
		Browser: "refuses the answer, because it has no Access-Control-Allow-Origin, and shows neither status nor body",
		Lesson:  "An unhandled exception: Starlette sends the 500 outside the CORS middleware. The CORS configuration is fine.",
		Routes:  []Route{{"/api/reports/daily", starlette{}.serve(unhandled)}},
		Steps:   []Step{{Name: "load the daily report", Path: "/api/reports/daily", Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "hidden-500-preflighted", Title: "The preflight passes, the request is blocked", Stack: "FastAPI, uvicorn",
		Browser: "is content with the preflight and refuses the answer to the request itself",
		Lesson:  "A preflight never runs the handler, so it cannot show that the handler crashes.",
		Routes:  []Route{{"/api/reports/export", starlette{}.serve(unhandled)}},
		Steps: []Step{{Name: "export a report", Path: "/api/reports/export", Method: "POST", Headers: jsonHeader,
			Body: `{"format":"xlsx"}`, Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "hidden-500-json", Title: "Even with an exception handler", Stack: "FastAPI, uvicorn",
		Browser: "refuses the tidy JSON error like any other answer without the header",
		Lesson:  "exception_handler(Exception) runs in ServerErrorMiddleware too, outside the CORS middleware.",
		Routes: []Route{{"/api/reports/weekly", starlette{}.serve(func(c *call) reply {
			return uvicornJSON(crash, `{"detail":"Something went wrong","request_id":"01JAB2"}`)
		})}},
		Steps: []Step{{Name: "load the weekly report", Path: "/api/reports/weekly", Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "flask-debugger", Title: "It worked until debug mode was on", Stack: "Flask, Flask-CORS, Werkzeug",
		Browser: "refuses the debugger's page",
		Lesson:  "In debug mode Flask lets the exception pass Flask-CORS, and the debugger answers: a traceback nobody sees.",
		Routes:  []Route{{"/flask/orders", flask{bare: true}.serve(debugger)}},
		Steps:   []Step{{Name: "load the orders", Path: "/flask/orders", Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "gateway-502", Title: "The backend is being restarted", Stack: "nginx in front of an application",
		Browser: "refuses nginx's own error page",
		Lesson:  "add_header without “always” covers successes only: the 502 goes out bare.",
		Routes: []Route{{"/gw/status", func(c *call) {
			n := nginx{add: []string{"Access-Control-Allow-Origin: " + c.page()}}
			n.send(c, n.page("502 Bad Gateway"))
		}}},
		Steps: []Step{{Name: "poll the status", Path: "/gw/status", Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "upload-413", Title: "Small uploads work, large ones are “blocked by CORS”", Stack: "nginx in front of an application",
		Browser: "refuses nginx's 413",
		Lesson:  "client_max_body_size: nginx answered, the application with its CORS headers was never asked.",
		Routes: []Route{{"/gw/upload", func(c *call) {
			n := nginx{add: []string{"Access-Control-Allow-Origin: " + c.page()}}
			r := n.page("413 Request Entity Too Large")
			r.close = true
			n.send(c, r)
		}}},
		Steps: []Step{{Name: "upload a photo", Path: "/gw/upload", Method: "POST", Size: 1_200_000,
			Saw: []string{failedFetch}, Code: "MissingAllowOriginHeader"}},
	},
	{
		ID: "server-error", Title: "500, and the page can read it", Stack: "Django, django-cors-headers",
		Browser: "hands the 500 over, because Django makes it inside the CORS middleware",
		Lesson:  "The same bug as hidden-500, without the riddle: Django keeps the headers.",
		Routes: []Route{{"/dj/stats/", django(func(c *call) reply {
			return djangoReply("500 Internal Server Error", "text/html; charset=utf-8", djangoError)
		})}},
		Steps: []Step{{Name: "load the statistics", Path: "/dj/stats/", Saw: []string{"500"}}},
	},
}

// unhandled is what uvicorn says when the application has thrown.
func unhandled(c *call) reply { return textBody(crash, "Internal Server Error") }

// djangoError is Django's page for a 500 without DEBUG.
const djangoError = `
<!doctype html>
<html lang="en">
<head>
  <title>Server Error (500)</title>
</head>
<body>
  <h1>Server Error (500)</h1><p></p>
</body>
</html>
`

// werkzeugPage is the beginning of what Werkzeug's debugger shows.
const werkzeugPage = `<!doctype html>
<html lang=en>
  <head>
    <title>KeyError: 'customer'
 // Werkzeug Debugger</title>
    <script>
      var CONSOLE_MODE = false,
          EVALEX = true,
          EVALEX_TRUSTED = false;
    </script>
  </head>
  <body style="background-color: #fff">
    <div class="debugger">
<h1>KeyError</h1>
<div class="detail">
  <p class="errormsg">KeyError: 'customer'
</p>
</div>
<h2 class="traceback">Traceback <em>(most recent call last)</em></h2>
  <h4>File <cite class="filename">"/app/orders.py"</cite>,
      line <em class="line">27</em>,
      in <code class="function">list_orders</code></h4>
    </div>
  </body>
</html>
`

func debugger(c *call) reply {
	return reply{status: "500 INTERNAL SERVER ERROR", body: werkzeugPage, lines: []string{
		"Content-Type: text/html; charset=utf-8", "Content-Length: " + strconv.Itoa(len(werkzeugPage)),
	}}
}
