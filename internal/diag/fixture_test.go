package diag

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"corsdash/internal/diag/jar"
	"corsdash/internal/exchange"

	"github.com/rogpeppe/go-internal/txtar"
)

// A fixture is a txtar file with traffic as text and what the engine should
// make of it. docs/adding-a-rule.md describes the form.

// base is when the traffic of fixtures takes place.
var base = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

// agents are the clients of fixtures.
var agents = map[string]string{
	"a":    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
	"b":    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	"c":    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
	"curl": "curl/8.5.0",
	"node": "node",
}

// scene is one piece of traffic and its expectations.
type scene struct {
	name  string
	steps []step
	want  []string
}

// step is an exchange, or time that passes.
type step struct {
	x       *exchange.Exchange
	advance time.Duration
}

func readScenes(t testing.TB, path string) (about string, scenes []scene) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	for _, file := range archive.Files {
		if name, ok := strings.CutPrefix(file.Name, "want"); ok {
			name = strings.TrimSpace(name)
			if name == "" {
				name = scenes[0].name
			}
			for i := range scenes {
				if scenes[i].name == name {
					scenes[i].want = nonEmpty(string(file.Data))
				}
			}
			continue
		}
		steps, err := readTraffic(string(file.Data))
		if err != nil {
			t.Fatalf("%s, %s: %v", filepath.Base(path), file.Name, err)
		}
		scenes = append(scenes, scene{name: file.Name, steps: steps})
	}
	return strings.TrimSpace(string(archive.Comment)), scenes
}

func nonEmpty(text string) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// readTraffic reads exchanges, each behind a line of directives: "# t=+120ms".
func readTraffic(text string) (steps []step, err error) {
	at := time.Duration(0)
	for i, part := range strings.Split("\n"+text, "\n# ") {
		if i == 0 {
			continue
		}
		head, rest, _ := strings.Cut(part, "\n")
		d, err := readDirectives(head, &at)
		if err != nil {
			return nil, err
		}
		if d.advance > 0 {
			steps = append(steps, step{advance: d.advance})
			at += d.advance
			continue
		}
		x, err := readExchange(rest, d, at)
		if err != nil {
			return nil, fmt.Errorf("exchange %d: %w", len(steps)+1, err)
		}
		if x.ID == 0 {
			x.ID = uint64(len(steps) + 1)
		}
		steps = append(steps, step{x: x})
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("no exchange; each begins with a line “# t=…”")
	}
	return steps, nil
}

type directives struct {
	took, advance    time.Duration
	client, upstream string
	id               uint64
	open             bool
	class            exchange.Class
	detail           string
}

func readDirectives(line string, at *time.Duration) (d directives, err error) {
	d = directives{took: 10 * time.Millisecond, client: "a", upstream: "http://localhost:8000"}
	for word := range strings.FieldsSeq(line) {
		name, value, _ := strings.Cut(word, "=")
		var e error
		switch name {
		case "t":
			var t time.Duration
			if t, e = time.ParseDuration(strings.TrimPrefix(value, "+")); strings.HasPrefix(value, "+") {
				t += *at
			}
			*at = t
		case "took":
			d.took, e = time.ParseDuration(value)
		case "advance":
			d.advance, e = time.ParseDuration(value)
		case "client":
			d.client = value
		case "upstream":
			d.upstream = value
		case "id":
			d.id, e = strconv.ParseUint(value, 10, 64)
		case "open":
			d.open = true
		case "error":
			d.class, e = classNamed(value)
		case "detail":
			d.detail = strings.ReplaceAll(value, "_", " ")
		default:
			e = fmt.Errorf("no directive %q", name)
		}
		if e != nil {
			return d, e
		}
	}
	return d, nil
}

func classNamed(name string) (exchange.Class, error) {
	for c := exchange.OK; c.String() != "unknown"; c++ {
		if c.String() == name {
			return c, nil
		}
	}
	return 0, fmt.Errorf("no failure class %q", name)
}

func readExchange(text string, d directives, at time.Duration) (*exchange.Exchange, error) {
	text = expand(strings.TrimSuffix(text, "\n"), base.Add(at))
	request, response, answered := strings.Cut("\n"+text, "\nHTTP/1.1 ")
	x := &exchange.Exchange{ID: d.id, Open: d.open, Upstream: d.upstream}
	x.Timing = exchange.Timing{Started: base.Add(at), Took: d.took}
	x.Failure = exchange.Failure{Class: d.class, Detail: d.detail}
	line, rest, _ := strings.Cut(strings.TrimPrefix(request, "\n"), "\n")
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return nil, fmt.Errorf("no request line: %q", line)
	}
	x.Request.Method, x.Request.URL, x.Request.Proto = fields[0], fields[1], "HTTP/1.1"
	if strings.HasPrefix(fields[1], "/") {
		x.Request.URL = "http://localhost:8900" + fields[1]
	}
	x.Client = "127.0.0.1:50000"
	if strings.HasSuffix(d.client, "2") { // the same browser on another machine
		x.Client = "192.168.1.7:50000"
	}
	var body string
	x.Request.Headers, body = readHead(rest, &x.Request)
	agent := agents[strings.TrimSuffix(d.client, "2")]
	if !x.Request.Headers.Has("User-Agent") && agent != "" {
		x.Request.Headers = append(x.Request.Headers, exchange.Header{Name: "User-Agent", Value: agent})
	}
	x.Request.Body = exchange.Body{Size: int64(len(body)), Data: strings.TrimSuffix(body, "\n")}
	if !answered {
		return x, nil
	}
	line, rest, _ = strings.Cut(response, "\n")
	status, reason, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(status)
	if err != nil {
		return nil, err
	}
	x.Response = &exchange.Response{Status: n, Reason: reason, Proto: "HTTP/1.1"}
	x.Response.Headers, body = readHead(rest, &x.Request)
	x.Response.Body = exchange.Body{Size: int64(len(body)), Data: body}
	return x, nil
}

