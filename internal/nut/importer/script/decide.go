package script

import (
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/shelltext"
)

// This file has what decides: [, [[, grep, and the patterns of case.

// bracket is [ … ] and test, whose arguments are words like others.
func (r *runner) bracket(args []value, at Pos) Cond {
	t := &bracketTest{args: args, at: at}
	c := t.either(r)
	if t.pos != len(args) || t.bad {
		return condition.On(at)
	}
	return c
}

type bracketTest struct {
	args  []value
	pos   int
	at    Pos
	bad   bool
	depth int
}

func (t *bracketTest) word(i int) string {
	if t.pos+i < len(t.args) {
		return t.args[t.pos+i].text
	}
	return ""
}

func (t *bracketTest) left() int { return len(t.args) - t.pos }

func (t *bracketTest) either(r *runner) Cond {
	c := t.each(r)
	for !t.bad && t.left() > 0 && t.word(0) == "-o" {
		t.pos++
		c = condition.Or(c, t.each(r))
	}
	return c
}

func (t *bracketTest) each(r *runner) Cond {
	c := t.one(r)
	for !t.bad && t.left() > 0 && t.word(0) == "-a" {
		t.pos++
		c = condition.And(c, t.one(r))
	}
	return c
}

func (t *bracketTest) one(r *runner) Cond {
	if t.depth++; t.depth > 50 {
		t.bad = true
		return condition.On(t.at)
	}
	defer func() { t.depth-- }()
	switch {
	case t.left() == 0:
		return condition.Never
	case t.left() >= 3 && comparisons[t.word(1)]:
		x, op, y := t.args[t.pos], t.word(1), t.args[t.pos+2]
		t.pos += 3
		return r.compared(x, op, y, t.at)
	case t.left() > 1 && t.word(0) == "!":
		t.pos++
		return condition.Negate(t.one(r))
	case t.left() > 2 && t.word(0) == "(":
		t.pos++
		c := t.either(r)
		if t.word(0) != ")" {
			t.bad = true
		}
		t.pos++
		return c
	case t.left() >= 2 && len(t.word(0)) == 2 && t.word(0)[0] == '-':
		op, x := t.word(0), t.args[t.pos+1]
		t.pos += 2
		return unaryTest(op, x, t.at)
	}
	x := t.args[t.pos]
	t.pos++
	return unaryTest("-n", x, t.at)
}

var comparisons = map[string]bool{"=": true, "==": true, "!=": true, "-eq": true, "-ne": true, "-lt": true, "-le": true, "-gt": true, "-ge": true, "<": true, ">": true, "-nt": true, "-ot": true, "-ef": true}

