package nutfile

import (
	"bytes"
	"strings"
	"unicode"

	"ecnutd/internal/nut/parseconf"
)

// A Line is one logical line with at least one word.
type Line = parseconf.Line

// Lines splits a file into lines with words. Control characters are taken out
// of them, line ends among them.
func Lines(data []byte) []Line {
	var s parseconf.Scanner
	var lines []Line
	keep := func(l Line) {
		for i, word := range l.Words {
			l.Words[i] = strings.Map(func(c rune) rune {
				if unicode.IsControl(c) {
					return -1
				}
				return c
			}, strings.ToValidUTF8(word, ""))
		}
		if len(l.Words) > 0 {
			lines = append(lines, l)
		}
	}
	for _, c := range bytes.TrimPrefix(data, []byte("\uFEFF")) {
		if l, ok := s.Next(c); ok {
			keep(l)
		}
	}
	keep(s.End())
	return lines
}

// An Entry is a line of a file with sections (ups.conf, upsd.users).
type Entry struct {
	N       int
	Section string // "" above the first section
	Key     string // "" for the line that begins the section
	Values  []string
}

// Value is the one that NUT takes: the first.
func (e Entry) Value() string {
	if len(e.Values) == 0 {
		return ""
	}
	return e.Values[0]
}

// Entries reads a file with sections. KEY = VALUE, KEY=VALUE and KEY VALUE are
// the same; a KEY alone has no value.
func Entries(lines []Line) []Entry {
	var all []Entry
	section := ""
	for _, l := range lines {
		if first := l.Words[0]; strings.HasPrefix(first, "[") {
			name := strings.TrimPrefix(strings.Join(l.Words, " "), "[")
			section, _, _ = strings.Cut(name, "]")
			section = strings.TrimSpace(section)
			all = append(all, Entry{N: l.N, Section: section})
			continue
		}
		values := l.Words[1:]
		if len(values) > 0 && values[0] == "=" {
			values = values[1:]
		}
		all = append(all, Entry{l.N, section, l.Words[0], values})
	}
	return all
}
