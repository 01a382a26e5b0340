package tui

import (
	"strings"

	"corsdash/internal/safe"
)

const (
	indentStep = 2
	// maxIndent keeps a million brackets from becoming a million times their
	// depth in blanks.
	maxIndent = 40
)

// indentJSON puts each member and element on a line of its own. It takes text
// that is cut anywhere or not quite JSON, and changes nothing but blanks
// outside of strings.
func indentJSON(src string) string {
	out := make([]byte, 0, len(src)+len(src)/2)
	depth := 0
	for i := 0; i < len(src); {
		c := src[i]
		i++
		switch c {
		case ' ', '\t', '\n', '\r':
		case '"':
			end := stringEnd(src, i)
			out = append(out, src[i-1:end]...)
			i = end
		case '{', '[':
			out = append(out, c)
			if next := skipBlanks(src, i); next < len(src) && src[next] == c+2 { // } and ] lie two behind
				i = next + 1
				out = append(out, c+2)
				break
			}
			depth++
			out = newline(out, depth)
		case '}', ']':
			depth = max(depth-1, 0)
			out = append(newline(out, depth), c)
		case ',':
			out = newline(append(out, c), depth)
		case ':':
			out = append(out, ": "...)
		default:
			out = append(out, c)
		}
		if depth == 0 && endsValue(src, i) { // the next one of a stream of them
			out = newline(out, 0)
		}
	}
	return string(out)
}

// endsValue reports whether src[i-1] ends a value that another one follows
// directly.
func endsValue(src string, i int) bool {
	next := skipBlanks(src, i)
	if next == len(src) || isBlank(src[i-1]) || strings.IndexByte(",:}]", src[next]) >= 0 {
		return false
	}
	return next > i || src[i-1] == '}' || src[i-1] == ']'
}

func newline(out []byte, depth int) []byte {
	out = append(out, '\n')
	for range min(depth, maxIndent) * indentStep {
		out = append(out, ' ')
	}
	return out
}

// stringEnd is the end of the string whose first character is src[i], its
// quotation mark included.
func stringEnd(src string, i int) int {
	for ; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(src)
}

func skipBlanks(src string, i int) int {
	for i < len(src) && isBlank(src[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// looksJSON reports whether a body is JSON for the eye, whatever its type says.
func looksJSON(mime, data string) bool {
	i := skipBlanks(data, 0)
	if i == len(data) {
		return false
	}
	if strings.Contains(mime, "json") {
		return strings.IndexByte(`{["-0123456789tfn`, data[i]) >= 0
	}
	if data[i] == '{' || data[i] == '[' {
		i = skipBlanks(data, i+1)
		return i < len(data) && strings.IndexByte(`{}[]"`, data[i]) >= 0
	}
	return false
}

// drawJSON colours one line of JSON. inside says that the line begins within a
// string, which a long one does that goes over several lines.
func drawJSON(p *pane, line safe.Text, inside bool) {
	for i := 0; i < len(line); {
		end := i + 1
		in := faint
		switch c := line[i]; {
		case inside || c == '"':
			from := i
			if !inside {
				from++
			}
			end = stringEnd(string(line), from)
			in = literal
			if rest := skipBlanks(string(line), end); !inside && rest < len(line) && line[rest] == ':' {
				in = name
			}
			inside = false
		case c == '-' || c >= '0' && c <= '9':
			end = tokenEnd(line, i)
			in = number
		case c >= 'a' && c <= 'z':
			end = tokenEnd(line, i)
			in = keyword
		case c == ' ':
			for end < len(line) && line[end] == ' ' {
				end++
			}
			in = plain
		case strings.IndexByte("{}[],:", c) >= 0:
			in = dim
		default:
			end = tokenEnd(line, i)
			in = plain
		}
		p.network(in, line[i:end])
		i = end
	}
}

// tokenEnd is where a number or word ends, which may be none of JSON's.
func tokenEnd(line safe.Text, i int) int {
	if n := strings.IndexAny(string(line[i:]), ` {}[],:"`); n > 0 {
		return i + n
	}
	return len(line)
}
