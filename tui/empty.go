package tui

import (
	"net/url"
	"strings"

	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
)

// snippet is how one stack is made to go through corsdash. LISTEN stands for
// the address.
type snippet struct {
	stack string
	file  string
	text  string
	then  string // what else there is to know
}

// snippets lists the stacks in the order of how many people use them.
var snippets = [...]snippet{
	{"Vite", "vite.config.ts", `export default defineConfig({
  server: {
    proxy: {
      '/api': { target: 'LISTEN', changeOrigin: false },
    },
  },
})`, "Vite's own proxy then talks to corsdash. Calls stay on Vite's origin, so the browser checks no CORS: to see what it checks, use a base URL."},
	{"Vite, base URL", ".env.local", `VITE_API_URL=LISTEN`, "With fetch(import.meta.env.VITE_API_URL + '/…') the browser calls corsdash from another origin, and checks CORS as in production."},
	{"Next.js", "next.config.js", `module.exports = {
  async rewrites() {
    return [{ source: '/api/:path*', destination: 'LISTEN/api/:path*' }]
  },
}`, "Rewrites run on Next's server, so the browser checks no CORS. NEXT_PUBLIC_API_URL=LISTEN with calls from the page shows what it checks."},
	{"Create React App", "package.json", `"proxy": "LISTEN"`, "The development server passes on what it does not know itself. REACT_APP_API_URL=LISTEN in .env has the browser call corsdash directly."},
	{"Angular", "proxy.conf.json", `{
  "/api": { "target": "LISTEN", "secure": false, "changeOrigin": false }
}`, "Start it with: ng serve --proxy-config proxy.conf.json"},
	{"axios", "where the client is made", `const api = axios.create({ baseURL: 'LISTEN' })`, "The browser then calls corsdash from another origin, and checks CORS as in production."},
	{"fetch, .env", ".env", `API_URL=LISTEN`, "Put the address of corsdash wherever the address of the backend stands now."},
	{"curl", "a terminal", `curl -i -H 'Origin: http://localhost:3000' LISTEN/`, "curl does not check CORS, but corsdash says what a browser would make of the answer."},
}

// listenText is the address to put into a configuration.
func (m *model) listenText() string {
	if m.info.Listen == "" {
		return "http://localhost:8900"
	}
	return strings.TrimSuffix(m.info.Listen, "/")
}

// filled is a text with the address in its place.
func (m *model) filled(text string) string { return strings.ReplaceAll(text, "LISTEN", m.listenText()) }

// drawEmpty draws what to do before there is anything to see.
func (m *model) drawEmpty(p *pane) {
	if m.info.Listen == "" {
		p.end()
		p.line(dim, "  This session has no exchanges.")
		return
	}
	s := snippets[m.stack%len(snippets)]
	p.end()
	p.text(strong, "  Waiting for the first request to ")
	p.text(accent, safe.Line(m.listenText()))
	p.end()
	p.end()
	p.line(plain, "  Have your frontend call corsdash in the place of the backend:")
	p.end()
	m.drawStacks(p)
	p.end()
	p.text(dim, "  "+safe.Line(s.file))
	p.end()
	for line := range strings.SplitSeq(m.filled(s.text), "\n") {
		p.text(faint, "  "+m.st.glyph.vertical+" ")
		p.text(literal, safe.Line(line))
		p.end()
	}
	p.end()
	then := sheet{w: max(min(p.w-4, popupWidth), 1)}
	then.words(dim, safe.Line(m.filled(s.then)))
	m.loopback(&then)
	for i := range then.rows {
		p.gap(2)
		then.draw(p, i)
	}
}

// drawStacks draws the names of the stacks, as many as fit around the chosen
// one.
func (m *model) drawStacks(p *pane) {
	p.gap(2)
	for i := range snippets {
		s := &snippets[(m.stack+i)%len(snippets)]
		name := safe.Line(s.stack)
		if p.left < safe.Width(name)+4 {
			break
		}
		if i == 0 {
			p.text(accent, "["+name+"]")
		} else {
			p.text(dim, name)
		}
		p.gap(2)
	}
	p.end()
}

// loopback adds what is easily overlooked about the address.
func (m *model) loopback(s *sheet) {
	u, err := url.Parse(m.listenText())
	if err == nil && u.Scheme == "http" {
		s.gap()
		s.words(dim, "A page served over https cannot call it: browsers refuse mixed content except to localhost, and Safari even there.")
	}
}

func stacking(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.stack = (m.stack + by + len(snippets)) % len(snippets)
		return nil
	}
}

// copySnippet asks the terminal to put the snippet on the clipboard. There is
// no answer to that, so nothing more is claimed.
func (m *model) copySnippet() tea.Cmd {
	text := m.filled(snippets[m.stack].text)
	m.say("sent to the clipboard, " + integer(int64(len(text))) + " bytes; some terminals ignore that (in tmux: set -g set-clipboard on)")
	return tea.SetClipboard(text)
}
