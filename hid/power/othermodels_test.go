package power_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
)

// TestCommandsOfOtherModels: commands whose usages no simulated model has, on
// made-up fields of one report each: 0 for "now" in the timers of outlets, 10 s
// for a reboot, 1, 2 and 3 for the tests (PDC 1.1 §4.1.5). The device does what
// it is told: a timer of 0 has run out and shows -1 with the outlet switched, a
// test is in progress (5) or aborted (4).
func TestCommandsOfOtherModels(t *testing.T) {
	for _, tc := range []struct {
		command, path string
		bits          int
		min           int32
		flag          string // that shows it
		then, on      string // the report and the flag's report afterwards
		want          string
	}{
		{"outlet.1.load.off", "UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown", 32, -1, "UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", "09 ffffffff", "02 00", "0900000000"},
		{"outlet.1.load.on", "UPS.OutletSystem.Outlet.[2].DelayBeforeStartup", 32, -1, "UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", "09 ffffffff", "02 01", "0900000000"},
		{"outlet.2.load.off", "UPS.OutletSystem.Outlet.[3].DelayBeforeShutdown", 16, -1, "UPS.OutletSystem.Outlet.[3].PresentStatus.SwitchOn/Off", "09 ffff", "02 00", "090000"},
		{"outlet.3.load.on", "UPS.OutletSystem.Outlet.[4].DelayBeforeStartup", 32, -1, "UPS.OutletSystem.Outlet.[4].PresentStatus.SwitchOn/Off", "09 ffffffff", "02 01", "0900000000"},
		{"shutdown.reboot", "UPS.PowerSummary.DelayBeforeReboot", 32, -1, "", "09 0a000000", "", "090a000000"},
		{"test.battery.start.quick", "UPS.BatterySystem.Battery.Test", 8, 0, "", "09 05", "", "0901"},
		{"test.battery.start.deep", "UPS.BatterySystem.Battery.Test", 8, 0, "", "09 05", "", "0902"},
		{"test.battery.stop", "UPS.BatterySystem.Battery.Test", 8, 0, "", "09 04", "", "0903"},
		{"bypass.start", "UPS.PowerConverter.Input.[2].SwitchOnControl", 8, 0, "", "09 01", "", "0901"},
	} {
		t.Run(tc.command, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fields := []field{{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1}, {tc.path, 9, tc.bits, tc.min, 100}}
				if tc.flag != "" {
					fields = append(fields, field{tc.flag, 2, 8, 0, 1})
				}
				f := describe(fields...)
				f.reports[1][1] = 1
				if tc.on == "02 00" {
					f.reports[2][1] = 1
				}
				c := f.commander()
				var names []string
				for _, command := range c.Decoder().Commands() {
					names = append(names, command.Name)
				}
				if !strings.Contains(strings.Join(names, " "), tc.command) {
					t.Fatalf("offers %q", names)
				}
				f.onSet = func([]byte) (bool, error) {
					f.reports[9] = unhexed(tc.then)
					if tc.on != "" {
						f.reports[2] = unhexed(tc.on)
					}
					return true, nil
				}
				res := c.Command(t.Context(), tc.command, "", cutting)
				if diff := cmp.Diff([]string{tc.want}, f.sent); diff != "" || res.Outcome != power.Done {
					t.Errorf("%s; on the wire (-want +got):\n%s", res, diff)
				}
				wantCut := power.CutNone
				if tc.command == "shutdown.reboot" {
					wantCut = power.CutArmed
				}
				if res.Cut != wantCut {
					t.Error(res.Cut)
				}
			})
		})
	}
}

// TestScaledTimer: a timer that counts minutes (physical range -60 to 5940 for
// a logical one of -1 to 99), tens of seconds (unit exponent 1) or halves from
// an offset (0 to 50, so that 1 means 1 and 0 a half) makes another time of
// 20 s.
func TestScaledTimer(t *testing.T) {
	for name, items := range map[string]string{"minutes": "36 c4 ff 46 34 17", "tens": "55 01", "halves": "36 00 00 46 32 00"} {
		f := describe(field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1}, field{family.PathShutdown, 9, 16, -1, 99})
		f.reports[1][1] = 1
		at := strings.LastIndex(string(f.descriptor), "\xb1\x02") // before the last main item
		f.descriptor = append(f.descriptor[:at:at], append(unhexed(items), f.descriptor[at:]...)...)
		res := f.commander().Command(t.Context(), "load.off.delay", "20", cutting)
		if res.Outcome != power.NotSent || !strings.Contains(res.Err.Error(), "another unit") || len(f.sent) > 0 {
			t.Error(name, res)
		}
	}
}

// TestSmallTimer: a delay that the field cannot hold is refused before the
// first step, and -1 where the field knows no negative numbers.
func TestSmallTimer(t *testing.T) {
	f := describe(field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1},
		field{family.PathShutdown, 9, 4, 0, 15}, field{family.PathStartup, 10, 16, -1, 1000})
	f.reports[1][1] = 1
	for _, command := range []string{"shutdown.return", "load.off.delay", "shutdown.stop"} {
		res := f.commander().Command(t.Context(), command, "", cutting)
		if res.Outcome != power.NotSent || !strings.Contains(res.Err.Error(), "takes 0 to 15") || len(f.sent) > 0 {
			t.Error(res, f.sent)
		}
	}
}

