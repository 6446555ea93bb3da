package readback

import (
	"testing"
	"time"

	"ecnutd/hid/power/family"
)

// TestJudge: what a read-back may show. 20 s written, and read t seconds
// later: 20 less the seconds that have begun, or not yet counted.
func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		path         string
		wrote, shows int64
		ago          time.Duration
		want         Verdict
	}{
		{family.PathShutdown, 20, 20, 0, Right},
		{family.PathShutdown, 20, 20, 3 * time.Second, Right},
		{family.PathShutdown, 20, 19, 50 * time.Millisecond, Right},
		{family.PathShutdown, 20, 18, 50 * time.Millisecond, Wrong},
		{family.PathShutdown, 20, 17, 3 * time.Second, Right},
		{family.PathShutdown, 20, 16, 3 * time.Second, Wrong},
		{family.PathShutdown, 20, 21, 3 * time.Second, Wrong},
		{family.PathShutdown, 20, 0, time.Second, Wrong},
		{family.PathShutdown, 20, -1, time.Second, Wrong},
		{family.PathShutdown, 20, -1, 20 * time.Second, Witness},
		{family.PathShutdown, 1, 0, 100 * time.Millisecond, Witness},
		{family.PathShutdown, 0, 0, 0, Right},
		{family.PathShutdown, 0, -1, 0, Witness},
		{family.PathShutdown, 0, 5, 0, Wrong},
		{family.PathShutdown, -1, -1, 0, Right},
		{family.PathShutdown, -1, -10, 0, Right}, // older units idle there
		{family.PathShutdown, -1, 0, 0, Wrong},
		{family.PathShutdown, -1, 19, 0, Wrong},
		{family.PathStartup, 30, 30, time.Second, Right},
		{"UPS.BatterySystem.Battery.Test", 1, 5, 0, Right}, // in progress
		{"UPS.BatterySystem.Battery.Test", 1, 1, 0, Wrong}, // that is "done and passed", of another day
		{"UPS.BatterySystem.Battery.Test", 2, 7, 0, Right},
		{"UPS.BatterySystem.Battery.Test", 3, 4, 0, Right}, // aborted
		{"UPS.BatterySystem.Battery.Test", 3, 5, 0, Wrong},
		{"UPS.PowerSummary.AudibleAlarmControl", 1, 1, 0, Right},
		{"UPS.PowerSummary.AudibleAlarmControl", 1, 2, time.Hour, Wrong},
		{"UPS.PowerSummary.Time", 1000, 1001, 500 * time.Millisecond, Right},
		{"UPS.PowerSummary.Time", 1000, 999, 0, Wrong},
	} {
		if got := Judge(tc.path, tc.wrote, tc.shows, tc.ago); got != tc.want {
			t.Errorf("%s: wrote %d, shows %d after %s: verdict %d, want %d", tc.path, tc.wrote, tc.shows, tc.ago, got, tc.want)
		}
	}
}
