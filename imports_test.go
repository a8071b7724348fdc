package copytaster_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which of our packages a package may import beside the vocabulary at the root. A package that is not named here may
// import no other; cmd may import all.
var arrows = map[string][]string{
	"fetch": {"fetch/feed", "fetch/page"},
	"web":   {"export"},

	// nothing else below itself: what cleans a text and what folds it know nothing of each other
	"dedupe":         {"dedupe/arena", "dedupe/part", "dedupe/passage", "dedupe/rule", "dedupe/shingle"},
	"dedupe/passage": {"dedupe/shingle"},
	"dedupe/rule":    {"dedupe/part", "dedupe/shingle"}, // how far apart is too far

	// the next state hangs on what the feed says of itself, and holds its subscription
	"fetch/state": {"fetch/feed", "fetch/websub"},

	// what is a pattern's and what a learner's letter is told by the same runes
	"dedupe/clean/phrase": {"dedupe/clean/nfkc"},
	"dedupe/clean/learn":  {"dedupe/clean/nfkc"},

	"store/dict":  {"store/record"},
	"store/disk":  {"store/pages"}, // whether a file is cut short
	"store/first": {"store/record"},
	"store/fsck":  {"store", "store/pages", "store/record"},
	"store/table": {"store/record"},
	// what a story's page shows is made of the same harmless HTML as the feeds
	"web/view": {"export/safe", "web/diff"},
}

// pure are the packages (with those below them) that do no I/O and read no clock.
var pure = []string{".", "dedupe", "fetch/feed", "fetch/page", "export", "config/where", "web/view", "web/diff"}

// forbidden is what a pure package must not import, nor call.
var forbidden = []string{"os", "net", "net/http", "os/exec", "log", "log/slog", "time.Now", "time.Since"}

func TestImports(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || name != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files++
		checkFile(t, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("looked at %d files only", files)
	}
}

func checkFile(t *testing.T, name string) {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg := path.Dir(name)
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if rest, ok := strings.CutPrefix(imported, "copytaster/"); ok && !mayImport(pkg, rest) {
			t.Errorf("%s: package %s must not import %s", name, pkg, rest)
		}
		if isPure(pkg) && slices.Contains(forbidden, imported) {
			t.Errorf("%s: package %s is pure and must not import %s", name, pkg, imported)
		}
	}
	if isPure(pkg) {
		checkCalls(t, name, f)
	}
}

// mayImport holds the arrows: a package may import what the table allows it and, but for dedupe, what lies below itself.
func mayImport(pkg, imported string) bool {
	return strings.HasPrefix(pkg, "cmd/") || slices.Contains(arrows[pkg], imported) || strings.HasPrefix(imported, pkg+"/") && pkg != "dedupe"
}

func isPure(pkg string) bool {
	return slices.ContainsFunc(pure, func(p string) bool { return pkg == p || p != "." && strings.HasPrefix(pkg, p+"/") })
}

func checkCalls(t *testing.T, name string, f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(forbidden, x.Name+"."+sel.Sel.Name) {
				t.Errorf("%s: a pure package must not use %s.%s", name, x.Name, sel.Sel.Name)
			}
		}
		return true
	})
}
