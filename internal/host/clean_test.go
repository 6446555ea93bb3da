package host

import (
	"reflect"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestClean: what each of these does to a terminal is told by ECMA-48 and by
// Unicode's bidirectional algorithm (UAX 9).
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"Onduleur du garage, 80 %": "Onduleur du garage, 80 %",
		"é à ô — “x”":              "é à ô — “x”",
		"a\x1b[31mred":             "a [31mred", // CSI, a colour
		"a\x9b31mred":              "a 31mred",  // C1 as a bare byte is not UTF-8
		"a\u009b31mred":            "a 31mred",  // and as a character
		"ok\r\nBAD":                "ok  BAD",
		"tab\there\x7f\x00":        "tab here  ",
		"a\u202eb\u2066c":          "a b c", // RLO, LRI
		"a\u2028b\u2029c":          "a b c", // LINE and PARAGRAPH SEPARATOR
		"zero\u200bwidth":          "zero width",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestCleanStrings: no string of an answer is left out, wherever it stands.
func TestCleanStrings(t *testing.T) {
	type inner struct{ Text string }
	type outer struct {
		A    string
		B    *inner
		C    []inner
		D    map[string]string
		E    map[string]inner
		N    int
		none *inner
	}
	const evil, good = "a\x1b[31mb", "a [31mb"
	got := outer{A: evil, B: &inner{evil}, C: []inner{{evil}}, D: map[string]string{evil: evil}, E: map[string]inner{"k": {evil}}, N: 3, none: nil}
	CleanStrings(&got)
	want := outer{A: good, B: &inner{good}, C: []inner{{good}}, D: map[string]string{good: good}, E: map[string]inner{"k": {good}}, N: 3}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b]0;title\x07")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
				t.Fatalf("%U is left in %q", r, got)
			}
		}
	})
}
