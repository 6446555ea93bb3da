package power_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
)

// TestSettingBytes: what goes over the wire for every setting of a Protection
// Station. From its descriptor: 22 RemainingCapacityLimitSetting, 14
// LowVoltageTransfer, 12 ConfigVoltage, 19 Outlet[3].Switchable, 1a
// Outlet[1].ConfigApparentPower and the beepers are one byte, 13
// HighVoltageTransfer is two, low byte first: 270 = 0x10e is 0e 01. The other
// two models have the same reports; a TG-BOX has neither of the outlets' two.
func TestSettingBytes(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		want        []string
	}{
		{"battery.charge.low", "30", []string{"0s 221e"}},
		{"battery.charge.low", "0", []string{"0s 2200"}},
		{"battery.charge.low", "100", []string{"0s 2264"}},
		{"input.transfer.low", "170", []string{"0s 14aa"}},
		{"input.transfer.high", "270", []string{"0s 130e01"}},
		{"output.voltage.nominal", "240", []string{"0s 12f0"}},
		{"outlet.2.switchable", "yes", []string{"0s 1901"}},
		{"outlet.2.switchable", "no", []string{"0s 1900"}},
		{"outlet.power", "60", []string{"0s 1a3c"}},
		{"ups.beeper.status", "disabled", []string{"0s 2001", "0s 1f01"}},
		{"ups.beeper.status", "enabled", []string{"0s 2002", "0s 1f02"}},
		{"ups.beeper.status", "muted", []string{"0s 2003", "0s 1f03"}},
		{"ups.delay.start", "90", nil},
		{"ups.delay.shutdown", "25", nil},
	} {
		for _, model := range []string{"protection-station-800", "tg-box-850", "ellipse-eco-650"} {
			t.Run(tc.name+"="+tc.value+"/"+model, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u, c := commanded(t, model)
					for _, id := range []uint8{9, 10} { // that there are timers
						if _, err := c.Read(t.Context(), id); err != nil {
							t.Fatal(err)
						}
					}
					begin := time.Now()
					res := c.Set(t.Context(), tc.name, tc.value)
					if strings.HasPrefix(tc.name, "outlet.") && model == "tg-box-850" {
						if res.Outcome != power.NotThere || len(sets(u, begin)) > 0 {
							t.Error(res)
						}
						return
					}
					if res.Outcome != power.Done || res.Err != nil || res.Name != tc.name {
						t.Error(res)
					}
					if diff := cmp.Diff(tc.want, sets(u, begin)); diff != "" {
						t.Errorf("on the wire (-want +got):\n%s", diff)
					}
					if got := c.Decoder().Variables()[tc.name]; got != tc.value {
						t.Errorf("afterwards it reads %q", got)
					}
				})
			})
		}
	}
}

// TestSetRefuses: nothing that is not exactly a value is written.
func TestSetRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		outcome     power.Outcome
		says        string
	}{
		{"battery.charge.low", "300", power.NotSent, "0 to 100"}, // NUT writes 44
		{"battery.charge.low", "101", power.NotSent, "0 to 100"},
		{"battery.charge.low", "-1", power.NotSent, "0 to 100"},
		{"battery.charge.low", "276", power.NotSent, "0 to 100"}, // 20 in eight bits
		{"battery.charge.low", "20%", power.NotSent, "whole number"},
		{"battery.charge.low", "20.5", power.NotSent, "whole number"},
		{"battery.charge.low", "", power.NotSent, "whole number"},
		{"battery.charge.low", "020", power.NotSent, "cannot hold"},
		{"battery.charge.low", "-0", power.NotSent, "cannot hold"},
		// It has 184 and 264 with a nominal voltage of 230.
		{"input.transfer.low", "230", power.NotSent, "below output.voltage.nominal (230), so not 230"},
		{"input.transfer.low", "250", power.NotSent, "below output.voltage.nominal (230)"},
		{"input.transfer.high", "230", power.NotSent, "above output.voltage.nominal (230)"},
		{"input.transfer.high", "0", power.NotSent, "above output.voltage.nominal (230)"},
		{"input.transfer.low", "256", power.NotSent, ""},
		{"input.transfer.high", "70000", power.NotSent, "0 to 65535"},
		{"output.voltage.nominal", "235", power.NotSent, "none of 220, 230, 240"},
		{"output.voltage.nominal", "120", power.NotSent, "none of 220, 230, 240"}, // of another continent
		{"outlet.power", "30", power.NotSent, "none of 10, 25, 60"},
		{"outlet.2.switchable", "1", power.NotSent, "none of no, yes"},
		{"outlet.2.switchable", "Yes", power.NotSent, "none of no, yes"},
		{"ups.beeper.status", "off", power.NotSent, "none of disabled, enabled, muted"},
		{"ups.delay.start", "20", power.NotSent, "must be above"},
		{"ups.delay.shutdown", "30", power.NotSent, "must be above"},
		{"ups.delay.start", "7201", power.NotSent, "0 to 7200"},
		{"ups.delay.shutdown", "-1", power.NotSent, "0 to 7200"},
		{"battery.charge", "50", power.NotThere, "cannot be set"},
		{"outlet.1.switchable", "yes", power.NotThere, "cannot be set"}, // not even on this family
		{"ups.start.auto", "yes", power.NotThere, "cannot be set"},      // another family's
		{"battery.charge.lwo", "20", power.NotThere, "did you mean battery.charge.low"},
		{"", "", power.NotThere, "no such setting"},
	} {
		u, c := commanded(t, "")
		res := c.Set(t.Context(), tc.name, tc.value)
		if res.Outcome != tc.outcome || res.Err == nil || !strings.Contains(res.Err.Error(), tc.says) {
			t.Errorf("%s=%q: %s", tc.name, tc.value, res)
		}
		if got := sets(u, time.Now()); len(got) > 0 {
			t.Errorf("%s=%q wrote %q", tc.name, tc.value, got)
		}
		if got := c.Decoder().Delays(); got != (power.Delays{Start: 30 * time.Second, Shutdown: 20 * time.Second}) {
			t.Errorf("%s=%q: delays %v", tc.name, tc.value, got)
		}
	}
}

