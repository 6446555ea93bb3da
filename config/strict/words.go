package strict

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"ecnutd/ups"
)

// Missing reports whether nothing stands after a key.
func Missing(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// What names a node for an error.
func What(n *yaml.Node) string {
	switch {
	case Missing(n):
		return "no value"
	case n.Kind == yaml.ScalarNode:
		return strconv.Quote(Shorten(n.Value))
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a block of keys"
	}
	return "this"
}

// Shorten keeps errors readable whatever is in the file.
func Shorten(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:57], "") + "…"
}

// Suggest names the words that are most like one that is unknown or, where
// none is near, all.
func Suggest(word string, words []string) string {
	if len(word) <= 60 {
		if near := ups.Nearest(word, words); len(near) > 0 {
			return "; did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "; here are known: " + strings.Join(words, ", ")
}
