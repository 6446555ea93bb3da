package power

import (
	"ecnutd/hid/power/family"
	"testing"
	"time"
)

// TestJudge: what a read-back may show. 20 s written, and read t seconds
// later: 20 less the seconds that have begun, or not yet counted.
func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		path         string
		wrote, shows int64
		ago          time.Duration
		want         verdict
	}{
		{family.PathShutdown, 20, 20, 0, right},
		{family.PathShutdown, 20, 20, 3 * time.Second, right},
		{family.PathShutdown, 20, 19, 50 * time.Millisecond, right},
		{family.PathShutdown, 20, 18, 50 * time.Millisecond, wrong},
		{family.PathShutdown, 20, 17, 3 * time.Second, right},
		{family.PathShutdown, 20, 16, 3 * time.Second, wrong},
		{family.PathShutdown, 20, 21, 3 * time.Second, wrong},
		{family.PathShutdown, 20, 0, time.Second, wrong},
		{family.PathShutdown, 20, -1, time.Second, wrong},
		{family.PathShutdown, 20, -1, 20 * time.Second, witness},
		{family.PathShutdown, 1, 0, 100 * time.Millisecond, witness},
		{family.PathShutdown, 0, 0, 0, right},
		{family.PathShutdown, 0, -1, 0, witness},
		{family.PathShutdown, 0, 5, 0, wrong},
		{family.PathShutdown, -1, -1, 0, right},
		{family.PathShutdown, -1, -10, 0, right}, // older units idle there
		{family.PathShutdown, -1, 0, 0, wrong},
		{family.PathShutdown, -1, 19, 0, wrong},
		{family.PathStartup, 30, 30, time.Second, right},
		{"UPS.BatterySystem.Battery.Test", 1, 5, 0, right}, // in progress
		{"UPS.BatterySystem.Battery.Test", 1, 1, 0, wrong}, // that is "done and passed", of another day
		{"UPS.BatterySystem.Battery.Test", 2, 7, 0, right},
		{"UPS.BatterySystem.Battery.Test", 3, 4, 0, right}, // aborted
		{"UPS.BatterySystem.Battery.Test", 3, 5, 0, wrong},
		{"UPS.PowerSummary.AudibleAlarmControl", 1, 1, 0, right},
		{"UPS.PowerSummary.AudibleAlarmControl", 1, 2, time.Hour, wrong},
		{"UPS.PowerSummary.Time", 1000, 1001, 500 * time.Millisecond, right},
		{"UPS.PowerSummary.Time", 1000, 999, 0, wrong},
	} {
		if got := judge(tc.path, tc.wrote, tc.shows, tc.ago); got != tc.want {
			t.Errorf("%s: wrote %d, shows %d after %s: verdict %d, want %d", tc.path, tc.wrote, tc.shows, tc.ago, got, tc.want)
		}
	}
}
