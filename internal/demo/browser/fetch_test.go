package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"corsdash/internal/wire"

	"github.com/google/go-cmp/cmp"
)

const api = "http://localhost:8000"

func allowed(body string) string { return ok(body, "Access-Control-Allow-Origin: *") }

func TestPreflightIsRemembered(t *testing.T) {
	s := &testServer{answer: func(line string, _ *wire.Head) string {
		if strings.HasPrefix(line, "OPTIONS") {
			return answer("204 No Content", "", "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT", "Access-Control-Max-Age: 60")
		}
		return allowed("{}")
	}}
	b, clock := s.tab(t)
	put := Request{URL: api + "/x", Method: "PUT"}
	for _, step := range []struct {
		wait time.Duration
		req  Request
		want []string
	}{
		{0, put, []string{"OPTIONS", "PUT"}},
		{30 * time.Second, put, []string{"PUT"}},
		{0, Request{URL: api + "/x?page=2", Method: "PUT"}, []string{"OPTIONS", "PUT"}},
		{31 * time.Second, put, []string{"OPTIONS", "PUT"}},
	} {
		clock.pass(step.wait)
		before := len(s.asked())
		if _, _, err := do(t, b, step.req); err != nil {
			t.Fatal(err)
		}
		var methods []string
		for _, line := range s.asked()[before:] {
			method, _, _ := strings.Cut(line, " ")
			methods = append(methods, method)
		}
		if diff := cmp.Diff(step.want, methods); diff != "" {
			t.Errorf("after %v: %s", step.wait, diff)
		}
	}
}

func TestNothingFollowsAFailedPreflight(t *testing.T) {
	s := &testServer{answer: func(string, *wire.Head) string {
		return answer("401 Unauthorized", "", "WWW-Authenticate: Bearer")
	}}
	b, _ := s.tab(t)
	_, _, err := do(t, b, Request{URL: api + "/x", Headers: []Header{{"Authorization", "Bearer t"}}})
	var fail *Failure
	if !errors.As(err, &fail) || fail.Code != "PreflightMissingAllowOriginHeader" {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"OPTIONS " + api + "/x"}, s.asked()); diff != "" {
		t.Error(diff)
	}
}

func TestCacheIsAskedFirst(t *testing.T) {
	s := &testServer{answer: func(_ string, h *wire.Head) string {
		if tag, ok := h.Get("if-none-match"); ok && string(tag) == `"1"` {
			return "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nX-New: yes\r\n\r\n"
		}
		return ok("body", "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *", `ETag: "1"`, "Cache-Control: max-age=60")
	}}
	b, clock := s.tab(t)
	for i, wait := range []time.Duration{0, 59 * time.Second, 2 * time.Second} {
		clock.pass(wait)
		resp, body, err := do(t, b, Request{URL: api + "/x"})
		if err != nil || resp.Status != 200 || body != "body" {
			t.Fatalf("request %d: %v %q", i, err, body)
		}
		if _, renewed := resp.Get("X-New"); renewed != (i == 2) {
			t.Errorf("request %d: X-New there: %v", i, renewed)
		}
	}
	if n := len(s.asked()); n != 2 {
		t.Errorf("%d requests, want 2: the second one lay fresh in the cache", n)
	}
}

func TestAtMostSixConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &testServer{answer: func(string, *wire.Head) string {
			<-release
			return allowed("")
		}}
		b, _ := s.tab(t)
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() { do(t, b, Request{URL: api + "/x"}) })
		}
		synctest.Wait()
		if n := len(s.asked()); n != perGroup {
			t.Errorf("%d requests under way, want %d", n, perGroup)
		}
		close(release)
		group.Wait()
		if n := len(s.asked()); n != 10 || s.dials != perGroup {
			t.Errorf("%d requests on %d connections, want 10 on %d", n, s.dials, perGroup)
		}
	})
}

func TestDeadConnectionIsReplaced(t *testing.T) {
	s := &testServer{}
	s.answer = func(line string, _ *wire.Head) string {
		if len(s.asked()) == 2 {
			return "" // closes the connection that has served once
		}
		return allowed("ok")
	}
	b, _ := s.tab(t)
	for range 2 {
		if _, body, err := do(t, b, Request{URL: api + "/x", Cache: "no-store"}); err != nil || body != "ok" {
			t.Fatalf("got %q, %v", body, err)
		}
	}
	if n := len(s.asked()); n != 3 {
		t.Errorf("%d requests, want 3: one was sent again", n)
	}
}

