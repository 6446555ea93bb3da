package script

import (
	"maps"
	"slices"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
)

// A state is where the script is on one of its ways.
type state struct {
	vars   map[string]value
	args   []value // $1 and so on
	funcs  map[string]*syntax.Stmt
	given  string        // a file that is not here was taken in: it may have set any variable
	cond   []Cond        // on which this way hangs
	after  time.Duration // how long it has waited at least
	upTo   time.Duration // and at most
	vague  bool          // or for a time that is not known
	status Cond          // that the last command succeeded
	in     value         // what the commands read
	out    value         // what they have written
}

func (s *state) clone() *state {
	c := *s
	c.vars = maps.Clone(s.vars)
	c.funcs = maps.Clone(s.funcs)
	c.cond = slices.Clip(s.cond)
	c.args = slices.Clip(s.args)
	return &c
}

// waited takes over how long another process has waited.
func (s *state) waited(end *state) { s.after, s.upTo, s.vague = end.after, end.upTo, end.vague }

// assume adds a condition; it is not ok where it cannot hold.
func (s *state) assume(c Cond) bool {
	switch all := condition.And(append(slices.Clone(s.cond), c)...); {
	case c.Kind == condition.IsAlways:
		return true
	case all.Kind == condition.IsNever:
		return false
	}
	if s.cond = append(s.cond, c); len(s.cond) > condition.Most {
		s.cond = []Cond{condition.On(c.At)}
	}
	return true
}

// rest are the conditions of s behind n that both have.
func (s *state) rest(n int) Cond { return condition.And(s.cond[n:]...) }

// merge brings two ways together. Either may be nil, for one that has ended.
func merge(a, b *state) *state {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	n := 0
	for n < len(a.cond) && n < len(b.cond) && condition.Same(a.cond[n], b.cond[n]) {
		n++
	}
	ofA, ofB := a.rest(n), b.rest(n)
	m := a.clone()
	m.cond = slices.Clone(a.cond[:n])
	m.assume(condition.Or(ofA, ofB))
	m.status = condition.Or(condition.And(ofA, a.status), condition.And(ofB, b.status))
	m.vars = map[string]value{}
	for name, v := range a.vars {
		if w, ok := b.vars[name]; ok {
			m.vars[name] = both(v, w, ofA, ofB)
		} else {
			m.vars[name] = both(v, value{exact: true, unset: []string{name}}, ofA, ofB)
		}
	}
	for name, w := range b.vars {
		if _, ok := a.vars[name]; !ok {
			m.vars[name] = both(value{exact: true, unset: []string{name}}, w, ofA, ofB)
		}
	}
	for name, f := range b.funcs {
		m.funcs[name] = f
	}
	m.out = both(a.out, b.out, ofA, ofB)
	if len(a.args) != len(b.args) {
		m.args = nil
	}
	m.after, m.upTo, m.vague = min(a.after, b.after), max(a.upTo, b.upTo), a.vague || b.vague
	if m.given == "" {
		m.given = b.given
	}
	return m
}

// both is a value that is one of two. That the UPS does not answer is no case
// that a message has to be written for.
func both(a, b value, ofA, ofB Cond) value {
	switch {
	case same(a, b):
		return a
	case ofA.Kind == condition.Missing:
		b.exact = false
		return b
	case ofB.Kind == condition.Missing:
		a.exact = false
		return a
	}
	at := ofA.At
	if lines := ofA.Lines(); len(lines) > 0 {
		at = lines[0]
	} else if lines := ofB.Lines(); len(lines) > 0 {
		at = lines[0]
	}
	return value{text: a.text, varies: at, at: a.at, given: a.given, list: nil}
}
