package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"corsdash/internal/exchange"
	"corsdash/internal/filter"
	"corsdash/internal/session"
	"corsdash/internal/shot/sample"

	tea "charm.land/bubbletea/v2"
)

// selectedLine is the line of the screen the selected exchange stands on.
func (b *bench) selectedLine() int {
	top, at := b.g.live.place()
	return b.g.areas.main.y + 1 + at - top
}

// TestSelectionStaysWhereItIs holds that neither what comes nor what goes moves
// the selection, or what is around it.
func TestSelectionStaysWhereItIs(t *testing.T) {
	s, err := session.New(session.Options{Memory: 8 << 20, MaxRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var d exchange.Draft
	add := func(n int) {
		for i := range n {
			d.Reset(start)
			d.Request([]byte("GET"), []byte("http://a"), []byte("/x"), nil, nil)
			s.Add(&d)
			if i%4000 == 0 {
				flush(t, s)
			}
		}
		flush(t, s)
	}
	add(17_000)
	b := newBench(t, s, nil)
	if b.g.live.selected() != 17_000 {
		t.Fatalf("following, but %d is selected", b.g.live.selected())
	}
	b.press("k", "k", "k")
	id, line, text := b.g.live.selected(), b.selectedLine(), b.text()
	add(1000) // the list keeps two chunks of 16,384 rows: none goes yet
	b.look()
	if b.g.live.selected() != id || b.selectedLine() != line {
		t.Errorf("%d on line %d was selected, now it is %d on line %d", id, line, b.g.live.selected(), b.selectedLine())
	}
	list := func(text string) string { return strings.Join(strings.Split(text, "\n")[1:37], "\n") }
	if list(text) != list(b.text()) {
		t.Errorf("the list moved from\n%s\nto\n%s", text, b.text())
	}
	add(16_000) // the oldest rows are dropped
	b.look()
	if first := b.g.live.rows.FirstID(); first == 1 {
		t.Fatal("no rows were dropped")
	}
	if b.g.live.selected() != id || b.selectedLine() != line {
		t.Errorf("after rows were dropped, %d on line %d is selected", b.g.live.selected(), b.selectedLine())
	}
	add(17_000) // and at last the selected one
	b.look()
	if got := b.g.live.selected(); got != b.g.live.rows.FirstID() {
		t.Errorf("the selected row is gone, now %d of %d… is selected", got, b.g.live.rows.FirstID())
	}
}

func TestFreeze(t *testing.T) {
	s := newSession(t, stories(30))
	b := newBench(t, s, nil).press("space")
	sample.Fill(s, start.Add(time.Hour), 12)
	b.look()
	b.want("frozen, 12 new")
	b.wantNot("09:00:00")
	b.press("/", "type:method:POST", "enter")
	b.want("frozen, 1 new", "5 of 42")
	b.press("esc", "space")
	b.want("following", "09:00:07")
	b.press("k", "space", "F")
	b.want("following")
}

func TestMoving(t *testing.T) {
	b := newBench(t, newSession(t, stories(300)), nil)
	want := func(id uint64) {
		t.Helper()
		if got := b.g.live.selected(); got != id {
			t.Errorf("%d is selected, want %d", got, id)
		}
	}
	want(300)
	b.press("k")
	want(299)
	b.press("g", "k", "up")
	want(1)
	b.press("j", "down")
	want(3)
	b.press("pgdown")
	want(3 + 35)
	b.press("G")
	want(300)
	b.want("following")
	b.send(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelUp})
	want(297) // the last line that is left
	b.send(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelUp})
	b.send(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelDown})
	want(294)
	b.send(tea.MouseClickMsg{X: 5, Y: 2, Button: tea.MouseLeft})
	top, _ := b.g.live.place()
	want(uint64(top) + 1)
	b.send(tea.MouseClickMsg{X: 5, Y: 2, Button: tea.MouseLeft})
	b.want("[Headers]")
	want(uint64(top) + 1)
	b.press("n", "n", "p")
	want(uint64(top) + 2)
	b.want(fmt.Sprintf("#%d", top+2))
	b.press("tab", "G")
	want(300)
	b.wantNot("following") // the next exchange must not take the place of this one
}

