package terminal

import (
	"io"
	"strings"
	"testing"
)

func TestBar(t *testing.T) {
	for _, c := range []struct {
		p       Palette
		percent int
		want    string
	}{
		{Palette{}, 55, "55 %"},
		{Palette{draws: true, unicode: true}, 55, "███████████░░░░░░░░░ 55 %"}, // 11 of 20
		{Palette{draws: true}, 10, "##------------------ 10 %"},
		{Palette{draws: true}, 120, "#################### 120 %"},
		{Palette{draws: true, colours: true}, 10, "\x1b[31;1m##\x1b[0m------------------ 10 %"},
	} {
		if got := c.p.Bar(c.percent); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.p, got, c.want)
		}
	}
}

// TestFold: no row is longer than the terminal, and no word is lost.
func TestFold(t *testing.T) {
	const text = "short\n  next       in 4m10s: the \x1b[31;1mtimer\x1b[0m courant-attendu fires, and the host goes down if mains is still away\n"
	for columns := 33; columns < 120; columns++ {
		got := Palette{columns: columns}.Fold(text, 13)
		for row := range strings.Lines(got) {
			if n := visible(strings.TrimSuffix(row, "\n")); n > columns {
				t.Errorf("%d columns: a row of %d: %q", columns, n, row)
			}
		}
		if w, g := strings.Fields(text), strings.Fields(got); strings.Join(w, " ") != strings.Join(g, " ") {
			t.Errorf("%d columns: got %q", columns, got)
		}
	}
	want := "  next       in 4m10s: the \x1b[31;1mtimer\x1b[0m\n             courant-attendu fires, and\n"
	if got := (Palette{columns: 40}).Fold(text, 13); !strings.Contains(got, want) {
		t.Errorf("got %q", got)
	}
	if got := (Palette{}).Fold(text, 13); got != text {
		t.Errorf("in a pipe: %q", got)
	}
	// A number stays with its unit, and a sign that French sets apart with its word.
	for text, want := range map[string]string{
		"aaaa bbbb cccc dddd eeee ffff gggg (20 min)\n": "aaaa bbbb cccc dddd eeee ffff gggg\n  (20 min)\n",
		"aaaa bbbb cccc dddd eeee ffff ggggg : x\n":     "aaaa bbbb cccc dddd eeee ffff\n  ggggg : x\n",
	} {
		if got := (Palette{columns: 36}).Fold(text, 2); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	long := strings.Repeat("x", 200) + "\n"
	if got := (Palette{columns: 40}).Fold(long, 13); got != long {
		t.Errorf("a word that fits nowhere: %q", got)
	}
}

func TestUnicodeLocale(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "fr_FR.UTF-8", true}, {"", "", "C.utf8", true}, {"", "", "C", false}, {"C", "", "fr_FR.UTF-8", false},
		{"", "en_GB.UTF-8", "C", true}, {"", "", "", false},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.ctype, "LANG": c.lang}
		if got := unicodeLocale(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestFolded: on a terminal each line is folded on its way, elsewhere nothing
// is changed.
func TestFolded(t *testing.T) {
	var b strings.Builder
	if Folded(&b, 2) != io.Writer(&b) {
		t.Error("a builder is taken for a terminal")
	}
	f := &folded{&b, Palette{columns: 40}, 2}
	const text = "ecnutd: there are several UPSs; choose one with --ups\nshort\n"
	if n, err := f.Write([]byte(text)); n != len(text) || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if want := "ecnutd: there are several UPSs; choose\n  one with --ups\nshort\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
