package layer

// about is what is known of a layer whatever showed it.
type about struct {
	kind  Kind
	stack string
}

// layers lists all that can be recognised.
var layers = map[string]about{
	// Python
	"uvicorn": {AppServer, ""}, "hypercorn": {AppServer, ""}, "daphne": {AppServer, ""}, "gunicorn": {AppServer, ""},
	"granian": {AppServer, ""}, "waitress": {AppServer, ""},
	"starlette": {Framework, "fastapi"}, "fastapi": {Framework, "fastapi"}, "werkzeug": {AppServer, "flask"}, "flask": {Framework, "flask"},
	"django-runserver": {AppServer, "django"}, "django": {Framework, "django"}, "django-rest-framework": {Framework, "django"},
	"aiohttp": {Framework, ""}, "tornado": {Framework, ""}, "python-http-server": {AppServer, ""},
	// JavaScript
	"express": {Framework, "express"}, "nestjs": {Framework, "nest"}, "fastify": {Framework, "fastify"}, "koa": {Framework, ""},
	"hono": {Framework, ""}, "next": {Framework, "next"}, "nuxt": {Framework, ""}, "sveltekit": {Framework, ""}, "remix": {Framework, ""},
	"hapi": {Framework, ""}, "sails": {Framework, ""}, "helmet": {Middleware, ""}, "apollo": {Framework, ""},
	"vite": {DevServer, "vite"}, "webpack-dev-server": {DevServer, ""}, "create-react-app": {DevServer, ""}, "angular-cli": {DevServer, ""},
	"http-proxy-middleware": {DevServer, ""}, "json-server": {Framework, ""},
	// Java and .NET
	"spring": {Framework, "spring"}, "spring-security": {Middleware, "spring"}, "tomcat": {AppServer, "spring"}, "jetty": {AppServer, ""},
	"undertow": {AppServer, ""}, "quarkus": {Framework, ""}, "micronaut": {Framework, ""}, "ktor": {Framework, ""}, "play": {Framework, ""},
	"aspnet": {Framework, "aspnet"}, "kestrel": {AppServer, "aspnet"}, "iis": {WebServer, "aspnet"},
	// Ruby, PHP, Go, Rust
	"rails": {Framework, "rails"}, "puma": {AppServer, "rails"}, "passenger": {AppServer, "rails"}, "webrick": {AppServer, "rails"},
	"rack-cors": {Middleware, "rails"}, "sinatra": {Framework, "rails"},
	"php": {Framework, "laravel"}, "laravel": {Framework, "laravel"}, "symfony": {Framework, ""}, "wordpress": {App, ""}, "drupal": {App, ""},
	"go": {Framework, "go"}, "gin": {Framework, "gin"}, "echo": {Framework, "echo"}, "fiber": {Framework, ""},
	"axum": {Framework, ""}, "actix": {Framework, ""}, "rocket": {Framework, ""}, "phoenix": {Framework, ""}, "cowboy": {AppServer, ""},
	// Servers and gateways
	"nginx": {WebServer, "nginx"}, "openresty": {WebServer, "nginx"}, "apache": {WebServer, "apache"}, "caddy": {WebServer, "caddy"},
	"lighttpd": {WebServer, ""}, "litespeed": {WebServer, ""}, "haproxy": {Gateway, ""}, "traefik": {Gateway, "traefik"}, "envoy": {Gateway, ""},
	"istio": {Gateway, ""}, "kong": {Gateway, ""}, "varnish": {CDN, ""}, "squid": {Gateway, ""}, "tyk": {Gateway, ""}, "krakend": {Gateway, ""},
	"oauth2-proxy": {Middleware, ""}, "postgrest": {App, ""}, "hasura": {App, ""},
	// Clouds
	"aws-api-gateway": {Gateway, "apigateway"}, "aws-alb": {Gateway, ""}, "aws-lambda": {Platform, ""}, "cloudfront": {CDN, ""}, "s3": {App, ""},
	"aws-waf": {Gateway, ""}, "cloudflare": {CDN, ""}, "google-frontend": {Gateway, ""}, "google-iap": {Middleware, ""}, "firebase": {Platform, ""},
	"azure-app-service": {Platform, ""}, "azure-front-door": {CDN, ""}, "azure-api-management": {Gateway, ""}, "azure-functions": {Platform, ""},
	"fastly": {CDN, ""}, "akamai": {CDN, ""}, "vercel": {Platform, ""}, "netlify": {Platform, ""}, "fly": {Platform, ""}, "render": {Platform, ""},
	"railway": {Platform, ""}, "heroku": {Platform, ""}, "ngrok": {Platform, ""}, "localtunnel": {Platform, ""}, "cloudflare-tunnel": {Platform, ""},
	"supabase": {Platform, ""}, "github-pages": {Platform, ""},
	// Identity providers
	"keycloak": {App, ""}, "auth0": {App, ""}, "entra": {App, ""}, "okta": {App, ""}, "cognito": {App, ""},
	"corsdash": {Gateway, ""},
}

