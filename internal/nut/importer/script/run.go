package script

import (
	"cmp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/shelltext"
)

// Bounds for scripts that are made to be expensive.
const (
	maxWork    = 50_000 // of one way of calling a script
	maxDepth   = 40     // functions, substitutions and files inside each other
	maxFiles   = 12     // files that are taken in or called
	maxEffects = 200
)

// Run follows the script for one way of calling it.
func (f *Script) Run(call Call) Outcome {
	r := &runner{script: f, call: call, out: &Outcome{}}
	s := &state{vars: map[string]value{}, funcs: map[string]*syntax.Stmt{}, status: condition.Always, out: literal("")}
	for name, v := range call.Env {
		s.vars[name] = value{text: apartButOurs(v), exact: v.Exact}
	}
	for i, v := range call.Args {
		s.args = append(s.args, value{text: apartButOurs(v), exact: v.Exact, arg: i == 0 && v.Exact})
	}
	if r.more(1) {
		r.whole(s, f.file.Stmts)
	}
	if r.lost {
		r.out.Lost = true
	}
	if r.out.At.Line == 0 && len(r.out.Effects) > 0 {
		r.out.At = r.out.Effects[0].At
	}
	if r.out.At.Line == 0 {
		r.out.At = Pos{File: f.name, Line: 1}
	}
	return *r.out
}

// apartButOurs keeps placeholders where they are meant.
func apartButOurs(v Text) string {
	if v.Exact {
		return shelltext.Apart(v.Text)
	}
	return v.Text
}

type runner struct {
	script *Script // the file that is followed now
	call   Call
	out    *Outcome
	work   int
	depth  int
	files  int
	inner  int // how many files deep
	via    Pos // where the outermost function is called
	lost   bool
	frames []*frame
}

// A frame collects the ways that leave a function, a loop or the script.
type frame struct {
	loop                             bool
	function                         bool
	returns, breaks, continues, ends []*state
}

func (r *runner) pos(n syntax.Node) Pos {
	return Pos{File: r.script.name, Line: int(n.Pos().Line())}
}

// whole follows a whole script or a subshell: what ends it ends here. The way
// that goes on behind it is returned, nil if there is none.
func (r *runner) whole(s *state, list []*syntax.Stmt) *state {
	f := &frame{}
	r.frames = append(r.frames, f)
	live := r.list(s, list)
	r.frames = r.frames[:len(r.frames)-1]
	for _, ended := range slices.Concat(f.ends, f.returns, f.breaks, f.continues) {
		live = merge(live, ended)
	}
	return live
}

// list follows statements, up to where all ways have ended.
func (r *runner) list(s *state, list []*syntax.Stmt) *state {
	for _, one := range list {
		if s == nil || !r.more(1) {
			return s
		}
		s = r.stmt(s, one)
	}
	return s
}

// aside follows statements in a process of their own, that nothing waits for.
func (r *runner) aside(s *state, list []*syntax.Stmt) *state {
	if r.depth >= maxDepth {
		r.lost = true
		return nil
	}
	r.depth++
	defer func() { r.depth-- }()
	r.more(len(s.vars))
	return r.whole(s.clone(), list)
}

func (r *runner) stmt(s *state, one *syntax.Stmt) *state {
	if one.Background || one.Coprocess {
		alone := *one
		alone.Background, alone.Coprocess = false, false
		r.aside(s, []*syntax.Stmt{&alone})
		s.status = condition.Always
		return s
	}
	before, in := s.out, s.in
	redirected := r.redirects(s, one)
	if redirected {
		s.out = literal("")
	}
	s = r.command(s, one.Cmd)
	if s == nil {
		return nil
	}
	s.in = in
	if redirected {
		s.out = before
	}
	if one.Negated {
		s.status = condition.Negate(s.status)
	}
	return s
}

