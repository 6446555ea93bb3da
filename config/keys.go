package config

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// A key is one key of a block: a field of a struct with the tag
//
//	key:"NAME,OPTION…"
//
// The tags are the one table of keys: reading, Diff and the test of the
// example walk it. Options:
//
//	path    the text is an absolute path
//	none    the word none is taken too, and means zero
//	hidden  Diff says that it changed, not to what: it may hold a secret
//
// A field of type Secret stands for three keys, NAME, NAME_file and
// NAME_credential. The fields of an embedded struct are keys of the block
// around it.
type key struct {
	name               string
	field              []int // for reflect.Value.FieldByIndex
	part               string
	path, none, hidden bool
}

// parts are the ways to give a secret, by the end of the key.
const (
	partInline     = "inline"
	partFile       = "file"
	partCredential = "credential"
)

var secretType = reflect.TypeFor[Secret]()

var keyTables sync.Map // reflect.Type → []key

// keysOf are the keys of a struct, in the order of its fields.
func keysOf(t reflect.Type) []key {
	if known, ok := keyTables.Load(t); ok {
		return known.([]key)
	}
	var keys []key
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, k := range keysOf(f.Type) {
				k.field = append([]int{i}, k.field...)
				keys = append(keys, k)
			}
			continue
		}
		tag, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		has := func(o string) bool { return slices.Contains(strings.Split(options, ","), o) }
		k := key{name: name, field: []int{i}, path: has("path"), none: has("none"), hidden: has("hidden")}
		if f.Type != secretType {
			keys = append(keys, k)
			continue
		}
		inline, file, credential := k, k, k
		inline.part, file.part, credential.part = partInline, partFile, partCredential
		file.name, file.path = name+"_file", true
		credential.name += "_credential"
		keys = append(keys, inline, file, credential)
	}
	keyTables.Store(t, keys)
	return keys
}

// names are the names of keys.
func names(keys []key) []string {
	var out []string
	for _, k := range keys {
		out = append(out, k.name)
	}
	return out
}
