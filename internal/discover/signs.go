package discover

import (
	"net/http"
	"strings"
)

// sign is one way to recognise a server. Every part that is set has to fit.
type sign struct {
	name       string
	confidence Confidence
	frontend   bool
	header     string // a header that has to be there
	value      string // and what it has to contain, in lower case
	page       string // what the page has to contain
	status     int
}

// signs stand from the particular to the general: what a framework says of
// itself before what the server under it says.
var signs = [...]sign{
	// Frontends under development. Their own marks come first, because they
	// often sit on Express or another server that has marks, too.
	{name: "Next.js", confidence: Sure, frontend: true, header: "X-Powered-By", value: "next.js"},
	{name: "Nuxt", confidence: Sure, frontend: true, header: "X-Powered-By", value: "nuxt"},
	{name: "Nuxt", confidence: Sure, frontend: true, page: "/_nuxt/"},
	{name: "SvelteKit", confidence: Sure, frontend: true, page: "__sveltekit"},
	{name: "Astro", confidence: Sure, frontend: true, page: `name="generator" content="Astro`},
	{name: "Remix", confidence: Sure, frontend: true, page: "__remixContext"},
	{name: "Gatsby", confidence: Sure, frontend: true, page: `id="___gatsby"`},
	{name: "Storybook", confidence: Sure, frontend: true, page: "sb-preview"},
	{name: "Angular", confidence: Sure, frontend: true, page: "ng-version="},
	{name: "Angular", confidence: Likely, frontend: true, page: "<app-root"},
	{name: "Vite", confidence: Sure, frontend: true, page: "/@vite/client"},
	{name: "Create React App", confidence: Likely, frontend: true, page: "/static/js/bundle.js"},
	{name: "webpack-dev-server", confidence: Sure, frontend: true, page: "webpack-dev-server"},
	{name: "webpack-dev-server", confidence: Likely, frontend: true, header: "X-Powered-By", value: "express", page: `bundle.js"`},
	{name: "Parcel", confidence: Likely, frontend: true, page: "/__parcel"},
	{name: "Hugo", confidence: Sure, frontend: true, page: `name="generator" content="Hugo`},
	{name: "Hugo", confidence: Likely, frontend: true, page: "/livereload.js?mindelay"},
	{name: "Jupyter", confidence: Sure, header: "Server", value: "tornado", page: "upyter"},

	// Python.
	{name: "FastAPI on uvicorn", confidence: Likely, header: "Server", value: "uvicorn", page: `{"detail":`},
	{name: "uvicorn (FastAPI, Starlette)", confidence: Sure, header: "Server", value: "uvicorn"},
	{name: "Django", confidence: Sure, header: "Server", value: "wsgiserver"},
	{name: "Django", confidence: Sure, page: "DJANGO_SETTINGS_MODULE"},
	{name: "Django", confidence: Likely, header: "Set-Cookie", value: "csrftoken="},
	{name: "Flask (Werkzeug)", confidence: Sure, header: "Server", value: "werkzeug"},
	{name: "Hypercorn", confidence: Sure, header: "Server", value: "hypercorn"},
	{name: "Daphne", confidence: Sure, header: "Server", value: "daphne"},
	{name: "Gunicorn", confidence: Sure, header: "Server", value: "gunicorn"},
	{name: "Waitress", confidence: Sure, header: "Server", value: "waitress"},
	{name: "Granian", confidence: Sure, header: "Server", value: "granian"},
	{name: "Tornado", confidence: Sure, header: "Server", value: "tornado"},
	{name: "aiohttp", confidence: Sure, header: "Server", value: "aiohttp"},
	{name: "Python http.server", confidence: Sure, header: "Server", value: "simplehttp"},

	// Node.
	{name: "NestJS", confidence: Likely, page: `"message":"Cannot GET /","error":"Not Found"`},
	{name: "NestJS", confidence: Likely, page: `{"statusCode":404,"message":"Cannot GET /"`},
	{name: "Fastify", confidence: Sure, page: `"message":"Route GET:/ not found"`},
	{name: "Express", confidence: Sure, header: "X-Powered-By", value: "express"},
	{name: "Express", confidence: Likely, page: "<pre>Cannot GET /</pre>"},

	// Java and .NET.
	{name: "Spring Boot", confidence: Sure, page: "Whitelabel Error Page"},
	{name: "Spring Boot", confidence: Likely, page: `"error":"Not Found","path":"/"`},
	{name: "Spring Boot", confidence: Likely, page: `"error":"Unauthorized","path":"/"`},
	{name: "Quarkus", confidence: Likely, page: "Quarkus"},
	{name: "Jetty", confidence: Sure, header: "Server", value: "jetty"},
	{name: "Java servlets", confidence: Likely, header: "Set-Cookie", value: "jsessionid="},
	{name: "ASP.NET Core (Kestrel)", confidence: Sure, header: "Server", value: "kestrel"},
	{name: "ASP.NET", confidence: Sure, header: "X-Powered-By", value: "asp.net"},
	{name: "IIS", confidence: Sure, header: "Server", value: "microsoft-iis"},

	// Ruby, PHP, Elixir, Go, Rust.
	{name: "Rails", confidence: Sure, page: "Ruby on Rails"},
	{name: "Rails", confidence: Likely, header: "X-Runtime", page: "Action"},
	{name: "Rails or Rack", confidence: Likely, header: "X-Runtime"},
	{name: "Sinatra", confidence: Likely, page: "know this ditty"},
	{name: "WEBrick", confidence: Sure, header: "Server", value: "webrick"},
	{name: "Laravel", confidence: Sure, header: "Set-Cookie", value: "laravel"},
	{name: "Symfony", confidence: Sure, header: "X-Debug-Token"},
	{name: "PHP", confidence: Sure, header: "X-Powered-By", value: "php"},
	{name: "Phoenix", confidence: Likely, page: "phoenix.js"},
	{name: "Phoenix", confidence: Likely, page: "Phoenix.Router.NoRouteError"},
	{name: "Cowboy (Phoenix)", confidence: Sure, header: "Server", value: "cowboy"},
	{name: "Rocket", confidence: Sure, header: "Server", value: "rocket"},

	// Servers in front of others.
	{name: "OpenResty", confidence: Sure, header: "Server", value: "openresty"},
	{name: "nginx", confidence: Sure, header: "Server", value: "nginx"},
	{name: "Apache", confidence: Sure, header: "Server", value: "apache"},
	{name: "Caddy", confidence: Sure, header: "Server", value: "caddy"},
	{name: "Envoy", confidence: Sure, header: "Server", value: "envoy"},
	{name: "Elasticsearch", confidence: Sure, header: "X-Elastic-Product", value: "elasticsearch"},
	{name: "MinIO", confidence: Sure, header: "Server", value: "minio"},

	// Go's router adds nothing but this. Traefik says the same.
	{name: "Go", confidence: Likely, header: "X-Content-Type-Options", value: "nosniff", page: "404 page not found\n", status: http.StatusNotFound},
}

// recognise names the server behind an answer.
func recognise(answer *http.Response, page string) (name string, c Confidence, frontend bool) {
	for _, s := range signs {
		if s.fits(answer, page) {
			return s.name, s.confidence, s.frontend
		}
	}
	// A server that is not listed, in its own words.
	if own, _, _ := strings.Cut(answer.Header.Get("Server"), " "); own != "" && len(own) <= titleLimit {
		return own, Likely, false
	}
	return "", Unknown, false
}

func (s sign) fits(answer *http.Response, page string) bool {
	if s.status != 0 && answer.StatusCode != s.status {
		return false
	}
	if s.header != "" {
		lines := answer.Header.Values(s.header)
		if len(lines) == 0 || !strings.Contains(strings.ToLower(strings.Join(lines, "\n")), s.value) {
			return false
		}
	}
	return strings.Contains(page, s.page)
}
