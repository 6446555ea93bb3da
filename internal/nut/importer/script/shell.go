package script

import (
	"strings"

	"ecnutd/internal/nut/parseconf"
)

// A part is a piece of a word of the shell.
type part struct {
	kind partKind
	text string
}

type partKind uint8

const (
	literal      partKind = iota
	variable              // text is its name
	substitution          // text is the command in $(…) or backquotes
)

// A word is one of a command; bare, if nothing in it is quoted.
type word struct {
	parts []part
	bare  bool
}

// plain is the word where it is one literal.
func (w word) plain() string {
	if len(w.parts) == 1 && w.parts[0].kind == literal {
		return w.parts[0].text
	}
	return ""
}

// keyword is the word where it could be one of the language.
func (w word) keyword() string {
	if w.bare {
		return w.plain()
	}
	return ""
}

// A token is a word, or an operator ("\n" at the end of a line).
type token struct {
	line     int
	operator string // "" for a word
	word     word
}

// A lexer splits shell text. It never fails: what is not closed ends at the
// end of the text.
type lexer struct {
	text   string
	at     int
	line   int
	tokens []token
	heres  []string // words that end the here-documents of this line
}

func tokens(text string, line int) []token {
	x := &lexer{text: text, line: line}
	for x.at < len(x.text) {
		x.token()
	}
	return append(x.tokens, token{line: x.line, operator: "\n"})
}

func (x *lexer) rest() string { return x.text[x.at:] }

// operators, the longer ones first.
var operators = []string{";;&", ";;", ";&", "&&", "||", "&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", ";", "&", "|", "(", ")", "<", ">"}

func (x *lexer) token() {
	switch c := x.text[x.at]; {
	case c == '\n':
		x.emit("\n")
		x.at++
		x.line++
		x.skipHeres()
		return
	case parseconf.IsBlank(c):
		x.at++
		return
	case c == '#':
		if end := strings.IndexByte(x.rest(), '\n'); end >= 0 {
			x.at += end
		} else {
			x.at = len(x.text)
		}
		return
	case strings.HasPrefix(x.rest(), "\\\n"):
		x.at += 2
		x.line++
		return
	}
	for _, o := range operators {
		if strings.HasPrefix(x.rest(), o) {
			x.emit(o)
			x.at += len(o)
			return
		}
	}
	line := x.line // of the beginning: a word may hold line ends
	w := x.word()
	if n := len(x.tokens); n > 0 && (x.tokens[n-1].operator == "<<" || x.tokens[n-1].operator == "<<-") {
		x.heres = append(x.heres, w.text())
	}
	x.tokens = append(x.tokens, token{line: line, word: w})
}

func (x *lexer) emit(operator string) {
	x.tokens = append(x.tokens, token{line: x.line, operator: operator})
}

// skipHeres passes over the here-documents that begin on this line.
func (x *lexer) skipHeres() {
	for _, end := range x.heres {
		for x.at < len(x.text) {
			line, _, more := strings.Cut(x.rest(), "\n")
			x.at += len(line)
			if more {
				x.at++
				x.line++
			}
			if strings.TrimLeft(line, "\t") == end {
				break
			}
		}
	}
	x.heres = nil
}

