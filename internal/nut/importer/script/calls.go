package script

import (
	"maps"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/tree"
)

// This file has what runs other commands: functions, substitutions, files.

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
	if file := tree.LoneRead(c); file != nil {
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
		s.status = condition.Always
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
	if !r.more(len(data) / 16) {
		return nil, false
	}
	file, err := Read(data, base(path))
	if err == nil {
		r.files++
	}
	return file, err == nil
}
