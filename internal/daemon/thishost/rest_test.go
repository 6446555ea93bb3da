package thishost

import (
	"os"
	"slices"
	"testing"
)

// TestCleanMappings: of a program, only what can neither be written to nor
// differs from its file. The third mapping is read-only and was relocated: to
// drop its pages would undo that.
func TestCleanMappings(t *testing.T) {
	const smaps = `00400000-00403000 r--p 00000000 fe:00 9995025                            /usr/bin/ecnutd
Size:                 12 kB
Anonymous:             0 kB
AnonHugePages:         0 kB
00403000-008d6000 r-xp 00003000 fe:00 9995025                            /usr/bin/ecnutd
Rss:                4620 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00da2000-00da3000 r--p 009a1000 fe:00 9995025                            /usr/bin/ecnutd
Anonymous:             4 kB
00da3000-00e09000 rw-p 009a2000 fe:00 9995025                            /usr/bin/ecnutd
Anonymous:             0 kB
00e09000-02e4c000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7ffd0b5f2000-7ffd0b5f4000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
`
	want := []mapping{{0x400000, 0x403000}, {0x403000, 0x8d6000}}
	if got := cleanMappings([]byte(smaps)); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if got := cleanMappings([]byte("Anonymous: 0 kB\n")); len(got) > 0 {
		t.Errorf("of nothing: %x", got)
	}
}

// TestRest: the program runs on, and there is something to drop.
func TestRest(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	if len(cleanMappings(maps)) == 0 {
		t.Errorf("nothing to drop in:\n%s", maps)
	}
	Rest()
	if got := slices.Sorted(slices.Values([]string{"b", "a"})); got[0] != "a" {
		t.Error("the program has changed")
	}
}