// text is all that is literal in a word.
func (w word) text() string {
	var b strings.Builder
	for _, p := range w.parts {
		if p.kind == literal {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// word reads a word up to a blank or an operator.
func (x *lexer) word() word {
	w := word{bare: true}
	for x.at < len(x.text) {
		c := x.text[x.at]
		switch {
		case parseconf.IsBlank(c) || strings.IndexByte(";&|()<>", c) >= 0:
			return w
		case c == '\'':
			w.bare = false
			end := strings.IndexByte(x.text[x.at+1:], '\'')
			if end < 0 {
				end = len(x.text) - x.at - 1
			}
			w.literal(x.text[x.at+1 : x.at+1+end])
			x.advance(min(end+2, len(x.text)-x.at))
		case c == '"':
			w.bare = false
			x.at++
			x.quoted(&w)
		case c == '\\':
			w.bare = false
			x.escape(&w)
		case c == '$' || c == '`':
			x.expansion(&w)
		default:
			x.run(&w, " \t\n\v\f\r;&|()<>'\"\\$`")
		}
	}
	return w
}

// run takes all up to one of the characters of stop.
func (x *lexer) run(w *word, stop string) {
	n := strings.IndexAny(x.rest(), stop)
	if n < 0 {
		n = len(x.rest())
	}
	w.literal(x.rest()[:n])
	x.advance(n)
}

// quoted reads what stands in double quotes, up to the closing one.
func (x *lexer) quoted(w *word) {
	w.literal("") // "" is a word too
	for x.at < len(x.text) {
		switch c := x.text[x.at]; c {
		case '"':
			x.at++
			return
		case '\\':
			if x.at+1 < len(x.text) && strings.IndexByte("$`\"\\\n", x.text[x.at+1]) >= 0 {
				x.escape(w)
			} else {
				w.literal("\\")
				x.at++
			}
		case '$', '`':
			x.expansion(w)
		default:
			x.run(w, "\"\\$`")
		}
	}
}

// escape takes the character behind a backslash; before the end of a line it
// joins the lines.
func (x *lexer) escape(w *word) {
	x.at++
	if x.at < len(x.text) {
		if x.text[x.at] != '\n' {
			w.literal(x.text[x.at : x.at+1])
		}
		x.advance(1)
	}
}

// advance moves on, and counts the lines.
func (x *lexer) advance(n int) {
	x.line += strings.Count(x.text[x.at:x.at+n], "\n")
	x.at += n
}

// expansion reads what a dollar sign or a backquote begins.
func (x *lexer) expansion(w *word) {
	rest := x.rest()
	switch {
	case rest[0] == '`':
		end := strings.IndexByte(rest[1:], '`')
		if end < 0 {
			end = len(rest) - 1
		}
		w.parts = append(w.parts, part{substitution, rest[1 : 1+end]})
		x.advance(min(end+2, len(rest)))
	case strings.HasPrefix(rest, "$("):
		end := closing(rest[1:])
		w.parts = append(w.parts, part{substitution, strings.TrimSuffix(rest[2:1+end], ")")})
		x.advance(1 + end)
	case strings.HasPrefix(rest, "${"):
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			end = len(rest) - 1
		}
		name := strings.TrimSuffix(rest[2:end+1], "}")
		if n := nameLength(name); n > 0 {
			name = name[:n]
		}
		w.parts = append(w.parts, part{variable, name})
		x.advance(end + 1)
	default:
		n := nameLength(rest[1:])
		if n == 0 && len(rest) > 1 && strings.IndexByte("@*#?$!-0123456789", rest[1]) >= 0 {
			n = 1
		}
		if n == 0 {
			w.literal("$")
		} else {
			w.parts = append(w.parts, part{variable, rest[1 : 1+n]})
		}
		x.advance(1 + n)
	}
}

// closing is where the parenthesis that text begins with is closed, counted
// behind it. Those in quotes do not count.
func closing(text string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted && c == '$' && strings.HasPrefix(text[i+1:], "("):
			i += closing(text[i+1:])
		case quoted:
		case c == '\'':
			if end := strings.IndexByte(text[i+1:], '\''); end >= 0 {
				i += end + 1
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// literal adds literal text.
func (w *word) literal(s string) {
	if n := len(w.parts); n > 0 && w.parts[n-1].kind == literal {
		w.parts[n-1].text += s
		return
	}
	w.parts = append(w.parts, part{literal, s})
}

// nameLength is how much of text is a name of a variable.
func nameLength(text string) int {
	n := 0
	for n < len(text) && (text[n] == '_' || text[n] >= 'a' && text[n] <= 'z' || text[n] >= 'A' && text[n] <= 'Z' || n > 0 && text[n] >= '0' && text[n] <= '9') {
		n++
	}
	return n
}
