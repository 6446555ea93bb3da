package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ecnutd/internal/control"
	"ecnutd/ups"
)

// Chosen are the variables of these names; all of them when none is named. One that
// is not there is an error, with the name that may be meant.
func Chosen(vars ups.Variables, names []string) (ups.Variables, error) {
	if len(names) == 0 {
		return vars, nil
	}
	some := make(ups.Variables, len(names))
	for _, name := range names {
		value, ok := vars[name]
		if !ok {
			near := "`ecnutd dump` prints those there are"
			if words := vars.Nearest(name); len(words) > 0 {
				near = "did you mean " + strings.Join(words, ", ") + "?"
			}
			return nil, fmt.Errorf("the UPS has no variable %q; %s", name, near)
		}
		some[name] = value
	}
	return some, nil
}

// Variables shows bare values for names, and all variables without.
func Variables(w io.Writer, vars ups.Variables, names []string) {
	for _, name := range names {
		fmt.Fprintln(w, vars[name])
	}
	if len(names) == 0 {
		for _, name := range vars.Names() {
			fmt.Fprintf(w, "%s: %s\n", name, vars[name])
		}
	}
}

// Fields shows HID fields, a line each; verbose adds where each stands.
func Fields(w io.Writer, rows []control.Field, verbose bool) {
	for _, r := range rows {
		text := r.Text
		if r.Raw == nil {
			text = "unknown"
		}
		fmt.Fprintf(w, "%s: %s", r.Path, text)
		if verbose {
			fmt.Fprintf(w, "  (report %02x, %s, bits %d to %d", r.Report, r.Type, r.Bit, r.Bit+r.Bits-1)
			if r.Raw != nil {
				fmt.Fprintf(w, ", raw %d", *r.Raw)
			}
			fmt.Fprint(w, ")")
		}
		fmt.Fprintln(w)
	}
}

// Settings shows settings in upsrw's way, a paragraph each.
func Settings(w io.Writer, list []control.Setting) {
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

// ChosenSettings are the settings of these names; all of them when none is named.
// One that is not there is an error, with the name that may be meant.
func ChosenSettings(list []control.Setting, names []string) ([]control.Setting, error) {
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
		return nil, fmt.Errorf("the UPS has no setting %q; %s", name, near)
	}
	if len(names) == 0 {
		return list, nil
	}
	return slices.DeleteFunc(list, func(s control.Setting) bool { return !slices.Contains(names, s.Name) }), nil
}