// TestWritable: upsrw on a Protection Station 650 listed these names but the
// beeper, and the outlets' descriptions besides; with outlet.power 10, 25 or
// 60 and output.voltage.nominal 220, 230 or 240.
func TestWritable(t *testing.T) {
	rec := recording(t, "protection-station-800")
	yesNo := []string{"no", "yes"}
	want := []power.SettingInfo{
		{Name: "battery.charge.low", Value: "20", Type: "RANGE", Max: 100},
		{Name: "input.transfer.high", Value: "264", Type: "RANGE", Min: 231, Max: 65535},
		{Name: "input.transfer.low", Value: "184", Type: "RANGE", Max: 229},
		{Name: "outlet.2.switchable", Value: "no", Type: "ENUM", Choices: yesNo},
		{Name: "outlet.power", Value: "25", Type: "ENUM", Choices: []string{"10", "25", "60"}},
		{Name: "output.voltage.nominal", Value: "230", Type: "ENUM", Choices: []string{"220", "230", "240"}},
		{Name: "ups.beeper.status", Value: "enabled", Type: "ENUM", Choices: []string{"disabled", "enabled", "muted"}},
		{Name: "ups.delay.shutdown", Value: "20", Type: "RANGE", Max: 7200},
		{Name: "ups.delay.start", Value: "30", Type: "RANGE", Max: 7200},
	}
	if diff := cmp.Diff(want, decode(t, rec, 0).Writable()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Nothing is known of a device that has said nothing; what depends on
	// the present value is not on offer.
	rec.Reports = nil
	for _, s := range decode(t, rec, 0).Writable() {
		if s.Name == "output.voltage.nominal" || s.Value != "" && !strings.HasPrefix(s.Name, "ups.delay.") {
			t.Errorf("offers %+v", s)
		}
	}
}

// TestSetOtherModels: settings that the simulated models do not have, on
// made-up fields. battery.charge.restart takes 0 to 100; the second field of a
// report is patched and the others keep their bits: a5 and 5a stand around it.
func TestSetOtherModels(t *testing.T) {
	zone := time.Local
	time.Local = time.FixedZone("", 2*3600)
	defer func() { time.Local = zone }()
	for _, tc := range []struct {
		name, value string
		path        string
		bits        int
		before      string // the report, with the field in the middle of it
		want        string
	}{
		{"battery.charge.restart", "50", "UPS.PowerSummary.RestartLevel", 8, "07 a5 00 5a", "07a5325a"},
		{"ups.start.auto", "yes", "UPS.PowerConverter.Input.[1].AutomaticRestart", 1, "07 a5 fe ff", "07a5ffff"},
		{"ups.start.auto", "no", "UPS.PowerConverter.Input.[1].AutomaticRestart", 1, "07 a5 ff ff", "07a5feff"},
		{"input.sensitivity", "low", "UPS.PowerConverter.Output.SensitivityMode", 2, "07 a5 fd ff", "07a5feff"},
		{"ups.shutdown", "disabled", "UPS.PowerSummary.PresentStatus.Switchable", 8, "07 a5 01 5a", "07a5005a"},
		{"input.transfer.bypass.forced", "enabled", "UPS.PowerConverter.Input.[2].ForcedTransferEnable", 8, "07 a5 00 5a", "07a5015a"},
		{"outlet.1.delay.shutdown", "300", "UPS.OutletSystem.Outlet.[2].ShutdownTimer", 16, "07 a5 00 00 5a", "07a52c015a"},
		// The 2nd of January 1970, 03:00 local time, is 86400 + 3600 s =
		// 0x15f90; the 3rd is 172800 + 3600 = 0x2b110, and 04:00 on the 2nd
		// 86400 + 7200 = 0x16da0.
		{"ups.date", "1970/01/03", "UPS.PowerSummary.Time", 32, "07 a5 90 5f 01 00 5a", "07a510b102005a"},
		{"ups.time", "04:00:00", "UPS.PowerSummary.Time", 32, "07 a5 90 5f 01 00 5a", "07a5a06d01005a"},
	} {
		synctest.Test(t, func(t *testing.T) {
			before := unhexed(tc.before)
			largest := int32(1<<(tc.bits-1) - 1)
			if tc.bits < 31 {
				largest = 1<<tc.bits - 1
			}
			f := describe(field{"UPS.PowerSummary.iModel", 7, 8, 0, 255}, field{tc.path, 7, tc.bits, 0, largest},
				field{"UPS.PowerSummary.iProduct", 7, 8*(len(before)-2) - tc.bits, 0, 255})
			f.reports[7] = before
			res := f.commander().Set(t.Context(), tc.name, tc.value)
			if diff := cmp.Diff([]string{tc.want}, f.sent); diff != "" || res.Outcome != power.Done {
				t.Errorf("%s=%s: %s\non the wire (-want +got):\n%s", tc.name, tc.value, res, diff)
			}
			for _, bad := range []string{"maybe", "1970/13/01", "25:00:00", "99999999999", "1e1"} {
				if res := f.commander().Set(t.Context(), tc.name, bad); res.Outcome != power.NotSent || len(f.sent) != 1 {
					t.Errorf("%s=%s: %s", tc.name, bad, res)
				}
			}
		})
	}
}

// TestSetDifferent: a unit that keeps its own number, and one that refuses.
func TestSetDifferent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, "protection-station-800")
		f.onSet = func(r []byte) (bool, error) { f.reports[0x22] = unhexed("22 2c"); return true, nil }
		res := f.commander().Set(t.Context(), "battery.charge.low", "30")
		if res.Outcome != power.Different || !strings.Contains(res.String(), "shows 44") {
			t.Error(res)
		}
		f.onSet = func(r []byte) (bool, error) { return true, errStalled }
		if res := f.commander().Set(t.Context(), "battery.charge.low", "30"); res.Outcome != power.Refused {
			t.Error(res)
		}
		// It reads 44 already: that shows nothing.
		if res := f.commander().Set(t.Context(), "battery.charge.low", "44"); res.Outcome != power.Refused {
			t.Error(res)
		}
		f.onSet = func(r []byte) (bool, error) { f.gone = true; return true, nil }
		if res := f.commander().Set(t.Context(), "battery.charge.low", "30"); res.Outcome != power.Unconfirmed {
			t.Error(res)
		}
		if res := f.commander().Set(t.Context(), "battery.charge.low", "30"); res.Outcome != power.NotSent || len(f.sent) != 4 {
			t.Error(res)
		}
	})
}

// TestReadOnly: what the descriptor declares Constant is not written (NUT pull
// request 3342), nor is an array.
func TestReadOnly(t *testing.T) {
	for _, flags := range []byte{0x03, 0x83, 0x00, 0x80} {
		f := describe(field{"UPS.PowerSummary.RemainingCapacityLimitSetting", 7, 8, 0, 255}, field{family.PathShutdown, 9, 32, -1, 100})
		for i := range f.descriptor[:len(f.descriptor)-1] {
			if f.descriptor[i] == 0xb1 && f.descriptor[i+1] == 0x02 {
				f.descriptor[i+1] = flags
			}
		}
		c := f.commander()
		if got := c.Decoder().Writable(); len(got) > 0 {
			t.Errorf("flags %02x: %v", flags, got)
		}
		if got := c.Decoder().Commands(); len(got) > 0 {
			t.Errorf("flags %02x: %v", flags, got)
		}
		if res := c.Set(t.Context(), "battery.charge.low", "20"); res.Outcome != power.NotThere || len(f.sent) > 0 {
			t.Errorf("flags %02x: %s", flags, res)
		}
	}
}
