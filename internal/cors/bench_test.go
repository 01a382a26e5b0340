package cors

import "testing"

func simpleAttempt() *Attempt {
	return &Attempt{Wire: []Exchange{{
		Request: Request{Method: "GET", URL: "http://localhost:8000/api/items?page=2", Headers: Headers{
			{"Host", "localhost:8000"}, {"Connection", "keep-alive"}, {"User-Agent", chromeAgent}, {"Accept", "*/*"},
			{"Origin", "http://localhost:3000"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Mode", "cors"},
			{"Sec-Fetch-Dest", "empty"}, {"Referer", "http://localhost:3000/"}, {"Accept-Encoding", "gzip, deflate, br, zstd"},
			{"Accept-Language", "en-US,en;q=0.9"}, {"Cookie", "sid=abc123"},
		}},
		Response: &Response{Status: 200, Headers: Headers{
			{"Server", "uvicorn"}, {"Date", "Thu, 01 Jan 2026 00:00:00 GMT"}, {"Content-Type", "application/json"},
			{"Access-Control-Allow-Origin", "http://localhost:3000"}, {"Access-Control-Allow-Credentials", "true"},
			{"Vary", "Origin"}, {"Content-Length", "11"},
		}, BodySize: 11},
	}}}
}

const chromeAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

func preflightAttempt() *Attempt {
	a := simpleAttempt()
	pre := Exchange{
		Request: Request{Method: "OPTIONS", URL: a.Wire[0].Request.URL, Headers: Headers{
			{"Host", "localhost:8000"}, {"Accept", "*/*"}, {"Access-Control-Request-Method", "PUT"},
			{"Access-Control-Request-Headers", "content-type,x-foo"}, {"Origin", "http://localhost:3000"},
			{"User-Agent", chromeAgent}, {"Sec-Fetch-Mode", "cors"},
		}},
		Response: &Response{Status: 204, Headers: Headers{
			{"Access-Control-Allow-Origin", "http://localhost:3000"}, {"Access-Control-Allow-Credentials", "true"},
			{"Access-Control-Allow-Methods", "GET, PUT, DELETE"}, {"Access-Control-Allow-Headers", "x-foo, content-type"},
		}},
	}
	a.Wire[0].Request.Method = "PUT"
	a.Wire = append([]Exchange{pre}, a.Wire...)
	return a
}

func homeAttempt() *Attempt {
	a := simpleAttempt()
	h := a.Wire[0].Request.Headers
	h[4], h[5] = Header{"Referer", "http://localhost:8000/"}, Header{"Sec-Fetch-Site", "same-origin"}
	return a
}

func imageAttempt() *Attempt {
	a := simpleAttempt()
	h := a.Wire[0].Request.Headers
	h[4], h[6], h[7] = Header{"Referer", "http://localhost:3000/"}, Header{"Sec-Fetch-Mode", "no-cors"}, Header{"Sec-Fetch-Dest", "image"}
	a.Wire[0].Response.Headers[2].Value = "image/png"
	return a
}

func BenchmarkJudge(b *testing.B) {
	unknown := simpleAttempt()
	unknown.Wire[0].Request.Headers = unknown.Wire[0].Request.Headers[:11]
	blocked := simpleAttempt()
	blocked.Wire[0].Response.Headers[3].Value = "http://localhost:4000"
	for _, c := range []struct {
		name string
		a    *Attempt
	}{
		{"simple", simpleAttempt()}, {"preflight", preflightAttempt()}, {"blocked", blocked},
		{"conditional", unknown}, {"same-origin", homeAttempt()}, {"image", imageAttempt()},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = Judge(c.a, Chromium)
			}
		})
	}
}

func BenchmarkJudgeAll(b *testing.B) {
	a := preflightAttempt()
	b.ReportAllocs()
	for b.Loop() {
		_ = JudgeAll(a)
	}
}

func BenchmarkVectors(b *testing.B) {
	vs := vectors(b, "chromium")
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		_ = Judge(&vs[i%len(vs)].Attempt, Chromium)
		i++
	}
}
