package catalogue

import (
	"slices"
	"strings"
	"testing"

	"ecnutd/ups"
)

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		all, messages, lang string
		want                ups.Language
	}{
		{"", "", "", ups.English},
		{"", "", "fr_FR.UTF-8", ups.French},
		{"", "", "fr", ups.French},
		{"", "", "fr.UTF-8", ups.French},
		{"", "", "frp_FR.UTF-8", ups.English},
		{"", "de_DE.UTF-8", "fr_FR.UTF-8", ups.English},
		{"", "fr_BE.UTF-8", "en_GB.UTF-8", ups.French},
		{"C", "fr_FR.UTF-8", "fr_FR.UTF-8", ups.English},
		{"fr_CH@euro", "C", "C", ups.French},
		{"C.UTF-8", "", "fr_FR.UTF-8", ups.English},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_MESSAGES": c.messages, "LANG": c.lang}
		if got := Language(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// TestVerbs: a text has the same verbs in all languages, in the same order or by
// their numbers, and no text is empty.
func TestVerbs(t *testing.T) {
	kinds := func(text string) (list []string, numbered bool) {
		for _, m := range verb.FindAllStringSubmatch(text, -1) {
			if m[0] == "%%" {
				continue
			}
			numbered = numbered || m[1] != ""
			kind := m[0][len(m[0])-1:]
			if strings.Contains("qvw", kind) {
				kind = "s" // what Translate knows again has its quotes
			}
			list = append(list, kind)
		}
		return list, numbered
	}
	for format, text := range french {
		want, _ := kinds(format)
		got, numbered := kinds(text)
		if numbered {
			slices.Sort(want)
			slices.Sort(got)
		}
		if text == "" || !slices.Equal(got, want) {
			t.Errorf("%q has %v, and %q has %v", format, want, text, got)
		}
	}
}

// TestTranslate: a sentence is known again by its form, and so is what stands in it.
func TestTranslate(t *testing.T) {
	for text, want := range map[string]string{
		"nobody has said this": "nobody has said this",
		"not known yet":        "pas encore connu",
		"Done and passed; the next not before 2026-01-02":                   "réussi ; le suivant pas avant le 2026-01-02",
		"file.yaml: not known yet":                                          "file.yaml : pas encore connu",
		"the shutdown of x (y): eaton took the order to cut its output":     "l'arrêt du x (y) : eaton a pris l'ordre de couper sa sortie",
		"not known yet\nnot known yet":                                      "pas encore connu\npas encore connu",
		"eaton took the order to cut its output, and 100 % more were taken": "eaton took the order to cut its output, and 100 % more were taken",
	} {
		if got := Translate(ups.French, text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if got := Translate(ups.English, text); got != text {
			t.Errorf("%q became %q in English", text, got)
		}
	}
}
