package discover

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func addrOf(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	addr, err := netip.ParseAddrPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// answer serves the same to every request.
func answer(status int, page string, headers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, page)
	})
}

// What real servers answer to GET /, cut down to what tells them apart.
func TestServersAreRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.Handler
		want    Server
	}{
		"vite": {answer(200, `<script type="module" src="/@vite/client"></script><title>My &amp;
			App</title>`), Server{Name: "Vite", Confidence: Sure, Frontend: true, Title: "My & App", Status: 200}},
		"next":     {answer(200, "<html>", "X-Powered-By", "Next.js"), Server{Name: "Next.js", Confidence: Sure, Frontend: true, Status: 200}},
		"webpack":  {answer(200, `<script defer src="bundle.js"></script>`, "X-Powered-By", "Express"), Server{Name: "webpack-dev-server", Confidence: Likely, Frontend: true, Status: 200}},
		"express":  {answer(404, "<pre>Cannot GET /</pre>", "X-Powered-By", "Express"), Server{Name: "Express", Confidence: Sure, Status: 404}},
		"fastapi":  {answer(404, `{"detail":"Not Found"}`, "Server", "uvicorn"), Server{Name: "FastAPI on uvicorn", Confidence: Likely, Status: 404}},
		"uvicorn":  {answer(200, "hi", "Server", "uvicorn"), Server{Name: "uvicorn (FastAPI, Starlette)", Confidence: Sure, Status: 200}},
		"django":   {answer(200, "hi", "Server", "WSGIServer/0.2 CPython/3.12.1"), Server{Name: "Django", Confidence: Sure, Status: 200}},
		"flask":    {answer(404, "<title>404 Not Found</title>", "Server", "Werkzeug/3.0.1 Python/3.12.1"), Server{Name: "Flask (Werkzeug)", Confidence: Sure, Title: "404 Not Found", Status: 404}},
		"spring":   {answer(404, `{"timestamp":"2026-11-20T18:00:00.000+00:00","status":404,"error":"Not Found","path":"/"}`), Server{Name: "Spring Boot", Confidence: Likely, Status: 404}},
		"rails":    {answer(200, "<title>Ruby on Rails 8.0</title>", "X-Runtime", "0.01"), Server{Name: "Rails", Confidence: Sure, Title: "Ruby on Rails 8.0", Status: 200}},
		"laravel":  {answer(200, "", "X-Powered-By", "PHP/8.3", "Set-Cookie", "XSRF-TOKEN=a", "Set-Cookie", "laravel_session=b"), Server{Name: "Laravel", Confidence: Sure, Status: 200}},
		"php":      {answer(200, "", "X-Powered-By", "PHP/8.3"), Server{Name: "PHP", Confidence: Sure, Status: 200}},
		"kestrel":  {answer(404, "", "Server", "Kestrel"), Server{Name: "ASP.NET Core (Kestrel)", Confidence: Sure, Status: 404}},
		"nginx":    {answer(200, "<title>Welcome to nginx!</title>", "Server", "nginx/1.27"), Server{Name: "nginx", Confidence: Sure, Title: "Welcome to nginx!", Status: 200}},
		"go":       {http.NotFoundHandler(), Server{Name: "Go", Confidence: Likely, Status: 404}},
		"unlisted": {answer(200, "", "Server", "gostatic/1.2 (linux)"), Server{Name: "gostatic/1.2", Confidence: Likely, Status: 200}},
		"nobody":   {answer(204, ""), Server{Status: 204}},
		"redirect": {answer(302, "", "Location", "http://192.0.2.1/elsewhere"), Server{Status: 302}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.handler)
			defer server.Close()
			addr := addrOf(t, server.Listener.Addr())
			c.want.Addr, c.want.Port = addr.String(), int(addr.Port())
			got := Scan(t.Context(), Options{Addrs: []netip.AddrPort{addr}, UserAgent: "corsdash/test"})
			if diff := cmp.Diff([]Server{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheRequestIsPoliteAndSaysWhoAsks(t *testing.T) {
	requests := make(chan *http.Request, 2)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { requests <- r }))
	defer server.Close()
	addr := addrOf(t, server.Listener.Addr())
	Scan(t.Context(), Options{Addrs: []netip.AddrPort{addr}, UserAgent: "corsdash/1.0"})
	r := <-requests
	if r.Method != "GET" || r.URL.Path != "/" || r.Host != "localhost:"+strconv.Itoa(int(addr.Port())) || r.UserAgent() != "corsdash/1.0" {
		t.Errorf("%s %s to %s by %s", r.Method, r.URL, r.Host, r.UserAgent())
	}
	if len(requests) != 0 {
		t.Error("the server was asked twice")
	}
}

func TestTLSServersAreFound(t *testing.T) {
	server := httptest.NewTLSServer(answer(200, "", "Server", "Kestrel"))
	defer server.Close()
	got := Scan(t.Context(), Options{Addrs: []netip.AddrPort{addrOf(t, server.Listener.Addr())}})
	if len(got) != 1 || !got[0].TLS || got[0].Name != "ASP.NET Core (Kestrel)" || !strings.HasPrefix(got[0].URL(), "https://localhost:") {
		t.Errorf("%+v", got)
	}
}

// What does not speak HTTP is left out: servers that say something else, that
// say nothing, that close at once, and ports nobody listens on.
func TestOthersAreLeftOut(t *testing.T) {
	begun := time.Now()
	var addrs []netip.AddrPort
	for _, greeting := range []string{"220 mail.example.test ESMTP\r\n", "", "close"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addrs = append(addrs, addrOf(t, l.Addr()))
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				if greeting == "close" {
					c.Close()
				}
				io.WriteString(c, greeting)
			}
		}()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addrs = append(addrs, addrOf(t, l.Addr()))
	l.Close()
	if got := Scan(t.Context(), Options{Addrs: addrs}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if took := time.Since(begun); took > 10*askTimeout {
		t.Errorf("took %v", took)
	}
}

func TestAPageWithoutEndIsReadOnlyInPart(t *testing.T) {
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			n, err := w.Write(make([]byte, 4096))
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	if got := Scan(t.Context(), Options{Addrs: []netip.AddrPort{addrOf(t, server.Listener.Addr())}}); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	server.Close()
	if sent.Load() > 64<<20 {
		t.Errorf("%d bytes were taken", sent.Load())
	}
}

func TestOnlyLoopbackIsTouched(t *testing.T) {
	parse := netip.MustParseAddrPort
	got := candidates([]netip.AddrPort{
		parse("0.0.0.0:8000"), parse("[::]:8000"), parse("127.0.0.1:8000"), parse("[::1]:8001"), parse("[::ffff:127.0.0.1]:8002"),
		parse("192.168.1.2:8003"), parse("127.0.0.53:8004"), parse("[fe80::1%eth0]:8005"), parse("127.0.0.1:5432"), parse("127.0.0.1:8900"),
	}, []int{8900})
	want := []netip.AddrPort{parse("127.0.0.1:8000"), parse("127.0.0.1:8002"), parse("[::1]:8000"), parse("[::1]:8001")}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestScanEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := Scan(ctx, Options{Addrs: []netip.AddrPort{addrOf(t, l.Addr())}}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// From the real tables of this machine. Only our own server is asked: others
// that happen to run here are none of a test's business.
func TestListeningSocketsAreFound(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells without a command")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addr := addrOf(t, l.Addr())
	if !slices.Contains(listening(), addr) {
		t.Errorf("%v is not among %v", addr, listening())
	}
	if got := Holder(int(addr.Port())); !strings.Contains(got, "(process "+strconv.Itoa(os.Getpid())+")") {
		t.Errorf("the port is held by %q", got)
	}
	if got := Holder(1); got != "" {
		t.Errorf("a free port is held by %q", got)
	}
}

func TestParseSockets(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0000 100 0 0 10 0
   2: 0100007F:1F91 0100007F:0001 01 00000000:00000000 00:00000000 00000000  1000        0 333 1 0000 100 0 0 10 0
   3: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 444 1
   4: 0000000000000000FFFF00000100007F:0BB9 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 555 1
   5: nonsense:xx 0 0A 0 0 0 0 0 0
`
	var got []string
	for _, s := range parseSockets(strings.NewReader(table)) {
		got = append(got, s.addr.String()+" "+s.inode)
	}
	want := []string{"127.0.0.1:8080 12345", "0.0.0.0:22 222", "[::1]:3000 444", "127.0.0.1:3001 555"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseSockets(f *testing.F) {
	f.Add("0: 0100007F:1F90 0 0A 0 0 0 0 0 1")
	f.Fuzz(func(t *testing.T, table string) {
		for _, s := range parseSockets(strings.NewReader(table)) {
			if !s.addr.IsValid() {
				t.Fatalf("%q", table)
			}
		}
	})
}

func FuzzTitle(f *testing.F) {
	f.Add("<TITLE a>x &lt;</title>")
	f.Add("İ<title>x</title>")
	f.Fuzz(func(t *testing.T, page string) {
		if got := titleOf(page); len([]rune(got)) > titleLimit || strings.ContainsAny(got, "\n\r\t") {
			t.Fatalf("%q", got)
		}
	})
}
