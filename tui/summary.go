package tui

import (
	"strings"

	"corsdash/internal/diag"
	"corsdash/internal/safe"
	"corsdash/internal/session"
)

// summary is what is said after the end: what was seen, and where it is.
func (m *model) summary() string {
	s := m.session.Stats()
	if s.File.State == session.Complete && m.info.Listen == "" {
		return "" // a saved session that was only looked at
	}
	var out strings.Builder
	out.WriteString(counted(s.Total, "exchange"))
	if n := s.Severities[diag.Blocks]; n > 0 {
		out.WriteString(", " + string(grouped(uint64(n))) + " blocked")
	}
	if s.Shed > 0 {
		out.WriteString(", " + string(grouped(s.Shed)) + " more not captured")
	}
	if s.File.Path == "" {
		return out.String() + "; nothing was saved"
	}
	path := string(safe.Line(s.File.Path))
	out.WriteString("; saved in " + path)
	if s.File.Secrets {
		out.WriteString(", with the secrets")
	}
	if s.File.Dropped > 0 {
		out.WriteString(", " + string(grouped(s.File.Dropped)) + " of them lost")
	}
	if s.File.State == session.Failing {
		out.WriteString(" as far as possible: " + string(safe.Line(s.File.Reason)))
	}
	return out.String() + "\nlook at it again with: corsdash open " + quoted(path)
}

func counted(n uint64, what string) string {
	text := string(grouped(n)) + " " + what
	if n != 1 {
		text += "s"
	}
	return text
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	for _, r := range path {
		if !strings.ContainsRune("/._-+:@%,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
		}
	}
	return path
}
