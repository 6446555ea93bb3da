package parseconf

import (
	"slices"
	"testing"
)

// TestScanner: what NUT 2.8.0's upsd made of these bytes, seen in its answers.
// The tests of package importer have the rules one by one.
func TestScanner(t *testing.T) {
	for text, want := range map[string][]string{
		"VER\r\n":                       {"VER"},
		"\tVER\n":                       {"VER"},
		"\n":                            nil,
		"# VER\n":                       nil,
		"GET VAR a\"b\" x\n":            {"GET", "VAR", `a"b"`, "x"},
		"GET VAR \"b\"c x\n":            {"GET", "VAR", "b", "c", "x"},
		"GET VAR a=b\n":                 {"GET", "VAR", "a", "=", "b"},
		"GET VAR a#b\n":                 {"GET", "VAR", "a"},
		"GET VAR a\\\\b \"\"\n":         {"GET", "VAR", `a\b`, ""},
		"GET VAR a\\\nb x\n":            {"GET", "VAR", "ab", "x"},
		"GET VAR \"open\nGET\" VAR x\n": {"GET", "VAR", "openGET", "VAR", "x"},
	} {
		var s Scanner
		var got Line
		lines := 0
		for i := range len(text) {
			if l, ok := s.Next(text[i]); ok {
				got, lines = l, lines+1
			}
		}
		if lines != 1 || !slices.Equal(got.Words, want) || s.Size() != 0 {
			t.Errorf("%q: %d lines, the last is %q, %d bytes open", text, lines, got.Words, s.Size())
		}
	}
	var s Scanner
	for _, c := range []byte("\"never closed\nVER\nVER\n") {
		if l, ok := s.Next(c); ok {
			t.Fatalf("a line ended inside quotes: %q", l.Words)
		}
	}
	if s.Size() != 22 { // all bytes above
		t.Errorf("%d bytes are open", s.Size())
	}
	if l := s.End(); !l.Open || l.N != 1 || s.Size() != 0 {
		t.Errorf("the end left %+v", l)
	}
}
