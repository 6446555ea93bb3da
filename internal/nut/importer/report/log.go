package report

import (
	"fmt"
	"slices"
)

// A Log collects the notes of an import, each once.
type Log struct{ Notes []Note }

// Add notes what became of a line.
func (l *Log) Add(file string, line int, kind Kind, key, format string, args ...any) {
	n := Note{File: file, Line: line, Kind: kind, Key: key, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(l.Notes, n) {
		l.Notes = append(l.Notes, n)
	}
}

// Unknown notes a word that is no directive.
func (l *Log) Unknown(file string, line int, word string) {
	l.Add(file, line, Unsupported, "", "%s: this is no directive that the importer knows; look up what it does", Shorten(word))
}
