package diag

import (
	"fmt"
	"testing"
	"time"

	"corsdash/internal/exchange"
)

// replayed makes traffic as a day of development brings it: mostly plain
// requests of one origin, a good part across origins with preflights, some of
// it broken.
type replayed struct {
	id uint64
	at time.Time
}

func (r *replayed) next(method, url string, request exchange.Headers, status int, response exchange.Headers, body string) *exchange.Exchange {
	r.id++
	r.at = r.at.Add(7 * time.Millisecond)
	return &exchange.Exchange{
		ID: r.id, Client: "127.0.0.1:51234", Upstream: "http://localhost:8000",
		Request:  exchange.Request{Method: method, URL: "http://localhost:8900" + url, Proto: "HTTP/1.1", Headers: request},
		Response: &exchange.Response{Status: status, Proto: "HTTP/1.1", Headers: response, Body: exchange.Body{Size: int64(len(body)), Data: body}},
		Timing:   exchange.Timing{Started: r.at, Took: 5 * time.Millisecond},
	}
}

func lines(pairs ...string) (h exchange.Headers) {
	for i := 0; i+1 < len(pairs); i += 2 {
		h = append(h, exchange.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return h
}

const page = "http://localhost:5173"

func browserHead(site, mode string, more ...string) exchange.Headers {
	h := lines("Host", "localhost:8900", "Connection", "keep-alive", "User-Agent", agents["a"], "Accept", "*/*",
		"sec-ch-ua", `"Chromium";v="142"`, "sec-ch-ua-mobile", "?0", "sec-ch-ua-platform", `"Linux"`,
		"Sec-Fetch-Site", site, "Sec-Fetch-Mode", mode, "Sec-Fetch-Dest", "empty", "Referer", page+"/", "Accept-Encoding", "gzip, deflate, br, zstd")
	return append(h, lines(more...)...)
}

func serverHead(now time.Time, more ...string) exchange.Headers {
	return append(lines("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), "Server", "uvicorn", "Content-Type", "application/json", "Content-Length", "2"), lines(more...)...)
}

var allowed = []string{"Access-Control-Allow-Origin", page, "Access-Control-Allow-Credentials", "true", "Vary", "Origin"}

// plain is a request within one origin.
func (r *replayed) plain(n int) *exchange.Exchange {
	return r.next("GET", fmt.Sprintf("/assets/chunk-%d.js", n%40), browserHead("same-origin", "cors", "Cookie", "session=abcdefghijklmnop; theme=dark"),
		200, serverHead(r.at, "Cache-Control", "no-cache"), "{}")
}

func (r *replayed) mixed(n int) []*exchange.Exchange {
	token := "Bearer " + makeToken([]string{"sub=u1", fmt.Sprintf("jti=%d", n/500), "exp=+10m"}, base.Add(time.Duration(n/500)*time.Second))
	api := fmt.Sprintf("/api/items/%d", n%300)
	switch k := n % 100; {
	case k < 55:
		return []*exchange.Exchange{r.plain(n)}
	case k < 70: // across origins, with a token, preflight cached
		return []*exchange.Exchange{r.next("GET", api, browserHead("same-site", "cors", "Origin", page, "Authorization", token), 200, serverHead(r.at, allowed...), `{"id":1}`)}
	case k < 80:
		return []*exchange.Exchange{
			r.next("OPTIONS", api, browserHead("same-site", "cors", "Origin", page, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type"),
				204, serverHead(r.at, append([]string{"Access-Control-Allow-Methods", "GET, PUT, DELETE", "Access-Control-Allow-Headers", "Authorization, Content-Type"}, allowed...)...), ""),
			r.next("PUT", api, browserHead("same-site", "cors", "Origin", page, "Authorization", token, "Content-Type", "application/json"), 200, serverHead(r.at, allowed...), `{"id":1}`),
		}
	case k < 88: // a public API
		return []*exchange.Exchange{r.next("GET", "/public/prices", browserHead("same-site", "cors", "Origin", page), 200, serverHead(r.at, "Access-Control-Allow-Origin", "*"), `[]`)}
	case k < 92: // hidden errors
		return []*exchange.Exchange{r.next("GET", "/api/reports", browserHead("same-site", "cors", "Origin", page), 500,
			lines("date", "x", "server", "uvicorn", "content-type", "text/plain; charset=utf-8"), "Internal Server Error")}
	case k < 95: // a slash is missing
		return []*exchange.Exchange{
			r.next("GET", "/api/users", browserHead("same-site", "cors", "Origin", page), 307, serverHead(r.at, append([]string{"Location", "http://localhost:8900/api/users/"}, allowed...)...), ""),
			r.next("GET", "/api/users/", browserHead("same-site", "cors", "Origin", page), 200, serverHead(r.at, allowed...), "[]"),
		}
	case k < 97:
		return []*exchange.Exchange{r.next("GET", "/api/nothing", browserHead("same-site", "cors", "Origin", page), 404, serverHead(r.at, allowed...), `{"detail":"Not Found"}`)}
	}
	old := "Bearer " + makeToken([]string{"sub=u1", fmt.Sprintf("jti=x%d", n), "exp=-1m"}, r.at)
	fresh := makeToken([]string{"sub=u1", fmt.Sprintf("jti=y%d", n), "exp=+10m"}, r.at)
	return []*exchange.Exchange{
		r.next("GET", api, browserHead("same-site", "cors", "Origin", page, "Authorization", old), 401, serverHead(r.at, allowed...), `{"detail":"expired"}`),
		r.next("POST", "/api/auth/refresh", browserHead("same-site", "cors", "Origin", page, "Cookie", "refresh_token=abcdefghijklmnop"), 200, serverHead(r.at, allowed...), `{"access_token":"`+fresh+`"}`),
		r.next("GET", api, browserHead("same-site", "cors", "Origin", page, "Authorization", "Bearer "+fresh), 200, serverHead(r.at, allowed...), `{"id":1}`),
	}
}

// BenchmarkReplay is the time of one exchange of mixed traffic.
func BenchmarkReplay(b *testing.B) {
	var traffic []*exchange.Exchange
	r := &replayed{at: base}
	for n := 0; len(traffic) < 100_000; n++ {
		traffic = append(traffic, r.mixed(n)...)
	}
	e := newTestEngine(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(traffic) {
			i = 0
			e = newTestEngine(b)
		}
		e.Add(traffic[i])
		i++
	}
}

// BenchmarkPlain is the time of a request within one origin.
func BenchmarkPlain(b *testing.B) {
	r := &replayed{at: base}
	var traffic []*exchange.Exchange
	for n := range 1000 {
		traffic = append(traffic, r.plain(n))
	}
	e := newTestEngine(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		e.Add(traffic[i%len(traffic)])
		i++
	}
}

// TestBounds: what the engine holds does not grow with what it has seen.
func TestBounds(t *testing.T) {
	e := newTestEngine(t)
	r := &replayed{at: base}
	for n := range 20_000 {
		for _, x := range r.mixed(n) {
			x.Request.URL += fmt.Sprintf("/u%d-%d", n, n*7919) // a new route each time
			x.Client = fmt.Sprintf("10.0.%d.%d:1", n/250%250, n%250)
			x.Upstream = fmt.Sprintf("http://localhost:%d", 8000+n%500)
			e.Add(x)
		}
	}
	routes := 0
	for _, u := range e.upstreams.byName {
		routes += len(u.routes)
	}
	for _, bound := range []struct {
		what      string
		got, want int
	}{
		{"clients", len(e.clients.byID), maxClients}, {"upstreams", len(e.upstreams.byName), maxUpstreams}, {"routes", routes, maxUpstreams * maxRoutes},
		{"kept", len(e.kept.byID), maxKept + 1}, {"kept queue", len(e.kept.queue), 4*maxKept + 512}, {"bytes kept", e.kept.weight, maxKeptWeight},
		{"waiting", e.permitted.count + e.redirects.count, 2 * maxWaiting}, {"waiting queue", len(e.permitted.queue), 10 * maxWaiting},
		{"tokens", len(e.tokens.byHash), maxTokens}, {"stories", len(e.stories.list), maxStories}, {"grants", len(e.ledger.byKey), maxGrants},
		{"due", len(e.dues.heap), maxDues}, {"touched", len(e.touched), 0},
	} {
		if bound.got > bound.want {
			t.Errorf("%s: %d, at most %d wanted", bound.what, bound.got, bound.want)
		}
	}
}
