package monitor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMutantsFit: the table of mistakes that a test must notice fits the sources:
// each text that one replaces stands in its file, once, and the test is there.
func TestMutantsFit(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "mutants.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tests := ""
	names, _ := filepath.Glob("*_test.go")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests += string(text)
	}
	n := 0
	for paragraph := range strings.SplitSeq(strings.TrimSpace(string(raw)), "\n\n") {
		what := make(map[string]string)
		for line := range strings.Lines(paragraph) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			what[key] = strings.ReplaceAll(value, `\n`, "\n")
		}
		if what["rule:"] == "" {
			continue
		}
		n++
		text, err := os.ReadFile(filepath.Join("..", what["file:"]))
		if err != nil || strings.Count(string(text), what["-"]) != 1 || what["-"] == what["+"] {
			t.Errorf("%s: its text stands %d times in %s: %v", what["rule:"], strings.Count(string(text), what["-"]), what["file:"], err)
		}
		if !strings.Contains(tests, "func "+what["test:"]+"(t *testing.T)") {
			t.Errorf("%s: there is no %s", what["rule:"], what["test:"])
		}
	}
	if n < 30 {
		t.Errorf("%d mutants", n)
	}
}
