package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"corsdash/internal/shot/sample"
)

// TestKeyTable holds the one table that dispatch, help and footer come from.
func TestKeyTable(t *testing.T) {
	ids := map[string]bool{}
	form := regexp.MustCompile(`^[a-z]+\.[a-z-]+$`)
	taken := map[scope]map[string]string{}
	for _, b := range bindings() {
		if ids[b.id] || !form.MatchString(b.id) {
			t.Errorf("the id %q is taken, or not like list.down", b.id)
		}
		ids[b.id] = true
		if b.help == "" || b.do == nil || len(b.keys) == 0 || strings.HasSuffix(b.help, ".") || len(b.help) > 46 {
			t.Errorf("%s: help %q, %d keys", b.id, b.help, len(b.keys))
		}
		for _, k := range b.keys {
			if taken[b.scope] == nil {
				taken[b.scope] = map[string]string{}
			}
			if other := taken[b.scope][k]; other != "" {
				t.Errorf("%s is %s and %s", k, other, b.id)
			}
			taken[b.scope][k] = b.id
			if slices.Contains([]string{"ctrl+s", "ctrl+q", "ctrl+z", "ctrl+i", "ctrl+m"}, k) {
				t.Errorf("%s: %s belongs to the terminal or is another key", b.id, k)
			}
		}
	}
	for s := inList; s <= inEmpty; s++ {
		for k, id := range taken[s] {
			if other := taken[anywhere][k]; other != "" {
				t.Errorf("%s is %s everywhere, so it cannot be %s", k, other, id)
			}
		}
	}
}

// TestHelpRuns goes through everything the help offers in every state, and does
// it.
func TestHelpRuns(t *testing.T) {
	for _, state := range states {
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, state.fill)
			for i := 0; ; i++ {
				b := newBench(t, s, state.change).press(state.keys...)
				if b.g.popup != nil || b.g.prompt.open || b.g.choosing() {
					return // text is typed there
				}
				b.press("?")
				h := b.g.popup.(*help)
				if i == len(h.all) {
					return
				}
				for range i {
					b.press("down")
				}
				b.press("enter")
				checkGeometry(t, b, 120, 40)
				if b.g.popup != nil && h.all[i].id != "app.help" {
					t.Errorf("%s leaves the help open", h.all[i].id)
				}
			}
		})
	}
}

func TestHelpSearch(t *testing.T) {
	b := newBench(t, newSession(t, stories(5)), nil).press("?", "type:secret")
	b.want("show secrets as they are")
	b.wantNot("next exchange")
	b.press("enter")
	b.want("SECRETS SHOWN")
	b.press("?").send(pasted("home")) // text, not a key of that name
	b.want("search home", "oldest exchange")
}

// TestSecretsAreMasked goes through the screens with the sample's secrets.
func TestSecretsAreMasked(t *testing.T) {
	secrets := []string{"c2lnbmF0dXJl", "correct horse", "4f1c9a2be77d40b1", "8f2e1c", "a8f5f167f44f4964"}
	s := newSession(t, stories(sample.Len))
	seen := ""
	for _, keys := range [][]string{{}, {"enter"}, {"enter", "]"}, {"enter", "]", "b"}, {"enter", "["}, {"enter", "[", "["}} {
		for up := range sample.Len {
			b := newBench(t, s, nil).size(300, 60)
			for range up {
				b.press("k")
			}
			b.press(keys...)
			for _, secret := range secrets {
				b.wantNot(secret)
			}
			seen += b.press("u").text()
		}
	}
	for _, secret := range secrets {
		if !strings.Contains(seen, secret) {
			t.Errorf("%s is not shown when asked for, so it was not there to be masked", secret)
		}
	}
}

func TestCopySnippet(t *testing.T) {
	b := newBench(t, newSession(t, nil), nil).press("s")
	b.want("VITE_API_URL=http://localhost:8900")
	b.press("y")
	b.want("sent to the clipboard, 34 bytes")
	if cmd := b.g.copySnippet(); cmd == nil {
		t.Error("nothing is sent")
	}
}
