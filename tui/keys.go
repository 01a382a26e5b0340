package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// scope is where a key works.
type scope uint8

// The scopes.
const (
	anywhere scope = iota // unless text is typed
	inList
	inDetail
	inEmpty // the page that is shown before the first exchange
	inServers
	inPrompt
	inHelp
)

var scopeNames = [...]string{"everywhere", "list", "details", "start", "servers", "filter", "help"}

// binding is one thing a key does. Help, footer and dispatch come from it.
type binding struct {
	id    string   // "list.down": never changes once shipped
	keys  []string // as Bubble Tea names them; the first is the one shown
	scope scope
	help  string // what it does, as half a sentence
	foot  string // a word or two for the footer, "" to leave it out there
	when  func(*model) bool
	do    func(*model) tea.Cmd
}

// works reports whether the key does anything now.
func (b *binding) works(m *model) bool { return b.when == nil || b.when(m) }

// bindings lists all keys in the order in which help and footer show them.
func bindings() []binding {
	return append([]binding{
		{"list.open", []string{"enter", "l", "right"}, inList, "open the details of the exchange", "details", (*model).hasRows, (*model).openDetail},
		{"list.down", []string{"j", "down"}, inList, "next exchange", "", nil, moving(1)},
		{"list.up", []string{"k", "up"}, inList, "previous exchange", "", nil, moving(-1)},
		{"list.page-down", []string{"pgdown", "ctrl+d"}, inList, "a page down", "", nil, paging(1)},
		{"list.page-up", []string{"pgup", "ctrl+u"}, inList, "a page up", "", nil, paging(-1)},
		{"list.top", []string{"g", "home"}, inList, "oldest exchange", "", nil, (*model).toTop},
		{"list.bottom", []string{"G", "end"}, inList, "newest exchange, and follow", "", nil, (*model).toBottom},
		{"list.follow", []string{"F"}, inList, "keep the newest selected, or stop that", "follow", nil, (*model).toggleFollow},
		{"list.freeze", []string{"space"}, inList, "hold back what comes, or let it in", "freeze", nil, (*model).toggleFreeze},

		{"detail.next-tab", []string{"]", "l", "right"}, inDetail, "next tab", "tabs", nil, tabbing(1)},
		{"detail.previous-tab", []string{"[", "h", "left"}, inDetail, "previous tab", "", nil, tabbing(-1)},
		{"detail.down", []string{"j", "down"}, inDetail, "scroll down", "scroll", nil, scrolling(1)},
		{"detail.up", []string{"k", "up"}, inDetail, "scroll up", "", nil, scrolling(-1)},
		{"detail.page-down", []string{"pgdown", "ctrl+d", "space"}, inDetail, "a page down", "", nil, scrollingPages(1)},
		{"detail.page-up", []string{"pgup", "ctrl+u"}, inDetail, "a page up", "", nil, scrollingPages(-1)},
		{"detail.top", []string{"g", "home"}, inDetail, "to the top", "", nil, scrolling(-1 << 30)},
		{"detail.bottom", []string{"G", "end"}, inDetail, "to the end", "", nil, scrolling(1 << 30)},
		{"detail.next", []string{"n"}, inDetail, "details of the next exchange", "next", nil, moving(1)},
		{"detail.previous", []string{"p"}, inDetail, "details of the previous exchange", "", nil, moving(-1)},
		{"detail.side", []string{"b"}, inDetail, "body of the request or of the answer", "request/answer", (*model).onBody, (*model).otherBody},

		{"focus.next", []string{"tab", "shift+tab"}, anywhere, "go between list and details", "", (*model).isSplit, (*model).otherFocus},
		{"detail.zoom", []string{"z"}, anywhere, "details on the whole screen, or not", "zoom", (*model).detailOpen, (*model).toggleZoom},
		{"filter.edit", []string{"/"}, anywhere, "filter the list", "filter", (*model).hasServer, (*model).editFilter},

		{"empty.stack", []string{"s", "right"}, inEmpty, "show it for the next stack", "next stack", nil, stacking(1)},
		{"empty.previous-stack", []string{"S", "left"}, inEmpty, "show it for the stack before", "", nil, stacking(-1)},
		{"empty.copy", []string{"y"}, inEmpty, "copy it to the clipboard", "copy", nil, (*model).copySnippet},

		{"servers.down", []string{"down", "ctrl+n"}, inServers, "next server", "choose", nil, choosing(1)},
		{"servers.up", []string{"up", "ctrl+p"}, inServers, "previous server", "", nil, choosing(-1)},
		{"servers.take", []string{"enter"}, inServers, "put corsdash in front of it", "take", nil, (*model).takeServer},
		{"servers.again", []string{"ctrl+r"}, inServers, "look for servers again", "look again", nil, (*model).discover},
		{"servers.quit", []string{"ctrl+c"}, inServers, "quit", "quit", nil, (*model).quit},

		{"prompt.keep", []string{"enter"}, inPrompt, "keep the filter", "keep", nil, (*model).keepFilter},
		{"prompt.cancel", []string{"esc"}, inPrompt, "go back to the filter there was", "cancel", nil, (*model).cancelFilter},
		{"prompt.complete", []string{"tab"}, inPrompt, "complete the key or value", "complete", nil, (*model).completeFilter},
		{"prompt.older", []string{"up"}, inPrompt, "filter typed before", "history", nil, recalling(1)},
		{"prompt.newer", []string{"down"}, inPrompt, "filter typed after that", "", nil, recalling(-1)},

		{"help.run", []string{"enter"}, inHelp, "do what is selected", "do it", nil, (*model).runHelp},
		{"help.down", []string{"down", "ctrl+n"}, inHelp, "next key", "", nil, helping(1)},
		{"help.up", []string{"up", "ctrl+p"}, inHelp, "previous key", "", nil, helping(-1)},
		{"help.page-down", []string{"pgdown"}, inHelp, "a page down", "", nil, helping(10)},
		{"help.page-up", []string{"pgup"}, inHelp, "a page up", "", nil, helping(-10)},
		{"help.close", []string{"esc"}, inHelp, "close the help", "close", nil, (*model).closePopup},

		{"app.cancel", []string{"esc"}, anywhere, "close the details, clear the filter", "", nil, (*model).cancel},
		{"secrets.show", []string{"u"}, anywhere, "show secrets as they are, or mask them", "", nil, (*model).toggleSecrets},
		{"mouse.toggle", []string{"M"}, anywhere, "leave the mouse to the terminal, or take it", "", nil, (*model).toggleMouse},
		{"screen.redraw", []string{"ctrl+l"}, anywhere, "draw the screen anew", "", nil, (*model).redraw},
		{"app.help", []string{"?"}, anywhere, "all keys that work here", "help", nil, (*model).openHelp},
		{"app.back", []string{"q"}, anywhere, "go back, or quit from the list", "quit", nil, (*model).back},
		{"app.quit", []string{"ctrl+c"}, anywhere, "quit", "", nil, (*model).quit},
	}, viewBindings()...)
}

