package script

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/shelltext"
	"ecnutd/internal/nut/importer/script/tree"
)

// fields are the words that the shell makes of one.
func (r *runner) fields(s *state, w *syntax.Word) []value {
	if p := tree.LoneParam(w); p != nil {
		switch quoted, name := tree.Quoted(w), p.Param.Value; {
		case name == "@" || name == "*" && !quoted:
			return slices.Clone(s.args)
		case p.Index != nil && p.Exp == nil && p.Slice == nil && p.Repl == nil && !p.Length && tree.WholeArray(p.Index):
			if v, ok := s.vars[name]; ok && v.list != nil {
				return slices.Clone(v.list)
			}
		}
	}
	v := r.word(s, w)
	if !tree.Quoted(w) && len(w.Parts) == 1 {
		if _, lit := w.Parts[0].(*syntax.Lit); !lit && v.ask.name == "" {
			return split(v)
		}
	}
	return []value{v}
}

// split parts a value at its blanks.
func split(v value) []value {
	words := strings.Fields(v.text)
	if len(words) == 1 && words[0] == v.text {
		return []value{v}
	}
	var list []value
	for _, word := range words {
		one := v
		one.text = word
		list = append(list, one)
	}
	if len(list) == 0 && (!v.exact || len(v.unset) > 0) {
		return []value{v} // what it says of itself is still of use
	}
	return list
}

// word is the text of a word.
func (r *runner) word(s *state, w *syntax.Word) value {
	if w == nil {
		return literal("")
	}
	return r.parts(s, w.Parts)
}

func (r *runner) parts(s *state, list []syntax.WordPart) value {
	var all []value
	for i, part := range list {
		if !r.more(1) {
			break
		}
		switch p := part.(type) {
		case *syntax.Lit:
			text := p.Value
			if i == 0 && strings.HasPrefix(text, "~/") {
				text = "/root" + text[1:]
			}
			all = append(all, literal(shelltext.Apart(shelltext.Unescape(text))))
		case *syntax.SglQuoted:
			text := p.Value
			if p.Dollar {
				text = shelltext.ANSI(text)
			}
			all = append(all, literal(shelltext.Apart(text)))
		case *syntax.DblQuoted:
			all = append(all, r.quoted(s, p.Parts))
		case *syntax.ParamExp:
			all = append(all, r.param(s, p))
		case *syntax.CmdSubst:
			all = append(all, r.substitution(s, p))
		case *syntax.ArithmExp:
			all = append(all, r.arith(s, p.X))
		case *syntax.ProcSubst:
			r.aside(s, p.Stmts)
			all = append(all, value{})
		default:
			all = append(all, value{})
		}
	}
	if len(all) == 0 {
		return literal("")
	}
	v := concat(all...)
	r.more(len(v.text) / 64)
	return v
}

// quoted is what stands in double quotes, where a backslash stands for itself
// before most characters.
func (r *runner) quoted(s *state, list []syntax.WordPart) value {
	all := []value{literal("")}
	for _, part := range list {
		if lit, ok := part.(*syntax.Lit); ok {
			all = append(all, literal(shelltext.Apart(shelltext.Quoted(lit.Value))))
			continue
		}
		all = append(all, r.parts(s, []syntax.WordPart{part}))
	}
	return concat(all...)
}

// lookup is the value of a variable.
func (r *runner) lookup(s *state, name string) value {
	v := r.variable(s, name)
	v.ref, v.refs = true, nil
	return v
}

func (r *runner) variable(s *state, name string) value {
	switch name {
	case "@", "*":
		return joined(s.args)
	case "#":
		return literal(strconv.Itoa(len(s.args)))
	case "?":
		switch s.status.Kind {
		case condition.IsAlways:
			return literal("0")
		case condition.IsNever:
			return literal("1")
		}
		return value{}
	case "$", "!", "-", "_", "RANDOM", "SECONDS", "EPOCHSECONDS", "PPID":
		return value{}
	case "0":
		return literal("/etc/nut/" + r.script.name)
	case "HOSTNAME":
		if _, set := s.vars[name]; !set {
			return value{text: "{{host}}"}
		}
	case "LINENO", "UID", "EUID":
		return value{}
	}
	if n, err := strconv.Atoi(name); err == nil {
		if n >= 1 && n <= len(s.args) {
			return s.args[n-1]
		}
		return value{exact: true, unset: []string{name}}
	}
	v, ok := s.vars[name]
	switch {
	case ok:
		r.uses(name)
		return v
	case s.given != "":
		return value{given: s.given}
	}
	return value{exact: true, unset: []string{name}}
}

// param is what $name or ${name…} stands for.
func (r *runner) param(s *state, p *syntax.ParamExp) value {
	if p.Param == nil {
		return value{}
	}
	v := r.lookup(s, p.Param.Value)
	if p.Index != nil && v.list != nil {
		v = r.element(s, v, p.Index)
	}
	switch {
	case p.Excl:
		if p.Names == 0 && v.exact && syntax.ValidName(v.text) {
			return r.lookup(s, v.text)
		}
		return value{}
	case p.Length:
		if v.exact {
			return literal(strconv.Itoa(len([]rune(v.text))))
		}
		return value{}
	case p.Slice != nil:
		return r.slice(s, v, p.Slice)
	case p.Repl != nil:
		return r.replace(s, v, p.Repl)
	case p.Exp != nil:
		return r.expansion(s, p, v)
	}
	return v
}

