// Package placeholder knows the templates of messages: plain text with
// placeholders, "{{ups}} on battery, charge {{charge}}". A placeholder is a word
// of Names or the name of a variable of the UPS as upsc prints it,
// {{battery.charge}}.
package placeholder

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/valyala/fasttemplate"

	"ecnutd/ups"
)

// The braces of a placeholder.
const (
	open = "{{"
	shut = "}}"
	dot  = "." // stands in every name of a variable
)

// names are the words that a template may use.
var names = []string{
	"alarm", "charge", "date", "description", "event", "host", "load", "name", "next", "reason", "runtime", "status", "time", "timer", "ups",
}

// Names are the words that a template may use besides the names of variables,
// in the order of the alphabet.
func Names() []string { return slices.Clone(names) }

// Check says what is wrong with a template: a placeholder that is not closed or
// that nothing stands behind. Whether a UPS has a variable is not known here;
// anything with a dot passes for one.
func Check(template string) error {
	t, err := fasttemplate.NewTemplate(template, open, shut)
	if err != nil {
		return fmt.Errorf("a placeholder is opened with %s and not closed with %s", open, shut)
	}
	_, err = t.ExecuteFunc(io.Discard, func(_ io.Writer, tag string) (int, error) {
		name := strings.TrimSpace(tag)
		if slices.Contains(names, name) || isVariable(name) {
			return 0, nil
		}
		hint := ""
		if near := ups.Nearest(name, names); len(near) > 0 {
			hint = "; is {{" + near[0] + "}} meant?"
		}
		return 0, fmt.Errorf("nothing is called {{%s}}%s", name, hint)
	})
	return err
}

// isVariable reports whether a word could be the name of a variable (RFC 9271):
// letters, digits, dots and dashes, with a dot inside.
func isVariable(name string) bool {
	return strings.Contains(strings.Trim(name, dot), dot) && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-')
	})
}

// Expand puts what value says of a name in the place of each placeholder. A
// template that Check refuses comes back as it is: a message with a flaw is
// better than none.
func Expand(template string, value func(name string) string) string {
	if Check(template) != nil {
		return template
	}
	return fasttemplate.ExecuteFuncString(template, open, shut, func(w io.Writer, tag string) (int, error) {
		return io.WriteString(w, value(strings.TrimSpace(tag)))
	})
}

// Uses reports whether a template has a placeholder of that name.
func Uses(template, name string) bool {
	found := false
	Expand(template, func(used string) string {
		found = found || used == name
		return ""
	})
	return found
}