// redirects takes what a statement reads from its text, and reports whether
// what it writes goes into a file.
func (r *runner) redirects(s *state, one *syntax.Stmt) (out bool) {
	for _, d := range one.Redirs {
		switch d.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if to := r.word(s, d.Word).text; strings.HasSuffix(to, "/sysrq-trigger") {
				r.effect(s, Effect{Kind: Hidden, At: r.pos(d), What: "writing to " + to, Behind: "a redirection"})
			}
			out = out || d.N == nil || d.N.Value == "1"
		case syntax.Hdoc, syntax.DashHdoc:
			if d.Hdoc != nil {
				s.in = r.quoted(s, d.Hdoc.Parts)
			}
		case syntax.WordHdoc:
			s.in = r.word(s, d.Word)
		case syntax.RdrIn:
			s.in = value{file: r.word(s, d.Word).text}
		}
	}
	return out
}

func (r *runner) command(s *state, c syntax.Command) *state {
	switch c := c.(type) {
	case nil:
		s.status = condition.Always
	case *syntax.CallExpr:
		return r.callExpr(s, c)
	case *syntax.BinaryCmd:
		return r.binaryCmd(s, c)
	case *syntax.Block:
		return r.list(s, c.Stmts)
	case *syntax.Subshell:
		return r.subshell(s, c.Stmts)
	case *syntax.IfClause:
		return r.ifClause(s, c)
	case *syntax.CaseClause:
		return r.caseClause(s, c)
	case *syntax.WhileClause:
		return r.whileClause(s, c)
	case *syntax.ForClause:
		return r.forClause(s, c)
	case *syntax.FuncDecl:
		if c.Name != nil {
			s.funcs[c.Name.Value] = c.Body
		}
		s.status = condition.Always
	case *syntax.DeclClause:
		for _, a := range c.Args {
			r.assign(s, a)
		}
		s.status = condition.Always
	case *syntax.TestClause:
		s.status = r.double(s, c.X, r.pos(c))
	case *syntax.ArithmCmd:
		s.status = r.arithCond(s, c.X, r.pos(c))
	case *syntax.LetClause:
		s.status = condition.On(r.pos(c))
		for _, x := range c.Exprs {
			s.status = r.arithCond(s, x, r.pos(c))
		}
	case *syntax.TimeClause:
		if c.Stmt != nil {
			return r.stmt(s, c.Stmt)
		}
	case *syntax.CoprocClause:
		r.aside(s, []*syntax.Stmt{c.Stmt})
	default:
		r.lost = true
	}
	return s
}

func (r *runner) assign(s *state, a *syntax.Assign) {
	if a.Name == nil || a.Naked {
		return
	}
	name := a.Name.Value
	v := literal("")
	switch {
	case a.Array != nil:
		v.list = []value{}
		for _, e := range a.Array.Elems {
			if e.Value != nil && len(v.list) < 100 {
				v.list = append(v.list, r.fields(s, e.Value)...)
			}
		}
		if len(v.list) > 0 {
			first := v.list[0]
			first.list = v.list
			v = first
		}
	case a.Value != nil:
		v = r.word(s, a.Value)
	}
	if a.Index != nil {
		v = value{}
	}
	if a.Append {
		old := s.vars[name]
		if v.list != nil {
			old.list = append(slices.Clip(old.list), v.list...)
			v = old
		} else {
			v = concat(old, v)
		}
	}
	v.at = r.pos(a)
	if len(s.vars) > 500 {
		r.lost = true
		return
	}
	s.vars[name] = v
}

func (r *runner) subshell(s *state, list []*syntax.Stmt) *state {
	end := r.aside(s, list)
	if end != nil {
		s.waited(end)
		s.status, s.out = end.status, end.out
		return s
	}
	s.status = condition.On(Pos{})
	return s
}

func (r *runner) binaryCmd(s *state, c *syntax.BinaryCmd) *state {
	if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
		return r.pipe(s, c)
	}
	s = r.stmt(s, c.X)
	if s == nil {
		return nil
	}
	goesOn := s.status
	if c.Op == syntax.OrStmt {
		goesOn = condition.Negate(goesOn)
	}
	return r.fork(s, goesOn, func(s *state) *state { return r.stmt(s, c.Y) }, nil)
}

