//go:build vm

package vmtest

import (
	_ "embed" // for the commit of the release before
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// releaseBefore is the commit of the release from which TestUpgrade comes; make
// vm-test has its package built (scripts/deb-before).
//
//go:embed testdata/release-before
var releaseBefore string

// before is releaseBefore without its line end.
var before = strings.TrimSpace(releaseBefore)

// packageBefore is that package; "" where it could not be built.
func packageBefore() string {
	found, _ := filepath.Glob("../../bin/before/" + before + "/ecnutd_*_amd64.deb")
	return newest(found)
}

// TestUpgrade: the package is upgraded in the middle of an outage. The new daemon
// goes on with the timer that the old one has started, so that it ends at the same
// time of the clock.
func TestUpgrade(t *testing.T) {
	if packageBefore() == "" {
		t.Skip("there is no package of " + before + " in bin/before: this clone has not its history")
	}
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.sh("dpkg -i /opt/vm/ecnutd-before.deb")
	m.watch(strings.Replace(settings("eaton: {}"), "after: 15s", "after: 20m", 1))
	u.CutMains()
	m.told("on battery eaton")
	was := timerEnds(t, m)
	// The configuration was edited and the package has another one now: what stands stays.
	m.sh("DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i /opt/vm/ecnutd.deb")
	m.heard("eaton")
	m.until("journalctl -b -u ecnutd | grep 'going on where the daemon before stopped'")
	is := timerEnds(t, m)
	// Each is reckoned from now and rounded to a second.
	if moved := is.Sub(was).Abs(); moved > 3*time.Second {
		t.Errorf("the timer was to end at %s and now ends at %s", was, is)
	}
	if got := m.messages(); len(got) != 1 || got[0] != "on battery eaton" {
		t.Errorf("told: %q", got)
	}
	if got := m.sh("ls /var/lib/ecnutd"); strings.Contains(got, "broken") {
		t.Errorf("the state was set aside: %s", got)
	}
	u.RestoreMains()
	m.told("on mains eaton")
}

// timerEnds is when the timer of settings ends, as status says it.
func timerEnds(t *testing.T, m *machine) time.Time {
	t.Helper()
	var s struct {
		Coming []struct {
			At   time.Time `json:"at"`
			What string    `json:"what"`
		} `json:"coming"`
	}
	text := m.sh("ecnutd status --json")
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, c := range s.Coming {
		if c.What == "timer" {
			return c.At
		}
	}
	t.Fatalf("no timer runs: %s", text)
	return time.Time{}
}