var numeric = map[string]string{"-eq": "==", "-ne": "!=", "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">="}

// compared is X op Y of [ and [[; Y is no pattern.
func (r *runner) compared(x value, op string, y value, at Pos) Cond {
	if n := numeric[op]; n != "" {
		return compare(x, n, y, at)
	}
	switch op {
	case "=", "==":
		return r.equal(x, y, at)
	case "!=":
		return condition.Negate(r.equal(x, y, at))
	}
	return condition.On(at)
}

func (r *runner) equal(x, y value, at Pos) Cond {
	if !x.exact && y.exact {
		x, y = y, x
	}
	if x.exact && y.exact {
		r.named(x, y)
		if x.text == y.text {
			return condition.Always
		}
		return condition.Never
	}
	if x.exact && y.ask.name == "ups.status" {
		if words := condition.StatusWords(x.text); len(words) > 0 {
			return r.has(words, at)
		}
	}
	if x.exact && x.text == "" {
		return unaryTest("-z", y, at)
	}
	return condition.On(at)
}

// named notes a name that the script compares its first argument with.
func (r *runner) named(x, y value) {
	if x.arg == y.arg {
		return
	}
	name := x.text
	if x.arg {
		name = y.text
	}
	r.branch(name, Pos{}, x.text == y.text, false)
}

// has is that all of these words are in the status.
func (r *runner) has(words []string, at Pos) Cond {
	var of []Cond
	for _, word := range words {
		switch is, known := r.call.Status[word]; {
		case known && is:
			of = append(of, condition.Always)
		case known:
			of = append(of, condition.Never)
		default:
			of = append(of, condition.Of(Cond{Kind: condition.Has, At: at, Token: word}))
		}
	}
	return condition.And(of...)
}

func unaryTest(op string, x value, at Pos) Cond {
	switch op {
	case "-n", "-z":
		c := condition.On(at)
		switch {
		case x.certainlyFull():
			c = condition.Never
		case x.exact:
			c = condition.Always
		case x.ask.name != "" && x.given == "" && x.varies.Line == 0:
			c = condition.Of(Cond{Kind: condition.Missing, At: at})
		}
		if op == "-n" {
			return condition.Negate(c)
		}
		return c
	}
	return condition.On(at)
}

// double is [[ … ]].
func (r *runner) double(s *state, x syntax.TestExpr, at Pos) Cond {
	if !r.more(1) {
		return condition.On(at)
	}
	switch e := x.(type) {
	case *syntax.ParenTest:
		return r.double(s, e.X, at)
	case *syntax.UnaryTest:
		if e.Op == syntax.TsNot {
			return condition.Negate(r.double(s, e.X, at))
		}
		if w, ok := e.X.(*syntax.Word); ok {
			return unaryTest(e.Op.String(), r.word(s, w), at)
		}
	case *syntax.Word:
		return unaryTest("-n", r.word(s, e), at)
	case *syntax.BinaryTest:
		switch e.Op {
		case syntax.AndTest:
			return condition.And(r.double(s, e.X, at), r.double(s, e.Y, at))
		case syntax.OrTest:
			return condition.Or(r.double(s, e.X, at), r.double(s, e.Y, at))
		}
		left, okL := e.X.(*syntax.Word)
		right, okR := e.Y.(*syntax.Word)
		if !okL || !okR {
			return condition.On(at)
		}
		x := r.word(s, left)
		switch e.Op {
		case syntax.TsMatch, syntax.TsMatchShort:
			return r.matches(s, x, right, at)
		case syntax.TsNoMatch:
			return condition.Negate(r.matches(s, x, right, at))
		case syntax.TsReMatch:
			return r.expression(x, r.word(s, right), at, "")
		}
		return r.compared(x, e.Op.String(), r.word(s, right), at)
	}
	return condition.On(at)
}

// matches is whether a value fits a pattern of the shell.
func (r *runner) matches(s *state, x value, w *syntax.Word, at Pos) Cond {
	glob := r.patternOf(s, w)
	lone := value{exact: true}
	if len(w.Parts) > 0 {
		lone = r.word(s, w)
	}
	if glob == "*" {
		return condition.Always
	}
	if !lone.exact {
		return condition.On(at)
	}
	switch {
	case x.exact:
		re, err := shelltext.Pattern(glob, true)
		if err != nil || !r.search(x.text, glob) {
			return condition.On(at)
		}
		fits := re.MatchString(x.text)
		if x.arg {
			r.branch(lone.text, Pos{}, fits, false)
		}
		if fits {
			return condition.Always
		}
		return condition.Never
	case x.ask.name == "ups.status":
		if words := condition.StatusWords(glob); len(words) > 0 && !strings.ContainsAny(glob, "!@+") {
			return r.has(words, at)
		}
	case lone.text == "" && glob == "":
		return unaryTest("-z", x, at)
	}
	return condition.On(at)
}

// expression is whether a value fits a regular expression, as for grep and =~.
func (r *runner) expression(x, pattern value, at Pos, flags string) Cond {
	if !pattern.exact || len(pattern.text) > 200 {
		return condition.On(at)
	}
	if x.exact {
		text := pattern.text
		if strings.Contains(flags, "F") {
			text = regexp.QuoteMeta(text)
		}
		if strings.Contains(flags, "i") {
			text = "(?i)" + text
		}
		re, err := regexp.Compile(strings.ReplaceAll(text, `\|`, "|"))
		if err != nil || !r.search(x.text, text) {
			return condition.On(at)
		}
		if re.MatchString(x.text) {
			return condition.Always
		}
		return condition.Never
	}
	if x.ask.name != "ups.status" {
		return condition.On(at)
	}
	var of []Cond
	for _, one := range strings.Split(strings.ReplaceAll(pattern.text, `\|`, "|"), "|") {
		words := condition.StatusWords(strings.ToUpper(one))
		if len(words) == 0 || strings.ContainsAny(one, "[") {
			return condition.On(at)
		}
		of = append(of, r.has(words, at))
	}
	return condition.Or(of...)
}

// grep is whether grep finds something in what it reads.
func (r *runner) grep(args []value, in value, at Pos) Cond {
	flags := ""
	for i, a := range args {
		switch {
		case a.text == "-e" && i+1 < len(args):
			return r.grepped(in, args[i+1], at, flags)
		case strings.HasPrefix(a.text, "-") && len(a.text) > 1:
			flags += a.text
			if a.text == "--quiet" || a.text == "--silent" {
				flags += "q"
			}
		default:
			if i+1 < len(args) {
				return condition.On(at) // in files
			}
			return r.grepped(in, a, at, flags)
		}
	}
	return condition.On(at)
}

func (r *runner) grepped(in, pattern value, at Pos, flags string) Cond {
	c := r.expression(in, pattern, at, flags)
	if slices.Contains(strings.Split(flags, ""), "v") {
		if in.exact || in.ask.name == "ups.status" { // one line
			return condition.Negate(c)
		}
		return condition.On(at)
	}
	return c
}
