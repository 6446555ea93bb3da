package ecnutd

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHackingIsTrue: the files that docs/hacking.md names are there, and the tests that
// it says fail.
func TestHackingIsTrue(t *testing.T) {
	text, err := os.ReadFile("docs/hacking.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	goFiles(t, func(path string, _ *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasSuffix(path, "_test.go") {
				tests[f.Name.Name] = true
			}
		}
	})
	names := regexp.MustCompile("`(Test[A-Z][A-Za-z]*)`").FindAllStringSubmatch(string(text), -1)
	for _, m := range names {
		if !tests[m[1]] {
			t.Errorf("there is no test %s", m[1])
		}
	}
	paths := regexp.MustCompile("`((?:cmd|config|docs|eaton|hid|internal|monitor|sms|udev|ups)/[a-z0-9_/.-]+)`").FindAllStringSubmatch(string(text), -1)
	for _, m := range paths {
		if _, err := os.Stat(filepath.FromSlash(m[1])); err != nil {
			t.Error(err)
		}
	}
	if len(names) < 15 || len(paths) < 30 {
		t.Errorf("%d tests and %d files are named", len(names), len(paths))
	}
}