// titles are names that are not written in lower case.
var titles = map[string]string{
	"hypercorn": "Hypercorn", "daphne": "Daphne", "gunicorn": "Gunicorn", "starlette": "Starlette", "fastapi": "FastAPI", "werkzeug": "Werkzeug",
	"flask": "Flask", "django": "Django", "django-runserver": "Django's runserver", "django-rest-framework": "Django REST framework", "tornado": "Tornado",
	"express": "Express", "nestjs": "NestJS", "fastify": "Fastify", "koa": "Koa", "hono": "Hono", "next": "Next.js", "nuxt": "Nuxt", "sveltekit": "SvelteKit",
	"remix": "Remix", "apollo": "Apollo", "vite": "Vite", "create-react-app": "Create React App", "angular-cli": "Angular CLI", "spring": "Spring",
	"spring-security": "Spring Security", "tomcat": "Tomcat", "jetty": "Jetty", "undertow": "Undertow", "quarkus": "Quarkus", "micronaut": "Micronaut", "ktor": "Ktor",
	"aspnet": "ASP.NET Core", "kestrel": "Kestrel", "iis": "IIS", "rails": "Rails", "puma": "Puma", "passenger": "Passenger", "php": "PHP", "laravel": "Laravel",
	"symfony": "Symfony", "wordpress": "WordPress", "drupal": "Drupal", "go": "Go", "gin": "Gin", "echo": "Echo", "fiber": "Fiber", "rocket": "Rocket",
	"phoenix": "Phoenix", "cowboy": "Cowboy", "openresty": "OpenResty", "apache": "Apache", "caddy": "Caddy", "litespeed": "LiteSpeed", "haproxy": "HAProxy",
	"traefik": "Traefik", "envoy": "Envoy", "istio": "Istio", "kong": "Kong", "varnish": "Varnish", "squid": "Squid", "tyk": "Tyk", "krakend": "KrakenD",
	"oauth2-proxy": "OAuth2 Proxy", "postgrest": "PostgREST", "hasura": "Hasura", "aws-api-gateway": "AWS API Gateway", "aws-alb": "the AWS load balancer",
	"aws-lambda": "AWS Lambda", "cloudfront": "CloudFront", "s3": "S3", "aws-waf": "AWS WAF", "cloudflare": "Cloudflare", "google-frontend": "Google's front end",
	"google-iap": "Google IAP", "firebase": "Firebase", "azure-app-service": "Azure App Service", "azure-front-door": "Azure Front Door",
	"azure-api-management": "Azure API Management", "azure-functions": "Azure Functions", "fastly": "Fastly", "akamai": "Akamai", "vercel": "Vercel",
	"netlify": "Netlify", "fly": "Fly.io", "render": "Render", "railway": "Railway", "heroku": "Heroku", "cloudflare-tunnel": "the Cloudflare tunnel",
	"supabase": "Supabase", "github-pages": "GitHub Pages", "keycloak": "Keycloak", "auth0": "Auth0", "entra": "Microsoft Entra", "okta": "Okta", "cognito": "Cognito",
}
