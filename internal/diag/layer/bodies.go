package layer

import "strings"

// bodySign is a phrase of a body that gives away who made the answer. All of
// its conditions must hold.
type bodySign struct {
	layer      string
	confidence int
	status     int    // 0 for any
	kind       string // part of the media type, "" for any
	header     string // a header that must be there
	without    string // a header that must not
	exact      string // the whole body
	starts     string
	contains   string
	and        string // and contains this
}

func (b *bodySign) in(body string) bool {
	switch {
	case b.exact != "":
		return body == b.exact
	case b.starts != "" && !strings.HasPrefix(body, b.starts):
		return false
	case b.contains != "" && !strings.Contains(body, b.contains):
		return false
	}
	return b.and == "" || strings.Contains(body, b.and)
}

func (b *bodySign) shows() string {
	for _, s := range [...]string{b.exact, b.starts, b.contains} {
		if s != "" {
			return strings.TrimSpace(s)
		}
	}
	return b.and
}

var bodySigns = []bodySign{
	// Starlette and FastAPI
	{layer: "starlette", confidence: 92, kind: "text/plain", starts: "Disallowed CORS "},
	{layer: "starlette", confidence: 80, status: 400, kind: "text/plain", exact: "Invalid host header"},
	{layer: "uvicorn", confidence: 95, status: 400, kind: "text/plain", exact: "Invalid HTTP request received."},
	{layer: "fastapi", confidence: 90, status: 422, kind: "json", starts: `{"detail":[{"`, contains: `"loc":[`, and: `"msg":`},
	{layer: "fastapi", confidence: 62, status: 401, kind: "json", exact: `{"detail":"Not authenticated"}`},
	{layer: "fastapi", confidence: 62, status: 403, kind: "json", exact: `{"detail":"Not authenticated"}`},
	{layer: "fastapi", confidence: 62, status: 404, kind: "json", exact: `{"detail":"Not Found"}`},
	{layer: "fastapi", confidence: 62, status: 405, kind: "json", exact: `{"detail":"Method Not Allowed"}`},

	// Flask and Django
	{layer: "werkzeug", confidence: 97, kind: "html", contains: "Werkzeug Debugger"},
	{layer: "flask", confidence: 72, kind: "html", starts: "<!doctype html>\n<html lang=en>\n<title>"},
	{layer: "django", confidence: 95, kind: "html", contains: "Using the URLconf defined in"},
	{layer: "django", confidence: 92, kind: "html", contains: "CSRF verification failed. Request aborted."},
	{layer: "django", confidence: 95, contains: "You called this URL via"},
	{layer: "django", confidence: 95, kind: "html", contains: "DisallowedHost at /"},
	{layer: "django", confidence: 80, status: 400, kind: "html", contains: "<h1>Bad Request (400)</h1>"},
	{layer: "django", confidence: 90, kind: "html", contains: "DEBUG = True</code> in your\n      Django settings"},
	{layer: "django", confidence: 75, status: 500, kind: "html", contains: "<h1>Server Error (500)</h1>"},
	{layer: "django-rest-framework", confidence: 92, kind: "json", contains: `"Authentication credentials were not provided."`},
	{layer: "django-rest-framework", confidence: 90, kind: "json", contains: `"code":"token_not_valid"`},
	{layer: "django-rest-framework", confidence: 85, kind: "json", contains: `"You do not have permission to perform this action."`},
	{layer: "tornado", confidence: 80, kind: "html", starts: "<html><title>", contains: "</title><body>"},
	{layer: "aiohttp", confidence: 60, status: 404, kind: "text/plain", exact: "404: Not Found"},

	// JavaScript
	{layer: "express", confidence: 90, kind: "html", header: "Content-Security-Policy", contains: "<title>Error</title>", and: "<pre>"},
	{layer: "nestjs", confidence: 88, kind: "json", contains: `"statusCode":`, and: `"message":"Cannot `},
	{layer: "nestjs", confidence: 72, kind: "json", starts: `{"message":`, contains: `"error":"Forbidden"`, and: `"statusCode":403`},
	{layer: "nestjs", confidence: 62, kind: "json", exact: `{"statusCode":500,"message":"Internal server error"}`},
	{layer: "nestjs", confidence: 62, kind: "json", exact: `{"message":"Unauthorized","statusCode":401}`},
	{layer: "fastify", confidence: 93, kind: "json", starts: `{"message":"Route `, contains: `not found","error":"Not Found","statusCode":404`},
	{layer: "fastify", confidence: 85, kind: "json", starts: `{"statusCode":`, contains: `"code":"FST_`},
	{layer: "fastify", confidence: 70, status: 500, kind: "json", starts: `{"statusCode":500,"error":"Internal Server Error","message":`},
	{layer: "fastify", confidence: 92, status: 400, exact: "Invalid Preflight Request"},
	{layer: "hono", confidence: 70, status: 404, kind: "text/plain", without: "X-Content-Type-Options", exact: "404 Not Found"},
	{layer: "hapi", confidence: 70, kind: "json", starts: `{"statusCode":`, contains: `"error":`, and: `"attributes":`},
	{layer: "next", confidence: 85, kind: "html", contains: "/_next/static/"},
	{layer: "nuxt", confidence: 85, kind: "html", contains: "/_nuxt/"},
	{layer: "sveltekit", confidence: 92, contains: "Cross-site POST form submissions are forbidden"},
	{layer: "apollo", confidence: 92, contains: "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF)"},
	{layer: "hasura", confidence: 85, kind: "json", contains: `"extensions":{"path":"$`, and: `"code":"`},
	{layer: "vite", confidence: 95, kind: "html", contains: "/@vite/client"},
	{layer: "vite", confidence: 92, status: 403, contains: "Blocked request. This host (", and: "server.allowedHosts"},
	{layer: "webpack-dev-server", confidence: 85, exact: "Invalid Host header"},
	{layer: "create-react-app", confidence: 93, contains: "Proxy error: Could not proxy request"},
	{layer: "http-proxy-middleware", confidence: 93, contains: "Error occurred while trying to proxy"},

	// Java and .NET
	{layer: "spring", confidence: 93, status: 403, exact: "Invalid CORS request"},
	{layer: "spring", confidence: 92, kind: "json", starts: `{"timestamp":`, contains: `"status":`, and: `"path":`},
	{layer: "spring", confidence: 95, kind: "html", contains: "Whitelabel Error Page"},
	{layer: "tomcat", confidence: 93, kind: "html", contains: "<title>HTTP Status ", and: "Tomcat"},
	{layer: "tomcat", confidence: 80, kind: "html", contains: "<!doctype html><html lang=\"en\"><head><title>HTTP Status "},
	{layer: "jetty", confidence: 92, kind: "html", contains: "Powered by Jetty"},
	{layer: "quarkus", confidence: 90, kind: "html", contains: "Quarkus", and: "Error id"},
	{layer: "micronaut", confidence: 90, kind: "json", contains: `"_embedded":{"errors":[`},
	{layer: "play", confidence: 88, kind: "html", contains: "Action Not Found", and: "For request '"},
	{layer: "aspnet", confidence: 82, kind: "problem+json", contains: `"traceId":"`},
	{layer: "aspnet", confidence: 90, kind: "html", contains: "An unhandled exception occurred while processing the request."},
	{layer: "iis", confidence: 92, kind: "html", contains: "IIS ", and: "Detailed Error"},
	{layer: "iis", confidence: 90, kind: "html", contains: "HTTP Error 50", and: "ANCM"},

	// Ruby and PHP
	{layer: "rails", confidence: 95, kind: "html", contains: "Action Controller: Exception caught"},
	{layer: "rails", confidence: 92, contains: "Blocked host", and: "config.hosts"},
	{layer: "rails", confidence: 90, contains: "ActionController::RoutingError"},
	{layer: "rails", confidence: 80, kind: "json", contains: `"status":404,"error":"Not Found","exception":"#<`},
	{layer: "rails", confidence: 85, kind: "html", contains: "If you are the application owner check the logs for more information."},
	{layer: "sinatra", confidence: 90, kind: "html", contains: "Sinatra doesn’t know this ditty"},
	{layer: "laravel", confidence: 92, kind: "json", contains: `"exception":"`, and: `Illuminate`},
	{layer: "laravel", confidence: 82, status: 401, kind: "json", exact: `{"message":"Unauthenticated."}`},
	{layer: "laravel", confidence: 92, status: 419, contains: "CSRF token mismatch."},
	{layer: "laravel", confidence: 90, kind: "html", contains: "Page Expired", and: "419"},
	{layer: "laravel", confidence: 90, kind: "html", contains: "Ignition"},
	{layer: "php", confidence: 88, contains: "<b>Fatal error</b>:", and: " on line <b>"},
	{layer: "php", confidence: 85, contains: "PHP Fatal error:"},
	{layer: "symfony", confidence: 88, kind: "html", contains: "Symfony Exception"},
	{layer: "wordpress", confidence: 92, kind: "json", contains: `"code":"rest_`, and: `"data":{"status":`},

	// Go, Rust, Elixir
	{layer: "go", confidence: 78, status: 404, kind: "text/plain", header: "X-Content-Type-Options", without: "Server", exact: "404 page not found\n"},
	{layer: "go", confidence: 72, status: 405, kind: "text/plain", header: "X-Content-Type-Options", without: "Server", exact: "Method Not Allowed\n"},
	{layer: "gin", confidence: 75, status: 404, kind: "text/plain", without: "X-Content-Type-Options", exact: "404 page not found"},
	{layer: "gin", confidence: 75, status: 405, kind: "text/plain", without: "X-Content-Type-Options", exact: "405 method not allowed"},
	{layer: "echo", confidence: 70, status: 404, kind: "json", exact: "{\"message\":\"Not Found\"}\n"},
	{layer: "echo", confidence: 65, status: 401, kind: "json", exact: "{\"message\":\"missing or malformed jwt\"}\n"},
	{layer: "fiber", confidence: 72, kind: "text/plain", starts: "Cannot GET /"},
	{layer: "rocket", confidence: 85, kind: "html", contains: "<small>Rocket</small>"},
	{layer: "phoenix", confidence: 88, kind: "html", contains: "Phoenix.Router.NoRouteError"},

	// Servers and gateways
	{layer: "nginx", confidence: 96, kind: "html", contains: "<hr><center>nginx"},
	{layer: "openresty", confidence: 96, kind: "html", contains: "<hr><center>openresty"},
	{layer: "apache", confidence: 96, kind: "html", contains: "<address>Apache"},
	{layer: "apache", confidence: 80, kind: "html", starts: "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">"},
	{layer: "traefik", confidence: 72, status: 502, kind: "text/plain", without: "Server", exact: "Bad Gateway"},
	{layer: "traefik", confidence: 72, status: 504, kind: "text/plain", without: "Server", exact: "Gateway Timeout"},
	{layer: "haproxy", confidence: 92, kind: "html", contains: "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request."},
	{layer: "haproxy", confidence: 85, kind: "html", starts: "<html><body><h1>", contains: "</h1>\nThe server didn't respond in time."},
	{layer: "haproxy", confidence: 85, kind: "html", starts: "<html><body><h1>", contains: "</h1>\nThe server returned an invalid or incomplete response."},
	{layer: "envoy", confidence: 93, contains: "upstream connect error or disconnect/reset before headers"},
	{layer: "envoy", confidence: 90, exact: "no healthy upstream"},
	{layer: "envoy", confidence: 88, exact: "RBAC: access denied"},
	{layer: "envoy", confidence: 85, status: 401, exact: "Jwt is expired"},
	{layer: "envoy", confidence: 85, status: 401, exact: "Jwt is missing"},
	{layer: "envoy", confidence: 85, status: 401, exact: "Jwt verification fails"},
	{layer: "envoy", confidence: 82, exact: "upstream request timeout"},
	{layer: "kong", confidence: 93, kind: "json", contains: `no Route matched with those values`},
	{layer: "kong", confidence: 75, kind: "json", contains: `API rate limit exceeded`},
	{layer: "kong", confidence: 72, status: 401, kind: "json", contains: `"message":"No API key found in request"`},
	{layer: "tyk", confidence: 80, kind: "json", contains: `"error": "Authorization field missing"`},
	{layer: "varnish", confidence: 93, kind: "html", contains: "<p>Varnish cache server</p>"},
	{layer: "squid", confidence: 90, kind: "html", contains: "Generated", and: "(squid"},
	{layer: "oauth2-proxy", confidence: 85, kind: "html", contains: "OAuth2 Proxy"},
	{layer: "postgrest", confidence: 88, kind: "json", contains: `"code":"PGRST`},

	// Clouds
	{layer: "aws-api-gateway", confidence: 93, status: 403, kind: "json", exact: `{"message":"Missing Authentication Token"}`},
	{layer: "aws-api-gateway", confidence: 80, kind: "json", header: "x-amzn-RequestId", starts: `{"message":`},
	{layer: "aws-api-gateway", confidence: 82, kind: "json", header: "apigw-requestid", starts: `{"message":`},
	{layer: "aws-api-gateway", confidence: 88, kind: "json", contains: `User is not authorized to access this resource`},
	{layer: "aws-api-gateway", confidence: 85, kind: "json", exact: `{"message": "Endpoint request timed out"}`},
	{layer: "cloudfront", confidence: 95, kind: "html", contains: "Generated by cloudfront (CloudFront)"},
	{layer: "s3", confidence: 90, kind: "xml", contains: "<Code>AccessForbidden</Code>", and: "CORSResponse"},
	{layer: "s3", confidence: 80, kind: "xml", contains: "<Error><Code>", and: "<HostId>"},
	{layer: "cloudflare", confidence: 93, kind: "html", contains: "Cloudflare Ray ID:"},
	{layer: "cloudflare", confidence: 88, kind: "text/plain", starts: "error code: 1", header: "CF-RAY"},
	{layer: "cloudflare-tunnel", confidence: 85, kind: "html", contains: "Argo Tunnel error"},
	{layer: "fastly", confidence: 88, contains: "Fastly error: "},
	{layer: "akamai", confidence: 85, kind: "html", contains: "Reference&#32;&#35;"},
	{layer: "google-frontend", confidence: 85, kind: "html", contains: "<title>Error 4", and: "//www.google.com/images/errors/robot.png"},
	{layer: "azure-app-service", confidence: 88, kind: "html", contains: "Microsoft Azure App Service"},
	{layer: "azure-api-management", confidence: 88, kind: "json", contains: "Access denied due to missing subscription key"},
	{layer: "vercel", confidence: 92, kind: "text/plain", contains: "DEPLOYMENT_NOT_FOUND"},
	{layer: "vercel", confidence: 90, contains: "FUNCTION_INVOCATION_"},
	{layer: "netlify", confidence: 85, kind: "html", contains: "Looks like you've followed a broken link", and: "Netlify"},
	{layer: "heroku", confidence: 92, kind: "html", contains: "herokucdn.com/error-pages"},
	{layer: "railway", confidence: 88, contains: "Application failed to respond", and: "railway"},
	{layer: "ngrok", confidence: 93, contains: "ERR_NGROK_"},
	{layer: "localtunnel", confidence: 80, contains: "localtunnel"},
	{layer: "github-pages", confidence: 88, kind: "html", contains: "There isn't a GitHub Pages site here."},

	// Identity providers
	{layer: "entra", confidence: 93, contains: "AADSTS"},
	{layer: "keycloak", confidence: 85, kind: "html", contains: "/resources/", and: "keycloak"},
	{layer: "cognito", confidence: 80, kind: "json", contains: `"__type":"NotAuthorizedException"`},
}
