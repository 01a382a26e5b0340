package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"corsdash/internal/demo/browser"
)

// player performs the steps of one scenario in the simulated browser. Its twin
// for real browsers is page/play.js; a test compares the two.
type player struct {
	b        *browser.Browser
	clock    *clock
	api      string // origin of the API, through the proxy
	run      string // what {run} stands for
	scenario string

	mu      sync.Mutex
	storage map[string]string // what the page keeps, such as its token
}

// play performs the scenario and tells what came of each request.
func (p *player) play(ctx context.Context, s Scenario) (all []Outcome) {
	p.scenario, p.storage = s.ID, map[string]string{}
	for i := range s.Steps {
		all = append(all, p.step(ctx, &s.Steps[i])...)
		if ctx.Err() != nil {
			return nil
		}
	}
	return all
}

// step performs one step, or its copies together.
func (p *player) step(ctx context.Context, s *Step) (all []Outcome) {
	p.clock.sleep(ctx, time.Duration(s.Pause)*time.Millisecond)
	copies := make([][]Outcome, max(s.Together, 1))
	var group sync.WaitGroup
	for i := range copies {
		req := p.request(s, i+1) // all of them before the first is answered
		group.Go(func() { copies[i] = p.attempt(ctx, s, i+1, req) })
	}
	group.Wait()
	for _, c := range copies {
		all = append(all, c...)
	}
	return all
}

// attempt is what an interceptor makes of a request: on a readable 401 it
// refreshes the token and tries once more.
func (p *player) attempt(ctx context.Context, s *Step, n int, req browser.Request) []Outcome {
	first, status := p.once(ctx, s, req)
	all := []Outcome{first}
	if status != 401 || s.Refresh == nil {
		return all
	}
	refresh, status := p.once(ctx, s.Refresh, p.request(s.Refresh, n))
	refresh.Step = s.Name + " · " + s.Refresh.Name
	all = append(all, refresh)
	if status != 200 {
		return all
	}
	again, _ := p.once(ctx, s, p.request(s, n))
	again.Step = s.Name + " · again"
	return append(all, again)
}

// once makes one request. The status is 0 when the page could not read one.
func (p *player) once(ctx context.Context, s *Step, req browser.Request) (Outcome, int) {
	o := Outcome{Scenario: p.scenario, Step: s.Name}
	switch s.API {
	case "eventsource":
		p.events(ctx, s, req, &o)
		return o, 0
	case "websocket":
		p.socket(ctx, s, req, &o)
		return o, 0
	}
	ctx, stop := p.patience(ctx, s)
	defer stop()
	resp, err := p.b.Do(ctx, req)
	if err != nil {
		o.fail(s.API, err, ctx)
		return o, 0
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	o.Console = resp.Console
	if s.API == "img" || s.API == "script" || s.API == "frame" {
		o.Saw = "load"
		return o, 0
	}
	o.Saw = describe(s, resp)
	switch {
	case err != nil && ctx.Err() != nil:
		o.Saw = aborted
	case err != nil:
		o.Saw += ", " + failedFetch
		o.noteFailure(err)
	case s.JSON:
		o.Saw += p.parse(s, body)
	}
	return o, resp.Status
}

// aborted is what fetch() throws after AbortController.abort().
const aborted = "AbortError: signal is aborted without reason"

func (p *player) patience(ctx context.Context, s *Step) (context.Context, context.CancelFunc) {
	if s.GiveUp == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, p.clock.real(time.Duration(s.GiveUp)*time.Millisecond))
}

var kindOf = map[string]browser.Kind{
	"": browser.Fetch, "xhr": browser.XHR, "img": browser.Image, "script": browser.Script, "frame": browser.Frame,
}

