package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"ecnutd/ups"
)

// A place is a node of the file and the path of its key.
type place struct {
	node *yaml.Node
	key  string
}

// under is the place of a value below, by its key.
func (p place) under(name string, node *yaml.Node) place {
	if p.key != "" {
		name = p.key + "." + name
	}
	return place{node, name}
}

// item is the place of a member of a list.
func (p place) item(i int) place { return place{p.node.Content[i], fmt.Sprintf("%s[%d]", p.key, i)} }

type spot struct{ line, column int }

// A reader fills a Config from nodes and collects what is wrong. Nothing stops
// it: all errors of a file are told at once.
type reader struct {
	config *Config
	errs   Errors
	seen   func(block reflect.Type, key string) // for tests
}

// readable is a value with a form of its own in the file.
type readable interface{ read(r *reader, at place) }

// named is the block of a mapping by name (ups, timers, routes).
type named interface {
	begin(r *reader, name string, at place)
}

// fail notes an error of a place.
func (r *reader) fail(at place, format string, args ...any) {
	r.errs = append(r.errs, Error{r.config.file, at.node.Line, at.node.Column, at.key, fmt.Sprintf(format, args...)})
}

// value reads whatever type v is.
func (r *reader) value(at place, v reflect.Value, k key) {
	if !r.plain(at) {
		return
	}
	if k.none && at.node.Kind == yaml.ScalarNode && at.node.Value == "none" {
		v.SetZero()
		return
	}
	if own, ok := v.Addr().Interface().(readable); ok {
		own.read(r, at)
		return
	}
	if list, ok := choices[v.Type()]; ok {
		r.choice(at, v, list)
		return
	}
	switch into := v.Addr().Interface().(type) {
	case *Secret:
		r.secret(at, into, k)
		return
	case *time.Duration:
		r.duration(at, into, k)
		return
	case *ups.Number:
		r.percent(at, into, k)
		return
	case *Trust:
		r.trust(at, into)
		return
	case *netip.AddrPort:
		r.listen(at, into)
		return
	case *bool:
		r.truth(at, into)
		return
	case *int:
		r.number(at, into)
		return
	case *string:
		r.text(at, into, k)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		r.pointer(at, v)
	case reflect.Struct:
		r.block(at, v)
	case reflect.Slice:
		if _, ok := reflect.New(v.Type().Elem()).Interface().(named); ok {
			r.blocks(at, v)
		} else {
			r.list(at, v)
		}
	case reflect.Map:
		r.texts(at, v)
	}
}

