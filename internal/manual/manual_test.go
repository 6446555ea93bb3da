package manual

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

var date = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// shown is a page as mandoc shows it, after it found nothing to say about it.
func shown(t *testing.T, text []byte) string {
	t.Helper()
	if _, err := exec.LookPath("mandoc"); err != nil {
		t.Skip("no mandoc here (on Debian: apt-get install mandoc)")
	}
	lint := exec.Command("mandoc", "-T", "lint", "-W", "style")
	lint.Stdin = bytes.NewReader(text)
	said, _ := lint.CombinedOutput()
	for line := range strings.Lines(string(said)) {
		// The pages of other programs, and of this one, may not be installed.
		if !strings.Contains(line, "referenced manual not found") && !strings.Contains(line, "outdated mandoc.db") {
			t.Errorf("lint: %s", line)
		}
	}
	cmd := exec.Command("mandoc", "-T", "utf8", "-O", "width=78")
	cmd.Stdin = bytes.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	// Bold and underlined letters are overstruck.
	var plain []rune
	for _, r := range string(out) {
		if r == '\b' {
			plain = plain[:len(plain)-1]
			continue
		}
		plain = append(plain, r)
	}
	return string(plain)
}

// want is a run of words, however the lines are broken.
func want(t *testing.T, page, words string) {
	t.Helper()
	if !strings.Contains(strings.Join(strings.Fields(page), " "), words) {
		t.Errorf("not in the page: %s\n%s", words, page)
	}
}

// TestText: nothing in a help text is read as roff.
func TestText(t *testing.T) {
	root := &cobra.Command{Use: "prog", Short: "Does a thing", Long: ".SH at the start, a \\back\\slash, 'quotes', `ticks`, a ~ and a ^.\n'at the start too. Next sentence (really.) Third?\n\n  as  it   stands\n  .PP\n\nExit status: 0 done."}
	root.PersistentFlags().String("config", "/etc/x.yaml", "configuration `FILE`")
	root.AddGroup(&cobra.Group{ID: "g", Title: "The group:"})
	child := &cobra.Command{Use: "fly [NAME] \"x\"", GroupID: "g", Short: "Flies", Run: func(*cobra.Command, []string) {}, Example: "  prog fly --far=3   a comment"}
	child.Flags().String("far", "", "how `FAR`")
	child.Flags().Lookup("far").NoOptDefVal = "1"
	child.Flags().BoolP("loud", "l", false, "with noise")
	hidden := &cobra.Command{Use: "concealed", GroupID: "g", Hidden: true, Run: func(*cobra.Command, []string) {}}
	root.AddCommand(child, hidden)
	page := shown(t, Commands(root, date))
	for _, words := range []string{
		"prog – does a thing",
		".SH at the start, a \\back\\slash, 'quotes', `ticks`, a ~ and a ^. 'at the start too. Next sentence (really.) Third?",
		"--config FILE Configuration FILE (default /etc/x.yaml).",
		"fly [NAME] \"x\" Flies. --far[=FAR] How FAR. -l, --loud With noise. For example: prog fly --far=3 a comment",
		"EXIT STATUS 0 done.",
		"February 3, 2026",
	} {
		want(t, page, words)
	}
	if !strings.Contains(page, "as  it   stands\n") || !strings.Contains(page, ".PP\n") {
		t.Errorf("not literal:\n%s", page)
	}
	if strings.Contains(page, "concealed") {
		t.Errorf("a hidden command is shown:\n%s", page)
	}
}

// TestConfiguration: every key of the example is in the page, as it stands.
func TestConfiguration(t *testing.T) {
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	page := shown(t, Configuration(string(example), date))
	keys := 0
	for line := range strings.Lines(string(example)) {
		line = strings.TrimSpace(line)
		if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
			continue
		}
		keys++
		if !strings.Contains(page, line) {
			t.Errorf("not in the page: %s", line)
		}
	}
	if keys < 100 {
		t.Errorf("only %d lines with keys", keys)
	}
	want(t, page, "SHUTTING DOWN Other hosts on the same UPS get this long")
}
