package catalogue

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ecnutd/ups"
)

// Translate puts a text that was made elsewhere into a language: by the row of the
// table whose form it has, line by line, and where a text says one thing in front of
// another ("FILE: what is wrong"), each of them. What it does not know stays.
func Translate(l ups.Language, text string) string {
	if l != ups.French {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i], _ = translate(line, deepest)
	}
	return strings.Join(lines, "\n")
}

// deepest is how far translations stand in one another.
const deepest = 6

// translate translates a line; ok is false where nothing of it is known.
func translate(text string, depth int) (out string, ok bool) {
	if text == "" || depth == 0 {
		return text, false
	}
	if exact, is := french[text]; is && !strings.Contains(text, "%") {
		return exact, true
	}
	for _, f := range forms() {
		if parts := f.pattern.FindStringSubmatch(text); parts != nil {
			return f.fill(parts[1:], depth-1), true
		}
	}
	// Of what stands in front of a colon or a semicolon each part for itself.
	for _, sign := range []string{": ", "; "} {
		for at, from := 0, 0; ; from = at + 1 {
			i := strings.Index(text[from:], sign)
			if i < 0 {
				break
			}
			at = from + i
			left, known := translate(text[:at], depth-1)
			right, also := translate(text[at+len(sign):], depth-1)
			if known || also {
				if !position.MatchString(left) {
					sign = " " + sign
				}
				return strings.TrimRight(left, " \u00a0\u202f") + sign + right, true
			}
		}
	}
	return text, false
}

// position is a place in a file.
var position = regexp.MustCompile(`:\d+(:\d+)?$`)

// A form is a row of the table as it is known again: its words, with anything in the
// places of the verbs.
type form struct {
	pattern *regexp.Regexp
	text    string
	words   int // how much of it is words
}

// verb is a verb of package fmt, with the number of its argument where it has one.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]|%%`)

// forms are the rows with verbs, those with most words first.
var forms = sync.OnceValue(func() []form {
	var list []form
	for format, text := range french {
		if !strings.Contains(format, "%") {
			continue
		}
		words, pattern := 0, "^"
		rest := format
		for at := verb.FindStringIndex(rest); at != nil; at = verb.FindStringIndex(rest) {
			words += at[0]
			pattern += regexp.QuoteMeta(rest[:at[0]])
			switch v := rest[at[0]:at[1]]; v[len(v)-1] {
			case '%':
				pattern += "%"
			case 'q':
				pattern += `("(?:[^"\\]|\\.)*")`
			case 'd':
				pattern += `(-?\d+)`
			default:
				pattern += "(.*?)"
			}
			rest = rest[at[1]:]
		}
		words += len(rest)
		if words < 4 {
			continue // it is no words, and would be known again in anything
		}
		list = append(list, form{regexp.MustCompile(pattern + regexp.QuoteMeta(rest) + "$"), text, words})
	}
	slices.SortFunc(list, func(a, b form) int {
		return cmp.Or(cmp.Compare(b.words, a.words), cmp.Compare(a.text, b.text))
	})
	return list
})

// fill puts arguments, each translated, in the places of the verbs.
func (f *form) fill(args []string, depth int) string {
	next := 0
	return verb.ReplaceAllStringFunc(f.text, func(v string) string {
		if v == "%%" {
			return "%"
		}
		if number := verb.FindStringSubmatch(v)[1]; number != "" {
			next, _ = strconv.Atoi(number)
			next--
		}
		if next >= len(args) {
			return ""
		}
		arg := args[next]
		if strings.Contains(arg, " ") { // a word alone is a name, and stays
			arg, _ = translate(arg, depth)
		}
		next++
		return arg
	})
}
