package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorded is what the real Chromium did with one request. The file belongs to
// internal/cors, whose README says how it came to be.
type recorded struct {
	ID         string `json:"id"`
	Group      string `json:"group"`
	Title      string `json:"title"`
	PageOrigin string `json:"page_origin"`
	Hints      struct {
		asked
		Page   string  `json:"page"`
		Warmup []asked `json:"warmup"`
	} `json:"hints"`
	Wire   []recordedExchange `json:"wire"`
	Expect struct {
		Outcome  string   `json:"outcome"`
		Code     string   `json:"code"`
		Console  string   `json:"console"`
		NetError string   `json:"net_error"`
		Readable []string `json:"readable_headers"`
		Status   int      `json:"status"`
		Redirect bool     `json:"redirected"`
	} `json:"expect"`
}

type asked struct {
	API         string      `json:"api"`
	URL         string      `json:"url"`
	Method      string      `json:"method"`
	Headers     [][2]string `json:"headers"`
	Credentials string      `json:"credentials"`
	Mode        string      `json:"mode"`
	Redirect    string      `json:"redirect"`
	Cache       string      `json:"cache"`
	CrossOrigin *string     `json:"crossorigin"`
	BodyKind    string      `json:"body_kind"`
	Listener    bool        `json:"upload_listener"`
}

type recordedExchange struct {
	Step    int `json:"step"`
	Request struct {
		Method  string      `json:"method"`
		URL     string      `json:"url"`
		Headers [][2]string `json:"headers"`
	} `json:"request"`
	Response *struct {
		Status  int         `json:"status"`
		Headers [][2]string `json:"headers"`
		Size    int         `json:"body_size"`
		Body    string      `json:"body"`
	} `json:"response"`
	Error string `json:"error"`
}

// TestAgreesWithRecordedChromium replays what controlled servers answered to
// the real Chromium and compares what this one asks, says and hands out.
func TestAgreesWithRecordedChromium(t *testing.T) {
	var all, left int
	agree, beyond := map[string]int{}, map[string]int{}
	var wrong []string
	for _, r := range readRecorded(t) {
		all++
		if why := r.notModelled(); why != "" {
			beyond[why]++
			left++
			continue
		}
		if diff := r.replay(t); diff != "" {
			wrong = append(wrong, fmt.Sprintf("%s %s: %s\n%s", r.ID, r.Group, r.Title, diff))
			continue
		}
		agree[r.Group]++
	}
	for _, why := range slices.Sorted(maps.Keys(beyond)) {
		t.Logf("left out %4d: %s", beyond[why], why)
	}
	t.Logf("%d recorded, %d left out, %d agree, %d do not", all, left, all-left-len(wrong), len(wrong))
	if all < 4000 || left > all/10 {
		t.Error("too few cases are left to prove anything")
	}
	for _, w := range wrong[:min(len(wrong), 20)] {
		t.Error(w)
	}
}

