package shutdown

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzFlag: a flag counts for nobody but the boot whose id it holds.
func FuzzFlag(f *testing.F) {
	f.Add([]byte(`{"boot":"`+thisBoot+`","at":"2026-01-02T03:04:05Z","reason":"battery low"}`), thisBoot)
	f.Add([]byte(`{"boot":""}`), "")
	f.Add([]byte("upsmon-shutdown-file"), thisBoot)
	f.Add([]byte(`{"boot":"x"} {"boot":"`+thisBoot+`"}`), thisBoot)
	f.Fuzz(func(t *testing.T, raw []byte, boot string) {
		found := judgeFlag(raw, "/run/flag", boot)
		counts := found.State == FlagCounts
		if counts && (boot == "" || found.Flag.Boot != boot || len(raw) > maxFlag) {
			t.Errorf("%q counts in boot %q", raw, boot)
		}
		if counts != (found.Why == "") {
			t.Errorf("state %d, why %q", found.State, found.Why)
		}
	})
}

// A flag that is a FIFO must not block the
func TestFlagIsFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flag")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if got := ReadFlag(path, thisBoot); got.State != FlagForeign {
		t.Errorf("%+v", got)
	}
}
