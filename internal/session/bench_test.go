package session

import (
	"fmt"
	"testing"
	"time"

	"corsdash/internal/exchange"
)

// BenchmarkAdd is what a proxied request pays, the copy into a ring larger
// than the caches included. The consumer is played by moving its position on.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{200, 10 << 10, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			r := newRing(DefaultMemory)
			var d exchange.Draft
			draftOf(&d, "/api/items/17?page=2", make([]byte, size))
			for range int(r.size) / d.Len() {
				r.done = r.head
				d.ID = 0
				r.add(&d)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.done = r.head
				d.ID = 0
				r.add(&d)
			}
		})
	}
}

// typical fills a draft with the heads a browser and a framework send.
func typical(d *exchange.Draft, n int, body []byte) {
	d.Reset(time.Unix(1_800_000_000, int64(n)*1000))
	d.Took = time.Millisecond
	d.Client("127.0.0.1:51234")
	d.Upstream("http://localhost:8000")
	d.Address("127.0.0.1:8000")
	d.Request([]byte("GET"), []byte("http://localhost:8900"), fmt.Appendf(nil, "/api/items/%d?page=2", n), []byte("HTTP/1.1"), []byte(
		"Host: localhost:8900\r\nConnection: keep-alive\r\nsec-ch-ua-platform: \"Linux\"\r\n"+
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n"+
			"Accept: application/json, text/plain, */*\r\nsec-ch-ua-mobile: ?0\r\nOrigin: http://localhost:3000\r\n"+
			"Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://localhost:3000/\r\n"+
			"Accept-Encoding: gzip, deflate, br, zstd\r\n"))
	d.Response(200, []byte("OK"), []byte("HTTP/1.1"), []byte(
		"Date: Fri, 20 Nov 2026 18:00:00 GMT\r\nServer: uvicorn\r\nContent-Type: application/json\r\n"+
			"Access-Control-Allow-Origin: http://localhost:3000\r\nVary: Origin\r\nCache-Control: no-store\r\n"+
			"X-Request-Id: 5f3c\r\nContent-Length: "))
	d.ResponseBody(body, 256<<10)
}

// uniqueJSON is a body of about size bytes that no other n has.
func uniqueJSON(n, size int) []byte {
	body := []byte("[         1,")
	for i := 0; len(body) < size; i++ {
		h := uint32(n*7919+i) * 2654435761
		body = fmt.Appendf(body, `{"id":%d,"name":"item %x","price":%d.%02d,"tags":["a","b"],"stock":%v},`, n*1000+i, h, h%500, h%100, h%3 == 0)
	}
	return append(body, "null]"...)
}

// BenchmarkConsume is the CPU of everything behind Add at saturation: decode,
// diagnosis, rows, and with a file redaction, compression and SQL. The figure
// is that of the whole process, Add included.
func BenchmarkConsume(b *testing.B) {
	for _, mode := range []string{"memory", "file", "secrets"} {
		for _, size := range []int{200, 10 << 10} {
			b.Run(fmt.Sprintf("%s/%d", mode, size), func(b *testing.B) {
				opts := Options{WithSecrets: mode == "secrets"}
				if mode != "memory" {
					opts.Dir = b.TempDir()
				}
				s := newSession(b, opts)
				bodies := make([][]byte, 4096)
				for i := range bodies {
					bodies[i] = uniqueJSON(i, size)
				}
				var d exchange.Draft
				n, used := 0, cpuTime(b)
				b.ReportAllocs()
				for b.Loop() {
					body := bodies[n%len(bodies)]
					copy(body, fmt.Appendf(nil, "[%9d", n)) // no body comes twice
					typical(&d, n, body)
					s.Add(&d)
					if n++; n%2048 == 0 {
						flushed(b, s)
					}
				}
				flushed(b, s)
				b.ReportMetric(float64(cpuTime(b)-used)/float64(n), "cpu-ns/op")
				if st := s.Stats(); st.Shed+st.File.Dropped > 0 || st.Total != uint64(n) {
					b.Errorf("%+v", st)
				}
			})
		}
	}
}
