package main

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ecnutd/internal/texts/catalogue"
	"ecnutd/ups"
)

// TestHelpInFrench: what each command and each flag is for stands in the catalogue,
// and the long texts of the catalogue are those of commands.
func TestHelpInFrench(t *testing.T) {
	root := newRoot()
	paths := make(map[string]bool)
	each(root, func(c *cobra.Command) {
		paths[c.CommandPath()] = true
		known := func(text string) {
			if text != "" && catalogue.Translate(ups.French, text) == text {
				t.Errorf("%s: %q has no French form", c.CommandPath(), text)
			}
		}
		known(c.Short)
		for _, g := range c.Groups() {
			if g.Title != "Installation:" {
				known(g.Title)
			}
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { known(f.Usage) })
	})
	for _, path := range catalogue.LongOf() {
		if !paths[path] {
			t.Errorf("no command is called %q", path)
		}
	}
}
