package layer

import "strings"

// headerSign is a header that gives a layer away.
type headerSign struct {
	layer      string
	confidence int
	starts     string // the value starts so, without case; "" for any value
	contains   string // or contains this
	made       bool   // only an answer of the layer's own has it
}

func (h *headerSign) matches(value string) bool {
	switch {
	case h.starts != "":
		return len(value) >= len(h.starts) && strings.EqualFold(value[:len(h.starts)], h.starts)
	case h.contains != "":
		return strings.Contains(value, h.contains)
	}
	return true
}

// headerSigns are headers by their lower-case names.
var headerSigns = map[string][]headerSign{
	"server": {
		{layer: "uvicorn", confidence: 97, starts: "uvicorn"}, {layer: "hypercorn", confidence: 97, starts: "hypercorn"},
		{layer: "daphne", confidence: 97, starts: "daphne"}, {layer: "gunicorn", confidence: 97, starts: "gunicorn"},
		{layer: "granian", confidence: 97, starts: "granian"}, {layer: "waitress", confidence: 97, starts: "waitress"},
		{layer: "werkzeug", confidence: 97, starts: "werkzeug"}, {layer: "django-runserver", confidence: 90, starts: "wsgiserver"},
		{layer: "aiohttp", confidence: 97, contains: "aiohttp"}, {layer: "tornado", confidence: 97, starts: "tornadoserver"},
		{layer: "python-http-server", confidence: 95, starts: "simplehttp"},
		{layer: "kestrel", confidence: 97, starts: "kestrel"}, {layer: "iis", confidence: 97, starts: "microsoft-iis"},
		{layer: "jetty", confidence: 97, starts: "jetty"}, {layer: "tomcat", confidence: 90, starts: "apache-coyote"}, {layer: "undertow", confidence: 95, starts: "undertow"},
		{layer: "puma", confidence: 97, starts: "puma"}, {layer: "webrick", confidence: 97, starts: "webrick"},
		{layer: "passenger", confidence: 97, contains: "Phusion Passenger"}, {layer: "cowboy", confidence: 97, starts: "cowboy"},
		{layer: "rocket", confidence: 95, starts: "rocket"}, {layer: "fiber", confidence: 90, starts: "fiber"},
		{layer: "nginx", confidence: 97, starts: "nginx"}, {layer: "openresty", confidence: 97, starts: "openresty"},
		{layer: "apache", confidence: 97, starts: "apache/"}, {layer: "apache", confidence: 95, starts: "apache "},
		{layer: "caddy", confidence: 97, starts: "caddy"}, {layer: "lighttpd", confidence: 97, starts: "lighttpd"}, {layer: "litespeed", confidence: 97, starts: "litespeed"},
		{layer: "envoy", confidence: 97, starts: "envoy"}, {layer: "istio", confidence: 97, starts: "istio-envoy"}, {layer: "kong", confidence: 97, starts: "kong/", made: true},
		{layer: "varnish", confidence: 95, starts: "varnish"}, {layer: "squid", confidence: 95, starts: "squid"},
		{layer: "krakend", confidence: 95, starts: "krakend"},
		{layer: "aws-alb", confidence: 97, starts: "awselb", made: true}, {layer: "cloudfront", confidence: 97, starts: "cloudfront", made: true},
		{layer: "s3", confidence: 97, starts: "amazons3"}, {layer: "cloudflare", confidence: 97, starts: "cloudflare"},
		{layer: "google-frontend", confidence: 97, starts: "google frontend"}, {layer: "google-frontend", confidence: 85, starts: "gws"},
		{layer: "akamai", confidence: 97, starts: "akamaighost", made: true}, {layer: "akamai", confidence: 95, starts: "akamainetstorage"},
		{layer: "vercel", confidence: 97, starts: "vercel"}, {layer: "netlify", confidence: 97, starts: "netlify"}, {layer: "fly", confidence: 97, starts: "fly/"},
		{layer: "render", confidence: 95, starts: "render"}, {layer: "railway", confidence: 97, starts: "railway"}, {layer: "heroku", confidence: 90, starts: "heroku"},
		{layer: "github-pages", confidence: 95, starts: "github.com"}, {layer: "postgrest", confidence: 97, starts: "postgrest"},
	},
	"x-powered-by": {
		{layer: "express", confidence: 96, starts: "express"}, {layer: "next", confidence: 97, starts: "next.js"}, {layer: "nuxt", confidence: 97, starts: "nuxt"},
		{layer: "php", confidence: 97, starts: "php/"}, {layer: "aspnet", confidence: 92, starts: "asp.net"}, {layer: "passenger", confidence: 95, starts: "phusion passenger"},
		{layer: "sails", confidence: 95, starts: "sails"}, {layer: "undertow", confidence: 90, starts: "undertow"},
		{layer: "play", confidence: 90, starts: "play"}, {layer: "wordpress", confidence: 85, starts: "wordpress"},
	},
	"via": {
		{layer: "cloudfront", confidence: 97, contains: "(CloudFront)"}, {layer: "varnish", confidence: 92, contains: "varnish"},
		{layer: "caddy", confidence: 95, contains: "Caddy"}, {layer: "kong", confidence: 95, contains: "kong/"}, {layer: "google-frontend", confidence: 92, contains: "1.1 google"},
		{layer: "heroku", confidence: 95, contains: "vegur"}, {layer: "heroku", confidence: 95, contains: "heroku-router"}, {layer: "squid", confidence: 92, contains: "(squid"},
		{layer: "fly", confidence: 92, contains: "fly.io"},
	},
	"x-served-by":                   {{layer: "fastly", confidence: 85, starts: "cache-"}},
	"x-fastly-request-id":           {{layer: "fastly", confidence: 96}},
	"x-varnish":                     {{layer: "varnish", confidence: 95}},
	"x-aspnet-version":              {{layer: "aspnet", confidence: 96}},
	"x-aspnetmvc-version":           {{layer: "aspnet", confidence: 96}},
	"x-nextjs-cache":                {{layer: "next", confidence: 96}},
	"x-nextjs-prerender":            {{layer: "next", confidence: 96}},
	"x-nextjs-matched-path":         {{layer: "next", confidence: 96}},
	"x-nextjs-redirect":             {{layer: "next", confidence: 96}},
	"x-middleware-rewrite":          {{layer: "next", confidence: 90}},
	"x-middleware-next":             {{layer: "next", confidence: 90}},
	"x-sveltekit-page":              {{layer: "sveltekit", confidence: 96}},
	"x-remix-response":              {{layer: "remix", confidence: 96}},
	"x-application-context":         {{layer: "spring", confidence: 95}},
	"x-rack-cors":                   {{layer: "rack-cors", confidence: 97}},
	"x-drupal-cache":                {{layer: "drupal", confidence: 96}},
	"x-drupal-dynamic-cache":        {{layer: "drupal", confidence: 96}},
	"x-generator":                   {{layer: "drupal", confidence: 95, starts: "drupal"}},
	"x-redirect-by":                 {{layer: "wordpress", confidence: 92, starts: "wordpress", made: true}},
	"x-wp-total":                    {{layer: "wordpress", confidence: 95}},
	"x-wp-nonce":                    {{layer: "wordpress", confidence: 95}},
	"x-pingback":                    {{layer: "wordpress", confidence: 85, contains: "xmlrpc.php"}},
	"link":                          {{layer: "wordpress", confidence: 95, contains: "https://api.w.org/"}},
	"x-debug-token-link":            {{layer: "symfony", confidence: 95, contains: "_profiler"}},
	"x-envoy-upstream-service-time": {{layer: "envoy", confidence: 95}},
	"x-envoy-decorator-operation":   {{layer: "istio", confidence: 85}},
	"x-kong-upstream-latency":       {{layer: "kong", confidence: 96}},
	"x-kong-proxy-latency":          {{layer: "kong", confidence: 96}},
	"x-kong-response-latency":       {{layer: "kong", confidence: 96, made: true}},
	"x-amz-apigw-id":                {{layer: "aws-api-gateway", confidence: 97}},
	"apigw-requestid":               {{layer: "aws-api-gateway", confidence: 97}},
	"x-amzn-errortype":              {{layer: "aws-api-gateway", confidence: 80, made: true}},
	"x-amzn-trace-id":               {{layer: "aws-lambda", confidence: 40}},
	"x-amz-cf-id":                   {{layer: "cloudfront", confidence: 97}},
	"x-amz-cf-pop":                  {{layer: "cloudfront", confidence: 97}},
	"x-amz-id-2":                    {{layer: "s3", confidence: 90}},
	"x-amzn-waf-action":             {{layer: "aws-waf", confidence: 97, made: true}},
	"cf-ray":                        {{layer: "cloudflare", confidence: 97}},
	"cf-mitigated":                  {{layer: "cloudflare", confidence: 97, made: true}},
	"x-goog-iap-generated-response": {{layer: "google-iap", confidence: 97, made: true}},
	"x-cloud-trace-context":         {{layer: "google-frontend", confidence: 70}},
	"x-azure-ref":                   {{layer: "azure-front-door", confidence: 96}},
	"x-ms-middleware-request-id":    {{layer: "azure-app-service", confidence: 80}},
	"request-context":               {{layer: "aspnet", confidence: 70, starts: "appid="}},
	"x-ms-ests-server":              {{layer: "entra", confidence: 97}},
	"x-auth0-requestid":             {{layer: "auth0", confidence: 97}},
	"x-okta-request-id":             {{layer: "okta", confidence: 97}},
	"x-amz-cognito-request-id":      {{layer: "cognito", confidence: 95}},
	"x-vercel-id":                   {{layer: "vercel", confidence: 97}},
	"x-vercel-error":                {{layer: "vercel", confidence: 97, made: true}},
	"x-nf-request-id":               {{layer: "netlify", confidence: 97}},
	"fly-request-id":                {{layer: "fly", confidence: 97}},
	"rndr-id":                       {{layer: "render", confidence: 97}},
	"x-render-origin-server":        {{layer: "render", confidence: 97}},
	"x-railway-request-id":          {{layer: "railway", confidence: 97}},
	"x-railway-fallback":            {{layer: "railway", confidence: 97, made: true}},
	"ngrok-error-code":              {{layer: "ngrok", confidence: 98, made: true}},
	"ngrok-trace-id":                {{layer: "ngrok", confidence: 97}},
	"x-localtunnel-status":          {{layer: "localtunnel", confidence: 95, made: true}},
	"sb-gateway-version":            {{layer: "supabase", confidence: 97}},
	"sb-project-ref":                {{layer: "supabase", confidence: 97}},
	"x-github-request-id":           {{layer: "github-pages", confidence: 60}},
	"x-corsdash-error":              {{layer: "corsdash", confidence: 99, made: true}},
	"set-cookie": {
		{layer: "tomcat", confidence: 65, starts: "jsessionid="}, {layer: "laravel", confidence: 92, starts: "laravel_session="},
		{layer: "laravel", confidence: 65, starts: "xsrf-token=eyj"}, {layer: "php", confidence: 90, starts: "phpsessid="},
		{layer: "aspnet", confidence: 92, starts: ".aspnetcore."}, {layer: "aspnet", confidence: 90, starts: "asp.net_sessionid="},
		{layer: "express", confidence: 80, starts: "connect.sid="}, {layer: "django", confidence: 75, starts: "csrftoken="},
		{layer: "vercel", confidence: 92, starts: "_vercel_sso_nonce="}, {layer: "aws-alb", confidence: 92, starts: "awsalb"},
		{layer: "azure-app-service", confidence: 90, starts: "arraffinity="}, {layer: "cloudflare", confidence: 90, starts: "__cf_bm="},
		{layer: "heroku", confidence: 80, starts: "heroku-session-affinity="}, {layer: "oauth2-proxy", confidence: 85, starts: "_oauth2_proxy"},
		{layer: "rails", confidence: 60, starts: "_session_id="}, {layer: "flask", confidence: 40, starts: "session=.ej"},
		{layer: "keycloak", confidence: 92, starts: "keycloak_"}, {layer: "keycloak", confidence: 80, starts: "auth_session_id="},
	},
	"access-control-allow-headers": {{layer: "wordpress", confidence: 90, contains: "X-WP-Nonce"}},
}
