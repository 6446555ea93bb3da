// Package catalogue has what the program says to whoever asks it, in every
// language: the screens of the commands, their errors and their help.
//
// The code of a text is its English form, with the verbs of package fmt; a table
// has the others. What a command says by itself goes through Say. What comes from
// elsewhere as a sentence (an error, a finding, what the daemon answers) goes
// through Translate, which knows it again by its form. A text that the table does
// not have is told in English: tests list those.
package catalogue

import (
	"fmt"
	"strings"

	"ecnutd/ups"
)

// Language is the language of a person by the environment, which getenv reads, as
// locale(7) has it for messages: the first of LC_ALL, LC_MESSAGES and LANG that is
// set. English where it is none of ours.
func Language(getenv func(string) string) ups.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if word, _, _ := strings.Cut(strings.ToLower(v), "_"); word == "fr" || strings.HasPrefix(word, "fr.") || strings.HasPrefix(word, "fr@") {
				return ups.French
			}
			return ups.English
		}
	}
	return ups.English
}

// Say is a text in a language, with its arguments as fmt.Sprintf has them.
func Say(l ups.Language, format string, args ...any) string {
	if l == ups.French {
		if text, ok := french[format]; ok {
			format = text
		}
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// french are the texts in French, by their English form.
var french = joined(status, units, configuration, check, doctor, failures, commands, demo, help, setup, routes)

// joined is several tables as one.
func joined(tables ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, t := range tables {
		for format, text := range t {
			all[format] = text
		}
	}
	return all
}