// TestMatchesAgreeWithEveryRow compares the search, which goes backwards in
// steps while rows come, change and go, with looking at every row.
func TestMatchesAgreeWithEveryRow(t *testing.T) {
	f, err := filter.Parse("is:open OR path:/x")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	s := newSession(t, nil)
	var open []uint64
	add := func(id uint64, running bool) uint64 {
		var d exchange.Draft
		d.Reset(start)
		d.ID, d.Open = id, running
		d.Request([]byte("GET"), []byte("http://a"), []byte([]string{"/x", "/y", "/z"}[random.IntN(3)]), nil, nil)
		s.Add(&d)
		return d.ID
	}
	l := live{height: 10}
	l.look(s)
	l.narrow(f)
	pending := []func() stretch{}
	for range 200 {
		switch random.IntN(5) {
		case 0, 1:
			for range random.IntN(80) {
				if id := add(0, random.IntN(4) == 0); random.IntN(2) == 0 {
					open = append(open, id)
				}
			}
		case 2:
			for range min(len(open), 3) {
				at := random.IntN(len(open))
				add(open[at], random.IntN(2) == 0)
			}
		case 3:
			l.narrow(f)
		}
		flush(t, s)
		l.look(s)
		if next := l.found.next(l.rows); next != nil {
			pending = append(pending, next)
		}
		if len(pending) > 0 && random.IntN(2) == 0 {
			l.found.arrived(l.rows, pending[0]())
			pending = pending[1:]
		}
	}
	for _, next := range pending {
		l.found.arrived(l.rows, next())
	}
	for next := l.found.next(l.rows); next != nil; next = l.found.next(l.rows) {
		l.found.arrived(l.rows, next())
	}
	want := scan(f, l.rows, 0, l.rows.Len())
	got := make([]uint64, l.found.len())
	for i := range got {
		got[i] = l.found.at(i)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || len(want) < 50 || !l.found.complete(l.rows) {
		t.Errorf("found %d exchanges, there are %d; complete %t", len(got), len(want), l.found.complete(l.rows))
	}
}

func TestFilterPrompt(t *testing.T) {
	b := newBench(t, newSession(t, stories(60)), nil)
	b.press("/", "type:method:POST")
	b.want("8 of 60", "POST")
	b.wantNot("DELETE")
	b.press("type: sta") // "sta" is a word so far
	b.want("nothing matches", "status:")
	b.press("type:tus:50")
	b.want("^^ status takes", "filter method:POST status:50")
	b.press("enter") // nothing to keep yet
	b.want("^^ status takes")
	b.press("type:0", "enter")
	b.want("filter method:POST status:500", "4 of 60")
	b.wantNot("PATCH")

	b.press("/", "ctrl+u", "type:is:op", "tab")
	b.want("filter is:open", "4 of 60", "/api/events")
	b.press("esc")
	b.want("filter method:POST status:500")
	b.press("/", "ctrl+u", "type:path:/api", "enter", "/", "up", "up")
	b.want("filter method:POST status:500")
	b.press("down", "enter")
	b.want("filter path:/api")
	b.press("esc")
	b.wantNot("filter path", " of 60")
}

// TestFilterKeepsTheSelection holds that who filters and clears the filter is
// back where they were.
func TestFilterKeepsTheSelection(t *testing.T) {
	b := newBench(t, newSession(t, stories(60)), nil).press("k", "k", "k", "k")
	id := b.g.live.selected()
	b.press("/", "type:is:ws", "esc")
	if got := b.g.live.selected(); got != id {
		t.Errorf("%d was selected, now it is %d", id, got)
	}
}
