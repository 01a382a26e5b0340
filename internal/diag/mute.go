package diag

import "strings"

// Mute silences a rule, everywhere or on some paths.
type Mute struct {
	Rule string // ID, or "*" for all
	Path string // path with "*" for any characters, "" for every path
}

func (e *Engine) muted(rule, path string) bool {
	for _, m := range e.mutes {
		if (m.Rule == "*" || m.Rule == rule) && (m.Path == "" || matches(m.Path, path)) {
			return true
		}
	}
	return false
}

// matches reports whether a pattern with "*" takes all of a text. Each piece
// between stars is found as early as it can be, so time is linear in practice.
func matches(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	for ok && star {
		var piece string
		piece, rest, star = strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, piece)
		}
		_, text, ok = strings.Cut(text, piece)
	}
	return ok
}
