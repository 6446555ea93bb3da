// Package parseconf reads the syntax that NUT uses for its configuration files
// and for the lines of its network protocol (RFC 9271, section 4.1; NUT's own
// parseconf, versions 2.7 to 2.8):
//
//   - words are separated by blanks, or stand in double quotes;
//   - a backslash takes the next character as it is; before the end of a line
//     it joins the next line;
//   - a number sign outside quotes begins a comment, after a value too;
//   - an equals sign outside quotes is a word of its own;
//   - quotes go on over the end of a line.
package parseconf

// A Line is one logical line: its words without quotes and escapes, as bytes
// that nobody has looked at. No words: the line is empty or a comment.
type Line struct {
	N     int // number of the line on which the first word begins, from 1
	Words []string
	Open  bool // the input ended inside quotes
}

type state uint8

const (
	between state = iota
	inComment
	inWord
	escaped
	inQuotes
	escapedInQuotes
)

// A Scanner takes bytes one by one and gives lines. The zero Scanner is at the
// start of a file.
type Scanner struct {
	state state
	line  int // that have ended
	size  int
	words []string
	n     int
	word  []byte
}

// Size is the number of bytes taken since the last line was complete. Whoever
// reads from strangers looks at it: open quotes have no end of their own.
func (s *Scanner) Size() int { return s.size }

// Next takes a byte. Where it ends a logical line, that line is returned with
// ok set.
func (s *Scanner) Next(c byte) (l Line, ok bool) {
	s.size++
	ended := s.take(c)
	if c == '\n' {
		s.line++
	}
	if !ended {
		return Line{}, false
	}
	return s.flush(), true
}

// End is the line that the end of the input completes.
func (s *Scanner) End() Line {
	open := s.state == inQuotes || s.state == escapedInQuotes
	if s.state == inWord || s.state == escaped || open {
		s.endWord()
	}
	l := s.flush()
	l.Open = open
	return l
}

// take works on a byte and tells whether it ended the logical line.
func (s *Scanner) take(c byte) (ended bool) {
	switch s.state {
	case inComment:
		return c == '\n'
	case between:
		return s.begin(c)
	case inWord:
		switch {
		case c == '\\':
			s.state = escaped
		case c == '#' || c == '=' || IsBlank(c):
			s.endWord()
			return s.begin(c)
		default:
			s.word = append(s.word, c)
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
	return false
}

// begin takes a byte outside of words.
func (s *Scanner) begin(c byte) (ended bool) {
	switch {
	case c == '\n':
		return true
	case IsBlank(c):
		return false
	case c == '#':
		s.state = inComment
		return false
	}
	if len(s.words) == 0 {
		s.n = s.line + 1
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
		s.word = append(s.word, c)
		s.state = inWord
	}
	return false
}

// add keeps a byte of a word; ends of lines are none.
func (s *Scanner) add(c byte) {
	if c != '\n' {
		s.word = append(s.word, c)
	}
}

func (s *Scanner) endWord() {
	s.words = append(s.words, string(s.word))
	s.word, s.state = s.word[:0], between
}

func (s *Scanner) flush() Line {
	l := Line{N: s.n, Words: s.words}
	s.words, s.n, s.size, s.state = nil, 0, 0, between
	return l
}

// IsBlank tells whether a byte separates words.
func IsBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
