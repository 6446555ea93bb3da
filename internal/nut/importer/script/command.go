package script

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/order"
	"ecnutd/internal/nut/importer/script/shelltext"
)

func base(program string) string { return path.Base(program) }

// callExpr runs a simple command: assignments, or words of which the first is a
// program, a function or a builtin.
func (r *runner) callExpr(s *state, c *syntax.CallExpr) *state {
	s.status = condition.Always
	kept := map[string]value{}
	for _, a := range c.Assigns {
		if len(c.Args) > 0 && a.Name != nil {
			if v, ok := s.vars[a.Name.Value]; ok {
				kept[a.Name.Value] = v
			}
		}
		r.assign(s, a)
	}
	if len(c.Args) == 0 {
		return s
	}
	var args []value
	for _, w := range c.Args {
		if args = append(args, r.fields(s, w)...); len(args) > 500 {
			r.lost = true
			return s
		}
	}
	s = r.words(s, args, r.pos(c.Args[0]), 0)
	if s != nil {
		for name, v := range kept {
			s.vars[name] = v
		}
	}
	return s
}

// maxWrapped bounds commands that call commands.
const maxWrapped = 10

// words runs a command that is given by its words. at is its place.
func (r *runner) words(s *state, args []value, at Pos, wrapped int) *state {
	if len(args) == 0 || !r.more(1) {
		return s
	}
	if wrapped > maxWrapped {
		r.lost = true
		return s
	}
	name := args[0]
	s.status = condition.On(at)
	switch {
	case name.text == "" && name.exact && len(name.unset) == 0:
		s.status = condition.Never
		return s
	case name.given != "" || name.varies.Line > 0 || name.text == "":
		r.effect(s, Effect{Kind: Hidden, At: at, What: "a command", Behind: "a variable that is not known here"})
		return s
	}
	if body, ok := s.funcs[name.text]; ok {
		return r.invoke(s, body, args[1:], at)
	}
	if live, done := r.builtin(s, base(name.text), args[1:], at, wrapped); done {
		return live
	}
	if live, done := r.wrapper(s, base(name.text), args[1:], at, wrapped); done {
		return live
	}
	r.program(s, args, at)
	return s
}

// builtin runs what belongs to the shell.
func (r *runner) builtin(s *state, name string, args []value, at Pos, wrapped int) (*state, bool) {
	switch name {
	case ":", "true", "umask", "wait", "cd", "pushd", "popd", "hash", "export", "shopt", "ulimit", "disown", "history", "alias":
		s.status = condition.Always
	case "kill":
		if slices.ContainsFunc(args, func(v value) bool { return strings.Contains(v.text+v.file, "upsmon") }) {
			r.effect(s, Effect{Kind: Hidden, At: at, What: "a signal to upsmon", Behind: name})
		}
		s.status = condition.Always
	case "false":
		s.status = condition.Never
	case "exit", "return", "break", "continue":
		if name == "exit" || name == "return" {
			s.status = r.exitStatus(s, args, at)
		}
		return r.leave(s, name), true
	case "[", "test":
		if name == "[" && len(args) > 0 && args[len(args)-1].text == "]" {
			args = args[:len(args)-1]
		}
		s.status = r.bracket(args, at)
	case "echo", "printf":
		s.write(r.printed(name, args))
		s.status = condition.Always
	case "shift":
		n := 1
		if len(args) > 0 {
			n, _ = number(args[0])
		}
		s.args = s.args[min(max(n, 0), len(s.args)):]
		s.status = condition.Always
	case "set":
		for i, a := range args {
			if a.text == "--" {
				s.args = slices.Clone(args[i+1:])
				break
			}
		}
		s.status = condition.Always
	case "unset":
		for _, a := range args {
			delete(s.vars, a.text)
			delete(s.funcs, a.text)
		}
		s.status = condition.Always
	case "read":
		for _, a := range args {
			if syntax.ValidName(a.text) && !strings.HasPrefix(a.text, "-") {
				v := s.in
				v.exact = v.exact && len(args) == 1
				s.vars[a.text] = v
			}
		}
	case ".", "source":
		if len(args) > 0 {
			return r.takeIn(s, args[0].text), true
		}
	case "eval":
		return r.text(s, joined(args), at), true
	case "trap":
		r.trap(s, args, at)
		s.status = condition.Always
	case "sleep", "usleep":
		r.sleep(s, args)
		s.status = condition.Always
	case "type", "which", "hash -r", "getopts", "jobs":
	default:
		return s, false
	}
	return s, true
}

