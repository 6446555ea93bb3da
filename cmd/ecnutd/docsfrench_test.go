package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMigrationInFrench: the French guide has the same lines to type as the one that
// a test types.
func TestMigrationInFrench(t *testing.T) {
	typed := func(path string) []string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`(?m)^ {4}.*$`).FindAllString(string(text), -1)
	}
	want := typed("../../docs/migrating-from-nut.md")
	if diff := cmp.Diff(want, typed("../../docs/fr/migrer-depuis-nut.md")); diff != "" || len(want) < 15 {
		t.Errorf("%d lines (-English +French):\n%s", len(want), diff)
	}
}