// readHead reads header lines and what is behind the empty line. A line that
// begins with "@" stands for those that a browser sends.
func readHead(text string, r *exchange.Request) (h exchange.Headers, body string) {
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line == "" {
			return h, text
		}
		if words := strings.Fields(line); strings.HasPrefix(line, "@") {
			h = append(h, browserLines(r, words)...)
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		h = append(h, exchange.Header{Name: name, Value: strings.Trim(value, " \t")})
	}
	return h, ""
}

// browserLines are the lines of "@fetch ORIGIN", "@preflight ORIGIN METHOD
// NAMES" and "@navigate [ORIGIN]" as Chromium sends them.
func browserLines(r *exchange.Request, words []string) (h exchange.Headers) {
	target, _, _ := strings.Cut(strings.TrimPrefix(r.URL, "http"), "://")
	scheme := "http" + target
	_, rest, _ := strings.Cut(r.URL, "://")
	host, _, _ := strings.Cut(rest, "/")
	origin := ""
	if len(words) > 1 {
		origin = words[1]
	}
	add := func(name, value string) { h = append(h, exchange.Header{Name: name, Value: value}) }
	add("Host", host)
	site := siteOf(origin, scheme+"://"+host)
	switch words[0] {
	case "@preflight":
		add("Access-Control-Request-Method", words[2])
		if len(words) > 3 {
			add("Access-Control-Request-Headers", words[3])
		}
	case "@navigate":
		add("Upgrade-Insecure-Requests", "1")
		add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		if trusts(host, scheme) {
			add("Sec-Fetch-Site", site)
			add("Sec-Fetch-Mode", "navigate")
			add("Sec-Fetch-Dest", "document")
		}
		return h
	}
	if site != "same-origin" || r.Method != "GET" && r.Method != "HEAD" {
		add("Origin", origin)
	}
	add("Accept", "*/*")
	if trusts(host, scheme) {
		add("Sec-Fetch-Site", site)
		add("Sec-Fetch-Mode", "cors")
		add("Sec-Fetch-Dest", "empty")
	}
	if origin != "null" {
		add("Referer", origin+"/")
	}
	return h
}

func siteOf(page, target string) string {
	pageScheme, pageHost, _ := strings.Cut(page, "://")
	scheme, host, _ := strings.Cut(target, "://")
	bare := func(h string) string { name, _, _ := strings.Cut(h, ":"); return name }
	switch {
	case page == "":
		return "none"
	case page == target:
		return "same-origin"
	case jar.Relate(pageScheme, bare(pageHost), scheme, bare(host)) == jar.Same:
		return "same-site"
	}
	return "cross-site"
}

func trusts(host, scheme string) bool {
	return scheme == "https" || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.")
}

// expand fills in ${date+5s}, ${http-date…} and ${jwt exp=+60s sub=u1}. Times
// are relative to the exchange.
func expand(text string, now time.Time) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		var what string
		what, text, _ = strings.Cut(rest, "}")
		switch {
		case strings.HasPrefix(what, "date"):
			d, _ := time.ParseDuration(what[len("date"):])
			out.WriteString(now.Add(d).Format(http.TimeFormat))
		case strings.HasPrefix(what, "jwt"):
			out.WriteString(makeToken(strings.Fields(what)[1:], now))
		}
	}
}

// makeToken makes a JSON Web Token with a signature nobody checks. exp, nbf and
// iat are relative to now when they begin with a sign, to the base when they
// begin with "@".
func makeToken(claims []string, now time.Time) string {
	header, payload := map[string]any{"typ": "JWT", "alg": "HS256"}, map[string]any{}
	for _, claim := range claims {
		name, value, _ := strings.Cut(claim, "=")
		var v any = value
		if at, ok := strings.CutPrefix(value, "@"); ok {
			d, _ := time.ParseDuration(at)
			v = base.Add(d).Unix()
		} else if d, err := time.ParseDuration(value); err == nil && strings.IndexAny(value, "+-") == 0 {
			v = now.Add(d).Unix()
		}
		switch name {
		case "alg", "kid", "typ":
			header[name] = v
		default:
			payload[name] = v
		}
	}
	part := func(v any) string { data, _ := json.Marshal(v); return base64.RawURLEncoding.EncodeToString(data) }
	return part(header) + "." + part(payload) + ".c2lnbmF0dXJl"
}
