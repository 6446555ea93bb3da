package host

import (
	"strings"
	"unicode"
)

// Clean makes a text from outside fit to be shown: what could move a terminal's
// cursor, colour it, change the direction of writing or begin a line of its own
// becomes a blank. Those are the control characters (C0, DEL, C1), the format
// characters, among them those that change the direction (bidi), the line and
// paragraph separators, and what is not UTF-8.
//
// It belongs to the edge at which a text comes in.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unfit) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unfit(r) {
			return ' '
		}
		return r
	}, s)
}

func unfit(r rune) bool {
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