func (p *player) request(s *Step, n int) browser.Request {
	req := browser.Request{
		Kind: kindOf[s.API], Method: s.Method, URL: p.url(s, n), Body: []byte(s.Body),
		Credentials: s.Credentials, Mode: s.Mode,
	}
	for _, h := range s.Headers {
		req.Headers = append(req.Headers, browser.Header{Name: h[0], Value: h[1]})
	}
	if s.Size > 0 {
		req.Body = bytes.Repeat([]byte("x"), s.Size)
	}
	if s.Bearer != "" {
		p.mu.Lock()
		req.Headers = append(req.Headers, browser.Header{Name: "Authorization", Value: "Bearer " + p.storage[s.Bearer]})
		p.mu.Unlock()
	}
	return req
}

func (p *player) url(s *Step, n int) string {
	api := p.api
	if s.Elsewhere {
		api = otherName(api)
	}
	return api + strings.NewReplacer("{n}", strconv.Itoa(n), "{run}", p.run).Replace(s.Path)
}

// fail notes a request that gave the page nothing.
func (o *Outcome) fail(api string, err error, ctx context.Context) {
	o.noteFailure(err)
	switch {
	case api == "img" || api == "script" || api == "frame":
		o.Saw = "error"
	case ctx.Err() != nil:
		o.Saw = aborted
	case api == "xhr":
		o.Saw = "error event, status 0"
	default:
		o.Saw = failedFetch
	}
}

func (o *Outcome) noteFailure(err error) {
	var f *browser.Failure
	if errors.As(err, &f) {
		o.Code, o.Console = f.Code, append(o.Console, f.Console...)
	}
}

// describe is status, redirect and the headers the page's code looked at.
func describe(s *Step, resp *browser.Response) string {
	if resp.Type == "opaque" {
		return "opaque"
	}
	text := strconv.Itoa(resp.Status)
	if resp.Redirected && s.API == "" {
		text += " redirected" // an XMLHttpRequest does not tell
	}
	for _, name := range s.Read {
		value, ok := resp.Get(name)
		if !ok {
			value = "null"
		}
		text += " " + strings.ToLower(name) + "=" + value
	}
	return text
}

// parse does what JSON.parse does, and keeps what the step wants kept.
func (p *player) parse(s *Step, body []byte) string {
	var fields map[string]any
	if !json.Valid(body) {
		return ", SyntaxError: " + syntaxError(string(body))
	}
	if json.Unmarshal(body, &fields) != nil {
		return "" // not an object
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, field := range s.Keep {
		if value, ok := fields[field].(string); ok {
			p.storage[name] = value
		}
	}
	return ""
}

// syntaxError words V8's complaint about text that is wrong from its first
// byte on, which is how HTML looks to JSON.parse.
func syntaxError(text string) string {
	switch {
	case text == "":
		return "Unexpected end of JSON input"
	case len(text) > 20:
		return fmt.Sprintf(`Unexpected token '%s', "%s"... is not valid JSON`, text[:1], text[:10])
	}
	return fmt.Sprintf(`Unexpected token '%s', "%s" is not valid JSON`, text[:1], text)
}

// events reads an event stream until it has enough.
func (p *player) events(ctx context.Context, s *Step, req browser.Request, o *Outcome) {
	count := 0
	err := p.b.EventSource(ctx, req.URL, s.Credentials == "include", func(browser.Event) bool {
		count++
		return count < s.Events
	})
	o.Saw = strconv.Itoa(count) + " events"
	if err != nil {
		o.noteFailure(err)
		o.Saw += ", error"
	}
}

// socket sends each message and waits for an answer.
func (p *player) socket(ctx context.Context, s *Step, req browser.Request, o *Outcome) {
	url := "ws" + strings.TrimPrefix(req.URL, "http")
	count, code := 0, 1006
	ws, err := p.b.WebSocket(ctx, url)
	for i := 0; err == nil && i < len(s.Send); i++ {
		if err = ws.Send(s.Send[i]); err == nil {
			_, err = ws.Receive()
			count++
		}
	}
	if err == nil && ws.Close() == nil {
		code = 1000
	}
	var closed *browser.Closed
	if errors.As(err, &closed) {
		code = closed.Code
	}
	o.noteFailure(err)
	o.Saw = fmt.Sprintf("%d messages, closed %d", count, code)
}
