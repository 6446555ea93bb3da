package script

import (
	"slices"
	"strings"

	"ecnutd/internal/nut/importer/script/shelltext"
)

// A value is what is known of a text that the shell would make.
type value struct {
	text    string
	exact   bool     // it is this and nothing else
	unset   []string // variables in it that have no value
	unread  []string // commands in it whose answer is not known
	given   string   // a file that is not here has variables of it
	varies  Pos      // it hangs on this condition
	ask     answer   // it is what the UPS says of a variable
	file    string   // it is the content of this file
	at      Pos      // where it was set
	arg     bool     // it is the first argument of the script
	encoded bool     // a program has encoded it
	list    []value  // of an array
	ref     bool     // it is what a variable holds
	refs    []value  // what of it variables hold
	flaws   []flaw   // which parts of the text the lists above are about
}

// A flaw is a part of a text, from here to there, of which something is not
// known.
type flaw struct {
	from, to int
	of       value // its lists alone
}

// within is what is not known of a part of a text.
func (v value) within(from, to int) value {
	if len(v.flaws) == 0 {
		return v
	}
	var of value
	for _, f := range v.flaws {
		if f.from >= from && f.to <= to {
			of = concat(of, f.of)
			of.flaws = nil
		}
	}
	return of
}

// flawed reports whether something of a value is not known.
func (v value) flawed() bool {
	return len(v.unset)+len(v.unread) > 0 || v.given != "" || v.varies.Line > 0
}

// An answer is a variable of the UPS, divided by a whole number.
type answer struct {
	name string
	by   int
}

// everything is the answer of upsc for all variables.
const everything = "*"

func literal(text string) value { return value{text: shelltext.Cut(text), exact: true} }

// mostNamed bounds the lists of a value.
const mostNamed = 20

// concat is several values one behind the other.
func concat(parts ...value) value {
	if len(parts) == 1 {
		return parts[0]
	}
	v := value{exact: true}
	var b strings.Builder
	for _, p := range parts {
		from := b.Len()
		if b.Len() <= shelltext.Most {
			b.WriteString(p.text)
		}
		switch {
		case len(v.flaws) >= mostNamed:
		case len(p.flaws) > 0:
			for _, f := range p.flaws[:min(len(p.flaws), mostNamed-len(v.flaws))] {
				v.flaws = append(v.flaws, flaw{from + f.from, from + f.to, f.of})
			}
		case p.flawed():
			v.flaws = append(v.flaws, flaw{from, b.Len(), value{unset: p.unset, unread: p.unread, given: p.given, varies: p.varies}})
		}
		v.exact = v.exact && p.exact
		if len(v.unset)+len(v.unread) < mostNamed {
			v.unset = append(v.unset, p.unset...)
			v.unread = append(v.unread, p.unread...)
		}
		if p.given != "" {
			v.given = p.given
		}
		if p.varies.Line > 0 {
			v.varies = p.varies
		}
		if p.file != "" {
			v.file = p.file
		}
		v.encoded = v.encoded || p.encoded
		if p.ref && len(v.refs) < mostNamed {
			v.refs = append(v.refs, p)
		}
		v.refs = append(v.refs, p.refs[:min(len(p.refs), mostNamed-min(len(v.refs), mostNamed))]...)
	}
	v.text = shelltext.Cut(b.String())
	// What is empty for certain changes nothing.
	if rest := slices.DeleteFunc(slices.Clone(parts), func(p value) bool { return p.exact && p.text == "" && len(p.unset) == 0 }); len(rest) == 1 {
		v.ask, v.arg = rest[0].ask, rest[0].arg
	}
	return v
}

func same(a, b value) bool {
	return a.text == b.text && a.exact == b.exact && a.ask == b.ask && a.file == b.file && a.given == b.given && len(a.list) == len(b.list) &&
		slices.Equal(a.unread, b.unread) && slices.Equal(a.unset, b.unset)
}

// certainlyFull reports whether a value is never empty.
func (v value) certainlyFull() bool {
	if v.exact {
		return v.text != ""
	}
	return v.varies.Line == 0 && v.given == "" && strings.TrimSpace(shelltext.Placeholders().ReplaceAllString(v.text, "")) != ""
}
