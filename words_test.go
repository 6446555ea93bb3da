package ecnutd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// goFiles calls f for each Go file of the tree, with its syntax.
func goFiles(t *testing.T, f func(path string, files *token.FileSet, file *ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err == nil {
			f(path, files, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDocComments: a comment above a declaration begins with the name below it,
// whether exported or not; an article may stand before it.
func TestDocComments(t *testing.T) {
	declarations := 0
	goFiles(t, func(path string, files *token.FileSet, file *ast.File) {
		look := func(doc *ast.CommentGroup, names ...*ast.Ident) {
			if names[0].Name == "_" || strings.HasPrefix(names[0].Name, "Example") {
				return // go doc shows the comment of an example below its title
			}
			declarations++
			if wrong := misnamed(doc.Text(), names...); wrong != "" {
				t.Errorf("%s: the comment above %s begins with %q", files.Position(doc.Pos()), names[0].Name, wrong)
			}
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				look(d.Doc, d.Name)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						look(docOf(d, s.Doc), s.Name)
					case *ast.ValueSpec:
						look(docOf(d, s.Doc), s.Names...)
					}
				}
			}
		}
	})
	if declarations < 1000 {
		t.Errorf("%d declarations", declarations)
	}
}

// docOf is the comment of a single declaration: its own or, where it is not one of a
// group, that of its keyword.
func docOf(d *ast.GenDecl, own *ast.CommentGroup) *ast.CommentGroup {
	if own == nil && !d.Lparen.IsValid() {
		return d.Doc
	}
	return own
}

// misnamed is the first word of a comment that is none of the names; "" where there is
// no comment, or one that begins well.
func misnamed(text string, names ...*ast.Ident) string {
	words := strings.Fields(text)
	if len(words) > 1 && (words[0] == "A" || words[0] == "An" || words[0] == "The") {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(words[0], "'") // its
	first = strings.Trim(first, ",.:;()")
	for _, n := range names {
		if first == n.Name {
			return ""
		}
	}
	return words[0]
}