// named is a device of another product.
type named struct {
	*fake
	product string
}

func (n named) Info() hid.Info {
	return hid.Info{Vendor: eaton.VendorMGE, Product: 0xffff, ProductName: n.product}
}

// TestBatteryVoltageOfModels: PowerSummary.Voltage is the battery's on some models
// and something else on others, told apart by the product and the number of the
// model (NUT issues 1925, 2380 and 2685; mge-hid.c 1.59 of NUT).
func TestBatteryVoltageOfModels(t *testing.T) {
	for _, c := range []struct {
		product, number  string
		voltage, nominal string // "": absent
	}{
		{"Eaton 9SX", "1000i", "36.0", "36"},
		{"Eaton 5SC", "750", "36.0", "36"},
		{"Eaton 9PX", "2000 RT", "36.0", "36"}, // as the 9SX (NUT pull request 2698)
		// A 5S that calls itself Ellipse PRO: the blank tells it from a real one.
		{"Ellipse PRO", "1200 ", "36.0", "36"},
		{"Ellipse PRO", "1600 ", "36.0", "36"},
		{"Ellipse PRO", "1200", "", ""},
		{"Ellipse PRO", "650", "", ""},
		{"Evolution", "500", "", ""},
		{"Evolution", "3000XL", "", ""},
		{"Evolution", "1150", "36.0", "36"},
		{"Evolution", "650", "36.0", "12"}, // whatever it says
		{"EX", "1500", "36.0", "36"},
		{"EXtreme", "700", "", ""},
		{"Protection Station", "800", "", ""},
	} {
		f := describe(field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1}, field{"UPS.PowerSummary.Voltage", 2, 8, 0, 100},
			field{"UPS.PowerSummary.ConfigVoltage", 3, 8, 0, 100}, field{"UPS.PowerSummary.iModel", 4, 8, 0, 100})
		f.reports[2][1], f.reports[3][1], f.reports[4][1] = 36, 36, 3
		d := lookAt(t, named{f, c.product})
		d.SetStrings(map[uint8]string{3: c.number})
		vars := d.Variables()
		if vars["battery.voltage"] != c.voltage || vars["battery.voltage.nominal"] != c.nominal {
			t.Errorf("%s %q: %q of %q, want %q of %q", c.product, c.number, vars["battery.voltage"], vars["battery.voltage.nominal"], c.voltage, c.nominal)
		}
		if want := c.product + " " + strings.TrimSpace(c.number); vars["ups.model"] != want {
			t.Errorf("ups.model is %q, want %q", vars["ups.model"], want)
		}
	}
}

// TestChargerStages: what the charger does stands in Mode or, on newer units with
// other numbers, in Status; both mean something while the scheme is on, and
// Status only where that is said (mge-hid.c 1.59 of NUT).
func TestChargerStages(t *testing.T) {
	for _, c := range []struct {
		path        string
		abm         int // -1: the device does not say
		stage       byte
		said, flags string
	}{
		{"Mode", 1, 1, "charging", "OL CHRG"},
		{"Mode", 1, 3, "floating", "OL CHRG"},
		{"Mode", 1, 4, "resting", "OL"},
		{"Status", 1, 1, "charging", "OL CHRG"},
		{"Status", 1, 2, "floating", "OL CHRG"},
		{"Status", 1, 3, "resting", "OL"},
		{"Status", 1, 4, "discharging", "OL DISCHRG"},
		{"Status", 1, 6, "off", "OL"},
		{"Status", 0, 3, "", "OL CHRG"},
		{"Status", -1, 3, "", "OL CHRG"},
	} {
		fields := []field{
			{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1}, {"UPS.PowerSummary.PresentStatus.Charging", 1, 8, 0, 1},
			{"UPS.PowerSummary.RemainingCapacity", 2, 8, 0, 100}, {"UPS.BatterySystem.Charger." + c.path, 3, 8, 0, 100},
			{"UPS.BatterySystem.Charger.ChargerType", 5, 8, 0, 100},
		}
		if c.abm >= 0 {
			fields = append(fields, field{"UPS.BatterySystem.Charger.ABMEnable", 4, 8, 0, 1})
		}
		f := describe(fields...)
		f.reports[1], f.reports[2][1], f.reports[3][1], f.reports[5][1] = []byte{1, 1, 1}, 97, c.stage, 4
		if c.abm == 1 {
			f.reports[4][1] = 1
		}
		vars := lookAt(t, f).Variables()
		if vars["battery.charger.status"] != c.said || vars["ups.status"] != c.flags || vars["battery.charger.type"] != "ABM" {
			t.Errorf("%s %d, ABM %d: %q, %q, type %q; want %q, %q", c.path, c.stage, c.abm, vars["battery.charger.status"], vars["ups.status"], vars["battery.charger.type"], c.said, c.flags)
		}
	}
}

// TestOutletUnknown: a unit without outlets in its descriptor says nothing of
// them; it feeds its load on battery too (NUT issue 1993).
func TestOutletUnknown(t *testing.T) {
	f := describe(field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1})
	if got, there := lookAt(t, f).Variables()["outlet.1.status"]; there {
		t.Errorf("outlet.1.status: %s", got)
	}
}
