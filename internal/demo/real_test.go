package demo

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// TestAgreesWithChromium opens the page in a real Chromium, lets it perform
// every scenario, and compares what scripts saw, what the console said and
// what went over the wire with the simulated browser's.
func TestAgreesWithChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	path := chromium(t)
	d := start(t)
	log := d.record()
	real := openChromium(t, path, d.FrontendURL())
	realWire := log.take()
	simulated, err := d.RunOnce(t.Context(), d.BackendURL())
	if err != nil {
		t.Fatal(err)
	}
	wire := log.take()
	if diff := cmp.Diff(comparable(real.outcomes), comparable(simulated)); diff != "" {
		t.Errorf("what scripts saw (- Chromium, + simulated):\n%s", diff)
	}
	if diff := cmp.Diff(real.codes, codes(simulated)); diff != "" {
		t.Errorf("why requests were refused (- Chromium, + simulated):\n%s", diff)
	}
	for _, s := range scenarios {
		if diff := cmp.Diff(real.said(s), said(s, simulated)); diff != "" {
			t.Errorf("%s: what the console said (- Chromium, + simulated):\n%s", s.ID, diff)
		}
		if diff := cmp.Diff(s.canonical(realWire), s.canonical(wire)); diff != "" {
			t.Errorf("%s: what was sent (- Chromium, + simulated):\n%s", s.ID, diff)
		}
	}
}

// chromium finds the browser to compare with.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CORSDASH_BROWSER"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium here: name one in CORSDASH_BROWSER")
	return ""
}

// observed is what one run of the page gave.
type observed struct {
	outcomes []Outcome
	codes    []string // of CORS failures, in order
	mu       sync.Mutex
	console  []entry
}

type entry struct{ text, url string }

func (o *observed) note(event any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		o.console = append(o.console, entry{e.Entry.Text, e.Entry.URL})
	case *network.EventLoadingFailed:
		if e.CorsErrorStatus != nil {
			o.codes = append(o.codes, string(e.CorsErrorStatus.CorsError))
		}
	}
}

// said are the console's lines about one scenario.
func (o *observed) said(s Scenario) (lines []string) {
	for _, e := range o.console {
		at := e.url
		if m := quotedURL.FindStringSubmatch(e.text); m != nil {
			at = m[1]
		}
		if u, err := url.Parse(at); err == nil && s.owns(u.Path) {
			lines = append(lines, anyRun.ReplaceAllString(e.text, "?v="))
		}
	}
	slices.Sort(lines)
	return lines
}

var (
	quotedURL = regexp.MustCompile(`'((?:http|ws)://[^']*)'`)
	anyRun    = regexp.MustCompile(`\?v=[0-9-]+`)
)

func said(s Scenario, all []Outcome) (lines []string) {
	for _, o := range all {
		if o.Scenario != s.ID {
			continue
		}
		for _, l := range o.Console {
			lines = append(lines, anyRun.ReplaceAllString(l, "?v="))
		}
	}
	slices.Sort(lines)
	return lines
}

func codes(all []Outcome) (list []string) {
	for _, o := range all {
		if o.Code != "" {
			list = append(list, o.Code)
		}
	}
	return list
}

// owns tells whether a path is one of the scenario's. The redirect that leaves
// the machine is nobody's route.
func (s Scenario) owns(path string) bool {
	return slices.ContainsFunc(s.Routes, func(r Route) bool {
		prefix, below := strings.CutSuffix(r.Path, "*")
		return path == r.Path || below && strings.HasPrefix(path, prefix) || strings.TrimSuffix(path, "/") == r.Path
	})
}

// sent is one request as the backend got it.
type sent struct {
	path  string
	lines []string
}

type recorder struct {
	mu  sync.Mutex
	all []sent
}

// record notes what the backend gets from now on.
func (d *Demo) record() *recorder {
	r := new(recorder)
	d.backend.seen = func(c *call) {
		x := sent{path: c.path, lines: []string{c.method + " " + anyRun.ReplaceAllString(string(c.head.Target), "?v=")}}
		for _, l := range c.head.Lines {
			x.lines = append(x.lines, string(l.Name)+": "+string(l.Value))
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, x)
	}
	return r
}

func (r *recorder) take() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// canonical picks the scenario's requests, without what must differ. Those of
// copies that run together come in any order, and any of them may be the one
// that gets a second try.
func (s Scenario) canonical(all []sent) (out [][]string) {
	together := slices.ContainsFunc(s.Steps, func(s Step) bool { return s.Together > 1 })
	for _, x := range all {
		if !s.owns(x.path) {
			continue
		}
		lines := slices.Clone(x.lines)
		for i, l := range lines {
			lines[i] = differing.ReplaceAllString(l, "$1: …")
		}
		if together {
			lines[0] = strings.TrimRight(lines[0], "0123456789")
		}
		out = append(out, lines)
	}
	if together {
		slices.SortFunc(out, slices.Compare)
	}
	return out
}

// differing are the values that no two runs share.
var differing = regexp.MustCompile(`^(User-Agent|sec-ch-ua|Authorization|Cookie|Sec-WebSocket-Key): .*`)

// openChromium runs every scenario in the page.
func openChromium(t *testing.T, path, page string) *observed {
	t.Helper()
	var output bytes.Buffer
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), flags(t, path, &output)...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	o := new(observed)
	err := chromedp.Listen(ctx, o.note)
	if err == nil {
		_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	}
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Navigate(page))
	}
	if err == nil {
		o.outcomes, err = chromedp.Run(ctx, chromedp.Evaluate[[]Outcome]("demoReady.then((runAll) => runAll())", chromedp.EvalAwaitPromise))
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, output.String())
	}
	return o
}

// flags start a Chromium that is not disturbed by anything, resolves no name
// but localhost, and takes third-party cookies as a window does by default.
func flags(t *testing.T, path string, output *bytes.Buffer) []chromedp.ExecAllocatorOption {
	t.Helper()
	profile := t.TempDir()
	preferences := filepath.Join(profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(preferences), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(preferences, []byte(`{"profile":{"cookie_controls_mode":0}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.CombinedOutput(output),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	}
}
