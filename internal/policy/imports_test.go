// Package policy holds what is promised of the tree as a whole, as tests.
package policy

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the top of the tree as seen from this package.
const root = "../.."

// allowed lists, for each package, which packages of ours it may import. It is
// the table of docs/architecture.md; imports run one way.
var allowed = map[string][]string{
	"internal/exchange":       {},
	"internal/cors":           {},
	"internal/coding":         {},
	"internal/safe":           {},
	"internal/wire":           {},
	"internal/config":         {},
	"internal/discover":       {},
	"internal/logring":        {},
	"internal/crash":          {},
	"internal/diag":           {"internal/exchange", "internal/cors", "internal/diag/fix", "internal/diag/jar", "internal/diag/layer"},
	"internal/diag/fix":       {},
	"internal/diag/jar":       {},
	"internal/diag/layer":     {"internal/exchange"},
	"internal/session":        {"internal/exchange", "internal/diag", "internal/cors", "internal/coding", "internal/crash"},
	"internal/filter":         {"internal/session", "internal/exchange", "internal/diag"},
	"internal/demo":           {"internal/wire", "internal/demo/browser", "internal/demo/websocket"},
	"internal/demo/browser":   {"internal/wire", "internal/demo/websocket"},
	"internal/demo/websocket": {},
	"proxy":                   {"internal/exchange", "internal/wire"},
	"probe":                   {"internal/exchange", "internal/wire"},
}

// stdOnly may import the standard library and nothing else.
var stdOnly = []string{"internal/exchange", "internal/cors", "internal/diag", "internal/diag/fix", "internal/diag/jar", "internal/diag/layer", "internal/wire"}

// TestImportDirections parses every non-test file of the tree.
func TestImportDirections(t *testing.T) {
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || (strings.HasPrefix(d.Name(), ".") && path != root)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		checkFile(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files seen: is the root right?", files)
	}
}

func checkFile(t *testing.T, path string) {
	pkg := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), root+string(filepath.Separator)))
	// A command below a package (internal/session/soak) is on top, like cli.
	list, ruled := allowed[pkg]
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		ours, isOurs := strings.CutPrefix(imported, "corsdash/")
		if isOurs && ruled && !slices.Contains(list, ours) {
			t.Errorf("%s imports %s: %s may import only %v", path, ours, pkg, list)
		}
		if !isOurs && slices.Contains(stdOnly, pkg) && strings.Contains(strings.Split(imported, "/")[0], ".") {
			t.Errorf("%s imports %s: %s takes the standard library only", path, imported, pkg)
		}
	}
}
