package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"corsdash/internal/diag"
	"corsdash/internal/exchange"
)

// judged is a blocked exchange as the engine reports it.
func judged(t *testing.T, url string) diag.Result {
	t.Helper()
	x := &exchange.Exchange{
		ID: 1, Client: "127.0.0.1:1", Upstream: "http://localhost:8000",
		Timing: exchange.Timing{Started: time.Unix(1_700_000_000, 0), Took: time.Millisecond},
		Request: exchange.Request{Method: "GET", URL: url, Proto: "HTTP/1.1", Headers: header("Host", "localhost:8900",
			"Origin", "http://localhost:3000", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors",
			"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36")},
		Response: &exchange.Response{Status: 500, Headers: header("Server", "nginx")},
	}
	return diag.New(diag.Options{}).Add(x)[0]
}

func TestJSONHasTheVerdict(t *testing.T) {
	line := printed("json", Options{}, judged(t, "http://localhost:8900/api"))
	var got struct {
		Verdict struct {
			Outcome  string
			Browsers map[string]struct{ Outcome, Code, Console string }
		}
		Findings []diag.Finding
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	if got.Verdict.Outcome != "blocked" || len(got.Verdict.Browsers) != 3 || got.Verdict.Browsers["chromium"].Code != "MissingAllowOriginHeader" ||
		!strings.Contains(got.Verdict.Browsers["firefox"].Console, "Status code: 500") {
		t.Errorf("got %+v", got.Verdict)
	}
	if len(got.Findings) == 0 || got.Findings[0].Rule != "hidden-5xx-generic" || got.Findings[0].Spec == "" {
		t.Errorf("got %+v", got.Findings)
	}
	var value any
	if err := json.Unmarshal([]byte(line), &value); err != nil {
		t.Fatal(err)
	}
	for _, fault := range loadSchema(t).check(value) {
		t.Error(fault)
	}
}

// TestVerdictHasNoSecrets: console messages quote the URL.
func TestVerdictHasNoSecrets(t *testing.T) {
	redactor, err := exchange.NewRedactor(exchange.RedactRules{})
	if err != nil {
		t.Fatal(err)
	}
	const secret = "s3cr3t-canary-value"
	r := judged(t, "http://localhost:8900/api?x=1&access_token="+secret+"&y=%22%5C")
	line := printed("json", Options{Redactor: redactor}, r)
	if strings.Contains(line, secret) {
		t.Errorf("the token is still there: %s", line)
	}
	var value any
	if err := json.Unmarshal([]byte(line), &value); err != nil {
		t.Errorf("%v in %s", err, line)
	}
	if !strings.Contains(printed("json", Options{}, r), secret) {
		t.Error("the URL is not quoted at all, so this tests nothing")
	}
}

func TestPlainSaysTheAdviceOnly(t *testing.T) {
	r := judged(t, "http://localhost:8900/api")
	r.Findings[0].Fix = "Do this.\ncode();"
	text := printed("plain", Options{}, r)
	if !strings.Contains(text, "Fix: Do this.") || strings.Contains(text, "code()") {
		t.Errorf("got %s", text)
	}
}