// plain refuses what YAML can do and a configuration should not: aliases, so
// that a small file cannot stand for a huge one, and tags.
func (r *reader) plain(at place) bool {
	switch n := at.node; {
	case n.Kind == yaml.AliasNode:
		r.fail(at, "an alias (*%s) is not taken here: write the value itself", shorten(n.Value))
	case n.Anchor != "":
		r.fail(at, "an anchor (&%s) is not taken here: write the value where it is used", shorten(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		r.fail(at, "a tag (%s) is not taken here: leave it out", shorten(n.Tag))
	default:
		return true
	}
	return false
}

// block reads a mapping into a struct. A missing value (KEY: and nothing) is
// an empty block.
func (r *reader) block(at place, v reflect.Value) {
	keys := keysOf(v.Type())
	secrets := map[int]string{} // field → the key that gave it
	found := map[string]place{}
	r.pairs(at, func(name string, value place) {
		i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
		if i < 0 {
			r.fail(value, "unknown key%s", suggest(name, names(keys)))
			return
		}
		if k := keys[i]; k.part != "" {
			field := k.field[len(k.field)-1]
			if other := secrets[field]; other != "" {
				r.fail(value, "%s is given already: one of the two", other)
				return
			}
			secrets[field] = name
		}
		found[name] = value
	})
	// In the order of the table, whatever that of the file: some blocks begin
	// as copies of others.
	for _, k := range keys {
		if value, ok := found[k.name]; ok {
			if r.seen != nil {
				r.seen(v.Type(), k.name)
			}
			r.value(value, v.FieldByIndex(k.field), k)
		}
	}
}

// pairs calls f for each key of a mapping, once, with the place of its value.
// The place of an error about a key is that of the key.
func (r *reader) pairs(at place, f func(name string, value place)) {
	if missing(at.node) {
		return
	}
	if at.node.Kind != yaml.MappingNode {
		r.fail(at, "%s does not belong here: write keys with a colon, on lines of their own", what(at.node))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		k, v := at.node.Content[i], at.node.Content[i+1]
		keyAt := at.under(shorten(k.Value), k)
		if k.Kind != yaml.ScalarNode || k.Style&yaml.TaggedStyle != 0 || k.Anchor != "" {
			r.fail(at.under("?", k), "a key is a plain word")
			continue
		}
		if line, ok := lines[k.Value]; ok {
			r.fail(keyAt, "given a second time (first on line %d)", line)
			continue
		}
		lines[k.Value] = k.Line
		r.config.spots[at.under(k.Value, k).key] = spot{k.Line, k.Column}
		before := len(r.errs)
		f(k.Value, at.under(k.Value, v))
		// What f says of the key and not of the value stands at the key.
		for i := before; i < len(r.errs); i++ {
			if e := &r.errs[i]; e.Line == v.Line && e.Column == v.Column && e.Key == at.under(k.Value, v).key {
				e.Line, e.Column, e.Key = k.Line, k.Column, keyAt.key
			}
		}
	}
}

// blocks reads a mapping from names to blocks into a slice, in its order.
func (r *reader) blocks(at place, v reflect.Value) {
	r.pairs(at, func(name string, value place) {
		one := reflect.New(v.Type().Elem())
		one.Interface().(named).begin(r, name, value)
		if r.plain(value) {
			r.block(value, one.Elem())
		}
		v.Set(reflect.Append(v, one.Elem()))
	})
}

// list reads a list of plain values; one alone needs no brackets.
func (r *reader) list(at place, v reflect.Value) {
	if at.node.Kind != yaml.SequenceNode {
		r.fail(at, "%s does not belong here: write a list, [one, two]", what(at.node))
		return
	}
	v.SetZero()
	for i := range at.node.Content {
		one := reflect.New(v.Type().Elem()).Elem()
		r.value(at.item(i), one, key{})
		v.Set(reflect.Append(v, one))
	}
}

// texts reads a mapping from names to texts.
func (r *reader) texts(at place, v reflect.Value) {
	into := map[string]string{}
	r.pairs(at, func(name string, value place) {
		var s string
		if r.plain(value) {
			r.text(value, &s, key{})
		}
		into[name] = s
	})
	v.Set(reflect.ValueOf(into))
}

// pointer reads a block that exists only where it is given.
func (r *reader) pointer(at place, v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case **FreeMobile:
		*into = newFreeMobile()
	case **HTTP:
		*into = newHTTP()
	case **Limits:
		general := r.config.LowBattery
		*into = &general
	}
	r.block(at, v.Elem())
}

// missing tells whether nothing stands behind a key.
func missing(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// what names a node for an error.
func what(n *yaml.Node) string {
	switch {
	case missing(n):
		return "no value"
	case n.Kind == yaml.ScalarNode:
		return strconv.Quote(shorten(n.Value))
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a block of keys"
	}
	return "this"
}

// shorten keeps errors readable whatever is in the file.
func shorten(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:57], "") + "…"
}

// suggest names the words that are most like one that is unknown or, where
// none is near, all.
func suggest(word string, words []string) string {
	if len(word) <= 60 {
		if near := ups.Nearest(word, words); len(near) > 0 {
			return "; did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "; here are known: " + strings.Join(words, ", ")
}
