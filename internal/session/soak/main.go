// Soak fills a session with many exchanges and prints what that costs: memory,
// file size, and how long it takes to open the file again and to read from it.
//
//	go run ./internal/session/soak -n 1000000 -body 200
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/session"
)

func main() {
	n := flag.Int("n", 1_000_000, "exchanges")
	size := flag.Int("body", 200, "bytes of each response body")
	same := flag.Bool("same", false, "give all responses the same body")
	dir := flag.String("dir", "", "folder for the session file (default: a temporary one, removed at the end)")
	file := flag.String("open", "", "only open this session and measure that")
	flag.Parse()
	var err error
	if *file != "" {
		err = reopen(*file)
	} else {
		err = soak(*n, *size, *same, *dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soak(n, size int, same bool, dir string) error {
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "soak"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	s, err := session.New(session.Options{Dir: dir, Label: "soak"})
	if err != nil {
		return err
	}
	path := s.Stats().File.Path
	if err := errors.Join(fill(s, n, size, same), s.Close()); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("file                 %8.1f MB\n", float64(info.Size())/1e6)
	// A process of its own, so that its memory is its own, too.
	open := exec.Command(os.Args[0], "-open", path)
	open.Stdout, open.Stderr = os.Stdout, os.Stderr
	return open.Run()
}

// fill adds n exchanges as fast as they are taken without shedding.
func fill(s *session.Session, n, size int, same bool) error {
	ctx := context.Background()
	start := time.Now()
	var d exchange.Draft
	for i := range n {
		draft(&d, i, size, same)
		s.Add(&d)
		if i%5000 == 4999 {
			if err := s.Flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := s.Flush(ctx); err != nil {
		return err
	}
	took := time.Since(start)
	st := s.Stats()
	fmt.Printf("filled               %8d exchanges in %.1f s, %.0f a second; shed %d, not saved %d\n",
		st.Total, took.Seconds(), float64(n)/took.Seconds(), st.Shed, st.File.Dropped)
	fmt.Printf("rows in memory       %8d\n", st.Kept)
	rss, peak := memory()
	fmt.Printf("RSS, peak            %8.1f MB, %.1f MB\n", rss, peak)
	scan(s)
	return nil
}

func reopen(path string) error {
	start := time.Now()
	s, err := session.Open(path, session.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	for s.Rows().Len() == 0 && s.Stats().Loading {
		<-s.Changed()
	}
	first := time.Since(start)
	for s.Stats().Loading {
		<-s.Changed()
	}
	fmt.Printf("reopen, first screen %8.1f ms, all %d rows %.0f ms\n", ms(first), s.Rows().Len(), ms(time.Since(start)))
	scan(s)
	if err := readSome(s); err != nil {
		return err
	}
	start = time.Now()
	if err := s.Diagnose(context.Background()); err != nil {
		return err
	}
	fmt.Printf("diagnosed again      %8.1f s\n", time.Since(start).Seconds())
	rss, peak := memory()
	fmt.Printf("reopened RSS, peak   %8.1f MB, %.1f MB\n", rss, peak)
	return nil
}

// scan filters all rows by a part of their path, as typing into a filter does.
func scan(s *session.Session) {
	start, hits := time.Now(), 0
	rows := s.Rows()
	rows.Read(0, rows.Len(), func(p session.Page) {
		for i := range p.Rows {
			if strings.Contains(p.Text(p.Rows[i].Target), "/items/99") {
				hits++
			}
		}
	})
	fmt.Printf("filter by path       %8.1f ms, %d of %d rows\n", ms(time.Since(start)), hits, rows.Len())
}

func readSome(s *session.Session) error {
	const reads = 500
	rows := s.Rows()
	took := make([]time.Duration, reads)
	for i := range took {
		id := rows.At(rand.IntN(rows.Len())).ID
		start := time.Now()
		if _, err := s.Exchange(id); err != nil {
			return err
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	fmt.Printf("one from the file    %8.2f ms p50, %.2f ms p99\n", ms(took[reads/2]), ms(took[reads*99/100]))
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// memory reads the process's resident memory and its peak in MB, where the
// system tells.
func memory() (rss, peak float64) {
	status, err := os.ReadFile(filepath.Join("/proc/self", "status"))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			rss = kb / 1024
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			peak = kb / 1024
		}
	}
	return rss, peak
}

// draft makes an exchange as a browser and a framework do.
func draft(d *exchange.Draft, n, size int, same bool) {
	d.Reset(time.Now())
	d.Took = time.Duration(n%1000) * time.Microsecond
	d.Client(fmt.Sprintf("127.0.0.1:%d", 40000+n%64))
	d.Upstream("http://localhost:8000")
	d.Request([]byte("GET"), []byte("http://localhost:8900"), fmt.Appendf(nil, "/api/items/%d?page=%d", n, n%7), []byte("HTTP/1.1"), []byte(
		"Host: localhost:8900\r\nConnection: keep-alive\r\n"+
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n"+
			"Accept: application/json, text/plain, */*\r\nOrigin: http://localhost:3000\r\nSec-Fetch-Site: same-site\r\n"+
			"Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://localhost:3000/\r\nAccept-Encoding: gzip, br\r\n"))
	d.Response(200, []byte("OK"), []byte("HTTP/1.1"), []byte(
		"Server: uvicorn\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\nVary: Origin\r\n"))
	if same {
		n = 0
	}
	body := fmt.Appendf(nil, `{"n":%d,"items":[`, n)
	for i := 0; len(body) < size; i++ {
		h := uint32(n*7919+i) * 2654435761
		body = fmt.Appendf(body, `{"id":%d,"name":"item %x","price":%d.%02d},`, i, h, h%500, h%100)
	}
	d.ResponseBody(append(body, "null]}"...), 256<<10)
}
