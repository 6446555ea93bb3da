package eaton

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/ups"
)

// recording reads a device of hid/testdata.
func recording(t testing.TB, name string) *hid.Recording {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "hid", "testdata", name+".rec"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := hid.ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// decode feeds what a recording says up to an instant.
func decode(t testing.TB, rec *hid.Recording, at time.Duration) *power.Decoder {
	t.Helper()
	desc, err := hid.Parse(rec.Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	d := power.NewDecoder(desc, rec.Info, Family)
	d.SetStrings(rec.Strings)
	for _, err := range hid.Feed(rec.Until(at), d.Feature, d.Input) {
		t.Error(err)
	}
	return d
}

// parseLines reads variables as upsc prints them.
func parseLines(text string) ups.Variables {
	vars := ups.Variables{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			vars[name] = value
		}
	}
	return vars
}

// TestVariables compares with what upsc printed on the real units: the
// Protection Station 800 (NUT 2.7.4), the Protection Station 650 (2.6.5), the
// TG-BOX 850 (2.7.4) and the Ellipse ECO 650 (2.8.4). Three names come on top
// of the old dumps because NUT learned them later: ups.realpower (load ·
// nominal · 0.80), outlet.N.ecocontrol, and the timers that NUT before 2.8
// printed as 0 for ff ff ff ff.
func TestVariables(t *testing.T) {
	for name, want := range map[string]string{
		"protection-station-800": `
			battery.charge: 100
			battery.charge.low: 20
			battery.runtime: 585
			battery.type: PbAc
			device.mfr: EATON
			device.model: Protection Station 800
			device.serial: AN2E49008
			device.type: ups
			input.transfer.high: 264
			input.transfer.low: 184
			outlet.1.desc: PowerShare Outlet 1
			outlet.1.ecocontrol: The outlet is not ECO controlled
			outlet.1.id: 2
			outlet.1.status: on
			outlet.1.switchable: no
			outlet.2.desc: PowerShare Outlet 2
			outlet.2.ecocontrol: The outlet is not ECO controlled
			outlet.2.id: 3
			outlet.2.status: on
			outlet.2.switchable: no
			outlet.desc: Main Outlet
			outlet.id: 1
			outlet.power: 25
			outlet.switchable: no
			output.frequency.nominal: 50
			output.voltage: 230.0
			output.voltage.nominal: 230
			ups.beeper.status: enabled
			ups.delay.shutdown: 20
			ups.delay.start: 30
			ups.firmware: 1.13
			ups.load: 25
			ups.mfr: EATON
			ups.model: Protection Station 800
			ups.power.nominal: 800
			ups.productid: ffff
			ups.realpower: 160
			ups.serial: AN2E49008
			ups.status: OL
			ups.timer.shutdown: -1
			ups.timer.start: -1
			ups.vendorid: 0463`,
		"protection-station-650": `
			battery.charge: 23
			battery.charge.low: 20
			battery.runtime: 208
			battery.type: PbAc
			device.mfr: EATON
			device.model: Protection Station 650
			device.serial: AN2E49008
			device.type: ups
			input.transfer.high: 264
			input.transfer.low: 184
			outlet.1.desc: PowerShare Outlet 1
			outlet.1.ecocontrol: The outlet is not ECO controlled
			outlet.1.id: 2
			outlet.1.status: on
			outlet.1.switchable: no
			outlet.2.desc: PowerShare Outlet 2
			outlet.2.ecocontrol: The outlet is not ECO controlled
			outlet.2.id: 3
			outlet.2.status: on
			outlet.2.switchable: no
			outlet.desc: Main Outlet
			outlet.id: 1
			outlet.power: 25
			outlet.switchable: no
			output.frequency.nominal: 50
			output.voltage: 230.0
			output.voltage.nominal: 230
			ups.beeper.status: enabled
			ups.delay.shutdown: 20
			ups.delay.start: 30
			ups.firmware: 1.13
			ups.load: 16
			ups.mfr: EATON
			ups.model: Protection Station 650
			ups.power.nominal: 650
			ups.productid: ffff
			ups.realpower: 83
			ups.serial: AN2E49008
			ups.status: OL CHRG
			ups.timer.shutdown: -1
			ups.timer.start: -1
			ups.vendorid: 0463`,
		// Reports of the owner's capture only: no timers, no outlets, no
		// strings. The load was 24 % then: 0.24 · 850 · 0.8 = 163.2. Outlet 2's
		// Status is 1 in report 07, which NUT 2.8 words "not protected".
		"tg-box-850": `
			battery.charge: 100
			battery.charge.low: 20
			battery.runtime: 1248
			device.type: ups
			input.transfer.high: 264
			input.transfer.low: 184
			outlet.1.protect.status: not protected
			output.frequency.nominal: 50
			output.voltage: 230.0
			output.voltage.nominal: 220
			ups.beeper.status: enabled
			ups.load: 24
			ups.power.nominal: 850
			ups.productid: ffff
			ups.realpower: 163
			ups.status: OL
			ups.vendorid: 0463`,
		"ellipse-eco-650": `
			battery.charge: 94
			battery.charge.low: 20
			battery.runtime: 1057
			battery.type: PbAc
			device.mfr: EATON
			device.model: Ellipse ECO 650
			device.serial: 000000000
			device.type: ups
			input.transfer.high: 264
			input.transfer.low: 161
			outlet.1.desc: PowerShare Outlet 1
			outlet.1.ecocontrol: The outlet is ECO controlled
			outlet.1.id: 2
			outlet.1.status: on
			outlet.1.switchable: yes
			outlet.2.desc: PowerShare Outlet 2
			outlet.2.ecocontrol: The outlet is not ECO controlled
			outlet.2.id: 3
			outlet.2.status: on
			outlet.2.switchable: yes
			outlet.desc: Main Outlet
			outlet.id: 1
			outlet.power: 25
			outlet.switchable: no
			output.frequency.nominal: 50
			output.voltage: 230.0
			output.voltage.nominal: 230
			ups.beeper.status: disabled
			ups.delay.shutdown: 20
			ups.delay.start: 30
			ups.load: 22
			ups.mfr: EATON
			ups.model: Ellipse ECO 650
			ups.power.nominal: 650
			ups.productid: ffff
			ups.realpower: 114
			ups.serial: 000000000
			ups.status: OL CHRG
			ups.timer.shutdown: -1
			ups.timer.start: -1
			ups.vendorid: 0463`,
	} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, recording(t, name), 0).Variables()
			if diff := cmp.Diff(parseLines(want), got); diff != "" {
				t.Errorf("variables (-upsc +got):\n%s", diff)
			}
		})
	}
}

