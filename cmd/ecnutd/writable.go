package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/ups"
)

// printWritable prints settings in upsrw's way, a paragraph each.
func printWritable(w io.Writer, list []control.Setting) {
	for i, s := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "[%s]\n", s.Name)
		if s.Description != "" {
			fmt.Fprintln(w, s.Description)
		}
		fmt.Fprintf(w, "Type: %s\n", s.Type)
		if s.Min != nil && s.Max != nil {
			fmt.Fprintf(w, "Range: %d to %d\n", *s.Min, *s.Max)
		}
		if len(s.Choices) > 0 {
			fmt.Fprintf(w, "Options: %s\n", strings.Join(s.Choices, ", "))
		}
		value := s.Value
		if value == "" {
			value = "unknown"
		}
		fmt.Fprintf(w, "Value: %s\n", value)
	}
}

// dumpWritable is `dump --writable`.
func dumpWritable(cmd *cobra.Command, g *globals, src *source, names []string, asJSON bool) error {
	t, err := reach(cmd, g, src, false)
	if err != nil {
		return err
	}
	defer t.Close()
	list, err := t.Settings(cmd.Context())
	if err != nil {
		return err
	}
	var have []string
	for _, s := range list {
		have = append(have, s.Name)
	}
	for _, name := range names {
		if slices.Contains(have, name) {
			continue
		}
		near := "`ecnutd dump --writable` prints those there are"
		if words := ups.Nearest(name, have); len(words) > 0 {
			near = "did you mean " + strings.Join(words, ", ") + "?"
		}
		return fmt.Errorf("the UPS has no setting %q; %s", name, near)
	}
	if len(names) > 0 {
		list = slices.DeleteFunc(list, func(s control.Setting) bool { return !slices.Contains(names, s.Name) })
	}
	if asJSON {
		return emitJSON(cmd.OutOrStdout(), list)
	}
	return emit(cmd.OutOrStdout(), func(w io.Writer) error {
		printWritable(w, list)
		return nil
	})
}
