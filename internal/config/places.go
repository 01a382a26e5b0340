package config

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// places finds the line of every key in a TOML document, "redact.headers" or
// "route[1].target". The decoder tells lines only of what it refuses, and
// most mistakes (a port that does not exist, a project file that asks for too
// much) are found later. A document that is not TOML gives what came before.
func places(doc []byte) map[string]int {
	p := placer{doc: doc, line: 1, lines: map[string]int{}, count: map[string]int{}}
	p.parser.Reset(doc)
	table := ""
	for p.parser.NextExpression() {
		node := p.parser.Expression()
		switch node.Kind {
		case unstable.Table:
			table = p.name("", node)
			p.note(table, node)
			table += "."
		case unstable.ArrayTable:
			table = p.element(p.name("", node))
			p.note(table, node)
			table += "."
		case unstable.KeyValue:
			p.keyValue(table, node)
		}
	}
	return p.lines
}

type placer struct {
	parser unstable.Parser
	doc    []byte
	lines  map[string]int
	count  map[string]int // elements seen of each array of tables
	offset int            // where line was counted up to
	line   int
}

func (p *placer) keyValue(table string, node *unstable.Node) {
	key := p.name(table, node)
	p.note(key, node)
	p.inside(key, node.Value())
}

// inside looks for keys within inline tables, also those in arrays.
func (p *placer) inside(key string, value *unstable.Node) {
	children := value.Children()
	for children.Next() {
		switch child := children.Node(); {
		case value.Kind == unstable.InlineTable:
			p.keyValue(key+".", child)
		case value.Kind == unstable.Array && child.Kind == unstable.InlineTable:
			p.inside(p.element(key), child)
		}
	}
}

// element numbers the next table of an array.
func (p *placer) element(key string) string {
	p.count[key]++
	return fmt.Sprintf("%s[%d]", key, p.count[key]-1)
}

func (p *placer) name(table string, node *unstable.Node) string {
	var parts []string
	for it := node.Key(); it.Next(); {
		// The decoder matches names without case, too.
		parts = append(parts, strings.ToLower(string(it.Node().Data)))
	}
	return table + strings.Join(parts, ".")
}

func (p *placer) note(key string, node *unstable.Node) {
	it := node.Key()
	if _, seen := p.lines[key]; seen || !it.Next() {
		return
	}
	at := int(it.Node().Raw.Offset)
	if at > p.offset {
		p.line += bytes.Count(p.doc[p.offset:at], []byte("\n"))
		p.offset = at
	}
	p.lines[key] = p.line
}
