package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ecnutd/internal/terminal"
	"ecnutd/internal/texts/catalogue"
)

// jsonFlag adds --json to a command that prints data.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print for programs")
}

// emit collects what print writes and puts it out in one piece, so that a
// command that fails half way has printed nothing, and a full disk is an
// error.
func emit(stdout io.Writer, print func(w io.Writer) error) error {
	var b bytes.Buffer
	if err := print(&b); err != nil {
		return err
	}
	if _, err := stdout.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// emitJSON prints one document.
func emitJSON(stdout io.Writer, v any) error {
	return emit(stdout, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	})
}

// emitLines prints one object a line.
func emitLines[T any](stdout io.Writer, objects []T) error {
	return emit(stdout, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for _, o := range objects {
			if err := enc.Encode(o); err != nil {
				return err
			}
		}
		return nil
	})
}

// emitTable prints rows in columns; cells are separated by tabs.
func emitTable(stdout io.Writer, rows []string) error {
	return emitFolded(stdout, tableIndent, func(w io.Writer, _ terminal.Palette) error {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			fmt.Fprintln(t, row)
		}
		return t.Flush()
	})
}

// tableIndent is where the rest of a row begins that is wider than the terminal.
const tableIndent = 4

// emitFolded is emit for a person: lines are folded to the width of a terminal,
// and what is broken off begins at a column.
func emitFolded(stdout io.Writer, indent int, print func(w io.Writer, p terminal.Palette) error) error {
	p := terminal.Paint(stdout)
	return emit(stdout, func(w io.Writer) error {
		var b bytes.Buffer
		if err := print(&b, p); err != nil {
			return err
		}
		_, err := io.WriteString(w, p.Fold(b.String(), indent))
		return err
	})
}

// note tells something on stderr that does not keep the command from its work.
func note(cmd *cobra.Command, format string, args ...any) {
	fmt.Fprintf(terminal.Folded(cmd.ErrOrStderr(), noteIndent), "ecnutd: %s\n", catalogue.Translate(person(), fmt.Sprintf(format, args...)))
}

// noteIndent is where the second row of a note begins.
const noteIndent = 2
