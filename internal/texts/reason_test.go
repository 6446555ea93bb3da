package texts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecnutd/monitor"
	"ecnutd/ups"
)

// codes are all constants of type Code in the monitor, by name.
func codes(t *testing.T) map[string]monitor.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../monitor/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	list := make(map[string]monitor.Code)
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			if kind, ok := value.Type.(*ast.Ident); ok && kind.Name == "Code" {
				word, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				list[value.Names[0].Name] = monitor.Code(word)
			}
		}
	}
	return list
}

// TestReasons: every code has a sentence in every language, and no two languages
// have the same one. What makes a battery low stands in another sentence.
func TestReasons(t *testing.T) {
	list := codes(t)
	if len(list) < 30 {
		t.Fatalf("%d codes", len(list))
	}
	for name, code := range list {
		r := monitor.Reason{Code: code, Text: "x", Charge: ups.Known(20), Runtime: ups.Known(90), Lowest: ups.Known(23), For: time.Minute, Status: ups.Online}
		if strings.HasPrefix(name, "Low") && name != "Low" && name != "LowOnBattery" {
			r.Code, r.Cause = monitor.Low, code
		}
		if code == monitor.Low || code == monitor.LowOnBattery {
			r.Cause = monitor.LowSaid
		}
		if code == monitor.CalledOff {
			r.Was = monitor.LimitReached
		}
		en, fr := Reason(ups.English, r), Reason(ups.French, r)
		if len(en) < 10 || strings.HasPrefix(en, ":") || len(fr) < 10 || strings.HasPrefix(fr, " :") || en == fr {
			t.Errorf("%s: %q and %q", name, en, fr)
		}
		if strings.HasSuffix(en, ".") || strings.Contains(en+fr, "%!") {
			t.Errorf("%s: %q and %q", name, en, fr)
		}
	}
	if Reason(ups.English, monitor.Reason{}) != "" || Reason(ups.French, monitor.Reason{}) != "" {
		t.Error("no reason has a sentence")
	}
}
