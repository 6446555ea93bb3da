package config

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"ecnutd/ups"
)

// This file has the values that are one word or one text.

// A choice is a word and what it stands for.
type choice struct {
	word  string
	value any
}

// choices are the types that take one of a few words.
var choices = map[reflect.Type][]choice{
	reflect.TypeFor[ups.Language]():    {{"en", ups.English}, {"fr", ups.French}},
	reflect.TypeFor[LinkLost]():        {{"estimate", Estimate}, {"strict", Strict}},
	reflect.TypeFor[Floor]():           {{"auto", FloorAuto}, {"none", FloorNone}},
	reflect.TypeFor[SecondariesTold](): {{"go_on", ToldGoOn}, {"cancel", ToldCancel}},
	reflect.TypeFor[TLS]():             {{"off", TLS("off")}, {"try", TLS("try")}, {"require", TLS("require")}},
	reflect.TypeFor[Role]():            {{"none", NoRole}, {"secondary", Secondary}, {"primary", Primary}},
	reflect.TypeFor[UPSCommand](): {
		{"shutdown.return", UPSCommand("shutdown.return")},
		{"shutdown.stayoff", UPSCommand("shutdown.stayoff")},
		{"shutdown.reboot", UPSCommand("shutdown.reboot")},
		{"load.off.delay", UPSCommand("load.off.delay")},
	},
}

// UPSCommands are the words that kill_power.command takes.
func UPSCommands() []string {
	var words []string
	for _, c := range choices[reflect.TypeFor[UPSCommand]()] {
		words = append(words, c.word)
	}
	return words
}

func (r *reader) choice(at place, v reflect.Value, list []choice) {
	var words []string
	for _, c := range list {
		if at.node.Kind == yaml.ScalarNode && at.node.Value == c.word {
			v.Set(reflect.ValueOf(c.value))
			return
		}
		words = append(words, c.word)
	}
	r.fail(at, "%s is none of %s", what(at.node), strings.Join(words, ", "))
}

func (r *reader) truth(at place, into *bool) {
	if at.node.Kind != yaml.ScalarNode || at.node.Tag != "!!bool" {
		r.fail(at, "%s is neither true nor false", what(at.node))
		return
	}
	*into = strings.EqualFold(at.node.Value, "true")
}

// number reads a whole number that is not negative.
func (r *reader) number(at place, into *int) {
	n, err := strconv.Atoi(at.node.Value)
	if at.node.Kind != yaml.ScalarNode || at.node.Tag != "!!int" || err != nil || n < 0 {
		r.fail(at, "%s is not a whole number from 0 up", what(at.node))
		return
	}
	*into = n
}

// text reads a string. A number is taken as it is written: a customer number
// or the 0463 of a vendor needs no quotes.
func (r *reader) text(at place, into *string, k key) {
	n := at.node
	if n.Kind != yaml.ScalarNode || !slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, n.Tag) {
		r.fail(at, "%s does not belong here: write a text%s", what(n), quoted(n))
		return
	}
	if strings.ContainsFunc(n.Value, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }) {
		r.fail(at, "the text holds a control character")
		return
	}
	if k.path && !strings.HasPrefix(n.Value, "/") {
		r.fail(at, "%s is not an absolute path: begin it with /", what(n))
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

// duration reads "20m". A negative one never has a meaning.
func (r *reader) duration(at place, into *time.Duration, k key) {
	d, err := time.ParseDuration(at.node.Value)
	switch {
	case at.node.Kind != yaml.ScalarNode || at.node.Tag == "!!null" || at.node.Tag == "!!bool":
		r.fail(at, "%s is not a duration: write 20m, 45s or 1h30m%s", what(at.node), orNone(k))
	case at.node.Tag == "!!int" || at.node.Tag == "!!float" || bareNumber.MatchString(at.node.Value):
		r.fail(at, "%s has no unit: write %ss for seconds or %sm for minutes", what(at.node), shorten(at.node.Value), shorten(at.node.Value))
	case err != nil:
		r.fail(at, "%s is not a duration: write 20m, 45s or 1h30m%s", what(at.node), orNone(k))
	case d < 0:
		r.fail(at, "%s is negative", what(at.node))
	default:
		*into = d
	}
}

var bareNumber = regexp.MustCompile(`^[0-9]+$`)

func orNone(k key) string {
	if k.none {
		return ", or none"
	}
	return ""
}

// percent reads "30%", "30 %" or 30.
func (r *reader) percent(at place, into *ups.Number, k key) {
	text, _ := strings.CutSuffix(at.node.Value, "%")
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if at.node.Kind != yaml.ScalarNode || err != nil || n < 0 || n > 100 {
		r.fail(at, "%s is not a percentage: write 0%% to 100%%%s", what(at.node), orNone(k))
		return
	}
	*into = ups.Known(n)
}

// trust reads how much a flag is believed.
func (r *reader) trust(at place, into *Trust) {
	switch at.node.Value {
	case "trust":
		*into = Trust{}
	case "ignore":
		*into = Trust{Ignored: true}
	default:
		var t Trust
		before := len(r.errs)
		r.duration(at, &t.Grace, key{})
		if len(r.errs) > before {
			r.errs[before].Msg += "; or one of the words trust and ignore"
			return
		}
		*into = t
	}
}

// secret reads one of the three keys of a secret.
func (r *reader) secret(at place, into *Secret, k key) {
	var s string
	before := len(r.errs)
	r.text(at, &s, k)
	if len(r.errs) > before {
		if k.part == partInline {
			r.errs[before].Msg = "the value is not a text: put it in quotes" // and never show it
		}
		return
	}
	switch {
	case s == "":
		r.fail(at, "it is empty")
	case k.part == partFile:
		*into = FileSecret(s)
	case k.part == partCredential && strings.Contains(s, "/"):
		r.fail(at, "%q is not the name of a credential: it is the name alone, as in LoadCredential=NAME:FILE", shorten(s))
	case k.part == partCredential:
		*into = CredentialSecret(s)
	default:
		*into = InlineSecret(s)
	}
}