// TestOutage follows the Ellipse ECO of NUT issue 1942 through the loss of
// mains: at once on battery, one second later ShutdownImminent at 94 %.
func TestOutage(t *testing.T) {
	rec := recording(t, "ellipse-eco-650")
	for at, want := range map[time.Duration]ups.Snapshot{
		0:                       {Status: ups.Online | ups.Charging, Charge: ups.Known(94), Runtime: ups.Known(1057), Load: ups.Known(22), Readings: 1, ChargeReadings: 1},
		500 * time.Millisecond:  {Status: ups.OnBattery | ups.Discharging, Charge: ups.Known(94), Runtime: ups.Known(1057), Load: ups.Known(22), Readings: 2, ChargeReadings: 1},
		1500 * time.Millisecond: {Status: ups.Alarm | ups.OnBattery | ups.Discharging | ups.LowBattery, Low: ups.ShutdownImminent, Alarm: "Shutdown imminent!", Charge: ups.Known(94), Runtime: ups.Known(1057), Load: ups.Known(22), Readings: 3, ChargeReadings: 1},
		10 * time.Second:        {Status: ups.Alarm | ups.OnBattery | ups.Discharging | ups.LowBattery, Low: ups.ShutdownImminent, Alarm: "Shutdown imminent!", Charge: ups.Known(92), Runtime: ups.Known(610), Load: ups.Known(22), Readings: 3, ChargeReadings: 2},
	} {
		got := decode(t, rec, at).Snapshot()
		want.ChargeLow, got.Age = ups.Known(20), ups.Age{} // the recording has no time between its lines
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", at, diff)
		}
	}
	if got := decode(t, rec, -1).Variables()["outlet.1.status"]; got != "off" {
		t.Errorf("outlet 1 is %q after the ECO cut, want off", got)
	}
}

