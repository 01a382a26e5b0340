package layer

import (
	"strings"

	"corsdash/internal/exchange"
)

// line is a header line of a combination.
type line struct{ name, value string } // value "" for any

func (l line) in(h exchange.Headers) bool {
	value, ok := h.Get(l.name)
	return ok && (l.value == "" || strings.EqualFold(value, l.value))
}

// combination is a set of header lines that together give a layer away. Its
// first line is looked for first; most answers do not have it.
type combination struct {
	layer      string
	confidence int
	lines      []line
	without    string // a header that would say otherwise
	made       bool
}

var combinations = []combination{
	{"django", 86, []line{{"Cross-Origin-Opener-Policy", "same-origin"}, {"Referrer-Policy", "same-origin"}, {"X-Frame-Options", "DENY"}}, "X-DNS-Prefetch-Control", false},
	{"helmet", 93, []line{{"X-DNS-Prefetch-Control", "off"}, {"X-Permitted-Cross-Domain-Policies", "none"}}, "", false},
	{"helmet", 85, []line{{"Origin-Agent-Cluster", "?1"}, {"Cross-Origin-Resource-Policy", ""}}, "", false},
	{"spring-security", 90, []line{{"X-XSS-Protection", "0"}, {"Expires", "0"}, {"Pragma", "no-cache"}}, "", false},
	{"rails", 86, []line{{"X-Runtime", ""}, {"X-Request-Id", ""}}, "", false},
	{"aws-api-gateway", 88, []line{{"x-amzn-RequestId", ""}, {"x-amzn-ErrorType", ""}}, "", true},
	{"s3", 92, []line{{"x-amz-request-id", ""}, {"Server", "AmazonS3"}}, "", false},
	{"azure-functions", 60, []line{{"Request-Context", ""}, {"Server", "Kestrel"}}, "X-Powered-By", false},
}

func (s *search) combinations(h exchange.Headers) {
	for i := range combinations {
		c := &combinations[i]
		if c.without != "" && h.Has(c.without) || !c.in(h) {
			continue
		}
		s.found(c.layer, c.confidence, c.lines[0].name+" and "+c.lines[len(c.lines)-1].name+" together", c.made)
	}
	s.vary(h)
}

func (c *combination) in(h exchange.Headers) bool {
	for _, l := range c.lines {
		if !l.in(h) {
			return false
		}
	}
	return true
}

// vary reads the handwriting of CORS libraries, which all vary by the same
// names and write them down differently.
func (s *search) vary(h exchange.Headers) {
	lines := h.Values("Vary")
	if len(lines) >= 3 && lines[0] == "Origin" && lines[1] == "Access-Control-Request-Method" && lines[2] == "Access-Control-Request-Headers" {
		s.found("spring", 88, "Vary: Origin, and two more lines of Vary", false)
	}
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l, "RSC, Next-Router-State-Tree"), strings.HasPrefix(l, "rsc, next-router-state-tree"):
			s.found("next", 95, "Vary: "+shortened(l), false)
		case l == "origin, access-control-request-method, access-control-request-headers":
			s.found("axum", 72, "vary: "+shortened(l), false)
		case l == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" && !h.Has("X-Powered-By") && !h.Has("Server"):
			s.found("go", 65, "Vary: "+shortened(l), false)
		}
	}
	if s.confidence("envoy") > 0 && !h.Has("x-envoy-upstream-service-time") && h.First("Server") == "envoy" {
		s.found("envoy", 97, "server: envoy without a time of the upstream", true)
	}
}

// implication is a layer that another does not come without.
type implication struct {
	layer, implied string
	confidence     int
}

var implications = []implication{
	{"fastapi", "starlette", 90}, {"django-rest-framework", "django", 92}, {"flask", "werkzeug", 60}, {"werkzeug", "flask", 85},
	{"istio", "envoy", 90}, {"openresty", "nginx", 90}, {"spring-security", "spring", 92}, {"rack-cors", "rails", 70}, {"laravel", "php", 90},
	{"kestrel", "aspnet", 92}, {"gin", "go", 90}, {"echo", "go", 90}, {"wordpress", "php", 70}, {"uvicorn", "starlette", 70},
	{"django-runserver", "django", 70},
}
