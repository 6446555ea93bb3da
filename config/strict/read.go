package strict

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// A Place is a node of the file and the path of its key.
type Place struct {
	Node *yaml.Node
	Key  string
}

// Under is the place of a value below, by its key.
func (p Place) Under(name string, node *yaml.Node) Place {
	if p.Key != "" {
		name = p.Key + "." + name
	}
	return Place{node, name}
}

// Item is the place of a member of a list.
func (p Place) Item(i int) Place { return Place{p.Node.Content[i], fmt.Sprintf("%s[%d]", p.Key, i)} }

// A Spot is a line and a column of a file, each from 1.
type Spot struct{ Line, Column int }

// A Reader fills structs from nodes and collects what is wrong. Nothing stops it:
// all errors of a file are told at once.
type Reader struct {
	File    string
	Errs    Errors
	Spots   map[string]Spot           // where the keys of the file stand, by their paths
	Choices map[reflect.Type][]Choice // the types that take one of a few words
	Forms   Forms
	Seen    func(block reflect.Type, key string) // hears of every key; may be nil
}

// Forms are what a file has beyond blocks, lists and plain values.
type Forms interface {
	// Own reads a value that has a form of its own; false: it has none. into is
	// the address of it.
	Own(at Place, into any, k Key) bool
	// Named reports whether blocks of this type are given as a mapping by name.
	Named(block reflect.Type) bool
	// Begin sets the defaults of such a block.
	Begin(block any, name string, at Place)
	// Make sets the defaults of a block that exists only where it is given. into
	// is the address of its pointer.
	Make(into any)
}

// Fail notes an error of a place.
func (r *Reader) Fail(at Place, format string, args ...any) {
	r.Errs = append(r.Errs, Error{r.File, at.Node.Line, at.Node.Column, at.Key, fmt.Sprintf(format, args...)})
}

// Value reads whatever type v is.
func (r *Reader) Value(at Place, v reflect.Value, k Key) {
	if !r.Plain(at) {
		return
	}
	if k.None && at.Node.Kind == yaml.ScalarNode && at.Node.Value == "none" {
		v.SetZero()
		return
	}
	if r.Forms.Own(at, v.Addr().Interface(), k) {
		return
	}
	if list, ok := r.Choices[v.Type()]; ok {
		r.Choice(at, v, list)
		return
	}
	switch into := v.Addr().Interface().(type) {
	case *time.Duration:
		r.Duration(at, into, k)
		return
	case *bool:
		r.Truth(at, into)
		return
	case *int:
		r.Number(at, into)
		return
	case *string:
		r.Text(at, into, k)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		r.Forms.Make(v.Addr().Interface())
		r.Block(at, v.Elem())
	case reflect.Struct:
		r.Block(at, v)
	case reflect.Slice:
		if r.Forms.Named(v.Type().Elem()) {
			r.Blocks(at, v)
		} else {
			r.List(at, v)
		}
	case reflect.Map:
		r.Texts(at, v)
	}
}

// Plain refuses what YAML can do and a configuration should not: aliases, so
// that a small file cannot stand for a huge one, and tags.
func (r *Reader) Plain(at Place) bool {
	switch n := at.Node; {
	case n.Kind == yaml.AliasNode:
		r.Fail(at, "an alias (*%s) is not taken here: write the value itself", Shorten(n.Value))
	case n.Anchor != "":
		r.Fail(at, "an anchor (&%s) is not taken here: write the value where it is used", Shorten(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		r.Fail(at, "a tag (%s) is not taken here: leave it out", Shorten(n.Tag))
	default:
		return true
	}
	return false
}

// Block reads a mapping into a struct. A missing value (KEY: and nothing) is
// an empty block.
func (r *Reader) Block(at Place, v reflect.Value) {
	keys := KeysOf(v.Type())
	secrets := map[int]string{} // field → the key that gave it
	found := map[string]Place{}
	r.Pairs(at, func(name string, value Place) {
		i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
		if i < 0 {
			r.Fail(value, "unknown key%s", Suggest(name, Names(keys)))
			return
		}
		if k := keys[i]; k.Part != "" {
			field := k.Field[len(k.Field)-1]
			if other := secrets[field]; other != "" {
				r.Fail(value, "%s is given already: one of the two", other)
				return
			}
			secrets[field] = name
		}
		found[name] = value
	})
	// In the order of the table, whatever that of the file: some blocks begin
	// as copies of others.
	for _, k := range keys {
		if value, ok := found[k.Name]; ok {
			if r.Seen != nil {
				r.Seen(v.Type(), k.Name)
			}
			r.Value(value, v.FieldByIndex(k.Field), k)
		}
	}
}

// Pairs calls f for each key of a mapping, once, with the place of its value.
// The place of an error about a key is that of the key.
func (r *Reader) Pairs(at Place, f func(name string, value Place)) {
	if Missing(at.Node) {
		return
	}
	if at.Node.Kind != yaml.MappingNode {
		r.Fail(at, "%s does not belong here: write keys with a colon, on lines of their own", What(at.Node))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(at.Node.Content); i += 2 {
		k, v := at.Node.Content[i], at.Node.Content[i+1]
		keyAt := at.Under(Shorten(k.Value), k)
		if k.Kind != yaml.ScalarNode || k.Style&yaml.TaggedStyle != 0 || k.Anchor != "" {
			r.Fail(at.Under("?", k), "a key is a plain word")
			continue
		}
		if line, ok := lines[k.Value]; ok {
			r.Fail(keyAt, "given a second time (first on line %d)", line)
			continue
		}
		lines[k.Value] = k.Line
		r.Spots[at.Under(k.Value, k).Key] = Spot{k.Line, k.Column}
		before := len(r.Errs)
		f(k.Value, at.Under(k.Value, v))
		// What f says of the key and not of the value stands at the key.
		for i := before; i < len(r.Errs); i++ {
			if e := &r.Errs[i]; e.Line == v.Line && e.Column == v.Column && e.Key == at.Under(k.Value, v).Key {
				e.Line, e.Column, e.Key = k.Line, k.Column, keyAt.Key
			}
		}
	}
}

// Blocks reads a mapping from names to blocks into a slice, in its order.
func (r *Reader) Blocks(at Place, v reflect.Value) {
	r.Pairs(at, func(name string, value Place) {
		one := reflect.New(v.Type().Elem())
		r.Forms.Begin(one.Interface(), name, value)
		if r.Plain(value) {
			r.Block(value, one.Elem())
		}
		v.Set(reflect.Append(v, one.Elem()))
	})
}

// List reads a list of plain values; one alone needs no brackets.
func (r *Reader) List(at Place, v reflect.Value) {
	if at.Node.Kind != yaml.SequenceNode {
		r.Fail(at, "%s does not belong here: write a list, [one, two]", What(at.Node))
		return
	}
	v.SetZero()
	for i := range at.Node.Content {
		one := reflect.New(v.Type().Elem()).Elem()
		r.Value(at.Item(i), one, Key{})
		v.Set(reflect.Append(v, one))
	}
}

// Texts reads a mapping from names to texts.
func (r *Reader) Texts(at Place, v reflect.Value) {
	into := map[string]string{}
	r.Pairs(at, func(name string, value Place) {
		var s string
		if r.Plain(value) {
			r.Text(value, &s, Key{})
		}
		into[name] = s
	})
	v.Set(reflect.ValueOf(into))
}
