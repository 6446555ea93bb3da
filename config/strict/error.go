package strict

import (
	"fmt"
	"strings"
)

// An Error says what is wrong with one place of a configuration file.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 where it is not known
	Key          string // path of the key, "events.ONBATT.start"; "" for the file as a whole
	Msg          string // what is wrong, and what to do
}

// Error is the place, the key and the message on one line.
func (e Error) Error() string { return Position(e.File, e.Line, e.Column, e.Key) + e.Msg }

// Errors are all errors of a file, in the order of its lines.
type Errors []Error

// Error is one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Position is the place and the key at the beginning of a line.
func Position(file string, line, column int, key string) string {
	var b strings.Builder
	if file != "" {
		b.WriteString(file + ":")
	}
	if line > 0 {
		fmt.Fprintf(&b, "%d:", line)
	}
	if line > 0 && column > 0 {
		fmt.Fprintf(&b, "%d:", column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if key != "" {
		b.WriteString(key + ": ")
	}
	return b.String()
}
