package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/internal/discovery"
)

// TestModelsDocument: the table of docs/models.md is that of the program.
func TestModelsDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| model ") {
			rows++
		}
	}
	for _, m := range discovery.Models() {
		if row := fmt.Sprintf("\n| %s | %d | %s |\n", m.Name, m.VA, m.SeenBy); !strings.Contains(string(text), row) {
			t.Errorf("no row%s", row)
		}
	}
	if rows != len(discovery.Models()) {
		t.Errorf("%d rows for %d models", rows, len(discovery.Models()))
	}
}

// TestDocumentCommands: what the documents have people type are commands and
// flags that exist; TestDocumentLinks: what they point to is there.
func TestDocumentCommands(t *testing.T) {
	line := regexp.MustCompile("(?m)^ {4,}(?:sudo )?(?:bin/)?ecnutd (.+)$")
	found := 0
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(text), -1) {
			// Up to a comment, a redirection or an explanation behind blanks.
			typed := regexp.MustCompile(`(\s{2,}| [#>|&] ?).*$`).ReplaceAllString(m[1], "")
			typed = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(typed, "TEXT")
			if strings.HasSuffix(strings.Fields(typed)[0], ":") {
				continue // what it says
			}
			cmd, args, err := newRoot().Find(strings.Fields(typed))
			if err == nil {
				err = cmd.ParseFlags(args)
			}
			if err != nil || !cmd.HasParent() {
				t.Errorf("%s: ecnutd %s: %v", filepath.Base(path), typed, err)
			}
			found++
		}
	}
	if found < 30 {
		t.Errorf("only %d command lines", found)
	}
}

func TestDocumentLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			to := path
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(path), m[1])
			}
			there, err := os.ReadFile(to)
			if err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(path), m[0], err)
				continue
			}
			if m[2] != "" && !strings.Contains(anchors(string(there)), m[2]+"\n") {
				t.Errorf("%s: %s: there is no such heading", filepath.Base(path), m[0])
			}
		}
	}
}

// TestInstalledLinks: in the package the documents point to what is there. Where
// each lies is said by debian/ecnutd.docs and debian/rules.
func TestInstalledLinks(t *testing.T) {
	listed, err := os.ReadFile("../../debian/ecnutd.docs")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile("../../debian/rules")
	if err != nil {
		t.Fatal(err)
	}
	installed := make(map[string]string) // the place below /usr/share/doc/ecnutd → the file
	for _, name := range strings.Fields(string(listed)) {
		// dh_installdocs copies a folder with all that is in it.
		err := filepath.WalkDir("../../"+name, func(file string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				installed[filepath.Clean(strings.TrimPrefix(file, "../../"))] = file
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range regexp.MustCompile(`debian/ecnutd/usr/share/doc/ecnutd/(\S+)`).FindAllStringSubmatch(string(rules), -1) {
		installed[m[1]] = ""
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	links := 0
	for place, file := range installed {
		if filepath.Ext(file) != ".md" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			links++
			if _, there := installed[filepath.Join(filepath.Dir(place), m[1])]; !there {
				t.Errorf("%s in the package: nothing is at %s", place, m[0])
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links", links)
	}
}

// anchors are the headings of a document as links name them.
func anchors(text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		heading := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		heading = regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(heading, "")
		all.WriteString("#" + strings.ReplaceAll(heading, " ", "-") + "\n")
	}
	return all.String()
}

func documents(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"../../*.md", "../../docs/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// TestFrenchExample: the example of README.fr.md is a configuration without a
// finding.
func TestFrenchExample(t *testing.T) {
	text, err := os.ReadFile("../../README.fr.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	if c, findings, err := config.Parse([]byte(example), "README.fr.md"); err != nil || len(findings) > 0 || len(c.Timers) != 1 {
		t.Errorf("%v, %v", err, findings)
	}
}
