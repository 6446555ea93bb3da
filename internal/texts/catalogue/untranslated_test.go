package catalogue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ecnutd/ups"
)

// complete are the files whose texts for people all have a translation. Silent has what
// is none.
var complete = []string{
	"internal/host/doctor/*.go",
	"internal/check/*.go",
	"internal/scenario/*.go",
	"internal/demo/*.go",
	"config/*.go",
}

// silent are texts in them that are no sentences of ours: command lines, and what is
// sent by the language of the configuration.
var silent = regexp.MustCompile(`^(%s && )?(sudo|ecnutd|systemctl|journalctl|ps) [^,;]*$|^%s && sudo|^ecnutd ?: |^sudo .*; journalctl|^it is %s$|all off%s$|^unknown .*%s$|^ else \(log|^, or have|cannot be stored: %s$|^%s\n\n +%s status`)

// TestUntranslated lists the texts without a translation. A new text in one of these
// files requires a row in the table.
func TestUntranslated(t *testing.T) {
	for _, pattern := range complete {
		for _, form := range untranslated(t, pattern) {
			t.Errorf("%s: %q has no translation", pattern, form)
		}
	}
	// The rest, for whoever goes on.
	if os.Getenv("UNTRANSLATED") != "" {
		for _, form := range untranslated(t, os.Getenv("UNTRANSLATED")) {
			t.Logf("%q", form)
		}
	}
}

// prose are at least two words.
var prose = regexp.MustCompile(`[a-zé]{2,},? [^ ]*[a-zé]{2}`)

// untranslated are the texts of files that Translate leaves as they are.
func untranslated(t *testing.T, pattern string) (list []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("../../..", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, form := range textsIn(t, path) {
			n := 0
			filled := strings.ReplaceAll(verb.ReplaceAllStringFunc(form, func(v string) string {
				n++
				switch v[len(v)-1] {
				case 'q':
					return strconv.Quote(strconv.Itoa(n))
				case 'd':
					return strconv.Itoa(n)
				}
				return "X" + strconv.Itoa(n)
			}), "%%", "%")
			if strings.TrimSpace(filled) != "" && Translate(ups.French, strings.Trim(filled, "\n")) == strings.Trim(filled, "\n") && french[form] == "" {
				list = append(list, form)
			}
		}
	}
	return list
}

// textsIn are the texts of a file that read as prose: its literals, with verbs in the
// places of what is put between them.
func textsIn(t *testing.T, path string) (list []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if text, ok := joinedText(e); ok {
			if prose.MatchString(text) && !silent.MatchString(text) {
				list = append(list, text)
			}
			return false
		}
		return true
	})
	return list
}

// joinedText is what an expression makes: a literal, or several things joined, of
// which one is a literal.
func joinedText(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, a := joinedText(e.X)
		right, b := joinedText(e.Y)
		if !a {
			left = "%s"
		}
		if !b {
			right = "%s"
		}
		return left + right, a || b
	}
	return "", false
}
