package main

import (
	"strings"
	"testing"

	"ecnutd/internal/systemd"
)

// TestUnitsRunCommands: the units call commands and flags that exist, and each starts
// with its own command alone, which is the one of the whole program.
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
			root := rootFor(strings.Fields(argv))
			var alone []string
			for _, c := range root.Commands() {
				alone = append(alone, c.Name())
			}
			if one, _, err := root.Find(strings.Fields(argv)); err != nil || len(alone) != 1 || one.Name() != cmd.Name() || one.Flags().FlagUsages() != cmd.Flags().FlagUsages() {
				t.Errorf("%s: %s: started with the commands %q: %v", f.Name, line, alone, err)
			}
		}
	}
	if lines != 4 {
		t.Errorf("%d lines of units start something of ours, want 4", lines)
	}
}
