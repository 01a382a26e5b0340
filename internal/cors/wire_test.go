package cors

// The tests' page and its API server.
const (
	web = "http://web.test:3000"
	api = "http://api.test:8000"
)

// lines makes header lines of names and values.
func lines(pairs ...string) Headers {
	var h Headers
	for i := 0; i+1 < len(pairs); i += 2 {
		h = append(h, Header{pairs[i], pairs[i+1]})
	}
	return h
}

func reply(status int, pairs ...string) *Response {
	return &Response{Status: status, Headers: lines(pairs...)}
}

// sent is a request of the page and its answer.
func sent(method, url string, resp *Response, pairs ...string) Exchange {
	return Exchange{Request: Request{Method: method, URL: url, Headers: lines(pairs...)}, Response: resp}
}

// crossing is a request with the page's Origin.
func crossing(method, url string, resp *Response, pairs ...string) Exchange {
	return sent(method, url, resp, append([]string{"Origin", web}, pairs...)...)
}

// permission is a preflight with the page's Origin.
func permission(method, names, url string, resp *Response) Exchange {
	x := crossing("OPTIONS", url, resp, "Access-Control-Request-Method", method)
	if names != "" {
		x.Request.Headers = append(x.Request.Headers, Header{"Access-Control-Request-Headers", names})
	}
	return x
}

// fetched is a complete recording of a fetch().
func fetched(method, url, credentials string, wire ...Exchange) *Attempt {
	return &Attempt{
		PageOrigin: web,
		Hints:      &Hints{API: string(Fetch), URL: url, Method: method, Credentials: credentials},
		Wire:       wire,
	}
}

// everywhere judges for each engine.
func everywhere(a *Attempt) (out [3]Verdict) {
	for _, e := range Engines() {
		out[e] = Judge(a, e)
	}
	return out
}
