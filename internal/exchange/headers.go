package exchange

import "strings"

// Header is one header line as it stood on the wire: the name in its own
// case, the value without the white space around it.
type Header struct{ Name, Value string }

// Headers are header lines in their order, duplicates included.
type Headers []Header

// Get joins the values of all lines of that name with ", ", which is how
// Fetch reads a header ("get, decode and split" before the split), and reports
// whether there was any. Names compare without case.
func (h Headers) Get(name string) (value string, ok bool) {
	for _, l := range h {
		if !sameName(l.Name, name) {
			continue
		}
		if !ok {
			value, ok = l.Value, true
			continue
		}
		value += ", " + l.Value
	}
	return value, ok
}

// First is the value of the first line of that name, or "".
func (h Headers) First(name string) string {
	for _, l := range h {
		if sameName(l.Name, name) {
			return l.Value
		}
	}
	return ""
}

// Values lists the values of all lines of that name.
func (h Headers) Values(name string) []string {
	var out []string
	for _, l := range h {
		if sameName(l.Name, name) {
			out = append(out, l.Value)
		}
	}
	return out
}

// Has reports whether there is a line of that name.
func (h Headers) Has(name string) bool {
	for _, l := range h {
		if sameName(l.Name, name) {
			return true
		}
	}
	return false
}

// sameName is an ASCII-only EqualFold that gives up on the length first,
// because most comparisons end there.
func sameName(a, b string) bool {
	return len(a) == len(b) && strings.EqualFold(a, b)
}

// ParseHeaders splits a block of header lines, "Name: value\r\n" each. A line
// without a colon is all name. The lines share the block.
func ParseHeaders(block string) Headers {
	if block == "" {
		return nil
	}
	lines := make(Headers, 0, strings.Count(block, "\n")+1)
	for block != "" {
		line, rest, _ := strings.Cut(block, "\n")
		block = rest
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		lines = append(lines, Header{name, strings.Trim(value, " \t")})
	}
	return lines
}