// viewBindings gives every view its number.
func viewBindings() (list []binding) {
	for i, v := range views() {
		list = append(list, binding{
			id: "view." + v.id, keys: []string{strconv.Itoa(i + 1)}, scope: anywhere, help: "the view " + v.title,
			do: func(m *model) tea.Cmd { return m.show(i) },
		})
	}
	return list
}

// keymap finds bindings by key.
type keymap struct {
	list  []binding
	byKey map[scope]map[string]*binding
}

func newKeymap(list []binding) *keymap {
	k := &keymap{list: list, byKey: map[scope]map[string]*binding{}}
	for i := range list {
		b := &list[i]
		if k.byKey[b.scope] == nil {
			k.byKey[b.scope] = map[string]*binding{}
		}
		for _, key := range b.keys {
			k.byKey[b.scope][key] = b
		}
	}
	return k
}

// find returns what a key does in the first of the scopes that knows it.
func (k *keymap) find(m *model, key string, scopes ...scope) *binding {
	for _, s := range scopes {
		if b := k.byKey[s][key]; b != nil && b.works(m) {
			return b
		}
	}
	return nil
}

// in lists what works now in one scope after the other, in the table's order.
func (k *keymap) in(m *model, scopes ...scope) (list []*binding) {
	for _, s := range scopes {
		for i := range k.list {
			if b := &k.list[i]; b.scope == s && b.works(m) {
				list = append(list, b)
			}
		}
	}
	return list
}

// keyLabels are keys that are called otherwise than Bubble Tea does.
var keyLabels = map[string]string{
	"pgdown": "PgDn", "pgup": "PgUp", "down": "↓", "up": "↑", "left": "←", "right": "→", "enter": "Enter", "esc": "Esc",
	"tab": "Tab", "shift+tab": "Shift+Tab", "space": "Space", "home": "Home", "end": "End",
}
