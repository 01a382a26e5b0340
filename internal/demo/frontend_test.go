package demo

import (
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func fetchPage(t *testing.T, url, host string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestPageIsServed(t *testing.T) {
	d := start(t)
	for path, want := range map[string]string{
		"":          "<title>corsdash demo</title>",
		"demo.html": "<title>corsdash demo</title>",
		"play.js":   "export class Player",
		"demo.css":  "color-scheme",
	} {
		if resp, body := fetchPage(t, d.FrontendURL()+path, ""); resp.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("/%s: status %d without %q", path, resp.StatusCode, want)
		}
	}
}

func TestPageIsForThisMachineOnly(t *testing.T) {
	d := start(t)
	port := strings.TrimSuffix(strings.TrimPrefix(d.FrontendURL(), "http://localhost"), "/")
	resp, _ := fetchPage(t, d.FrontendURL()+"demo.html?api=x", "127.0.0.1"+port)
	if to := resp.Header.Get("Location"); resp.StatusCode != 302 || to != d.FrontendURL()+"demo.html?api=x" {
		t.Errorf("127.0.0.1 is sent to %q with status %d, want localhost", to, resp.StatusCode)
	}
	if resp, _ := fetchPage(t, d.FrontendURL(), "evil.example"+port); resp.StatusCode != 403 {
		t.Errorf("another Host gets status %d, want 403", resp.StatusCode)
	}
}

func TestPageKnowsWhereToAsk(t *testing.T) {
	d := start(t)
	config := func() (c pageConfig) {
		_, body := fetchPage(t, d.FrontendURL()+"scenarios.json", "")
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := config(); c.Proxied || c.API != otherName(d.BackendURL()) || len(c.Scenarios) != len(scenarios) {
		t.Errorf("before: %+v", c)
	}
	if _, err := d.open("http://127.0.0.1:8900/"); err != nil {
		t.Fatal(err)
	}
	if c := config(); !c.Proxied || c.API != "http://localhost:8900" {
		t.Errorf("with a proxy: proxied %v, API %s", c.Proxied, c.API)
	}
}

// TestPageNeedsNothingElse looks for addresses of others in the page's files.
func TestPageNeedsNothingElse(t *testing.T) {
	foreign := regexp.MustCompile(`(?i)(src|href|url|import|from)[^\n]{0,3}["'(]\s*(https?:)?//[^'"]*`)
	err := fs.WalkDir(page, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := page.ReadFile(path)
		if found := foreign.Find(data); found != nil {
			t.Errorf("%s refers to %s", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnotherDevServerIsLeftAlone(t *testing.T) {
	taken, err := net.Listen("tcp", "[::1]:5173")
	if err != nil {
		t.Skip("port 5173 of ::1 cannot be had here:", err)
	}
	defer taken.Close()
	d, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if d.FrontendURL() == "http://localhost:5173/" {
		t.Error("the page claims a port where browsers find another server first")
	}
}

func TestProxyMustBeHere(t *testing.T) {
	d := start(t)
	for url, want := range map[string]string{
		"http://127.0.0.1:8900": "http://localhost:8900", "http://localhost:8900/": "http://localhost:8900",
		"http://[::1]:8900": "http://localhost:8900", "http://0.0.0.0:8900": "http://localhost:8900",
		"https://localhost:8900": "", "http://192.0.2.1:8900": "", "http://proxy.example": "", "": "",
	} {
		p, err := d.open(url)
		if (err == nil) != (want != "") || err == nil && p.api != want {
			t.Errorf("%q: got %v, want %q", url, err, want)
		}
	}
}

func TestAddressesOfOthersAreRefused(t *testing.T) {
	for _, o := range []Options{{FrontendAddr: "0.0.0.0:0"}, {FrontendAddr: "127.0.0.1:0", BackendAddr: ":0"}} {
		d, err := Start(t.Context(), o)
		if err == nil {
			d.Close()
			t.Errorf("%+v was accepted", o)
			continue
		}
		if !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%v does not say what is wrong", err)
		}
	}
}