func (r *runner) exitStatus(s *state, args []value, at Pos) Cond {
	if len(args) == 0 {
		return s.status
	}
	n, ok := number(args[0])
	switch {
	case !ok:
		return condition.On(at)
	case n == 0:
		return condition.Always
	}
	return condition.Never
}

// write adds to what the commands have written.
func (s *state) write(v value) {
	s.out = concat(s.out, v)
}

// text runs a text as commands.
func (r *runner) text(s *state, v value, at Pos) *state {
	if v.given != "" || v.varies.Line > 0 || len(v.unread) > 0 || v.text == "" && !v.exact {
		r.effect(s, Effect{Kind: Hidden, At: at, What: cmp.Or(order.In(v.text), "a command"), Behind: "a text that is not known here"})
		return s
	}
	if r.depth >= maxDepth || !r.more(50+len(v.text)/4) {
		r.lost = true
		return s
	}
	file, err := parse(v.text)
	if err != nil {
		if what := order.In(v.text); what != "" {
			r.effect(s, Effect{Kind: Hidden, At: at, What: what, Behind: "eval"})
		}
		return s
	}
	r.depth++
	defer func() { r.depth-- }()
	kept, first := r.script, at.Line
	r.script = &Script{name: at.File, file: file}
	n := len(r.out.Effects)
	s = r.list(s, file.Stmts)
	r.script = kept
	for i := n; i < len(r.out.Effects); i++ {
		r.out.Effects[i].At = Pos{File: at.File, Line: first}
	}
	return s
}

func joined(args []value) value {
	var all []value
	for i, a := range args {
		if i > 0 {
			all = append(all, literal(" "))
		}
		all = append(all, a)
	}
	return concat(append(all, literal(""))...)
}

// trap runs what is to be done at the end now, and what a signal starts under a
// condition.
func (r *runner) trap(s *state, args []value, at Pos) {
	if len(args) < 2 || args[0].text == "-" || args[0].text == "" {
		return
	}
	other := s.clone()
	if args[1].text != "EXIT" && args[1].text != "0" {
		other.assume(condition.On(at))
	}
	f := &frame{}
	r.frames = append(r.frames, f)
	r.text(other, args[0], at)
	r.frames = r.frames[:len(r.frames)-1]
}

// sleep lets time pass.
func (r *runner) sleep(s *state, args []value) {
	for _, a := range args {
		d, ok := shelltext.Duration(a.text)
		ok = ok && a.exact
		if !ok {
			s.vague = true
			continue
		}
		s.after, s.upTo = s.after+d, s.upTo+d
	}
}

// effect notes something that is done on this way.
func (r *runner) effect(s *state, e Effect) {
	if len(r.out.Effects) >= maxEffects {
		r.lost = true
		return
	}
	e.If = condition.And(s.cond...)
	if e.Via = r.via; e.Via.Line == 0 || e.Via.File != e.At.File {
		e.Via = e.At
	}
	e.After, e.UpTo, e.Vague = e.After+s.after, e.UpTo+s.upTo, e.Vague || s.vague
	if e.If.Kind != condition.IsNever {
		r.out.Effects = append(r.out.Effects, e)
	}
}

// uses notes what the script takes from its caller, or needs of NUT.
func (r *runner) uses(name string) {
	switch name {
	case "UPSNAME", "NOTIFYMSG", "NOTIFYTYPE", "upsc", "upscmd", "upsrw", "upsmon", "upssched", "upsdrvctl":
		if !slices.Contains(r.out.Uses, name) {
			r.out.Uses = append(r.out.Uses, name)
		}
	}
}
