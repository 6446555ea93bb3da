package script

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// A Cond is a condition that something hangs on.
type Cond struct {
	Kind     CondKind
	At       Pos
	Variable string // of Below: battery.charge, battery.runtime
	Limit    int    // of Below, in the unit of the variable
	Token    string // of Has: OB, LB
	Of       []Cond // of All, Any and Not

	key uint64 // the same for conditions that are the same
}

// CondKind is what a condition is about.
type CondKind uint8

// The kinds.
const (
	Always  CondKind = iota
	Never            // it cannot hold
	Below            // a variable of the UPS is below a number
	Has              // the status of the UPS has a word in it
	Missing          // the UPS, or upsd, does not answer
	Unknown          // something that only the script can find out
	All              // all of several
	Any              // at least one of several
	Not              // not the one
)

var (
	always = Cond{Kind: Always}.made()
	never  = Cond{Kind: Never}.made()
)

func unknown(at Pos) Cond { return Cond{Kind: Unknown, At: at}.made() }

// mostOf bounds what a condition is made of.
const mostOf = 40

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

func (c Cond) size() int {
	n := 1
	for _, one := range c.Of {
		n += one.size()
	}
	return n
}

func not(c Cond) Cond {
	switch c.Kind {
	case Always:
		return never
	case Never:
		return always
	case Not:
		return c.Of[0]
	}
	return Cond{Kind: Not, At: c.At, Of: []Cond{c}}.made()
}

func and(list ...Cond) Cond { return join(All, list) }

func or(list ...Cond) Cond { return join(Any, list) }

// join makes one condition of several: what adds nothing is left out.
func join(kind CondKind, list []Cond) Cond {
	neutral, final := always, never
	if kind == Any {
		neutral, final = never, always
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
			case slices.Contains(keys, not(p).key):
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
	if whole.size() > mostOf {
		return unknown(of[0].At)
	}
	return whole
}

// absorbed leaves out what the other conditions of a list say already: A, or B
// where A does not hold, is A or B.
func absorbed(kind CondKind, of []Cond, keys []uint64) (list []Cond, ok bool) {
	inner := All
	if kind == All {
		inner = Any
	}
	list = slices.Clone(of)
	for i, c := range list {
		if c.Kind != inner {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(c.Of), func(one Cond) bool { return slices.Contains(keys, not(one).key) })
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
	case Always:
		return [][]Cond{nil}, true
	case Never:
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
				of = append(of, not(one))
			}
			if in.Kind == All {
				return or(of...).Alternatives()
			}
			return and(of...).Alternatives()
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
	if len(c.Of) == 0 && c.Kind != Always && c.Kind != Never {
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

// statusWords are the words of ups.status in a text or a pattern.
func statusWords(text string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' }) {
		if slices.Contains(statusTokens, word) {
			list = append(list, word)
		}
	}
	return list
}
