package sms

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports: what the package must never depend on, and why.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".", "./smstest").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for bad, why := range map[string]string{
		"ecnutd/ups":       "a message is a text: what it is about is not its business",
		"ecnutd/monitor":   "who decides that a text is sent hands it over",
		"ecnutd/config":    "settings come as values",
		"gopkg.in/yaml.v3": "nor does it read files of settings",
		"html/template":    "it costs more memory than it brings",
		"testing":          "the stand-in is part of the product",
	} {
		if slices.Contains(deps, bad) {
			t.Errorf("sms depends on %s: %s", bad, why)
		}
	}
}
