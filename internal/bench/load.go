package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// load is one kind of traffic. The client writes prepared bytes and reads
// answers of known size, so that it costs less than any proxy.
type load struct {
	request string
	answer  int // bytes of the body
	socket  bool
}

func get(path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: localhost:8900\r\nConnection: keep-alive\r\nsec-ch-ua-platform: \"Linux\"\r\n" + browser + "\r\n"
}

// browser are the header lines Chromium sends with a fetch.
const browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n" +
	"Accept: */*\r\nOrigin: http://localhost:5173\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n" +
	"Referer: http://localhost:5173/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n"

var loads = map[string]load{
	"tiny":    {request: get("/tiny"), answer: 27},
	"get10k":  {request: get("/10k"), answer: 10 << 10},
	"get1m":   {request: get("/1m"), answer: 1 << 20},
	"post10k": {request: "POST /post HTTP/1.1\r\nHost: localhost:8900\r\nContent-Type: application/json\r\nContent-Length: 10240\r\n" + browser + "\r\n" + strings.Repeat("p", 10<<10), answer: 27},
	"ws":      {socket: true},
}

// outcome is what one run of a load saw.
type outcome struct {
	requests, errors int
	took             time.Duration
	times            []time.Duration
}

func (o outcome) quantile(q float64) time.Duration {
	if len(o.times) == 0 {
		return 0
	}
	slices.Sort(o.times)
	return o.times[int(q*float64(len(o.times)-1))]
}

// run keeps conns connections busy for the span.
func (l load) run(addr string, conns int, span time.Duration) outcome {
	var mu sync.Mutex
	var all outcome
	var wg sync.WaitGroup
	began := time.Now()
	end := began.Add(span)
	for range conns {
		wg.Go(func() {
			var o outcome
			for time.Now().Before(end) {
				if err := l.drive(addr, end, &o, conns == 1); err != nil {
					o.errors++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.requests += o.requests
			all.errors += o.errors
			all.times = append(all.times, o.times...)
		})
	}
	wg.Wait()
	all.took = time.Since(began)
	return all
}

// drive uses one connection until the end.
func (l load) drive(addr string, end time.Time, o *outcome, timed bool) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	nc.SetDeadline(end.Add(5 * time.Second))
	br := bufio.NewReaderSize(nc, 64<<10)
	request, read := []byte(l.request), l.readAnswer
	if l.socket {
		if err := upgrade(nc, br); err != nil {
			return err
		}
		request, read = frame(), readEcho
	}
	for now := time.Now(); now.Before(end); {
		if _, err := nc.Write(request); err != nil {
			return err
		}
		if err := read(br); err != nil {
			return err
		}
		o.requests++
		then := time.Now()
		if timed {
			o.times = append(o.times, then.Sub(now))
		}
		now = then
	}
	return nil
}

func (l load) readAnswer(br *bufio.Reader) error {
	line, err := br.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.Contains(line, []byte(" 200")) {
		return fmt.Errorf("answer %q", line)
	}
	chunked := false
	for len(line) > 2 {
		if line, err = br.ReadSlice('\n'); err != nil {
			return err
		}
		chunked = chunked || bytes.HasPrefix(bytes.ToLower(line), []byte("transfer-encoding"))
	}
	if !chunked {
		_, err = br.Discard(l.answer)
		return err
	}
	return skipChunks(br)
}

func skipChunks(br *bufio.Reader) error {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		var n int
		fmt.Sscanf(string(line), "%x", &n)
		if _, err := br.Discard(n + 2); err != nil || n == 0 {
			return err
		}
	}
}

// WebSocket echo with a 64-byte text frame, masked with zeros.

func upgrade(nc net.Conn, br *bufio.Reader) error {
	fmt.Fprintf(nc, "GET /ws HTTP/1.1\r\nHost: localhost:8900\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != 101 {
		return fmt.Errorf("upgrade answered %s", resp.Status)
	}
	return nil
}

func frame() []byte {
	return append([]byte{0x81, 0x80 | 64, 0, 0, 0, 0}, bytes.Repeat([]byte("e"), 64)...)
}

func readEcho(br *bufio.Reader) error {
	head, err := br.Peek(2)
	if err != nil {
		return err
	}
	_, err = br.Discard(2 + int(head[1]&0x7f))
	return err
}

// The backend: a bare net/http server with answers of fixed size.

func backend(l net.Listener) {
	body := func(n int) []byte { return bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz012345"), n/32+1)[:n] }
	mux := http.NewServeMux()
	serve := func(path string, data []byte) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			h := w.Header()
			h.Set("Content-Type", "application/json")
			h.Set("Access-Control-Allow-Origin", "http://localhost:5173")
			h.Set("Vary", "Origin")
			w.Write(data)
		})
	}
	serve("/tiny", []byte(`{"ok":true,"name":"corsda"}`))
	serve("/post", []byte(`{"ok":true,"name":"corsda"}`))
	serve("/10k", body(10<<10))
	serve("/1m", body(1<<20))
	mux.HandleFunc("/ws", echo)
	http.Serve(l, mux)
}

func echo(w http.ResponseWriter, r *http.Request) {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer nc.Close()
	rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
	rw.Flush()
	buf := make([]byte, 70)
	for {
		if _, err := io.ReadFull(rw, buf); err != nil {
			return
		}
		buf[4], buf[5] = 0x81, 64
		if _, err := nc.Write(buf[4:]); err != nil {
			return
		}
	}
}
