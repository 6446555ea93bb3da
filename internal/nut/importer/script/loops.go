package script

import (
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
)

// whileClause follows a loop once as it comes, and once more for all rounds
// behind the first: what they change is not known then.
func (r *runner) whileClause(s *state, c *syntax.WhileClause) *state {
	cond := func(s *state) (*state, Cond) {
		if s = r.list(s, c.Cond); s == nil {
			return nil, condition.Never
		}
		if c.Until {
			return s, condition.Negate(s.status)
		}
		return s, s.status
	}
	at := r.pos(c)
	f := &frame{loop: true}
	r.frames = append(r.frames, f)
	first, goesOn := cond(s)
	var out *state
	if first != nil {
		before := maps.Clone(first.vars)
		out = r.fork(first, goesOn, func(s *state) *state {
			return r.again(r.list(s, c.Do), f, at, before, func(s *state) *state {
				next, goesOn := cond(s)
				if next == nil {
					return nil
				}
				return r.fork(next, goesOn, func(s *state) *state { return r.list(s, c.Do) }, nil)
			})
		}, nil)
	}
	r.frames = r.frames[:len(r.frames)-1]
	for _, b := range f.breaks {
		out = merge(out, b)
	}
	return out
}

// again follows the rounds behind the first: body is run once, with all that
// the first has changed forgotten, and under the condition that there is such a
// round.
func (r *runner) again(s *state, f *frame, at Pos, before map[string]value, body func(*state) *state) *state {
	for _, c := range f.continues {
		s = merge(s, c)
	}
	f.continues = nil
	if s == nil || !r.more(len(s.vars)+1) {
		return s
	}
	round := s.clone()
	for name, v := range round.vars {
		if old, ok := before[name]; !ok || !same(old, v) {
			round.vars[name] = value{at: v.at, varies: at}
		}
	}
	round.vague = round.vague || round.after > 0
	if !round.assume(condition.On(at)) {
		return s
	}
	round = body(round)
	for _, c := range f.continues {
		round = merge(round, c)
	}
	f.continues = nil
	return merge(s, round)
}

// forClause follows a list that is known round by round.
func (r *runner) forClause(s *state, c *syntax.ForClause) *state {
	at := r.pos(c)
	f := &frame{loop: true}
	r.frames = append(r.frames, f)
	defer func() { r.frames = r.frames[:len(r.frames)-1] }()
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok || c.Select {
		out := r.fork(s, condition.On(at), func(s *state) *state { return r.list(s, c.Do) }, nil)
		for _, b := range slices.Concat(f.breaks, f.continues) {
			out = merge(out, b)
		}
		return out
	}
	var values []value
	known := true
	items := iter.Items
	if iter.InPos == (syntax.Pos{}) {
		values = slices.Clone(s.args)
	}
	for _, w := range items {
		for _, v := range r.fields(s, w) {
			known = known && v.exact && !strings.ContainsAny(v.text, globSigns)
			values = append(values, v)
		}
	}
	const most = 30
	if !known || len(values) > most {
		values = []value{{varies: at}}
	}
	for _, v := range values {
		if s == nil || !r.more(1) {
			break
		}
		round := func(s *state) *state {
			v.at = at
			s.vars[iter.Name.Value] = v
			s = r.list(s, c.Do)
			for _, one := range f.continues {
				s = merge(s, one)
			}
			f.continues = nil
			return s
		}
		if known {
			s = round(s)
		} else {
			s = r.fork(s, condition.On(at), round, nil)
		}
	}
	for _, b := range f.breaks {
		s = merge(s, b)
	}
	return s
}
