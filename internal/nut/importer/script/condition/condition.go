// Package condition has the conditions that something in a script hangs on: what
// is known of them, how they add up, and in which ways they can be met.
package condition

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync/atomic"
)

// A Pos is a line of a script, from 1; the zero Pos is none.
type Pos struct {
	File string
	Line int
}

// A Cond is a condition that something hangs on.
type Cond struct {
	Kind     Kind
	At       Pos
	Variable string // of Below: battery.charge, battery.runtime
	Limit    int    // of Below, in the unit of the variable
	Token    string // of Has: OB, LB
	Of       []Cond // of All, Any and Not

	key uint64 // the same for conditions that are the same
}

// Kind is what a condition is about.
type Kind uint8

// The kinds.
const (
	IsAlways Kind = iota
	IsNever       // it cannot hold
	Below         // a variable of the UPS is below a number
	Has           // the status of the UPS has a word in it
	Missing       // the UPS, or upsd, does not answer
	Unknown       // something that only the script can find out
	All           // all of several
	Any           // at least one of several
	Not           // not the one
)

// The two that are known.
var (
	Always = Cond{Kind: IsAlways}.made()
	Never  = Cond{Kind: IsNever}.made()
)

// Of is a condition of one of the kinds that stand on nothing else.
func Of(c Cond) Cond { return c.made() }

// On is one that only the script can find out, at a line of it. Each is a
// condition of its own: nothing follows from one for another, though they stand
// on the same line, or are the same line come to again.
func On(at Pos) Cond {
	return Cond{Kind: Unknown, At: at, key: hashed(nth.Add(1))}
}

// nth counts them, in whatever scripts: it is their identity and nothing else.
var nth atomic.Uint64

func hashed(n uint64) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, "unknown ", n)
	return h.Sum64()
}

// Most bounds what a condition is made of.
const Most = 40

// Same reports whether two conditions are the same.
func Same(a, b Cond) bool { return a.key == b.key }

// made is c with its key.
func (c Cond) made() Cond {
	h := fnv.New64a()
	fmt.Fprint(h, c.Kind, c.At, c.Variable, c.Limit, c.Token)
	for _, one := range c.Of {
		fmt.Fprint(h, " ", one.key)
	}
	c.key = h.Sum64()
	return c
}

// Size is the number of conditions that it is made of, itself included.
func (c Cond) Size() int {
	n := 1
	for _, one := range c.Of {
		n += one.Size()
	}
	return n
}

// Negate is that c does not hold.
func Negate(c Cond) Cond {
	switch c.Kind {
	case IsAlways:
		return Never
	case IsNever:
		return Always
	case Not:
		return c.Of[0]
	}
	return Cond{Kind: Not, At: c.At, Of: []Cond{c}}.made()
}

// And is that all hold.
func And(list ...Cond) Cond { return join(All, list) }

// Or is that one of them holds at least.
func Or(list ...Cond) Cond { return join(Any, list) }

// join makes one condition of several: what adds nothing is left out.
func join(kind Kind, list []Cond) Cond {
	neutral, final := Always, Never
	if kind == Any {
		neutral, final = Never, Always
	}
	var of []Cond
	var keys []uint64
	for _, c := range list {
		parts := []Cond{c}
		if c.Kind == kind {
			parts = c.Of
		}
		for _, p := range parts {
			switch {
			case p.Kind == final.Kind:
				return final
			case p.Kind == neutral.Kind || slices.Contains(keys, p.key):
			case slices.Contains(keys, Negate(p).key):
				return final
			default:
				of, keys = append(of, p), append(keys, p.key)
			}
		}
	}
	if shorter, ok := absorbed(kind, of, keys); ok {
		return join(kind, shorter)
	}
	switch len(of) {
	case 0:
		return neutral
	case 1:
		return of[0]
	}
	whole := Cond{Kind: kind, At: of[0].At, Of: of}.made()
	if whole.Size() > Most {
		return On(of[0].At)
	}
	return whole
}

// absorbed leaves out what the other conditions of a list say already: A, or B
// where A does not hold, is A or B.
func absorbed(kind Kind, of []Cond, keys []uint64) (list []Cond, ok bool) {
	inner := All
	if kind == All {
		inner = Any
	}
	list = slices.Clone(of)
	for i, c := range list {
		if c.Kind != inner {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(c.Of), func(one Cond) bool { return slices.Contains(keys, Negate(one).key) })
		if len(rest) < len(c.Of) {
			list[i], ok = join(inner, rest), true
		}
	}
	return list, ok
}

// Alternatives are the ways in which a condition holds: each is a list of which
// all must. None stands for a condition that never holds; ok is false where
// there are too many.
func (c Cond) Alternatives() (list [][]Cond, ok bool) {
	const most = 16
	switch c.Kind {
	case IsAlways:
		return [][]Cond{nil}, true
	case IsNever:
		return nil, true
	case Any:
		for _, one := range c.Of {
			more, ok := one.Alternatives()
			if list = append(list, more...); !ok || len(list) > most {
				return nil, false
			}
		}
		return list, true
	case All:
		list = [][]Cond{nil}
		for _, one := range c.Of {
			more, ok := one.Alternatives()
			if !ok || len(list)*len(more) > most {
				return nil, false
			}
			var next [][]Cond
			for _, a := range list {
				for _, b := range more {
					next = append(next, append(slices.Clone(a), b...))
				}
			}
			list = next
		}
		return list, true
	case Not:
		in := c.Of[0]
		if in.Kind == All || in.Kind == Any { // De Morgan
			var of []Cond
			for _, one := range in.Of {
				of = append(of, Negate(one))
			}
			if in.Kind == All {
				return Or(of...).Alternatives()
			}
			return And(of...).Alternatives()
		}
	}
	return [][]Cond{{c}}, true
}

// Lines are the places of what a condition is made of, each once.
func (c Cond) Lines() []Pos {
	var list []Pos
	add := func(p Pos) {
		if p.Line > 0 && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	if len(c.Of) == 0 && c.Kind != IsAlways && c.Kind != IsNever {
		add(c.At)
	}
	for _, one := range c.Of {
		for _, p := range one.Lines() {
			add(p)
		}
	}
	return list
}

// statusTokens are the words of ups.status.
var statusTokens = []string{"OL", "OB", "LB", "HB", "RB", "CHRG", "DISCHRG", "BYPASS", "CAL", "OFF", "OVER", "TRIM", "BOOST", "FSD", "ALARM"}

// StatusWords are the words of ups.status in a text or a pattern.
func StatusWords(text string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' }) {
		if slices.Contains(statusTokens, word) {
			list = append(list, word)
		}
	}
	return list
}
