// Package discover finds the HTTP servers that run on this machine, for people
// who start corsdash without saying which one they mean.
//
// It asks each listening port for its front page, once, and tells from the
// answer what serves there. It must not talk to any address but the loopback
// ones, follow redirects, or send anything that could change a server.
package discover

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is something that answered HTTP. Name and Title are words of the
// server and as hostile as any.
type Server struct {
	Addr       string // "127.0.0.1:8000" or "[::1]:8000"
	Port       int
	TLS        bool
	Name       string // "Vite", "FastAPI on uvicorn"; "" when nothing gives it away
	Confidence Confidence
	Frontend   bool   // serves pages to develop, so it is hardly what to put behind the proxy
	Title      string // of the front page, at most 80 characters
	Status     int
}

// URL is the server's address as a browser takes it.
func (s Server) URL() string {
	scheme := "http"
	if s.TLS {
		scheme = "https"
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil || host != "::1" {
		return fmt.Sprintf("%s://localhost:%d", scheme, s.Port)
	}
	return fmt.Sprintf("%s://[::1]:%d", scheme, s.Port)
}

// Confidence is how much a Name can be relied on.
type Confidence uint8

// From not knowing to the server saying so itself.
const (
	Unknown Confidence = iota
	Likely             // what it answers is typical
	Sure               // it says so
)

func (c Confidence) String() string { return [...]string{"unknown", "likely", "sure"}[min(c, Sure)] }

// Options of a scan. The zero value looks at every listening port.
type Options struct {
	Skip      []int            // ports not to touch: corsdash's own
	Addrs     []netip.AddrPort // look at these instead; only loopback ones are
	UserAgent string
}

const (
	askTimeout = 700 * time.Millisecond // for one server, from connecting to the first bytes of its page
	readLimit  = 16 << 10               // bytes of a page that are looked at
	atOnce     = 16                     // servers asked at the same time
	titleLimit = 80
)

// Scan asks every port and returns those that answered, by port. It ends
// with ctx at the latest, and then returns what it has.
func Scan(ctx context.Context, o Options) []Server {
	addrs := o.Addrs
	if addrs == nil {
		addrs = listening()
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		found []Server
	)
	slots := make(chan struct{}, atOnce)
	for _, addr := range candidates(addrs, o.Skip) {
		wg.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-ctx.Done():
				return
			}
			if s, ok := ask(ctx, addr, o.UserAgent); ok {
				mu.Lock()
				found = append(found, s)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return onePerPort(found)
}

// candidates lists where to connect: on loopback, each address once, and no
// port that is known to speak something else. A request that a database takes
// for an attack ends up in its log.
func candidates(addrs []netip.AddrPort, skip []int) []netip.AddrPort {
	var list []netip.AddrPort
	for _, a := range addrs {
		ip := a.Addr().Unmap().WithZone("")
		switch {
		case slices.Contains(skip, int(a.Port())), slices.Contains(notHTTP[:], int(a.Port())):
			continue
		case ip == netip.IPv4Unspecified():
			list = append(list, netip.AddrPortFrom(loopback4, a.Port()))
		case ip == netip.IPv6Unspecified():
			// Such a socket usually takes IPv4, too.
			list = append(list, netip.AddrPortFrom(loopback4, a.Port()), netip.AddrPortFrom(netip.IPv6Loopback(), a.Port()))
		case ip == loopback4, ip == netip.IPv6Loopback():
			list = append(list, netip.AddrPortFrom(ip, a.Port()))
		}
	}
	slices.SortFunc(list, netip.AddrPort.Compare)
	return slices.Compact(list)
}

var loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// notHTTP lists the ports of mail, name, file and database servers.
var notHTTP = [...]int{
	21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 587, 636, 853, 873, 993, 995, 1433, 1521, 2049, 2181, 3306, 3389,
	5432, 5433, 5671, 5672, 5900, 5901, 6379, 6380, 6432, 9042, 9092, 11211, 26379, 27017, 27018, 27019, 33060, 50000,
}

// onePerPort prefers IPv4: it is what "localhost" means to most programs.
func onePerPort(found []Server) []Server {
	slices.SortFunc(found, func(a, b Server) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), strings.Compare(a.Addr, b.Addr))
	})
	return slices.CompactFunc(found, func(a, b Server) bool { return a.Port == b.Port })
}

// ask gets the front page, over TLS when the server will not have it plain.
func ask(ctx context.Context, addr netip.AddrPort, agent string) (Server, bool) {
	answer, page, err := get(ctx, "http", addr, agent)
	secure := false
	if err != nil && !refused(err) || err == nil && wantsTLS(answer, page) {
		var again error
		if answer, page, again = get(ctx, "https", addr, agent); again == nil {
			secure, err = true, nil
		} else if err == nil {
			err = again
		}
	}
	if err != nil {
		return Server{}, false
	}
	s := Server{Addr: addr.String(), Port: int(addr.Port()), TLS: secure, Title: titleOf(page), Status: answer.StatusCode}
	s.Name, s.Confidence, s.Frontend = recognise(answer, page)
	return s, true
}

func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// wantsTLS recognises what Go, nginx, Apache and Node say to plain HTTP on a
// port for TLS.
func wantsTLS(answer *http.Response, page string) bool {
	return answer.StatusCode == http.StatusBadRequest &&
		(strings.Contains(page, "HTTPS server") || strings.Contains(page, "HTTPS port") || strings.Contains(page, "SSL-enabled"))
}

func get(ctx context.Context, scheme string, addr netip.AddrPort, agent string) (*http.Response, string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	url := fmt.Sprintf("%s://localhost:%d/", scheme, addr.Port())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "text/html, application/json, */*")
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
		// Only the name of the server matters, and nothing secret is sent.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", addr.String())
		},
	}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	// A page that is cut short, or never ends, still says who serves it.
	page, _ := io.ReadAll(io.LimitReader(answer.Body, readLimit))
	return answer, string(page), nil
}

// titleOf is the text of the page's title element.
func titleOf(page string) string {
	lower := strings.ToLower(page)
	start := strings.Index(lower, "<title")
	if start < 0 || len(lower) != len(page) {
		return ""
	}
	open := strings.IndexByte(page[start:], '>')
	if open < 0 {
		return ""
	}
	text := page[start+open+1:]
	end := strings.Index(lower[start+open+1:], "</title")
	if end < 0 {
		return ""
	}
	title := []rune(strings.Join(strings.Fields(html.UnescapeString(text[:end])), " "))
	return string(title[:min(len(title), titleLimit)])
}
