package script

import (
	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/order"
)

// An Order is an order that stands in a file.
type Order struct {
	At   Pos
	What string
}

// Orders are all orders that stand in a script as such, whether or not they are
// ever given.
func (f *Script) Orders() []Order {
	var list []Order
	syntax.Walk(f.file, func(n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || len(list) >= mostNamed {
			return true
		}
		var args []value
		for _, w := range c.Args {
			text := w.Lit()
			if len(w.Parts) == 1 {
				switch p := w.Parts[0].(type) {
				case *syntax.SglQuoted:
					text = p.Value
				case *syntax.DblQuoted:
					if len(p.Parts) == 1 {
						if lit, ok := p.Parts[0].(*syntax.Lit); ok {
							text = lit.Value
						}
					}
				}
			}
			args = append(args, literal(text))
		}
		for i := range args {
			if o, ok := order.Of(base(args[i].text), words(args[i+1:])); ok && (i == 0 || wraps(args[:i])) {
				list = append(list, Order{Pos{File: f.name, Line: int(c.Pos().Line())}, o.What})
				break
			}
		}
		return true
	})
	return list
}

// wraps reports whether words are those of commands that call others.
func wraps(args []value) bool {
	_, ok := order.Wrappings[base(args[0].text)]
	return ok
}

// words are values as the words of a command.
func words(args []value) []order.Word {
	list := make([]order.Word, len(args))
	for i, a := range args {
		list[i] = order.Word{Text: a.text, Exact: a.exact}
	}
	return list
}
