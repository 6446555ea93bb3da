package shutdown

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// FuzzFlag: a flag counts for nobody but the boot whose id it holds.
func FuzzFlag(f *testing.F) {
	f.Add([]byte(`{"boot":"`+thisBoot+`","at":"2026-01-02T03:04:05Z","reason":"battery low"}`), thisBoot)
	f.Add([]byte(`{"version":2,"boot":"`+thisBoot+`","plan":{"command":"shutdown.return","cut":[{"ups":"a","port":"p","vendor":"0463","product":"ffff","on_delay_s":30,"off_delay_s":20}]}}`), thisBoot)
	f.Add([]byte(`{"version":2,"boot":"`+thisBoot+`","plan":[]}`), thisBoot)
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

// TestFlagIsFIFO: a flag that is a FIFO must not block the shutdown.
func TestFlagIsFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flag")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if got := ReadFlag(path, thisBoot); got.State != FlagForeign {
		t.Errorf("%+v", got)
	}
}

// TestFlagOfFirstRelease: a flag and an order that the first release wrote
// (testdata, commit 268c37d) count as they did for it.
func TestFlagOfFirstRelease(t *testing.T) {
	const boot = "2f1c9b3e-7d1a-4c55-9b21-6a1f0c2d3e4f"
	if got := ReadFlag("testdata/flag-1.json", boot); got.State != FlagCounts || got.Flag.Reason != "on battery for 10m2s and the UPS says that the battery is low, charge 19 %, runtime 2m5s" {
		t.Errorf("the flag: %+v", got)
	}
	// It was written 631 s after the boot.
	if order, there, why := ReadOrder("testdata/order-1.json", boot, 632*time.Second, OrderFresh); why != "" || !there || order.Reason != "on battery for 10m2s" {
		t.Errorf("the order: %+v, %s", order, why)
	}
}

// TestFlagOfNewerRelease: a form that is not known yet cuts no power and shuts
// nothing down, though it has all that an older one has.
func TestFlagOfNewerRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flag")
	raw := `{"version":3,"boot":"` + thisBoot + `","at":"2026-01-02T03:04:05Z","reason":"battery low","uptime_ns":1}`
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ReadFlag(path, thisBoot); got.State != FlagForeign || !strings.Contains(got.Why, "newer release") {
		t.Errorf("%+v", got)
	}
	if _, _, why := ReadOrder(path, thisBoot, time.Second, OrderFresh); why == "" {
		t.Error("the order counts")
	}
}
