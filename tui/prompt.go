package tui

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"corsdash/internal/filter"
	"corsdash/internal/safe"

	tea "charm.land/bubbletea/v2"
)

// prompt is the line in which a filter is typed. The last valid text is in
// force meanwhile.
type prompt struct {
	open   bool
	line   input
	before *filter.Filter // in force when the prompt was opened
	fault  *filter.Error  // what is wrong with the text, nil while nothing is
	recall int            // how far back in the history, 0 for what was typed
	typed  string
}

// promptLines are the text and what is to be said about it.
const promptLines = 2

const historyLimit = 100

func (m *model) editFilter() tea.Cmd {
	m.prompt = prompt{open: true, before: m.filterNow()}
	m.prompt.line.set(m.filterNow().String())
	return nil
}

// filterTyped puts what is typed into force if it is a filter. While the last
// term is not finished, those before it are in force: on the way to status:5xx,
// "status" was a filter, too, but not one anybody meant.
func (m *model) filterTyped() {
	text := m.prompt.line.String()
	f, err := filter.Parse(text)
	if !errors.As(err, &m.prompt.fault) {
		m.prompt.fault = nil
		m.setFilter(f)
		return
	}
	last := strings.LastIndexByte(text, ' ') + 1
	if m.prompt.line.at < len(m.prompt.line.text) || m.prompt.fault.Pos < last {
		return
	}
	if f, err := filter.Parse(text[:last]); err == nil {
		m.setFilter(f)
	}
}

// setFilter shows only what f takes. nil takes everything.
func (m *model) setFilter(f *filter.Filter) {
	if f.String() != m.filterNow().String() {
		m.live.narrow(f)
	}
}

// keepFilter closes the prompt, unless there is something to mend.
func (m *model) keepFilter() tea.Cmd {
	if m.prompt.fault != nil {
		return nil
	}
	m.prompt.open = false
	if text := strings.TrimSpace(m.prompt.line.String()); text != "" {
		m.history = slices.DeleteFunc(m.history, func(old string) bool { return old == text })
		m.history = append(m.history, text)
		m.history = m.history[max(len(m.history)-historyLimit, 0):]
	}
	return nil
}

func (m *model) cancelFilter() tea.Cmd {
	m.setFilter(m.prompt.before)
	m.prompt = prompt{}
	return nil
}

// recalling goes through the filters kept before; the newest is number 1.
func recalling(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		p := &m.prompt
		to := min(max(p.recall+by, 0), len(m.history))
		if to == p.recall {
			return nil
		}
		if p.recall == 0 {
			p.typed = p.line.String()
		}
		p.recall = to
		if to == 0 {
			p.line.set(p.typed)
		} else {
			p.line.set(m.history[len(m.history)-to])
		}
		m.filterTyped()
		return nil
	}
}

// completeFilter completes the word before the cursor as far as it is clear.
func (m *model) completeFilter() tea.Cmd {
	word, choices := m.prompt.choices()
	if len(choices) == 0 {
		return nil
	}
	common := choices[0]
	for _, c := range choices[1:] {
		for !strings.HasPrefix(c, common) {
			common = common[:len(common)-1]
		}
	}
	m.prompt.line.insert(common[len(word):])
	m.filterTyped()
	return nil
}

// choices lists what the word before the cursor may become: keys, or values of
// the key it begins with.
func (p *prompt) choices() (word string, list []string) {
	word = string(p.line.text[:p.line.at])
	word = word[strings.LastIndexAny(word, " (-")+1:]
	for _, k := range filter.Keys() {
		if value, ok := strings.CutPrefix(word, k.Name+":"); ok {
			return value, withPrefix(k.Values, value)
		}
	}
	var names []string
	for _, k := range filter.Keys() {
		names = append(names, k.Name+":")
	}
	return word, withPrefix(names, word)
}

func withPrefix(list []string, prefix string) (out []string) {
	for _, s := range list {
		if strings.HasPrefix(s, prefix) && s != prefix {
			out = append(out, s)
		}
	}
	return out
}

// drawPrompt draws the text and below it what is wrong with it, or what could
// come next. It returns where the cursor stands.
func (m *model) drawPrompt(p *pane) (x int) {
	from, to := 0, 0
	if f := m.prompt.fault; f != nil {
		text := m.prompt.line.String()
		from = utf8.RuneCountInString(text[:f.Pos])
		to = max(utf8.RuneCountInString(text[:f.End]), from+1)
	}
	p.on(field)
	p.text(accent, " filter ")
	at, first := m.prompt.line.draw(p, from, to)
	p.end()
	if m.prompt.fault != nil {
		begin := min(max(from-first, 0), len(m.prompt.line.text)-first)
		skipped := safe.Line(string(m.prompt.line.text[first : first+begin]))
		m.drawFault(p, len(" filter ")+safe.Width(skipped), to-from)
		return at
	}
	m.drawChoices(p)
	return at
}

// drawFault draws a caret under the mistake, and says what it is where there is
// more room.
func (m *model) drawFault(p *pane, column, width int) {
	text := safe.Line(m.prompt.fault.Text)
	column = min(column, max(p.w-1, 0))
	width = min(width, p.w-column)
	if w := safe.Width(text); column+width+1+w > p.w && column > p.w/2 {
		p.gap(max(column-1-w, 0))
		p.fit(bad, text, column-1-p.column())
		p.to(column)
		p.repeat(bad, "^", width)
		p.end()
		return
	}
	p.to(column)
	p.repeat(bad, "^", width)
	p.gap(1)
	p.fit(bad, text, p.left)
	p.end()
}

func (m *model) drawChoices(p *pane) {
	word, list := m.prompt.choices()
	p.gap(len(" filter "))
	if word == "" && m.prompt.line.String() != "" {
		list = nil
	}
	if len(list) == 0 {
		p.text(dim, m.countMatches())
		p.end()
		return
	}
	for _, c := range list {
		if p.left < len(c)+1 {
			break
		}
		p.text(dim, safe.Line(c))
		p.gap(1)
	}
	p.end()
}
