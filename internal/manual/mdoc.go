package manual

import (
	"fmt"
	"strings"
	"time"
)

// A page is an mdoc page that is being written.
type page struct{ strings.Builder }

// head begins a page of a section of the manual.
func (p *page) head(name string, section int, date time.Time, about string) {
	p.macro("Dd", date.UTC().Format("January 2, 2006"))
	p.macro("Dt", strings.ToUpper(name), fmt.Sprint(section))
	p.macro("Os")
	p.macro("Sh", "NAME")
	p.macro("Nm", name)
	p.macro("Nd", about)
}

// macro writes a line with a macro; arguments are text.
func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, a := range args {
		p.WriteString(" " + argument(a))
	}
	p.WriteString("\n")
}

// argument quotes text that is an argument of a macro. A word that looks like
// a macro is kept from being one.
func argument(s string) string {
	s = escape(s)
	switch {
	case s == "" || strings.ContainsAny(s, " \t"):
		return `"` + strings.ReplaceAll(s, `"`, `\(dq`) + `"`
	case len(s) <= 3 && s[0] >= 'A' && s[0] <= 'Z' || strings.Trim(s, ".,;:()[]?!|") == "":
		return `\&` + s
	}
	return strings.ReplaceAll(s, `"`, `\(dq`)
}

// escape keeps roff from reading text as its own language.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`).Replace(s)
}

// line writes a line of text, which roff may fill.
func (p *page) line(s string) {
	if s = escape(s); strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	p.WriteString(s + "\n")
}

// prose writes paragraphs. Blank lines separate them; lines that are indented
// by two blanks stand as they are. first tells that a paragraph begins here
// anyway.
func (p *page) prose(text string, first bool) {
	for block := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n\n") {
		var filled, literal []string
		flush := func() {
			if len(filled) > 0 {
				if !first {
					p.macro("Pp")
				}
				for _, s := range sentences(strings.Join(filled, " ")) {
					p.line(s)
				}
				first, filled = false, nil
			}
			if len(literal) > 0 {
				p.literal(literal)
				first, literal = false, nil
			}
		}
		for line := range strings.SplitSeq(strings.Trim(block, "\n"), "\n") {
			verbatim := strings.HasPrefix(line, "  ")
			if verbatim && len(filled) > 0 || !verbatim && len(literal) > 0 {
				flush()
			}
			if verbatim {
				literal = append(literal, strings.TrimPrefix(line, "  "))
			} else if line = strings.TrimSpace(line); line != "" {
				filled = append(filled, line)
			}
		}
		flush()
	}
}

// literal writes lines as they are.
func (p *page) literal(lines []string) {
	p.WriteString(".Bd -literal -offset indent\n")
	for _, l := range lines {
		p.line(l)
	}
	p.WriteString(".Ed\n")
}

// width is how long a line of text may become, with room for what escaping
// adds.
const width = 70

// sentences splits a paragraph into lines: in roff each sentence begins one.
func sentences(s string) (list []string) {
	line := ""
	flush := func() {
		if line != "" {
			list = append(list, line)
		}
		line = ""
	}
	for _, w := range strings.Fields(s) {
		if len(line)+1+len(w) > width {
			flush()
		}
		if line != "" {
			line += " "
		}
		line += w
		if end := strings.TrimRight(w, ")`\""); strings.TrimRight(end, ".?!") != end {
			flush()
		}
	}
	flush()
	return list
}
