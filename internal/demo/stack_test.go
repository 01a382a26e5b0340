package demo

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"corsdash/internal/wire"

	"github.com/google/go-cmp/cmp"
)

// TestStacksAreImitatedToTheLine compares the backend with what the real
// servers sent.
func TestStacksAreImitatedToTheLine(t *testing.T) {
	data, err := os.ReadFile("testdata/stacks.txt")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Start(t.Context(), Options{FrontendAddr: "127.0.0.1:0", Speed: fast})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	blocks := strings.Split(string(data), "\n> ")[1:]
	for _, block := range blocks {
		ask, want, _ := strings.Cut(strings.TrimRight(block, "\n"), "\n")
		t.Run(ask, func(t *testing.T) {
			want = strings.ReplaceAll(want, "http://localhost:5173", strings.TrimSuffix(d.FrontendURL(), "/"))
			if diff := cmp.Diff(want, headOf(t, d, strings.Fields(ask))); diff != "" {
				t.Errorf("(- real, + imitated)\n%s", diff)
			}
		})
	}
	if len(blocks) < 15 {
		t.Errorf("only %d heads to compare with: was the file cut?", len(blocks))
	}
}

var varying = regexp.MustCompile(`(?mi)^(date|content-length|etag|location|link): .*$|(?:Werkzeug|Python|nginx)/[0-9.]+`)

// headOf asks the backend and returns the head of the answer: method, path,
// and for preflights the method and the header names asked for.
func headOf(t *testing.T, d *Demo, ask []string) string {
	t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(d.BackendURL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(5 * time.Second))
	req := ask[0] + " " + ask[1] + " HTTP/1.1\r\nHost: localhost\r\nOrigin: " + strings.TrimSuffix(d.FrontendURL(), "/") + "\r\n"
	for i, name := range []string{"Method", "Headers"} {
		if len(ask) > 2+i {
			req += "Access-Control-Request-" + name + ": " + ask[2+i] + "\r\n"
		}
	}
	if _, err := io.WriteString(nc, req+"\r\n"); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(nc)
	raw, err := wire.ReadHead(br, nil, maxHead, nil)
	if err != nil {
		t.Fatal(err)
	}
	var head wire.Head
	if err := head.ParseResponse(raw); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.TrimSpace(string(raw)), "\r\n", "\n")
	text = varying.ReplaceAllStringFunc(text, func(s string) string {
		if name, _, ok := strings.Cut(s, ": "); ok {
			return name + ": …"
		}
		return s[:strings.Index(s, "/")] + "/…"
	})
	if closes(br, &head, ask[0]) {
		text += "\n(closed)"
	}
	return text
}

// closes reads the body and tells whether the connection ends behind it. A
// server that keeps it open answers the next request.
func closes(br *bufio.Reader, head *wire.Head, method string) bool {
	var body wire.Body
	body.Reset(br, head.ResponseFraming([]byte(method)))
	for {
		if _, err := body.Next(nil); err != nil {
			break
		}
	}
	return head.ResponseFraming([]byte(method)).Close || closedBehind(br, head)
}

// closedBehind is for servers that close without having said so, as uvicorn
// does after an exception.
func closedBehind(br *bufio.Reader, head *wire.Head) bool {
	if server, _ := head.Get("server"); string(server) != "uvicorn" || head.Status != http.StatusInternalServerError {
		return false
	}
	_, err := br.Peek(1)
	return err == io.EOF
}
