package report

import (
	"fmt"
	"io"
	"slices"

	"ecnutd/internal/terminal"
)

// Print writes the notes, in the order of the files; after them what is different
// on purpose. What wants a hand or was wrong comes last, where it is not
// overlooked, and then the count.
func Print(w io.Writer, notes []Note) {
	p := terminal.Paint(w)
	w = terminal.Folded(w, 2)
	count := make(map[Kind]int)
	for _, n := range notes {
		count[n.Kind]++
		if n.Kind == Translated || n.Kind == NotNeeded {
			fmt.Fprintln(w, n)
		}
	}
	plain := func(text string) string { return text }
	if slices.ContainsFunc(notes, func(n Note) bool { return n.Kind == Different }) {
		fmt.Fprintln(w, "different on purpose, as far as these files have to do with it (docs/differences-from-nut.md, Decisions):")
	}
	last := []struct {
		kind   Kind
		colour func(string) string
	}{{Different, plain}, {Unsupported, p.Warn}, {Trap, p.Bad}}
	for _, l := range last {
		for _, n := range notes {
			if n.Kind == l.kind {
				fmt.Fprintln(w, l.colour(n.String()))
			}
		}
	}
	fmt.Fprintf(w, "%d directives and texts are translated, %d are not needed any more, %d decisions are different on purpose, %d want your hand, %d were wrong in NUT's files\n",
		count[Translated], count[NotNeeded], count[Different], count[Unsupported], count[Trap])
}
