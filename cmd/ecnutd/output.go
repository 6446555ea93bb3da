package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
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
	return emit(stdout, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			fmt.Fprintln(t, row)
		}
		return t.Flush()
	})
}

// note tells something on stderr that does not keep the command from its work.
func note(cmd *cobra.Command, format string, args ...any) {
	fmt.Fprintf(cmd.ErrOrStderr(), "ecnutd: "+format+"\n", args...)
}
