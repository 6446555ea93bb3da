// Package wording makes of NUT's names and texts what ecnutd takes.
package wording

import (
	"slices"
	"strings"
	"unicode"

	"ecnutd/internal/placeholder"
	"ecnutd/ups"
)

// Clean makes a name that the file takes of one that NUT takes.
func Clean(name string) string {
	ok := func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c) {
			return c
		}
		return '-'
	}
	name = strings.Map(ok, name)
	if len(name) > 60 {
		name = name[:60]
	}
	if name == "" {
		name = "unnamed"
	}
	return name
}

// Alike reports whether two names differ in one place, by up to two letters, and
// have more than that in common.
func Alike(a, b string) bool {
	whole := min(len(a), len(b))
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 2 && len(b) <= 2 && whole-min(len(a), len(b)) > 2
}

// Printable takes control and format characters out of a text, and blanks off its
// ends.
func Printable(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "")))
}

// Safe makes a template of a text: braces that are no placeholder are parted.
func Safe(text string) string {
	text = Printable(text)
	for placeholder.Check(text) != nil && strings.Contains(text, "{{") {
		text = strings.Replace(text, "{{", "{ {", strings.Count(text, "{{"))
	}
	return text
}

// Template is a text of NOTIFYMSG: the first %s is the UPS, and the second one
// (of ALARM) the alarm.
func Template(text string) string {
	text = strings.ReplaceAll(text, "{{", "{ {")
	text = strings.Replace(text, "%s", "{{ups}}", 1)
	text = strings.Replace(text, "%s", "{{alarm}}", 1)
	return Safe(strings.ReplaceAll(text, "%%", "%"))
}

// Words that texts about a UPS have in one language and not in the other.
var (
	frenchWords  = []string{"onduleur", "secteur", "batterie", "arrêt", "arret", "serveur", "est", "les", "sur", "le", "la", "du", "de", "coupure", "courant", "retour", "plus", "perdue", "faible"}
	englishWords = []string{"ups", "battery", "power", "the", "is", "on", "mains", "server", "lost", "back", "shutdown", "of", "shutting", "down", "outage", "low", "line"}
)

// Language guesses the language of texts. It is not ok where it is none of ours;
// none is where there is no text.
func Language(all []string) (l ups.Language, none, ok bool) {
	text := strings.ToLower(strings.Join(all, " "))
	words := strings.FieldsFunc(text, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c > 127) })
	count := func(list []string) (n int) {
		for _, word := range words {
			if slices.Contains(list, word) {
				n++
			}
		}
		return n
	}
	switch fr, en := count(frenchWords), count(englishWords); {
	case len(words) == 0:
		return ups.English, true, true
	case fr > en:
		return ups.French, false, true
	case fr == 0 && en == 0:
		return ups.English, false, false
	}
	return ups.English, false, true
}
