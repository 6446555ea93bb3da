package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/sms"
)

// TestDocumentedRoutes: every route in the documents can be copied and works.
func TestDocumentedRoutes(t *testing.T) {
	doc, err := os.ReadFile("../../docs/messages.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("ntfy://token@ntfy.example.net/ups\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if err := os.WriteFile(filepath.Join(dir, "free-partner"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := regexp.MustCompile(`_file: [^ }\n]+`)
	routes := "messages:\n  routes:\n"
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		routes += strings.TrimPrefix(block[1], "messages:\n  routes:\n")
	}
	text := "ups: {a: {}}\n" + file.ReplaceAllString(routes, "_file: "+secret)
	c, findings, err := config.Parse([]byte(text), "docs")
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, %v\n%s", err, findings, text)
	}
	if len(c.Messages.Routes) < 8 {
		t.Errorf("%d routes only in\n%s", len(c.Messages.Routes), text)
	}
	for _, r := range c.Messages.Routes {
		if _, err := newRoute(r); err != nil && !(errors.Is(err, sms.ErrNoServices) && !r.URL.IsZero()) {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}
