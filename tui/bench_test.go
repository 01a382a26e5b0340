package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/session"

	tea "charm.land/bubbletea/v2"
)

// million is a session with a million rows.
func million(b *testing.B) *session.Session {
	s, err := session.New(session.Options{Memory: 16 << 20, MaxRows: 1 << 21})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	var d exchange.Draft
	for i := range 1_000_000 {
		one(&d, i)
		s.Add(&d)
		if i%10_000 == 0 {
			flush(b, s)
		}
	}
	flush(b, s)
	return s
}

func one(d *exchange.Draft, i int) {
	d.Reset(start.Add(time.Duration(i) * time.Millisecond))
	d.ID, d.Took = 0, time.Duration(i%997)*time.Millisecond
	d.Client("127.0.0.1:51234")
	d.Upstream("http://localhost:8000")
	d.Request([]byte("GET"), []byte("http://localhost:8900"), fmt.Appendf(nil, "/api/items/%d?page=%d", i, i%7), []byte("HTTP/1.1"),
		[]byte("Host: localhost:8900\r\nOrigin: http://localhost:3000\r\n"))
	d.Response(200+i%4*100, []byte("OK"), []byte("HTTP/1.1"), []byte("Content-Type: application/json\r\n"))
	d.ResponseBody([]byte(`{"ok":true}`), 1<<10)
}

// dashboard is a guarded model of 160x48 on a session.
func dashboard(b *testing.B, s *session.Session) guarded {
	g := guarded{newModel(context.Background(), Options{Session: s, Info: infoOf("http://localhost:8900", "http://localhost:8000")})}
	g.look()
	g.Update(tea.WindowSizeMsg{Width: 160, Height: 48})
	return g
}

// BenchmarkFrame is what one update costs: Update and View.
func BenchmarkFrame(b *testing.B) {
	s := million(b)
	b.Run("changed", func(b *testing.B) { // new rows came in, the newest is selected
		g := dashboard(b, s)
		var d exchange.Draft
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			one(&d, i)
			s.Add(&d)
			flush(b, s)
			b.StartTimer()
			g.Update(sessionChanged{})
			g.View()
		}
	})
	for _, c := range []struct{ name, filter string }{{"key", ""}, {"key-filtered", "status:5xx"}} {
		b.Run(c.name, func(b *testing.B) { // the selection moves
			g := dashboard(b, s)
			if c.filter != "" {
				g.Update(keyOf("/"))
				g.prompt.line.set(c.filter)
				search(g)
				g.Update(keyOf("enter"))
			}
			keys := []tea.KeyPressMsg{keyOf("k"), keyOf("pgup"), keyOf("j"), keyOf("pgdown")}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				g.Update(keys[i%len(keys)])
				g.View()
			}
		})
	}
}

// search goes through all rows as the program does, and returns how long it
// took until the first of them were on the screen.
func search(g guarded) (first time.Duration) {
	begun := time.Now()
	g.filterTyped()
	for next := g.live.found.next(g.live.rows); next != nil; next = g.live.found.next(g.live.rows) {
		found := scanned(next())
		g.route(found)
		g.layout()
		g.draw()
		if first == 0 {
			first = time.Since(begun)
		}
	}
	return first
}

// BenchmarkSearch filters a million rows, as it happens in the background, and
// tells when the first stretch was there to show.
func BenchmarkSearch(b *testing.B) {
	s := million(b)
	for _, text := range []string{"status:5xx", "items/99"} {
		b.Run(text, func(b *testing.B) {
			g := dashboard(b, s)
			var first time.Duration
			for b.Loop() {
				g.editFilter()
				g.prompt.line.set(text)
				first += search(g)
				g.cancelFilter()
			}
			b.ReportMetric(float64(first.Microseconds())/1000/float64(b.N), "ms-to-first")
		})
	}
}

// BenchmarkBody is opening a body of 5 MB: what is shown at once, and all of it.
func BenchmarkBody(b *testing.B) {
	var body strings.Builder
	body.WriteString(`[`)
	for i := 0; body.Len() < 5<<20; i++ {
		fmt.Fprintf(&body, `{"id":%d,"name":"user %d","email":"u%d@example.test","tags":["a","b"],"nested":{"x":1.5,"ok":true}},`, i, i, i)
	}
	body.WriteString("1]")
	raw := &exchange.Exchange{ID: 1, Request: exchange.Request{Method: "GET"}, Response: &exchange.Response{
		Status: 200, Headers: exchange.Headers{{Name: "Content-Type", Value: "application/json"}},
		Body: exchange.Body{Size: int64(body.Len()), Data: body.String()},
	}}
	mask, _ := exchange.NewRedactor(exchange.RedactRules{})
	for _, part := range []bool{true, false} {
		name := map[bool]string{true: "first", false: "all"}[part]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				buildBody(pageJob{raw: raw, mask: mask, w: 100, part: part})
			}
		})
	}
}
