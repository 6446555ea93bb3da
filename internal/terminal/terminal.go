// Package terminal shows text as the place allows where it is shown.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A Palette shows words as the place they are shown in allows: coloured, drawn
// and folded on a terminal, plain in a pipe or a file.
type Palette struct {
	colours bool
	draws   bool // bars
	unicode bool // the terminal's character set has blocks
	columns int  // of the terminal; 0 where lines are not folded
}

// Plain is a palette without colours and bars that folds to so many columns; 0 does
// not fold.
func Plain(columns int) Palette { return Palette{columns: columns} }

// Paint looks at the place. NO_COLOR (no-color.org) forbids colours, and what is no
// terminal is folded where COLUMNS says how wide it is.
func Paint(w io.Writer) Palette {
	f, ok := w.(*os.File)
	if !ok {
		return Palette{}
	}
	if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err != nil {
		columns, _ := strconv.Atoi(os.Getenv("COLUMNS"))
		return Plain(max(columns, 0))
	}
	p := Palette{draws: true, unicode: unicodeLocale(os.Getenv)}
	p.colours = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil {
		p.columns = int(size.Col)
	}
	return p
}

// unicodeLocale reports whether the locale's character set is UTF-8 (locale(7):
// the first of the three that is set counts).
func unicodeLocale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToUpper(getenv(name)); v != "" {
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return false
}

func (p Palette) as(code, text string) string {
	if !p.colours {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Draws reports whether somebody looks at a terminal.
func (p Palette) Draws() bool { return p.draws }

// Drawing is a palette for a terminal of some width with blocks and lines and no
// colours: for tests, and whoever draws elsewhere.
func Drawing(columns int) Palette { return Palette{draws: true, unicode: true, columns: columns} }

// Plots reports whether curves can be drawn: on a terminal whose character set has
// the lines for it.
func (p Palette) Plots() bool { return p.draws && p.unicode }

// Colours reports whether colours are shown.
func (p Palette) Colours() bool { return p.colours }

// Columns is the width of the terminal; 0 where none is known.
func (p Palette) Columns() int { return p.columns }

// Good shows a word as one that all is well with.
func (p Palette) Good(s string) string { return p.as("32", s) }

// Warn shows a word as one to look at.
func (p Palette) Warn(s string) string { return p.as("33;1", s) }

// Bad shows a word as one that something has to be done about.
func (p Palette) Bad(s string) string { return p.as("31;1", s) }

// Bold shows a word as a title.
func (p Palette) Bold(s string) string { return p.as("1", s) }

// Bar draws a charge on 20 cells, where something can be drawn, with the
// number behind it.
func (p Palette) Bar(percent int) string {
	const cells = 20
	number := fmt.Sprintf("%d %%", percent)
	if !p.draws {
		return number
	}
	cell, rest := "█", "░"
	if !p.unicode {
		cell, rest = "#", "-"
	}
	full := min(max(percent, 0), 100) * cells / 100
	done := strings.Repeat(cell, full)
	switch {
	case percent <= 20:
		done = p.Bad(done)
	case percent <= 50:
		done = p.Warn(done)
	default:
		done = p.Good(done)
	}
	return done + strings.Repeat(rest, cells-full) + " " + number
}

// Fold breaks lines that are longer than the terminal between two words; what
// is broken off is indented.
func (p Palette) Fold(text string, indent int) string {
	if p.columns < indent+20 {
		return text // narrower than anybody reads
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		p.foldLine(&b, line, indent)
	}
	return b.String()
}

func (p Palette) foldLine(b *strings.Builder, line string, indent int) {
	column, blank, begun := 0, -1, 0 // of the rune; of the last blank; of the row
	escape := false
	for i, r := range line {
		switch {
		case escape:
			escape = r != 'm' // a colour takes no room
			continue
		case r == '\x1b':
			escape = true
			continue
		case r == ' ' && column >= indent && mayBreak(line, i):
			blank = i
		}
		if column++; column > p.columns && r != '\n' && blank > begun {
			b.WriteString(line[begun:blank] + "\n" + strings.Repeat(" ", indent))
			begun, column = blank+1, indent
			if i >= begun { // r stands on the new row
				column += visible(line[begun:i]) + 1
			}
		}
	}
	b.WriteString(line[begun:])
}

// mayBreak reports whether a line may break at a blank: not between a number and its
// unit, nor before a sign that French sets apart.
func mayBreak(line string, i int) bool {
	next, _ := utf8.DecodeRuneInString(line[i+1:])
	if strings.ContainsRune(":;!?%»", next) {
		return false
	}
	if i == 0 || line[i-1] < '0' || line[i-1] > '9' {
		return true
	}
	unit, _, _ := strings.Cut(line[i+1:], " ")
	switch strings.TrimRight(unit, ".,;:)\n") {
	case "s", "min", "h":
		return false
	}
	return true
}

// visible counts the runes of a text that take room.
func visible(s string) (n int) {
	escape := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n++
		}
	}
	return n
}

// Folded is w with its lines folded, where it is a terminal; else w itself. Each
// Write has to be of whole lines.
func Folded(w io.Writer, indent int) io.Writer {
	if p := Paint(w); p.columns > 0 {
		return &folded{w, p, indent}
	}
	return w
}

type folded struct {
	w       io.Writer
	palette Palette
	indent  int
}

// Write folds and writes.
func (f *folded) Write(b []byte) (int, error) {
	if _, err := io.WriteString(f.w, f.palette.Fold(string(b), f.indent)); err != nil {
		return 0, err
	}
	return len(b), nil
}
