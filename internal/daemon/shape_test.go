package daemon

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// parsePackage is the package without its tests, by file.
func parsePackage(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	set, files := token.NewFileSet(), make(map[string]*ast.File)
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(set, name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return set, files
}

// TestShape: what belongs together is a type of a size that can be overlooked,
// nothing runs outside of a group, and nothing outlives whoever asked for it.
func TestShape(t *testing.T) {
	set, files := parsePackage(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		ast.Inspect(files[name], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StructType:
				if fields := n.Fields.NumFields(); fields > 15 {
					t.Errorf("%s: a struct of %d fields", set.Position(n.Pos()), fields)
				}
			case *ast.GoStmt:
				t.Errorf("%s: a goroutine that no group waits for", set.Position(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "context" && n.Sel.Name == "Background" {
					t.Errorf("%s: a context without an end", set.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// TestOwners: the fields of a type that owns a part of the state are written in
// its own file alone. A write through more than one selector, d.mail.box = x, is
// one to somebody else's.
func TestOwners(t *testing.T) {
	set, files := parsePackage(t)
	parts := partsOfDaemon(t, files["daemon.go"])
	for _, name := range slices.Sorted(maps.Keys(files)) {
		ast.Inspect(files[name], func(n ast.Node) bool {
			var written []ast.Expr
			switch n := n.(type) {
			case *ast.AssignStmt:
				written = n.Lhs
			case *ast.IncDecStmt:
				written = []ast.Expr{n.X}
			}
			for _, w := range written {
				field, ok := w.(*ast.SelectorExpr)
				if !ok {
					continue
				}
				if owner, ok := field.X.(*ast.SelectorExpr); ok && slices.Contains(parts, owner.Sel.Name) {
					t.Errorf("%s: %s.%s is written from outside", set.Position(w.Pos()), owner.Sel.Name, field.Sel.Name)
				}
			}
			return true
		})
	}
}

// partsOfDaemon are the fields of Daemon that are types of this package.
func partsOfDaemon(t *testing.T, file *ast.File) (parts []string) {
	t.Helper()
	daemon := file.Scope.Lookup("Daemon").Decl.(*ast.TypeSpec).Type.(*ast.StructType)
	for _, f := range daemon.Fields.List {
		if _, ours := f.Type.(*ast.StarExpr); ours && len(f.Names) == 1 {
			parts = append(parts, f.Names[0].Name)
		}
	}
	if len(parts) < 9 {
		t.Fatalf("Daemon has %v", parts)
	}
	return parts
}
