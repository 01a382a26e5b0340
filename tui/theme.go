package tui

import (
	"strconv"
	"strings"

	"corsdash/internal/exchange"
	"corsdash/internal/safe"

	"github.com/charmbracelet/colorprofile"
)

// ink is what a text means. The theme decides what that looks like.
type ink uint8

// The inks.
const (
	plain   ink = iota
	dim         // beside the point
	faint       // rules and what is not there
	strong      // headings and what is selected
	accent      // keys to press, what has the focus
	good        // allowed, 2xx
	note        // redirects, information
	warn        // 4xx, warnings
	bad         // blocked, 5xx, failures
	loud        // must not be overlooked
	escape      // stands for something that cannot be drawn
	name        // header and member names
	literal     // strings in bodies
	number      // numbers in bodies
	keyword     // true, false, null
	inks
)

// ground is what a text stands on.
type ground uint8

// The grounds.
const (
	page     ground = iota
	bar             // title and status
	selected        // the row keys act on
	marked          // the selected row of a pane without the focus
	field           // where text is typed
	grounds
)

// tone is a colour: exact, and as one of the terminal's own sixteen. The zero
// tone is the terminal's default.
type tone struct {
	rgb  uint32
	ansi uint8 // 1 for colour 0 up to 16 for colour 15
}

// look is how an ink is drawn.
type look struct {
	tone
	bold, dimmed, under, reverse bool
}

// theme gives inks and grounds their looks.
type theme struct {
	ink    [inks]look
	ground [grounds]tone
	// reversed grounds are drawn in reverse video without the inks' colours:
	// where there are few colours, those would not be readable on them.
	reversed [grounds]bool
}

// Themes lists the names Options.Theme takes. "auto" is dark or light, as the
// terminal's background is.
func Themes() []string { return []string{"auto", "dark", "light", "high-contrast", "mono"} }

// themeFor picks the theme of that name. Names nobody knows are "auto".
func themeFor(name string, dark bool, profile colorprofile.Profile) *theme {
	switch {
	case name == "mono" || profile <= colorprofile.ASCII && profile != colorprofile.Unknown:
		return &mono
	case name == "high-contrast" && dark:
		return &contrastDark
	case name == "high-contrast":
		return &contrastLight
	case name == "light" || name != "dark" && !dark:
		return &light
	}
	return &darkTheme
}

// styles are the escape sequences of a theme on a terminal. Each sets
// everything, so that none depends on the one before.
type styles struct {
	sgr   [grounds][inks]string
	glyph glyphs
	// What came of an exchange, in words that do not change.
	blocked, allowed safe.Text
	failed           map[exchange.Class]safe.Text
}

func newStyles(t *theme, profile colorprofile.Profile, ascii bool) *styles {
	s := &styles{glyph: unicodeGlyphs}
	if ascii {
		s.glyph = asciiGlyphs
	}
	for g := range s.sgr {
		for i := range s.sgr[g] {
			s.sgr[g][i] = t.sequence(ground(g), t.ink[i], profile)
		}
	}
	s.blocked, s.allowed = s.glyph.blocked+" blocked", s.glyph.fine+" allowed"
	s.failed = map[exchange.Class]safe.Text{}
	for class := range failures {
		s.failed[class] = s.glyph.failed + " " + safe.Text(class.String())
	}
	return s
}

// sequence is the SGR sequence (ECMA-48 section 8.3.117) of a look on a ground.
func (t *theme) sequence(g ground, l look, profile colorprofile.Profile) string {
	out := []byte("\x1b[0")
	few := profile == colorprofile.ANSI
	reverse := t.reversed[g] || few && (g == selected || g == marked)
	switch {
	case l.bold:
		out = append(out, ";1"...)
	case l.dimmed && !reverse:
		out = append(out, ";2"...)
	}
	if l.under {
		out = append(out, ";4"...)
	}
	if reverse != l.reverse {
		out = append(out, ";7"...)
	}
	if !reverse {
		out = l.tone.append(out, "3", few)
	}
	if !reverse && (!few || g == page) {
		out = t.ground[g].append(out, "4", few)
	}
	return string(append(out, 'm'))
}

// append appends the parameters of a foreground ("3") or background ("4").
// Exact colours are brought down to 256 by the renderer where needed.
func (c tone) append(out []byte, layer string, few bool) []byte {
	switch {
	case c == tone{}:
		return out
	case few && c.ansi > 8:
		bright := map[string]string{"3": ";9", "4": ";10"}[layer]
		return strconv.AppendInt(append(out, bright...), int64(c.ansi-9), 10)
	case few:
		return strconv.AppendInt(append(append(out, ';'), layer...), int64(c.ansi-1), 10)
	}
	out = append(append(append(out, ';'), layer...), "8;2"...)
	for shift := 16; shift >= 0; shift -= 8 {
		out = strconv.AppendInt(append(out, ';'), int64(c.rgb>>shift&0xff), 10)
	}
	return out
}

// glyphs are the signs we draw ourselves.
type glyphs struct {
	ellipsis             string
	vertical, horizontal safe.Text
	corners              [4]safe.Text // from top left, clockwise
	full                 safe.Text
	eighths              [8]safe.Text // of a cell, from the left
	cursor               safe.Text
	// What a row is.
	blocked, failed, warning, security, info safe.Text
	open, socket, preflight, hop, fine       safe.Text
	arrow, up, down, bullet                  safe.Text
}

var unicodeGlyphs = glyphs{
	ellipsis: "…", vertical: "│", horizontal: "─", corners: [4]safe.Text{"╭", "╮", "╯", "╰"},
	full: "█", eighths: [8]safe.Text{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}, cursor: "▌",
	blocked: "✗", failed: "!", warning: "▲", security: "◆", info: "•",
	open: "≈", socket: "⇄", preflight: "◦", hop: "↪", fine: "✓",
	arrow: "→", up: "↑", down: "↓", bullet: "·",
}

var asciiGlyphs = glyphs{
	ellipsis: "~", vertical: "|", horizontal: "-", corners: [4]safe.Text{"+", "+", "+", "+"},
	full: "#", eighths: [8]safe.Text{"", "", "", "", "#", "#", "#", "#"}, cursor: "|",
	blocked: "x", failed: "!", warning: "^", security: "%", info: "*",
	open: "~", socket: "=", preflight: "o", hop: ">", fine: "+",
	arrow: "->", up: "^", down: "v", bullet: "-",
}

// plainCharset reports whether the locale says that the terminal takes ASCII
// only. Without a locale nobody said anything, and terminals do take UTF-8.
func plainCharset(env func(string) string) bool {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := env(name); locale != "" {
			locale = strings.ToLower(locale)
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return false
}
