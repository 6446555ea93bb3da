package ecnutd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// heldBy is a test as docs/security.md names it: the folder of its package and its
// name.
var heldBy = regexp.MustCompile("`([a-z0-9/_-]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")

// TestSecurityIsHeld: each test that docs/security.md names is there, each sentence of
// what somebody can do at worst names one, and so does each row of the attacks.
func TestSecurityIsHeld(t *testing.T) {
	raw, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	named := heldBy.FindAllStringSubmatch(text, -1)
	for _, n := range named {
		files, _ := filepath.Glob(filepath.Join(n[1], "*_test.go"))
		found := false
		for _, file := range files {
			code, err := os.ReadFile(file)
			found = found || err == nil && regexp.MustCompile(`(?m)^func `+n[2]+`\(`).Match(code)
		}
		if !found {
			t.Errorf("docs/security.md names %s, and there is no such test in %s", n[2], n[1])
		}
	}
	if len(named) < 40 {
		t.Errorf("only %d tests are named", len(named))
	}
	_, worst, _ := strings.Cut(text, "## What each can do at worst")
	worst, attacks, _ := strings.Cut(worst, "## Attacks")
	attacks, _, _ = strings.Cut(attacks, "\n## ")
	for _, item := range strings.Split(worst, "\n- ")[1:] {
		if item, _, _ = strings.Cut(item, "\n\n"); !heldBy.MatchString(item) && !strings.Contains(item, "the table below") {
			t.Errorf("nothing holds: %s", item)
		}
	}
	rows := 0
	for row := range strings.Lines(attacks) {
		if strings.HasPrefix(row, "| ") && !strings.Contains(row, "held by") {
			rows++
			if !heldBy.MatchString(row) {
				t.Errorf("nothing holds: %s", row)
			}
		}
	}
	if rows < 10 {
		t.Errorf("%d rows of attacks", rows)
	}
}
