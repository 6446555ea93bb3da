package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/manual"
)

// TestManual: the man page has every command, and mandoc nothing to say.
func TestManual(t *testing.T) {
	text := string(manual.Commands(newRoot(), time.Now()))
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			if below.IsAvailableCommand() && below.Name() != "help" {
				name := strings.ReplaceAll(words(below), "-", `\-`) // as roff has it
				if !strings.Contains(text, ".It Ic "+name) && !strings.Contains(text, `.It Ic "`+name) {
					t.Errorf("the page has no %s", words(below))
				}
				visit(below)
			}
		}
	}
	visit(newRoot())
	if _, err := exec.LookPath("mandoc"); err != nil {
		t.Skip("no mandoc here (on Debian: apt-get install mandoc)")
	}
	lint := exec.Command("mandoc", "-T", "lint", "-W", "warning")
	lint.Stdin = strings.NewReader(text)
	if out, err := lint.CombinedOutput(); err != nil {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
}
