package tui

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// contrast is the ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func contrast(a, b uint32) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(rgb uint32) float64 {
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// TestThemesCanBeRead holds every ink against every ground, on the backgrounds
// that terminals have: 4.5 to 1 for text (WCAG level AA), 7 to 1 in high
// contrast (AAA). Faint is for rules and for what is not there.
func TestThemesCanBeRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		theme *theme
		pages []uint32 // backgrounds of terminals
		plain uint32   // their text
		least float64
	}{
		{"dark", &darkTheme, []uint32{0x000000, 0x1e1e2e, 0x282c34}, 0xd0d0d0, 4.5},
		{"light", &light, []uint32{0xffffff, 0xfafafa, 0xfdf6e3}, 0x202020, 4.5},
		{"high contrast, dark", &contrastDark, []uint32{0x000000}, 0xffffff, 7},
		{"high contrast, light", &contrastLight, []uint32{0xffffff}, 0x000000, 7},
	} {
		for i, l := range c.theme.ink {
			fg := l.rgb
			if l.tone == (tone{}) {
				fg = c.plain
			}
			least := c.least
			if ink(i) == faint {
				least = 1.8
			}
			for g, tone := range c.theme.ground {
				if c.theme.reversed[g] {
					continue
				}
				backgrounds := []uint32{tone.rgb}
				if tone.ansi == 0 {
					backgrounds = c.pages
				}
				if ground(g) != page && ink(i) == escape || ground(g) == marked && c.least == 7 {
					least = min(least, 4.5)
				}
				for _, bg := range backgrounds {
					if got := contrast(fg, bg); got < least {
						t.Errorf("%s: ink %d (%06x) on ground %d (%06x) has a contrast of %.1f, want %.1f", c.name, i, fg, g, bg, got, least)
					}
				}
			}
		}
	}
}

func TestThemeFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		dark    bool
		profile colorprofile.Profile
		want    *theme
	}{
		{"", true, colorprofile.TrueColor, &darkTheme}, {"auto", false, colorprofile.ANSI256, &light}, {"dark", false, colorprofile.TrueColor, &darkTheme},
		{"light", true, colorprofile.TrueColor, &light}, {"mono", true, colorprofile.TrueColor, &mono}, {"dark", true, colorprofile.ASCII, &mono},
		{"high-contrast", true, colorprofile.TrueColor, &contrastDark}, {"high-contrast", false, colorprofile.TrueColor, &contrastLight},
		{"no such theme", true, colorprofile.Unknown, &darkTheme},
	} {
		if got := themeFor(c.name, c.dark, c.profile); got != c.want {
			t.Errorf("%+v gives another theme", c)
		}
	}
}

// TestColoursAreThoseOfTheTerminal holds that a terminal with sixteen colours
// gets its own, and one without any gets none.
func TestColoursAreThoseOfTheTerminal(t *testing.T) {
	for name, profile := range map[string]colorprofile.Profile{"sixteen": colorprofile.ANSI, "none": colorprofile.ASCII} {
		for _, themeName := range Themes() {
			st := newStyles(themeFor(themeName, true, profile), profile, false)
			for _, row := range st.sgr {
				for _, sgr := range row {
					for i, par := range strings.Split(strings.Trim(sgr, "\x1b[m"), ";") {
						if i == 0 && par != "0" {
							t.Errorf("%q does not begin anew", sgr)
						}
						colour := len(par) == 2 && strings.Contains("349", par[:1]) || len(par) == 3
						if par == "38" || par == "48" || colour && profile == colorprofile.ASCII {
							t.Errorf("%s, %s: %q", name, themeName, sgr)
						}
					}
				}
			}
		}
	}
}

// TestMonoCarriesMeaning holds that without colours what is bad still differs
// from what is not.
func TestMonoCarriesMeaning(t *testing.T) {
	st := newStyles(&mono, colorprofile.ASCII, true)
	seen := []string{}
	for _, i := range []ink{plain, bad, loud, accent} {
		if slices.Contains(seen, st.sgr[page][i]) {
			t.Errorf("ink %d looks like another one", i)
		}
		seen = append(seen, st.sgr[page][i])
	}
	if st.sgr[selected][plain] == st.sgr[page][plain] {
		t.Error("the selected row looks like the others")
	}
	for _, g := range []glyphs{asciiGlyphs} {
		for _, text := range []string{g.ellipsis, string(g.vertical), string(g.full), string(g.blocked), string(g.arrow)} {
			if strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
				t.Errorf("%q is not ASCII", text)
			}
		}
	}
}

func TestPlainCharset(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{nil, false}, {[]string{"LANG=C"}, true}, {[]string{"LANG=de_DE.UTF-8"}, false}, {[]string{"LC_ALL=POSIX", "LANG=en_US.utf8"}, true},
		{[]string{"LANG=en_US.ISO-8859-1"}, true}, {[]string{"LC_CTYPE=C.UTF-8", "LANG=C"}, false},
	} {
		env := c.env
		if env == nil {
			env = []string{}
		}
		if got := plainCharset(environment(env)); got != c.want {
			t.Errorf("%v: %t", c.env, got)
		}
	}
}
