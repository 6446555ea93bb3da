package main

import (
	"ecnutd/internal/systemd"
	"strings"
	"testing"
)

// TestUnitsRunCommands: the units call commands and flags that exist.
func TestUnitsRunCommands(t *testing.T) {
	lines := 0
	for _, f := range systemd.Files() {
		for line := range strings.Lines(f.Text) {
			line = strings.Replace(line, "ExecStartPre=+", "ExecStart=", 1)
			argv, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart="+systemd.Program+" ")
			if !ok {
				continue
			}
			lines++
			cmd, args, err := newRoot().Find(strings.Fields(argv))
			if err == nil {
				err = cmd.ParseFlags(args)
			}
			if err != nil || !cmd.HasParent() || cmd.Flags().NArg() > 0 {
				t.Errorf("%s: %s: %v", f.Name, line, err)
			}
		}
	}
	if lines != 4 {
		t.Errorf("%d lines of units start something of ours, want 4", lines)
	}
}