// TestStatusRules: one report, one rule. The bits of report 01 are ACPresent,
// BelowRemainingCapacityLimit, Charging, CommunicationLost, Discharging, Good,
// InternalFailure, NeedReplacement; then Overload and ShutdownImminent as
// bytes.
func TestStatusRules(t *testing.T) {
	rec := recording(t, "protection-station-800")
	for _, tc := range []struct {
		name   string
		status string // report 01
		charge string // report 06
		want   string
		alarm  string
	}{
		{"mains, full: Charging stays set and means nothing", "01 25 00 00", "06 64 49 02 00 00", "OL", ""},
		{"mains, charging", "01 25 00 00", "06 63 49 02 00 00", "OL CHRG", ""},
		{"mains, charge unknown", "01 25 00 00", "", "OL", ""},
		{"battery", "01 30 00 00", "06 50 49 02 00 00", "OB DISCHRG", ""},
		{"battery, low by capacity", "01 32 00 00", "06 14 49 02 00 00", "OB DISCHRG LB", ""},
		{"battery, shutdown imminent", "01 30 00 01", "06 5e 49 02 00 00", "ALARM OB DISCHRG LB", "Shutdown imminent!"},
		{"shutdown imminent as another number than 1", "01 30 00 80", "06 5e 49 02 00 00", "ALARM OB DISCHRG LB", "Shutdown imminent!"},
		{"mains and low", "01 27 00 00", "06 14 49 02 00 00", "OL CHRG LB", ""},
		{"overload as a byte", "01 25 02 00", "06 64 49 02 00 00", "OL OVER", ""},
		{"battery to be replaced", "01 a5 00 00", "06 64 49 02 00 00", "ALARM OL RB", "Replace battery!"},
		{"not good: the output is off", "01 05 00 00", "06 64 49 02 00 00", "OL OFF", ""},
		{"internal fault", "01 65 00 00", "06 64 49 02 00 00", "ALARM OL", "Internal UPS fault!"},
		{"nothing set", "01 00 00 00", "", "OB OFF", ""},
		{"mains and discharging", "01 31 00 00", "06 50 49 02 00 00", "OL DISCHRG", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			desc, err := hid.Parse(rec.Descriptor)
			if err != nil {
				t.Fatal(err)
			}
			d := power.NewDecoder(desc, rec.Info, Family)
			for _, report := range []string{tc.status, tc.charge} {
				if report != "" {
					data := unhex(t, report)
					if err := d.Feature(data[0], data); err != nil {
						t.Fatal(err)
					}
				}
			}
			s := d.Snapshot()
			if s.Status.String() != tc.want || s.Alarm != tc.alarm {
				t.Errorf("status %q, alarm %q, want %q, %q", s.Status, s.Alarm, tc.want, tc.alarm)
			}
		})
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	rec, err := hid.ReadRecording(strings.NewReader("R: 1 00\nF: " + string('0'+rune(len(strings.Fields(s))/10)) + string('0'+rune(len(strings.Fields(s))%10)) + " " + s))
	if err != nil {
		t.Fatal(err)
	}
	return rec.Reports[0].Data
}

// TestNothingKnown: without a report there is no status, and no variable is
// zero because nobody could read it.
func TestNothingKnown(t *testing.T) {
	rec := recording(t, "protection-station-800")
	rec.Reports, rec.Strings = nil, nil
	d := decode(t, rec, -1)
	got := d.Snapshot()
	got.Age = ups.Age{}
	if diff := cmp.Diff(ups.Snapshot{}, got); diff != "" {
		t.Error(diff)
	}
	want := ups.Variables{"device.type": "ups", "ups.vendorid": "0463", "ups.productid": "ffff"}
	if diff := cmp.Diff(want, d.Variables()); diff != "" {
		t.Error(diff)
	}
}