// fork parts the way at a condition, and brings both parts together again.
func (r *runner) fork(s *state, c Cond, then, other func(*state) *state) *state {
	run := func(s *state, f func(*state) *state) *state {
		if f == nil {
			return s
		}
		return f(s)
	}
	switch c.Kind {
	case condition.IsAlways:
		return run(s, then)
	case condition.IsNever:
		return run(s, other)
	}
	if !r.more(len(s.vars) + weight(append(s.cond[:len(s.cond):len(s.cond)], c)...)) {
		return s
	}
	a, b := s.clone(), s.clone()
	if a.assume(c) {
		a = run(a, then)
	} else {
		a = nil
	}
	if b.assume(condition.Negate(c)) {
		b = run(b, other)
	} else {
		b = nil
	}
	cost := len(s.vars) + 1
	for _, one := range []*state{a, b} {
		if one != nil {
			cost += weight(one.cond...)
		}
	}
	if !r.more(cost) { // what comes of it is not looked at any more
		return cmp.Or(a, b)
	}
	return merge(a, b)
}

// pipe is X | Y: both are processes of their own, and Y reads what X writes.
func (r *runner) pipe(s *state, c *syntax.BinaryCmd) *state {
	left := s.clone()
	left.out = literal("")
	r.more(2 * len(s.vars))
	left = r.aside(left, []*syntax.Stmt{c.X})
	right := s.clone()
	right.in = value{}
	if left != nil {
		right.in = left.out
		right.waited(left)
	}
	right = r.aside(right, []*syntax.Stmt{c.Y})
	if right == nil {
		s.status = condition.On(r.pos(c))
		return s
	}
	s.waited(right)
	s.status, s.out = right.status, right.out
	return s
}

func (r *runner) ifClause(s *state, c *syntax.IfClause) *state {
	if c == nil {
		s.status = condition.Always
		return s
	}
	if len(c.Cond) == 0 { // else
		return r.list(s, c.Then)
	}
	if s = r.list(s, c.Cond); s == nil {
		return nil
	}
	return r.fork(s, s.status,
		func(s *state) *state { return r.list(s, c.Then) },
		func(s *state) *state { return r.ifClause(s, c.Else) })
}

// caseClause takes the first branch that fits; where that is not known, all
// that may, each under its condition.
func (r *runner) caseClause(s *state, c *syntax.CaseClause) *state {
	v := r.word(s, c.Word)
	if v.arg {
		for _, item := range c.Items {
			for _, p := range item.Patterns {
				if !r.more(1) {
					return s
				}
				r.branch(r.word(s, p).text, Pos{}, false, false)
			}
		}
	}
	return r.items(s, v, c.Items)
}

func (r *runner) items(s *state, v value, items []*syntax.CaseItem) *state {
	if s == nil || len(items) == 0 || !r.more(1) {
		return s
	}
	item := items[0]
	var of []Cond
	star := false
	for _, p := range item.Patterns {
		c := r.matches(s, value{text: v.text, exact: v.exact, ask: v.ask, given: v.given, varies: v.varies}, p, r.pos(p))
		star = star || r.patternOf(s, p) == "*"
		of = append(of, c)
	}
	fits := condition.Or(of...)
	if v.arg && fits.Kind == condition.IsAlways {
		r.branch("", r.pos(item.Patterns[0]), !star, star)
	}
	return r.fork(s, fits,
		func(s *state) *state { return r.item(s, v, items) },
		func(s *state) *state { return r.items(s, v, items[1:]) })
}

// item follows a branch, and those that it falls through to.
func (r *runner) item(s *state, v value, items []*syntax.CaseItem) *state {
	s = r.list(s, items[0].Stmts)
	switch {
	case s == nil || len(items) == 1:
		return s
	case items[0].Op == syntax.Fallthrough:
		return r.item(s, v, items[1:])
	case items[0].Op == syntax.Resume:
		return r.items(s, v, items[1:])
	}
	return s
}

// globSigns make a pattern of a word.
const globSigns = "*?["

// branch notes that the script has a branch for a name, and which was taken.
func (r *runner) branch(name string, at Pos, matched, star bool) {
	if name != "" && name != "*" && !slices.Contains(r.out.Names, name) && len(r.out.Names) < 200 && !strings.ContainsAny(name, globSigns) {
		r.out.Names = append(r.out.Names, name)
	}
	r.out.Matched = r.out.Matched || matched
	r.out.Default = r.out.Default || star
	if at.Line > 0 && r.out.At.Line == 0 {
		r.out.At = at
	}
}
