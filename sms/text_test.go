package sms

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParts(t *testing.T) {
	// 20 units: 14 are left behind the number.
	limit := Limit{Length: 20, Parts: 3}
	for text, want := range map[string][]string{
		"exactly twenty chars": {"exactly twenty chars"},
		"exactly twenty charss": {
			"(1/2) exactly twenty", "(2/2) charss"},
		"abcdefghijklmnopqrstuvwxyz": {
			"(1/2) abcdefghijklmn", "(2/2) opqrstuvwxyz"},
		"one two three four five six seven eight nine ten eleven twelve": {
			"(1/3) one two three", "(2/3) four five six", "(3/3) seven […]"},
		"🔋🔋🔋🔋🔋🔋🔋🔋🔋🔋":  {"🔋🔋🔋🔋🔋🔋🔋🔋🔋🔋"},
		"🔋🔋🔋🔋🔋🔋🔋🔋🔋🔋🔋": {"(1/2) 🔋🔋🔋🔋🔋🔋🔋", "(2/2) 🔋🔋🔋🔋"},
	} {
		if diff := cmp.Diff(want, Parts(text, limit)); diff != "" {
			t.Errorf("%q: -want +got\n%s", text, diff)
		}
	}
	long := strings.Repeat("x ", 600)
	if got := Parts(long, Limit{Length: 999, Parts: 1}); len(got) != 1 || !strings.HasSuffix(got[0], " […]") || units(got[0]) > 999 {
		t.Errorf("one part: %q", got)
	}
	if got := Parts(strings.Repeat("a", 999), Limit{}); len(got) != 1 {
		t.Errorf("999 characters are %d messages", len(got))
	}
	if got := Parts(strings.Repeat("a", 1000), Limit{}); len(got) != 2 {
		t.Errorf("1000 characters are %d messages", len(got))
	}
}

// TestPartsLoseNothing: all the words arrive in order, no part is too long,
// and no character is torn.
func TestPartsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Clean(rapid.StringOfN(rapid.RuneFrom([]rune("ab é\n🔋漢&")), 0, 400, -1).Draw(t, "text"))
		limit := Limit{Length: rapid.IntRange(20, 100).Draw(t, "length"), Parts: 99}
		parts := Parts(text, limit)
		var joined strings.Builder
		for _, p := range parts {
			if n := len(utf16.Encode([]rune(p))); n > limit.Length || !utf8.ValidString(p) {
				t.Fatalf("part of %d units: %q", n, p)
			}
			if len(parts) > 1 {
				_, p, _ = strings.Cut(p, ") ")
			}
			joined.WriteString(p)
		}
		bare := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		if bare(joined.String()) != bare(text) {
			t.Fatalf("%q became %q", text, parts)
		}
	})
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc\nd":      "a\nb\nc\nd",
		"tab\tstays":        "tab\tstays",
		"nul\x00 bell\a":    "nul bell",
		"bad\xffutf":        "bad\uFFFDutf",
		"é🔋 & # + % \" ' «": "é🔋 & # + % \" ' «",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("one two", 20, 3)
	f.Fuzz(func(t *testing.T, text string, length, parts int) {
		limit := Limit{Length: length, Parts: parts}
		for _, p := range Parts(Clean(text), limit) {
			if units(p) > limit.orDefault().Length {
				t.Fatalf("%q is longer than %d", p, limit.orDefault().Length)
			}
		}
	})
}
