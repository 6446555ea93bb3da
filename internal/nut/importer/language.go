package importer

import (
	"strings"

	"ecnutd/ups"
)

// Words that texts about a UPS have in one language and not in the other.
var (
	frenchWords  = []string{"onduleur", "secteur", "batterie", "arrêt", "arret", "serveur", "est", "les", "sur", "le", "la", "du", "de", "coupure", "courant", "retour", "plus", "perdue", "faible"}
	englishWords = []string{"ups", "battery", "power", "the", "is", "on", "mains", "server", "lost", "back", "shutdown", "of", "shutting", "down", "outage", "low", "line"}
)

// speak finds the language of the texts that are carried over. Where there are
// none, or they are in another language, what ecnutd says itself is in English.
func (m *importer) speak() {
	var all []string
	for _, p := range m.reactions {
		all = append(all, p.texts...)
	}
	for _, t := range m.timers {
		all = append(all, t.out.text)
	}
	for _, d := range m.texts {
		all = append(all, d.value)
	}
	text := strings.ToLower(strings.Join(all, " "))
	words := strings.FieldsFunc(text, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c > 127) })
	count := func(list []string) (n int) {
		for _, word := range words {
			for _, one := range list {
				if word == one {
					n++
				}
			}
		}
		return n
	}
	m.language = ups.English
	switch fr, en := count(frenchWords), count(englishWords); {
	case len(words) == 0:
		return
	case fr > en:
		m.language = ups.French
	case fr == 0 && en == 0:
		m.note("upsmon.conf", 0, Unsupported, "language: en", "the texts of NUT are in neither French nor English as far as can be told: they stay as they are, and what ecnutd says itself is in English")
		return
	}
	file := "upsmon.conf"
	if m.cmd.used && m.cmd.name != "" {
		file = m.cmd.name
	}
	m.note(file, 0, Translated, "language: "+string(m.language), "the language of the texts")
}
