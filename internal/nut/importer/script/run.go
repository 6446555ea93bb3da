package script

import (
	"maps"
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// Bounds for scripts that are made to be expensive.
const (
	maxWork    = 100_000 // steps, and what is copied
	maxDepth   = 40      // functions, substitutions and files inside each other
	maxFiles   = 12      // files that are taken in or called
	maxEffects = 200
)

// Run follows the script for one way of calling it.
func (f *Script) Run(call Call) Outcome {
	r := &runner{script: f, call: call, out: &Outcome{}}
	s := &state{vars: map[string]value{}, funcs: map[string]*syntax.Stmt{}, status: always, out: literal("")}
	for name, v := range call.Env {
		s.vars[name] = value{text: apartButOurs(v), exact: v.Exact}
	}
	for i, v := range call.Args {
		s.args = append(s.args, value{text: apartButOurs(v), exact: v.Exact, arg: i == 0 && v.Exact})
	}
	r.whole(s, f.file.Stmts)
	if r.lost {
		r.out.Lost = true
	}
	if r.out.At.Line == 0 && len(r.out.Effects) > 0 {
		r.out.At = r.out.Effects[0].At
	}
	if r.out.At.Line == 0 {
		r.out.At = Pos{f.name, 1}
	}
	return *r.out
}

// apartButOurs keeps placeholders where they are meant.
func apartButOurs(v Text) string {
	if v.Exact {
		return apart(v.Text)
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

// more counts work; it is false once there was too much.
func (r *runner) more(n int) bool {
	if r.work += n; r.work > maxWork {
		r.lost = true
	}
	return !r.lost
}

func (r *runner) pos(n syntax.Node) Pos {
	return Pos{r.script.name, int(n.Pos().Line())}
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
		s.status = always
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
		s.status = not(s.status)
	}
	return s
}

// redirects takes what a statement reads from its text, and reports whether
// what it writes goes into a file.
func (r *runner) redirects(s *state, one *syntax.Stmt) (out bool) {
	for _, d := range one.Redirs {
		switch d.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			r.word(s, d.Word)
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
		s.status = always
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
		s.status = always
	case *syntax.DeclClause:
		for _, a := range c.Args {
			r.assign(s, a)
		}
		s.status = always
	case *syntax.TestClause:
		s.status = r.double(s, c.X, r.pos(c))
	case *syntax.ArithmCmd:
		s.status = r.arithCond(s, c.X, r.pos(c))
	case *syntax.LetClause:
		s.status = unknown(r.pos(c))
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
	s.status = unknown(Pos{})
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
		goesOn = not(goesOn)
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
	case Always:
		return run(s, then)
	case Never:
		return run(s, other)
	}
	if !r.more(len(s.vars) + 1) {
		return s
	}
	a, b := s.clone(), s.clone()
	if a.assume(c) {
		a = run(a, then)
	} else {
		a = nil
	}
	if b.assume(not(c)) {
		b = run(b, other)
	} else {
		b = nil
	}
	r.more(len(s.vars) + 1)
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
		s.status = unknown(r.pos(c))
		return s
	}
	s.waited(right)
	s.status, s.out = right.status, right.out
	return s
}

func (r *runner) ifClause(s *state, c *syntax.IfClause) *state {
	if c == nil {
		s.status = always
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
	fits := or(of...)
	if v.arg && fits.Kind == Always {
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

// branch notes that the script has a branch for a name, and which was taken.
func (r *runner) branch(name string, at Pos, matched, star bool) {
	if name != "" && name != "*" && !slices.Contains(r.out.Names, name) && len(r.out.Names) < 200 && !hasGlob(name) {
		r.out.Names = append(r.out.Names, name)
	}
	r.out.Matched = r.out.Matched || matched
	r.out.Default = r.out.Default || star
	if at.Line > 0 && r.out.At.Line == 0 {
		r.out.At = at
	}
}

func hasGlob(name string) bool {
	for _, c := range name {
		if c == '*' || c == '?' || c == '[' {
			return true
		}
	}
	return false
}

// whileClause follows a loop once as it comes, and once more for all rounds
// behind the first: what they change is not known then.
func (r *runner) whileClause(s *state, c *syntax.WhileClause) *state {
	cond := func(s *state) (*state, Cond) {
		if s = r.list(s, c.Cond); s == nil {
			return nil, never
		}
		if c.Until {
			return s, not(s.status)
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
	if !round.assume(unknown(at)) {
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
		out := r.fork(s, unknown(at), func(s *state) *state { return r.list(s, c.Do) }, nil)
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
			known = known && v.exact && !hasGlob(v.text)
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
			s = r.fork(s, unknown(at), round, nil)
		}
	}
	for _, b := range f.breaks {
		s = merge(s, b)
	}
	return s
}

// leave ends a way at the nearest frame that takes it.
func (r *runner) leave(s *state, kind string) *state {
	for i := len(r.frames) - 1; i >= 0; i-- {
		f := r.frames[i]
		switch outermost := !f.loop && !f.function; {
		case kind == "break" && f.loop:
			f.breaks = append(f.breaks, s)
			return nil
		case kind == "continue" && f.loop:
			f.continues = append(f.continues, s)
			return nil
		case kind == "return" && (f.function || outermost):
			f.returns = append(f.returns, s)
			return nil
		case outermost:
			f.ends = append(f.ends, s)
			return nil
		}
	}
	return nil
}

// invoke runs a function.
func (r *runner) invoke(s *state, body *syntax.Stmt, args []value, at Pos) *state {
	if r.depth >= maxDepth {
		r.lost = true
		return s
	}
	r.depth++
	defer func() { r.depth-- }()
	kept := s.args
	s.args = args
	if r.via.Line == 0 {
		r.via = at
		defer func() { r.via = Pos{} }()
	}
	f := &frame{function: true}
	r.frames = append(r.frames, f)
	s = r.stmt(s, body)
	r.frames = r.frames[:len(r.frames)-1]
	for _, one := range f.returns {
		s = merge(s, one)
	}
	if s != nil {
		s.args = kept
	}
	return s
}

// substitution is the value of $(…).
func (r *runner) substitution(s *state, c *syntax.CmdSubst) value {
	sub := s.clone()
	sub.out = literal("")
	r.more(len(s.vars))
	if file := loneRead(c); file != nil {
		return value{file: r.word(s, file).text}
	}
	end := r.aside(sub, c.Stmts)
	if end == nil {
		return value{}
	}
	s.status = end.status
	s.waited(end)
	v := end.out
	for len(v.text) > 0 && v.text[len(v.text)-1] == '\n' {
		v.text = v.text[:len(v.text)-1]
	}
	v.arg = false
	if v.ask.name == everything {
		v.unread = append(slices.Clip(v.unread), "upsc")
	}
	return v
}

// loneRead is the file of $(<file).
func loneRead(c *syntax.CmdSubst) *syntax.Word {
	if len(c.Stmts) == 1 && c.Stmts[0].Cmd == nil && len(c.Stmts[0].Redirs) == 1 && c.Stmts[0].Redirs[0].Op == syntax.RdrIn {
		return c.Stmts[0].Redirs[0].Word
	}
	return nil
}

// takeIn runs the text of another file here.
func (r *runner) takeIn(s *state, path string) *state {
	file, ok := r.open(path)
	if !ok {
		s.given = path
		for _, name := range slices.Sorted(maps.Keys(s.vars)) {
			if _, called := r.call.Env[name]; !called {
				v := s.vars[name]
				v.exact = false
				s.vars[name] = v
			}
		}
		s.status = always
		return s
	}
	kept := r.script
	r.script = file
	defer func() { r.script = kept }()
	f := &frame{function: true} // return leaves the file alone
	r.frames = append(r.frames, f)
	s = r.list(s, file.file.Stmts)
	r.frames = r.frames[:len(r.frames)-1]
	for _, one := range f.returns {
		s = merge(s, one)
	}
	return s
}

// open reads another script.
func (r *runner) open(path string) (*Script, bool) {
	if r.call.Open == nil || r.inner >= 4 || r.files >= maxFiles || path == "" || !r.more(maxWork/1000) {
		return nil, false
	}
	data, err := r.call.Open(path)
	if err != nil {
		return nil, false
	}
	file, err := Read(data, base(path))
	if err == nil {
		r.files++
	}
	return file, err == nil
}
