package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/hid/power"
	"ecnutd/ups"
)

// A settingInfo is a variable that can be set, as `dump --writable --json`
// prints it.
type settingInfo struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Type        string   `json:"type"` // RANGE, ENUM or STRING
	Min         *int64   `json:"min,omitempty"`
	Max         *int64   `json:"max,omitempty"`
	Choices     []string `json:"choices,omitempty"`
	Value       string   `json:"value"`
}

// writableOf are the settings of a UPS.
func writableOf(d *power.Decoder) []settingInfo {
	list := []settingInfo{}
	for _, s := range d.Writable() {
		info := settingInfo{Name: s.Name, Description: ups.Describe(s.Name), Type: string(s.Type), Choices: s.Choices, Value: s.Value}
		if s.Type == power.RangeSetting {
			info.Min, info.Max = &s.Min, &s.Max
		}
		list = append(list, info)
	}
	return list
}

// printWritable prints settings in upsrw's way, a paragraph each.
func printWritable(w io.Writer, list []settingInfo) {
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
	h, err := reach(cmd, g, src)
	if err != nil {
		return err
	}
	defer h.close()
	list, err := h.writable()
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
		list = slices.DeleteFunc(list, func(s settingInfo) bool { return !slices.Contains(names, s.Name) })
	}
	if asJSON {
		return emitJSON(cmd.OutOrStdout(), list)
	}
	return emit(cmd.OutOrStdout(), func(w io.Writer) error {
		printWritable(w, list)
		return nil
	})
}