func readRecorded(t *testing.T) (list []recorded) {
	t.Helper()
	f, err := os.Open("../../cors/testdata/chromium.ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(zr)
	for {
		var r recorded
		if err := d.Decode(&r); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
}

// notModelled says why a case is beyond this browser, "" when it is not.
func (r *recorded) notModelled() string {
	switch r.Hints.Page {
	case "page", "nocookie", "page127", "sandbox", "data", "corp":
	default:
		return "a page of kind " + r.Hints.Page
	}
	if r.Hints.API == "beacon" {
		return "a beacon"
	}
	switch r.Hints.BodyKind {
	case "", "urlsearchparams", "blob:application/json", "blob:text/plain":
	default:
		return "a body without a type"
	}
	for _, x := range r.Wire {
		if x.Error != "" {
			return "a server that breaks off"
		}
		if strings.HasPrefix(x.Request.URL, "https:") || strings.Contains(r.Expect.NetError, "_CERT_") {
			return "TLS"
		}
		if x.hasBareCR() {
			return "a CR inside a line"
		}
	}
	return ""
}

// replay runs the case against its recording.
func (r *recorded) replay(t *testing.T) string {
	page := r.PageOrigin + "/"
	if len(r.Wire) > 0 {
		for _, h := range r.Wire[0].Request.Headers {
			if h[0] == "Referer" {
				page = h[1]
			}
		}
	}
	opaque := r.PageOrigin == "null"
	if opaque {
		page = "data:text/html,"
	}
	s := &script{exchanges: r.Wire, close: r.Group == "network"}
	b, err := New(Options{Page: page, Opaque: opaque, Dial: s.dial, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.wait()
	defer b.Close()
	r.seed(b)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for i, w := range r.Hints.Warmup {
		if resp, err := b.Do(ctx, w.request(r.Wire, i)); err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	got := seen{}
	resp, err := b.Do(ctx, r.Hints.request(r.Wire, len(r.Hints.Warmup)))
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	got.note(r, resp, err)
	want := r.want()
	if want.Code == "HeaderDisallowedByPreflightResponse" && got.Code == want.Code && len(r.Hints.Headers) > 1 {
		// Of several refused headers Chromium names the first in its hash table.
		want.Console, got.Console = anyHeader.ReplaceAllString(want.Console, "field X is"), anyHeader.ReplaceAllString(got.Console, "field X is")
	}
	return cmp.Diff(want, got) + s.complaints()
}

var anyHeader = regexp.MustCompile(`field \S+ is`)

// seed puts the cookies into the jar that the recording's pages had set.
func (r *recorded) seed(b *Browser) {
	if r.Hints.Page == "nocookie" {
		return
	}
	for host, line := range map[string]string{
		"localhost": "sid=abc123; SameSite=None; Secure", "127.0.0.1": "sid=abc123; SameSite=None; Secure",
		"api.corp.test": "sid=abc123", "app.corp.test": "sid=abc123", "api.other.test": "sid=abc123",
	} {
		b.jar.set(&url.URL{Scheme: "http", Host: host, Path: "/"}, []Header{{"Set-Cookie", line}}, true, b.now())
	}
}

var recordedKinds = map[string]Kind{
	"fetch": Fetch, "xhr": XHR, "img": Image, "script": Script, "module": Module, "css": Stylesheet,
	"font": Font, "eventsource": EventStream,
}

func (a *asked) request(wire []recordedExchange, step int) Request {
	req := Request{
		Kind: recordedKinds[a.API], URL: a.URL, Method: a.Method, Credentials: a.Credentials, Mode: a.Mode,
		Redirect: a.Redirect, Cache: a.Cache, UploadListener: a.Listener,
	}
	for _, h := range a.Headers {
		req.Headers = append(req.Headers, Header{h[0], h[1]})
	}
	if a.CrossOrigin != nil {
		req.Mode, req.Credentials = "cors", "same-origin"
		if *a.CrossOrigin == "use-credentials" {
			req.Credentials = "include"
		}
	} else if kinds[req.Kind].mode == "no-cors" {
		req.Credentials = ""
	}
	kind, blob := strings.CutPrefix(a.BodyKind, "blob:")
	if a.BodyKind == "urlsearchparams" {
		kind, blob = "application/x-www-form-urlencoded;charset=UTF-8", true
	}
	if blob {
		req.Headers = append(req.Headers, Header{"Content-Type", kind})
	}
	req.Body = bytes.Repeat([]byte("x"), bodySize(wire, step, blob))
	return req
}

// bodySize finds the size of the body in the recording, which does not keep
// bodies. One that never went out may have any size.
func bodySize(list []recordedExchange, step int, must bool) int {
	for _, x := range list {
		if x.Step != step || x.isPreflight() {
			continue
		}
		for _, h := range x.Request.Headers {
			if h[0] == "Content-Length" {
				n, _ := strconv.Atoi(h[1])
				return n
			}
		}
		return 0
	}
	if must {
		return 1
	}
	return 0
}

// seen is what came out for the page.
type seen struct {
	Outcome, Code, Console, Net string
	Readable                    []string
	Status                      int
	Redirected                  bool
}

func (r *recorded) want() seen {
	e := r.Expect
	s := seen{Outcome: e.Outcome, Code: e.Code, Console: e.Console, Net: e.NetError, Readable: e.Readable, Status: e.Status, Redirected: e.Redirect}
	switch {
	case s.Outcome == "blocked":
		s.Net = ""
	case s.Net == "blocked:origin":
		s.Net = "net::ERR_FAILED"
	case s.Net == "blocked:corp-not-same-origin":
		s.Net = "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin"
	case s.Net == "blocked:corp-not-same-site":
		s.Net = "net::ERR_BLOCKED_BY_RESPONSE.NotSameSite"
	}
	return s
}

func (s *seen) note(r *recorded, resp *Response, err error) {
	var fail *Failure
	switch {
	case errors.As(err, &fail) && fail.Code != "":
		s.Outcome, s.Code, s.Console = "blocked", fail.Code, fail.Console[0]
	case errors.As(err, &fail):
		s.Outcome, s.Net = "failed", fail.Net
	case resp.Type == "opaqueredirect", resp.Type == "opaque" && r.Hints.API == "fetch":
		s.Outcome = resp.Type
	default:
		s.Outcome = "allowed"
		if r.Expect.Readable == nil {
			return // elements do not tell what they got
		}
		s.Status, s.Redirected, s.Readable = resp.Status, resp.Redirected && r.Hints.API == "fetch", []string{}
		for _, h := range resp.Headers {
			s.Readable = append(s.Readable, h.Name)
		}
		slices.Sort(s.Readable)
		s.Readable = slices.Compact(s.Readable)
	}
}
