package control

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ecnutd/ups"
)

var rewrite = flag.Bool("rewrite", false, "write the example documents of the control socket anew; what was dropped or renamed in them is refused all the same")

// TestShapes: what travels over the control socket keeps its keys and the form of
// its values, whatever the fields are called in Go. testdata/v1 has an example of
// each request and each answer of that version, in which everything is given. A
// program of that version reads and writes them, so the types here have to read them
// whole and write what stands in them. Keys may be added; a dropped, renamed or
// changed one needs a new Version, and a folder of its own.
func TestShapes(t *testing.T) {
	for _, row := range append(Table(), Row{Method: "any", Path: "/refusal", Answer: reflect.TypeFor[Refusal]()}) {
		name := strings.Trim(strings.NewReplacer("/v1", "", "/", "-", "{", "", "}", "").Replace(row.Path), "-")
		name = strings.ToLower(row.Method) + "-" + name
		if row.Carries != nil {
			shape(t, name+"-request", row.Carries)
		}
		shape(t, name+"-answer", row.Answer)
	}
}

// shape compares a type with its example.
func shape(t *testing.T, name string, of reflect.Type) {
	t.Helper()
	path := filepath.Join("testdata", fmt.Sprintf("v%d", Version), name+".json")
	want, err := os.ReadFile(path)
	if err != nil && !*rewrite {
		t.Errorf("%s: %v: a new request needs an example, which -rewrite writes; look at it before it is committed", name, err)
		return
	}
	if err == nil {
		got := reflect.New(of)
		decoder := json.NewDecoder(bytes.NewReader(want))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(got.Interface()); err != nil {
			t.Errorf("%s: %s is not read any more: %v", name, of, err)
			return
		}
		again, err := json.Marshal(got.Interface())
		if err != nil {
			t.Fatal(err)
		}
		before := t.Failed()
		contains(t, name, decoded(t, want), decoded(t, again))
		if t.Failed() && !before {
			return
		}
	}
	if *rewrite {
		v := reflect.New(of).Elem()
		fill(v)
		text, err := json.MarshalIndent(v.Interface(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func decoded(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// contains reports what an example has and a document has not.
func contains(t *testing.T, at string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		for key, value := range want {
			if _, ok := have[key]; !ok {
				t.Errorf("%s: the key %q is not written any more", at, key)
				continue
			}
			contains(t, at+"."+key, value, have[key])
		}
	case []any:
		have, _ := got.([]any)
		if len(have) != len(want) {
			t.Errorf("%s: %v is written, and was %v", at, got, want)
			return
		}
		for i := range want {
			contains(t, fmt.Sprintf("%s[%d]", at, i), want[i], have[i])
		}
	default:
		if want != got {
			t.Errorf("%s: %v is written, and was %v", at, got, want)
		}
	}
}

// fill gives a value to everything that a type holds.
func fill(v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case *time.Time:
		*into = time.Date(2026, 1, 31, 12, 30, 5, 0, time.UTC)
		return
	case *ups.Number:
		*into = ups.Known(42)
		return
	case *ups.Status:
		*into = ups.OnBattery | ups.LowBattery
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		one := reflect.New(v.Type().Elem()).Elem()
		fill(one)
		key := reflect.New(v.Type().Key()).Elem()
		fill(key)
		v.SetMapIndex(key, one)
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(3)
	default:
		panic("an example of " + v.Type().String() + " cannot be made")
	}
}
