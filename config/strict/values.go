package strict

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"
)

// A Choice is a word and what it stands for.
type Choice struct {
	Word  string
	Value any
}

// Choice reads one of a few words.
func (r *Reader) Choice(at Place, v reflect.Value, list []Choice) {
	var words []string
	for _, c := range list {
		if at.Node.Kind == yaml.ScalarNode && at.Node.Value == c.Word {
			v.Set(reflect.ValueOf(c.Value))
			return
		}
		words = append(words, c.Word)
	}
	r.Fail(at, "%s is none of %s", What(at.Node), strings.Join(words, ", "))
}

// Truth reads true or false.
func (r *Reader) Truth(at Place, into *bool) {
	if at.Node.Kind != yaml.ScalarNode || at.Node.Tag != "!!bool" {
		r.Fail(at, "%s is neither true nor false", What(at.Node))
		return
	}
	*into = strings.EqualFold(at.Node.Value, "true")
}

// Number reads a whole number that is not negative.
func (r *Reader) Number(at Place, into *int) {
	n, err := strconv.Atoi(at.Node.Value)
	if at.Node.Kind != yaml.ScalarNode || at.Node.Tag != "!!int" || err != nil || n < 0 {
		r.Fail(at, "%s is not a whole number from 0 up", What(at.Node))
		return
	}
	*into = n
}

// Text reads a string. A number is taken as it is written: a customer number
// or the 0463 of a vendor needs no quotes.
func (r *Reader) Text(at Place, into *string, k Key) {
	n := at.Node
	if n.Kind != yaml.ScalarNode || !slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, n.Tag) {
		r.Fail(at, "%s does not belong here: write a text%s", What(n), quoted(n))
		return
	}
	if strings.ContainsFunc(n.Value, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }) {
		r.Fail(at, "the text holds a control character")
		return
	}
	if k.Path && !strings.HasPrefix(n.Value, "/") {
		r.Fail(at, "%s is not an absolute path: begin it with /", What(n))
		return
	}
	*into = n.Value
}

func quoted(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Value != "" {
		return ", in quotes"
	}
	return ""
}

// Duration reads "20m". A negative one never has a meaning.
func (r *Reader) Duration(at Place, into *time.Duration, k Key) {
	d, err := time.ParseDuration(at.Node.Value)
	switch {
	case at.Node.Kind != yaml.ScalarNode || at.Node.Tag == "!!null" || at.Node.Tag == "!!bool":
		r.Fail(at, "%s is not a duration: write 20m, 45s or 1h30m%s", What(at.Node), OrNone(k))
	case at.Node.Tag == "!!int" || at.Node.Tag == "!!float" || bareNumber().MatchString(at.Node.Value):
		r.Fail(at, "%s has no unit: write %ss for seconds or %sm for minutes", What(at.Node), Shorten(at.Node.Value), Shorten(at.Node.Value))
	case err != nil && inWords().MatchString(at.Node.Value):
		m := inWords().FindStringSubmatch(at.Node.Value)
		r.Fail(at, "%s is not a duration: write %s%s", What(at.Node), m[1], strings.ToLower(m[2]))
	case err != nil:
		r.Fail(at, "%s is not a duration: write 20m, 45s or 1h30m%s", What(at.Node), OrNone(k))
	case d < 0:
		r.Fail(at, "%s is negative", What(at.Node))
	default:
		*into = d
	}
}

// inWords is a duration as people say it, in English or French.
var inWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i)([0-9]+) *([hms])(?:ec|ecs|econd|econds|econde|econdes|in|ins|n|inute|inutes|our|ours|eure|eures)?$`)
})

var bareNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+$`) })

// OrNone is the end of an error where the word none is taken too.
func OrNone(k Key) string {
	if k.None {
		return ", or none"
	}
	return ""
}
