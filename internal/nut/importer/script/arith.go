package script

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
)

// number is the whole number that a value is for certain.
func number(v value) (int, bool) {
	if !v.exact {
		return 0, false
	}
	text := strings.TrimSpace(v.text)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n > -1<<31 && n < 1<<31
}

// arith is the value of an arithmetic expression.
func (r *runner) arith(s *state, x syntax.ArithmExpr) value {
	if !r.more(1) {
		return value{}
	}
	switch x := x.(type) {
	case *syntax.Word:
		v := r.word(s, x)
		if v.exact && syntax.ValidName(v.text) {
			v = r.lookup(s, v.text)
			if len(v.unset) > 0 {
				return literal("0") // a name without a value counts as 0
			}
		}
		return v
	case *syntax.ParenArithm:
		return r.arith(s, x.X)
	case *syntax.UnaryArithm:
		return r.unary(s, x)
	case *syntax.BinaryArithm:
		return r.binary(s, x)
	}
	return value{}
}

func (r *runner) unary(s *state, x *syntax.UnaryArithm) value {
	n, ok := number(r.arith(s, x.X))
	switch x.Op {
	case syntax.Inc, syntax.Dec:
		step := 1
		if x.Op == syntax.Dec {
			step = -1
		}
		v := value{}
		if ok {
			v = literal(strconv.Itoa(n + step))
		}
		r.assignArith(s, x.X, v)
		if x.Post && ok {
			return literal(strconv.Itoa(n))
		}
		return v
	case syntax.Minus:
		n = -n
	case syntax.Plus:
	case syntax.Not:
		return truthOf(r.arithCond(s, x, Pos{}))
	default:
		return value{}
	}
	if !ok {
		return value{}
	}
	return literal(strconv.Itoa(n))
}

// truthOf is a condition as a number.
func truthOf(c Cond) value {
	switch c.Kind {
	case condition.IsAlways:
		return literal("1")
	case condition.IsNever:
		return literal("0")
	}
	return value{}
}

// assignArith sets the variable that an expression names.
func (r *runner) assignArith(s *state, x syntax.ArithmExpr, v value) {
	if w, ok := x.(*syntax.Word); ok {
		if name := w.Lit(); syntax.ValidName(name) {
			s.vars[name] = v
		}
	}
}

func (r *runner) binary(s *state, x *syntax.BinaryArithm) value {
	switch x.Op {
	case syntax.Assgn, syntax.AddAssgn, syntax.SubAssgn, syntax.MulAssgn, syntax.QuoAssgn, syntax.RemAssgn:
		v := r.arith(s, x.Y)
		if x.Op != syntax.Assgn {
			ops := map[syntax.BinAritOperator]syntax.BinAritOperator{
				syntax.AddAssgn: syntax.Add, syntax.SubAssgn: syntax.Sub, syntax.MulAssgn: syntax.Mul, syntax.QuoAssgn: syntax.Quo, syntax.RemAssgn: syntax.Rem,
			}
			v = calculate(ops[x.Op], r.arith(s, x.X), v)
		}
		r.assignArith(s, x.X, v)
		return v
	case syntax.Add, syntax.Sub, syntax.Mul, syntax.Quo, syntax.Rem:
		return calculate(x.Op, r.arith(s, x.X), r.arith(s, x.Y))
	case syntax.Comma:
		r.arith(s, x.X)
		return r.arith(s, x.Y)
	case syntax.AndArit, syntax.OrArit, syntax.Eql, syntax.Neq, syntax.Lss, syntax.Gtr, syntax.Leq, syntax.Geq:
		return truthOf(r.arithCond(s, x, Pos{}))
	}
	r.arith(s, x.X)
	r.arith(s, x.Y)
	return value{}
}

func calculate(op syntax.BinAritOperator, x, y value) value {
	n, okX := number(x)
	m, okY := number(y)
	if op == syntax.Quo && okY && m > 0 && x.ask.name != "" && m < 1e6 {
		by := max(x.ask.by, 1) * m
		return value{ask: answer{x.ask.name, min(by, 1e6)}, unread: []string{"a division"}}
	}
	if !okX || !okY || m == 0 && (op == syntax.Quo || op == syntax.Rem) {
		return value{given: x.given + y.given}
	}
	switch op {
	case syntax.Add:
		n += m
	case syntax.Sub:
		n -= m
	case syntax.Mul:
		n *= m
	case syntax.Quo:
		n /= m
	case syntax.Rem:
		n %= m
	}
	return literal(strconv.Itoa(n))
}

// arithCond is an arithmetic expression as a condition: it is not 0.
func (r *runner) arithCond(s *state, x syntax.ArithmExpr, at Pos) Cond {
	switch e := x.(type) {
	case *syntax.ParenArithm:
		return r.arithCond(s, e.X, at)
	case *syntax.UnaryArithm:
		if e.Op == syntax.Not {
			return condition.Negate(r.arithCond(s, e.X, at))
		}
	case *syntax.BinaryArithm:
		switch e.Op {
		case syntax.AndArit:
			return condition.And(r.arithCond(s, e.X, at), r.arithCond(s, e.Y, at))
		case syntax.OrArit:
			return condition.Or(r.arithCond(s, e.X, at), r.arithCond(s, e.Y, at))
		case syntax.Eql, syntax.Neq, syntax.Lss, syntax.Gtr, syntax.Leq, syntax.Geq:
			return compare(r.arith(s, e.X), e.Op.String(), r.arith(s, e.Y), at)
		}
	}
	if n, ok := number(r.arith(s, x)); ok {
		if n != 0 {
			return condition.Always
		}
		return condition.Never
	}
	return condition.On(at)
}

// turned are the comparisons with their sides changed.
var turned = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}

// compare compares two numbers.
func compare(x value, op string, y value, at Pos) Cond {
	n, okX := number(x)
	m, okY := number(y)
	switch {
	case okX && okY:
		holds := map[string]bool{"<": n < m, ">": n > m, "<=": n <= m, ">=": n >= m, "==": n == m, "!=": n != m}[op]
		if holds {
			return condition.Always
		}
		return condition.Never
	case okX && y.ask.name != "":
		return compare(y, turned[op], x, at)
	case okY && (x.ask.name == "battery.charge" || x.ask.name == "battery.runtime"):
		by := max(x.ask.by, 1)
		below := func(limit int) Cond {
			return condition.Of(Cond{Kind: condition.Below, At: at, Variable: x.ask.name, Limit: limit * by})
		}
		switch op {
		case "<":
			return below(m)
		case "<=":
			return below(m + 1)
		case ">":
			return condition.Negate(below(m + 1))
		case ">=":
			return condition.Negate(below(m))
		}
	}
	return condition.On(at)
}
