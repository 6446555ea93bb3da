package nut

import (
	"bytes"
	"strings"
	"unicode"
)

// A Line is one logical line: its words without quotes and escapes.
type Line struct {
	N     int // number of its first line in the file, from 1
	Words []string
	Open  bool // the file ended inside quotes
}

// Lines splits a file into lines with words, by the rules of parseconf:
//
//   - words are separated by blanks, or stand in double quotes;
//   - a backslash takes the next character as it is; before the end of a line
//     it joins the next line;
//   - a number sign outside quotes begins a comment, after a value too;
//   - an equals sign outside quotes is a word of its own;
//   - quotes go on over the end of a line.
func Lines(data []byte) []Line {
	s := &scanner{line: 1}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	for _, c := range data {
		s.next(c)
		if c == '\n' {
			s.line++
		}
	}
	open := s.state == inQuotes || s.state == escapedInQuotes
	if s.state == inWord || s.state == escaped || open {
		s.endWord()
	}
	if s.endLine(); open && len(s.lines) > 0 {
		s.lines[len(s.lines)-1].Open = true
	}
	return s.lines
}

type scanState uint8

const (
	between scanState = iota
	inComment
	inWord
	escaped
	inQuotes
	escapedInQuotes
)

type scanner struct {
	state scanState
	line  int
	lines []Line
	now   Line
	word  []byte
}

func (s *scanner) next(c byte) {
	switch s.state {
	case inComment:
		if c == '\n' {
			s.endLine()
		}
	case between:
		s.begin(c)
	case inWord:
		switch {
		case c == '\\':
			s.state = escaped
		case c == '#' || c == '=' || isBlank(c):
			s.endWord()
			s.begin(c)
		default:
			s.add(c)
		}
	case escaped: // a line end joins the lines, and the word goes on
		s.add(c)
		s.state = inWord
	case inQuotes:
		switch c {
		case '"':
			s.endWord()
		case '\\':
			s.state = escapedInQuotes
		default:
			s.add(c)
		}
	case escapedInQuotes:
		s.add(c)
		s.state = inQuotes
	}
}

// begin takes a character outside of words.
func (s *scanner) begin(c byte) {
	switch {
	case c == '\n':
		s.endLine()
		return
	case isBlank(c):
		return
	case c == '#':
		s.state = inComment
		return
	}
	if len(s.now.Words) == 0 {
		s.now.N = s.line
	}
	switch c {
	case '\\':
		s.state = escaped
	case '"':
		s.state = inQuotes
	case '=':
		s.word = append(s.word, c)
		s.endWord()
	default:
		s.add(c)
		s.state = inWord
	}
}

func (s *scanner) add(c byte) { s.word = append(s.word, c) }

// endWord keeps the word, without its control characters, line ends among them.
func (s *scanner) endWord() {
	word := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(string(s.word), ""))
	s.now.Words = append(s.now.Words, word)
	s.word, s.state = s.word[:0], between
}

func (s *scanner) endLine() {
	if len(s.now.Words) > 0 {
		s.lines = append(s.lines, s.now)
	}
	s.now, s.state = Line{}, between
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

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