func (r *runner) element(s *state, v value, index syntax.ArithmExpr) value {
	if tree.WholeArray(index) {
		return joined(v.list)
	}
	if n, ok := number(r.arith(s, index)); ok && n >= 0 && n < len(v.list) {
		return v.list[n]
	}
	return value{}
}

func (r *runner) slice(s *state, v value, p *syntax.Slice) value {
	from, ok := number(r.arith(s, p.Offset))
	runes := []rune(v.text)
	if !v.exact || !ok || from < 0 || from > len(runes) {
		v.exact = false
		return v
	}
	runes = runes[from:]
	if p.Length != nil {
		n, ok := number(r.arith(s, p.Length))
		if !ok || n < 0 {
			v.exact = false
			return v
		}
		runes = runes[:min(n, len(runes))]
	}
	v.text, v.arg = string(runes), false
	return v
}

// replace is ${name/pattern/text}.
func (r *runner) replace(s *state, v value, p *syntax.Replace) value {
	from, to := r.patternOf(s, p.Orig), r.word(s, p.With)
	if !r.search(v.text, from) {
		return v
	}
	re, err := shelltext.Pattern(from, false)
	if err != nil || len(v.text) > shelltext.Most {
		v.exact = false
		return v
	}
	done := false
	v.text = shelltext.Cut(shelltext.Outside(v.text, func(text string) string {
		if done || text == "" {
			return text
		}
		if !p.All {
			if at := re.FindStringIndex(text); at != nil {
				done = true
				return text[:at[0]] + to.text + text[at[1]:]
			}
			return text
		}
		return re.ReplaceAllLiteralString(text, to.text)
	}))
	v.arg = false
	v.exact = v.exact && to.exact
	return v
}

// expansion is ${name:-text} and its like.
func (r *runner) expansion(s *state, p *syntax.ParamExp, v value) value {
	isSet := len(v.unset) == 0 || v.text != ""
	open := !v.exact && !v.certainlyFull() && v.ask.name == "" // it may be empty, or not
	switch op := p.Exp.Op; op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		orNull := op == syntax.DefaultUnsetOrNull || op == syntax.AssignUnsetOrNull
		if v.given != "" && v.text == "" {
			return value{given: v.given}
		}
		if isSet && (v.text != "" || open || !orNull) {
			return v
		}
		w := r.word(s, p.Exp.Word)
		if op == syntax.AssignUnset || op == syntax.AssignUnsetOrNull {
			s.vars[p.Param.Value] = w
		}
		return w
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if open {
			return value{given: v.given, varies: v.varies}
		}
		if isSet && (v.text != "" || op == syntax.AlternateUnset) {
			return r.word(s, p.Exp.Word)
		}
		return literal("")
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return v
	case syntax.LowerAll:
		return cased(v, strings.ToLower)
	case syntax.UpperAll:
		return cased(v, strings.ToUpper)
	case syntax.LowerFirst, syntax.UpperFirst:
		if v.text != "" {
			change := strings.ToLower
			if op == syntax.UpperFirst {
				change = strings.ToUpper
			}
			first := string([]rune(v.text)[:1])
			if first != "{" {
				v.text = change(first) + strings.TrimPrefix(v.text, first)
			}
		}
		return v
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		return r.trim(s, v, p.Exp)
	}
	v.exact = false
	return v
}

// cased changes the case of a value; what a branch is chosen by stays the first
// argument.
func cased(v value, change func(string) string) value {
	v.text = shelltext.Outside(v.text, change)
	return v
}

// trim is ${name#pattern} and ${name%pattern}.
func (r *runner) trim(s *state, v value, e *syntax.Expansion) value {
	if v.ask.name != "" || v.text == "" {
		return v // 54.0 and 54 are the same charge
	}
	glob := r.patternOf(s, e.Word)
	text, best := v.text, -1
	if !r.search(text, glob) {
		return v
	}
	re, err := shelltext.Pattern(glob, true)
	if err != nil {
		v.exact = false
		return v
	}
	suffix := e.Op == syntax.RemSmallSuffix || e.Op == syntax.RemLargeSuffix
	large := e.Op == syntax.RemLargeSuffix || e.Op == syntax.RemLargePrefix
	for n := 0; n <= len(text); n++ {
		part := text[:n]
		if suffix {
			part = text[len(text)-n:]
		}
		if re.MatchString(part) {
			if best = n; !large {
				break
			}
		}
		if !r.more(1 + len(part)/16) {
			break
		}
	}
	if best < 0 {
		return v
	}
	rest := text[best:]
	if suffix {
		rest = text[:len(text)-best]
	}
	if strings.Count(rest, "{{") != strings.Count(rest, "}}") {
		return v
	}
	v.text, v.arg = rest, false
	return v
}

// patternOf is a word as a pattern: what is quoted in it stands for itself.
func (r *runner) patternOf(s *state, w *syntax.Word) string {
	if w == nil {
		return ""
	}
	var b strings.Builder
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(shelltext.Apart(p.Value))
		case *syntax.SglQuoted:
			b.WriteString(pattern.QuoteMeta(shelltext.Apart(p.Value), 0))
		case *syntax.DblQuoted:
			b.WriteString(pattern.QuoteMeta(r.quoted(s, p.Parts).text, 0))
		case *syntax.ExtGlob:
			b.WriteString(p.Op.String() + p.Pattern.Value + ")")
		default:
			b.WriteString(r.parts(s, []syntax.WordPart{part}).text)
		}
	}
	return shelltext.Cut(b.String())
}
