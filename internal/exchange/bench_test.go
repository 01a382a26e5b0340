package exchange

import (
	"fmt"
	"strings"
	"testing"
)

func benchExchange(body string) *Exchange {
	return &Exchange{ID: 7, Upstream: "http://localhost:8000", Request: Request{Method: "GET", URL: "http://localhost:8900/api/items?page=2&sort=name", Proto: "HTTP/1.1",
		Headers: Headers{
			{"Host", "localhost:8900"}, {"Connection", "keep-alive"}, {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"},
			{"Accept", "application/json, text/plain, */*"}, {"Origin", "http://localhost:3000"}, {"Referer", "http://localhost:3000/"},
			{"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Dest", "empty"}, {"Accept-Encoding", "gzip, deflate, br, zstd"},
			{"Accept-Language", "en-US,en;q=0.9"}, {"X-Request-Id", "c0ffee-42"}}},
		Response: &Response{Status: 200, Reason: "OK", Proto: "HTTP/1.1", Headers: Headers{
			{"Date", "Fri, 20 Nov 2026 18:00:00 GMT"}, {"Content-Type", "application/json"}, {"Content-Length", "57"}, {"Server", "uvicorn"},
			{"Access-Control-Allow-Origin", "http://localhost:3000"}, {"Access-Control-Allow-Credentials", "true"}, {"Vary", "Origin"}, {"Cache-Control", "no-store"}},
			Body: Body{Size: int64(len(body)), Data: body}}}
}

func plainJSON(n int) string {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `{"id":%d,"title":"Item number %d","created_at":"2026-11-20T18:%02d:00Z","price":%d.99,"available":true,"owner":{"name":"Jane Doe","url":"https://example.com/u/%d"}},`, i, i, i%60, i*3, i)
	}
	return b.String()[:n-3] + `{}]}`
}

func BenchmarkRedactTiny(b *testing.B) {
	r, _ := NewRedactor(RedactRules{})
	x := benchExchange(`{"id":42,"name":"a thing","price":"12.90","tags":["a","b"]}`)
	b.ReportAllocs()
	for b.Loop() {
		r.Exchange(x)
	}
}

func BenchmarkRedactJSON10K(b *testing.B) {
	r, _ := NewRedactor(RedactRules{})
	s := plainJSON(10_000)
	b.SetBytes(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if r.Text(s) != s {
			b.Fatal("changed")
		}
	}
}
