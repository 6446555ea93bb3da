package nutfile

import (
	"slices"
	"strings"
	"testing"
)

// TestLines: the examples that parseconf documents in its own source (NUT
// common/parseconf.c), and its rules one by one.
func TestLines(t *testing.T) {
	for text, want := range map[string][]string{
		`this is a line`:                {"this", "is", "a", "line"},
		`this "is also" a line`:         {"this", "is also", "a", "line"},
		`embedded\ space`:               {"embedded space"},
		`embedded\\backslash`:           {`embedded\backslash`},
		`MAXCONN 32 # comment`:          {"MAXCONN", "32"},
		`MAXCONN 32#comment`:            {"MAXCONN", "32"},
		`key=value`:                     {"key", "=", "value"},
		`key = value`:                   {"key", "=", "value"},
		`key ="a = b"`:                  {"key", "=", "a = b"},
		`desc = "with # inside"`:        {"desc", "=", "with # inside"},
		`say "a \"quoted\" word"`:       {"say", `a "quoted" word`},
		`not\#comment`:                  {"not#comment"},
		`"a""b"`:                        {"a", "b"},
		`a"b c`:                         {`a"b`, "c"},
		`""`:                            {""},
		"joined\\\nword x":              {"joinedword", "x"},
		"two \\\nlines":                 {"two", "lines"},
		"\"over\nthe end\"":             {"overthe end"},
		"DEADTIME 15\r":                 {"DEADTIME", "15"},
		"desc \"étagère du haut\"":      {"desc", "étagère du haut"},
		"\uFEFFMODE=none":               {"MODE", "=", "none"},
		"tab\tand\vother\fblanks":       {"tab", "and", "other", "blanks"},
		"bell\a \"in\x01side\" \xffbad": {"bell", "inside", "bad"},
	} {
		lines := Lines([]byte(text))
		if len(lines) != 1 || !slices.Equal(lines[0].Words, want) {
			t.Errorf("%q: got %+v, want %q", text, lines, want)
		}
	}
	lines := Lines([]byte("# one\n\n  \ntwo\n\"th\nree\" four\nfive \"open\nsix\n"))
	want := []Line{{N: 4, Words: []string{"two"}}, {N: 5, Words: []string{"three", "four"}}, {N: 7, Words: []string{"five", "opensix"}, Open: true}}
	if len(lines) != 3 {
		t.Fatalf("got %+v", lines)
	}
	for i := range want {
		if lines[i].N != want[i].N || !slices.Equal(lines[i].Words, want[i].Words) || lines[i].Open != want[i].Open {
			t.Errorf("got %+v, want %+v", lines[i], want[i])
		}
	}
}

func TestEntries(t *testing.T) {
	got := Entries(Lines([]byte("maxretry = 3\n[one]\ndriver=usbhid-ups\nignorelb\n[ two ] # x\nupsmon master\nactions = SET FSD\n")))
	want := []Entry{
		{1, "", "maxretry", []string{"3"}}, {2, "one", "", nil}, {3, "one", "driver", []string{"usbhid-ups"}}, {4, "one", "ignorelb", nil},
		{5, "two", "", nil}, {6, "two", "upsmon", []string{"master"}}, {7, "two", "actions", []string{"SET", "FSD"}},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i].N != want[i].N || got[i].Section != want[i].Section || got[i].Key != want[i].Key || !slices.Equal(got[i].Values, want[i].Values) {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

// FuzzNUT: no line is empty, their numbers rise and are those of the file, no
// word holds a control character.
func FuzzNUT(f *testing.F) {
	f.Add([]byte("MONITOR \"a b\"@localhost 1 \\\nuser pass master # x\n[one]\nkey=value\n"))
	f.Add([]byte("a \"open\n\\"))
	f.Fuzz(func(t *testing.T, data []byte) {
		last, count := 0, strings.Count(string(data), "\n")+1
		lines := Lines(data)
		for i, l := range lines {
			if len(l.Words) == 0 || l.N <= last || l.N > count || l.Open && i+1 < len(lines) {
				t.Fatalf("line %d is %+v of %d", i, l, count)
			}
			last = l.N
			for _, w := range l.Words {
				if strings.ContainsAny(w, "\n\r\x00") {
					t.Fatalf("%q", w)
				}
			}
		}
		if n := len(Entries(lines)); n != len(lines) {
			t.Fatalf("%d entries of %d lines", n, len(lines))
		}
	})
}
