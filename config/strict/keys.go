package strict

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// A Key is one key of a block: a field of a struct with the tag
//
//	key:"NAME,OPTION…"
//
// The tags are the one table of keys: reading, comparing and the test of the
// example walk it. Options:
//
//	path    the text is an absolute path
//	none    the word none is taken too, and means zero
//	hidden  a comparison says that it changed, not to what: it may hold a secret
//
// A secret, a field whose type has a method Source, stands for three keys, NAME, NAME_file and
// NAME_credential. The fields of an embedded struct are keys of the block
// around it.
type Key struct {
	Name               string
	Field              []int  // for reflect.Value.FieldByIndex
	Part               string // of a secret; "" where it is none
	Path, None, Hidden bool
}

// The ways to give a secret, by the end of the key.
const (
	PartInline     = "inline"
	PartFile       = "file"
	PartCredential = "credential"
)

// sourced is a secret: it says where its value is, and never the value.
var sourced = reflect.TypeFor[interface{ Source() string }]()

var keyTables sync.Map // reflect.Type → []Key

// KeysOf are the keys of a struct, in the order of its fields.
func KeysOf(t reflect.Type) []Key {
	if known, ok := keyTables.Load(t); ok {
		return known.([]Key)
	}
	var keys []Key
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, k := range KeysOf(f.Type) {
				k.Field = append([]int{i}, k.Field...)
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
		k := Key{Name: name, Field: []int{i}, Path: has("path"), None: has("none"), Hidden: has("hidden")}
		if !f.Type.Implements(sourced) {
			keys = append(keys, k)
			continue
		}
		inline, file, credential := k, k, k
		inline.Part, file.Part, credential.Part = PartInline, PartFile, PartCredential
		file.Name, file.Path = name+"_file", true
		credential.Name += "_credential"
		keys = append(keys, inline, file, credential)
	}
	keyTables.Store(t, keys)
	return keys
}

// Names are the names of keys.
func Names(keys []Key) []string {
	var out []string
	for _, k := range keys {
		out = append(out, k.Name)
	}
	return out
}
