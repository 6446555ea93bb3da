package texts

import "ecnutd/ups"

// A phrase is one thing to say in every language.
type phrase struct{ en, fr string }

// in is the phrase in a language; English for one that there is not.
func (p phrase) in(l ups.Language) string {
	if l == ups.French {
		return p.fr
	}
	return p.en
}
