package exchange

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// benchExchange is an exchange with 12 request and 8 response headers, as a
// browser and a small backend send them, and nothing secret.
func benchExchange(body string) *Exchange {
	return &Exchange{
		ID: 7, Upstream: "http://localhost:8000", Client: "127.0.0.1:51234", Address: "127.0.0.1:8000",
		Request: Request{Method: "GET", URL: "http://localhost:8900/api/items?page=2&sort=name", Proto: "HTTP/1.1", Headers: Headers{
			{"Host", "localhost:8900"}, {"Connection", "keep-alive"},
			{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"},
			{"Accept", "application/json, text/plain, */*"}, {"Origin", "http://localhost:3000"}, {"Referer", "http://localhost:3000/"},
			{"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Dest", "empty"}, {"Accept-Encoding", "gzip, deflate, br, zstd"},
			{"Accept-Language", "en-US,en;q=0.9"}, {"X-Request-Id", "c0ffee-42"}}},
		Response: &Response{Status: 200, Reason: "OK", Proto: "HTTP/1.1", Headers: Headers{
			{"Date", "Fri, 20 Nov 2026 18:00:00 GMT"}, {"Content-Type", "application/json"}, {"Content-Length", "57"}, {"Server", "uvicorn"},
			{"Access-Control-Allow-Origin", "http://localhost:3000"}, {"Access-Control-Allow-Credentials", "true"}, {"Vary", "Origin"},
			{"Cache-Control", "no-store"}}, Body: Body{Size: int64(len(body)), Data: body}},
	}
}

const smallBody = `{"id":42,"name":"a thing","price":"12.90","tags":["a","b"]}`

// plainJSON is n bytes of JSON without secrets, with URLs, times and addresses.
func plainJSON(n int) string {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `{"id":%d,"title":"Item number %d","created_at":"2026-11-20T18:%02d:00Z","price":%d.99,"available":true,`+
			`"owner":{"name":"Jane Doe","email":"jane@example.com","url":"https://example.com/u/%d"}},`, i, i, i%60, i*3, i)
	}
	return b.String()[:n-3] + `{}]}`
}

func BenchmarkRedact(b *testing.B) {
	withLogin := benchExchange(smallBody)
	withLogin.Request.Headers = append(withLogin.Request.Headers,
		Header{"Authorization", "Bearer " + makeJWT(jwtHeader, `{"sub":"u1","iss":"https://id.example","exp":1700000000,"email":"jane@example.com"}`, strings.Repeat("s", 256))},
		Header{"Cookie", "sid=9f86d081884c7d659a2feaa0c55ad015; csrftoken=a3bf4f1b2b0b822cd15d6c15b0f00a08; theme=dark; _ga=GA1.1.1234567890.1700000000"})
	withLogin10K := *withLogin
	withLogin10K.Response = benchExchange(plainJSON(10_000)).Response
	for _, bench := range []struct {
		name string
		x    *Exchange
	}{
		{"tiny", benchExchange(smallBody)}, {"10KB", benchExchange(plainJSON(10_000))}, {"64KB", benchExchange(plainJSON(64 << 10))},
		{"tiny with login", withLogin}, {"10KB with login", &withLogin10K},
		{"token answer", benchExchange(`{"access_token":"` + strings.Repeat("x1", 400) + `","refresh_token":"abc","expires_in":3600}`)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := testRedactor(b, RedactRules{})
			b.ReportAllocs()
			for b.Loop() {
				r.Exchange(bench.x)
			}
		})
	}
}

func BenchmarkRedactText(b *testing.B) {
	r := testRedactor(b, RedactRules{})
	html := strings.Repeat(`<div class="row"><a href="/items?page=2&amp;sort=name">Items: all</a><p style="color: red">Text with words.</p></div>`, 90)
	for name, text := range map[string]string{"JSON": plainJSON(10_000), "HTML": html[:10_000]} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if r.Text(text) != text {
					b.Fatal("there are no secrets")
				}
			}
		})
	}
}

// BenchmarkDraft is what the capture costs a proxied request: noting it and
// copying the record. It must not allocate.
func BenchmarkDraft(b *testing.B) {
	x := benchExchange("")
	requestLines, responseLines := lineBlock(x.Request.Headers), lineBlock(x.Response.Headers)
	method, origin, target, proto := []byte("GET"), []byte("http://localhost:8900"), []byte("/api/items?page=2&sort=name"), []byte("HTTP/1.1")
	started := time.Unix(1_700_000_000, 0)
	for _, size := range []int{200, 10_000, 64 << 10} {
		body := []byte(plainJSON(size))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var d Draft
			dst := make([]byte, 128<<10)
			b.ReportAllocs()
			for b.Loop() {
				d.Reset(started)
				d.Client(x.Client)
				d.Upstream(x.Upstream)
				d.Address(x.Address)
				d.Request(method, origin, target, proto, requestLines)
				d.Response(200, nil, proto, responseLines)
				for rest := body; len(rest) > 0; {
					n := min(len(rest), 32<<10)
					d.ResponseBody(rest[:n], 256<<10)
					rest = rest[n:]
				}
				d.Encode(dst)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range []int{200, 10_000, 64 << 10} {
		rec := Record(encoded(benchExchange(plainJSON(size))))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rec.Decode(-1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	x := benchExchange(plainJSON(10_000))
	dst := make([]byte, 64<<10)
	var d Draft
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(x.Timing.Started)
		d.Load(x)
		d.Encode(dst)
	}
}