// TestDoubtfulZero: a charge of 0 while on mains and well needs a second
// report; on battery it is believed at once.
func TestDoubtfulZero(t *testing.T) {
	rec := recording(t, "protection-station-800")
	d := decode(t, rec, 0)
	zero := []byte{6, 0, 0, 0, 0, 0}
	if err := d.Feature(6, zero); err != nil {
		t.Fatal(err)
	}
	if s := d.Snapshot(); s.Charge.Known || s.Runtime.Known {
		t.Errorf("one zero makes the charge %s, and the runtime beside it %s", s.Charge, s.Runtime)
	}
	for _, name := range []string{"battery.charge", "battery.runtime"} {
		if v, ok := d.Variables()[name]; ok {
			t.Errorf("one zero prints %s: %s", name, v)
		}
	}
	if err := d.Feature(6, []byte{6, 0, 44, 1, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if err := d.Feature(6, []byte{6, 90, 44, 1, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if err := d.Feature(6, zero); err != nil {
		t.Fatal(err)
	}
	if err := d.Input(zero); err != nil {
		t.Fatal(err)
	}
	if s := d.Snapshot(); s.Charge != ups.Known(0) {
		t.Errorf("after two zeros the charge is %s", s.Charge)
	}
	if err := d.Feature(6, []byte{6, 50, 0, 0, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if err := d.Feature(1, []byte{1, 0x30, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if err := d.Feature(6, zero); err != nil {
		t.Fatal(err)
	}
	if s := d.Snapshot(); s.Charge != ups.Known(0) {
		t.Errorf("on battery the charge is %s, want 0", s.Charge)
	}
}

// TestCommandsOfProtectionStation: upscmd -l on the real unit listed these
// twelve, with these descriptions, and no test, reboot or outlet command.
func TestCommandsOfProtectionStation(t *testing.T) {
	want := parseLines(`
		beeper.disable: Disable the UPS beeper
		beeper.enable: Enable the UPS beeper
		beeper.mute: Temporarily mute the UPS beeper
		beeper.off: Obsolete (use beeper.disable or beeper.mute)
		beeper.on: Obsolete (use beeper.enable)
		load.off: Turn off the load immediately
		load.off.delay: Turn off the load with a delay (seconds)
		load.on: Turn on the load immediately
		load.on.delay: Turn on the load with a delay (seconds)
		shutdown.return: Turn off the load and return when power is back
		shutdown.stayoff: Turn off the load and remain off
		shutdown.stop: Stop a shutdown in progress`)
	got := ups.Variables{}
	d := decode(t, recording(t, "protection-station-800"), 0)
	for _, c := range d.Commands() {
		got[c.Name] = c.Description
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-upscmd +got):\n%s", diff)
	}
}

// TestTables: every path of every table can be written as usages, every name
// stands in one row, every setting is a settable variable.
func TestTables(t *testing.T) {
	check := func(what, path string) {
		if _, err := hid.ParsePath(path); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	seen := map[string]bool{}
	settable := map[string]bool{}
	for _, v := range variables {
		if seen[v.Name] {
			t.Errorf("%s stands in two rows", v.Name)
		}
		seen[v.Name] = true
		for _, s := range v.From {
			check(v.Name, s.Path)
			settable[v.Name] = settable[v.Name] || s.Settable
			if s.Only != nil && s.Only.Reason == "" {
				t.Errorf("%s: a condition without a reason", v.Name)
			}
		}
	}
	for _, f := range flags {
		for _, p := range f.Paths {
			check(f.Bit.String()+f.Alarm, p)
		}
	}
	for _, l := range lines {
		check("line", l.Path)
	}
	for _, r := range transferReasons {
		check(r.Text, r.Path)
	}
	for _, c := range commands {
		for _, s := range c.Steps {
			for _, p := range s.Paths {
				check(c.Name, p)
			}
			if s.Setting != "" && !settable[s.Setting] {
				t.Errorf("%s takes its value from %s, which cannot be set", c.Name, s.Setting)
			}
		}
	}
	for _, s := range settings {
		if !settable[s.Variable] {
			t.Errorf("%s has limits and cannot be set", s.Variable)
		}
	}
}

func BenchmarkSnapshot(b *testing.B) {
	d := decode(b, recording(b, "protection-station-800"), 0)
	report := []byte{1, 0x25, 0, 0}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Input(report); err != nil {
			b.Fatal(err)
		}
		if d.Snapshot().Status != ups.Online {
			b.Fatal("not on line")
		}
	}
}

// TestImplausible: numbers that cannot be a charge in percent or a runtime in
// seconds decide nothing. Both stand in report 06, a byte and four.
func TestImplausible(t *testing.T) {
	for _, tc := range []struct {
		report          string
		charge, runtime ups.Number
	}{
		{"06 64 49020000", ups.Known(100), ups.Known(585)},
		{"06 65 feff0000", ups.Number{}, ups.Known(65534)},
		{"06 ff ffff0000", ups.Number{}, ups.Number{}},
		{"06 10 ffffff7f", ups.Known(16), ups.Number{}},
	} {
		d := decode(t, recording(t, "protection-station-800"), 0)
		data, err := hex.DecodeString(strings.ReplaceAll(tc.report, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Feature(6, data); err != nil {
			t.Fatal(err)
		}
		if s := d.Snapshot(); s.Charge != tc.charge || s.Runtime != tc.runtime {
			t.Errorf("%s: charge %v, runtime %v", tc.report, s.Charge, s.Runtime)
		}
	}
}