func TestFirstConnectionIsNotRetried(t *testing.T) {
	s := &testServer{answer: func(string, *wire.Head) string { return "" }}
	b, _ := s.tab(t)
	_, _, err := do(t, b, Request{URL: api + "/x"})
	var fail *Failure
	if !errors.As(err, &fail) || fail.Net != "net::ERR_EMPTY_RESPONSE" {
		t.Errorf("got %v", err)
	}
	if len(s.asked()) != 1 {
		t.Errorf("asked %v", s.asked())
	}
}

func TestBodiesThatBreak(t *testing.T) {
	for want, text := range map[string]string{
		"net::ERR_CONTENT_LENGTH_MISMATCH":     "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 10\r\n\r\nfour",
		"net::ERR_INCOMPLETE_CHUNKED_ENCODING": "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n",
		"net::ERR_INVALID_CHUNKED_ENCODING":    "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
		"net::ERR_CONTENT_DECODING_FAILED":     "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nfour",
	} {
		s := &testServer{once: true, answer: func(string, *wire.Head) string { return text }}
		b, _ := s.tab(t)
		_, _, err := do(t, b, Request{URL: api + "/x"})
		var fail *Failure
		if !errors.As(err, &fail) || fail.Net != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestGzipIsTakenOff(t *testing.T) {
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	io.WriteString(zw, "hello")
	zw.Close()
	s := &testServer{answer: func(string, *wire.Head) string {
		return ok(packed.String(), "Access-Control-Allow-Origin: *", "Content-Encoding: gzip")
	}}
	b, _ := s.tab(t)
	if _, body, err := do(t, b, Request{URL: api + "/x"}); err != nil || body != "hello" {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestCancelEndsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &testServer{}
		s.answer = func(string, *wire.Head) string {
			<-t.Context().Done()
			return ""
		}
		b, _ := s.tab(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := b.Do(ctx, Request{URL: api + "/x"})
		var fail *Failure
		if !errors.As(err, &fail) || fail.Net != "net::ERR_ABORTED" || len(fail.Console) != 0 {
			t.Errorf("got %v", err)
		}
	})
}

func TestReferrerPolicies(t *testing.T) {
	b, err := New(Options{Page: "http://user@shop.test/cart?id=1#top"})
	if err != nil {
		t.Fatal(err)
	}
	const full, short = "http://shop.test/cart?id=1", "http://shop.test/"
	for policy, want := range map[string][2]string{ // to the same origin, to another
		"no-referrer":                     {"", ""},
		"origin":                          {short, short},
		"unsafe-url":                      {full, full},
		"same-origin":                     {full, ""},
		"strict-origin":                   {short, short},
		"no-referrer-when-downgrade":      {full, full},
		"origin-when-cross-origin":        {full, short},
		"strict-origin-when-cross-origin": {full, short},
	} {
		got := [2]string{b.referrer(mustParse(t, "http://shop.test/x"), policy), b.referrer(mustParse(t, "http://api.test/x"), policy)}
		if got != want {
			t.Errorf("%s: got %q, want %q", policy, got, want)
		}
	}
}

func TestNothingLeavesTheMachine(t *testing.T) {
	b, err := New(Options{Page: "http://localhost:5173/"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for url, want := range map[string]string{
		"http://example.com/":    "net::ERR_NAME_NOT_RESOLVED",
		"http://backend:8000/":   "net::ERR_NAME_NOT_RESOLVED",
		"http://192.0.2.1/":      "net::ERR_ADDRESS_UNREACHABLE",
		"https://localhost/":     "net::ERR_SSL_PROTOCOL_ERROR",
		"http://localhost:6000/": "net::ERR_UNSAFE_PORT",
	} {
		_, err := b.Do(t.Context(), Request{URL: url})
		var fail *Failure
		if !errors.As(err, &fail) || fail.Net != want {
			t.Errorf("%s: got %v, want %s", url, err, want)
		}
	}
}
