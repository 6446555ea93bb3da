// Package tree recognises forms in the syntax tree of a script.
package tree

import "mvdan.cc/sh/v3/syntax"

// LoneParam is the expansion that is the whole of a word.
func LoneParam(w *syntax.Word) *syntax.ParamExp {
	if len(w.Parts) != 1 {
		return nil
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	p, _ := part.(*syntax.ParamExp)
	if p == nil || p.Param == nil || p.Exp != nil || p.Repl != nil || p.Slice != nil || p.Length || p.Excl {
		return nil
	}
	return p
}

// Quoted reports whether the whole of a word stands in quotes.
func Quoted(w *syntax.Word) bool {
	if len(w.Parts) != 1 {
		return false
	}
	switch w.Parts[0].(type) {
	case *syntax.DblQuoted, *syntax.SglQuoted:
		return true
	}
	return false
}

// WholeArray reports whether an index is @ or *.
func WholeArray(x syntax.ArithmExpr) bool {
	w, ok := x.(*syntax.Word)
	return ok && (w.Lit() == "@" || w.Lit() == "*")
}

// LoneRead is the file of $(<file).
func LoneRead(c *syntax.CmdSubst) *syntax.Word {
	if len(c.Stmts) == 1 && c.Stmts[0].Cmd == nil && len(c.Stmts[0].Redirs) == 1 && c.Stmts[0].Redirs[0].Op == syntax.RdrIn {
		return c.Stmts[0].Redirs[0].Word
	}
	return nil
}
