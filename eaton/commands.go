package eaton

import (
	"time"

	"ecnutd/hid"
)

// A Command is an instant command: writes in their order. It exists on a
// device exactly when every path of every step does.
type Command struct {
	Name        string
	Description string // as NUT's upscmd -l words it
	Cuts        bool   // it can take power away from the load
	Steps       []Step
}

// A Step is one write.
type Step struct {
	Paths    []string // all that exist are written, at least one must
	Value    int64
	Setting  string        // take the value of this variable instead, "ups.delay.start"
	Argument bool          // the command's argument replaces the value
	Optional bool          // leave the step out where no path exists
	Pause    time.Duration // wait before this step
}

// betweenDelays is the pause between writing the start delay and the shutdown
// delay. NUT waits 125 ms; without it some units take only one of the two.
const betweenDelays = 125 * time.Millisecond

const (
	pathBatteryBeeper = "UPS.BatterySystem.Battery.AudibleAlarmControl"
	pathBeeper        = "UPS.PowerSummary.AudibleAlarmControl"
	pathOldBeeper     = "UPS.AudibleAlarmControl"
	pathTest          = "UPS.BatterySystem.Battery.Test"
	pathAutoStart     = "UPS.PowerConverter.Input.[1].AutomaticRestart"
)

// beepers are written together: the two objects of one unit have been seen to
// disagree, and some units obey only one of them (NUT issues 1286, 801, 9).
var beepers = []string{pathBatteryBeeper, pathBeeper, pathOldBeeper}

// Commands are the instant commands of the family. -1 in a delay means that
// the timer stands still.
var Commands = []Command{
	{"beeper.disable", "Disable the UPS beeper", false, []Step{{Paths: beepers, Value: 1}}},
	{"beeper.enable", "Enable the UPS beeper", false, []Step{{Paths: beepers, Value: 2}}},
	{"beeper.mute", "Temporarily mute the UPS beeper", false, []Step{{Paths: []string{pathBatteryBeeper, pathBeeper}, Value: 3}}},
	{"beeper.off", "Obsolete (use beeper.disable or beeper.mute)", false, []Step{{Paths: []string{pathBatteryBeeper, pathBeeper}, Value: 1}}},
	{"beeper.on", "Obsolete (use beeper.enable)", false, []Step{{Paths: []string{pathBatteryBeeper, pathBeeper}, Value: 2}}},
	{"load.off", "Turn off the load immediately", true, []Step{{Paths: []string{pathShutdown}, Value: 0}}},
	{"load.off.delay", "Turn off the load with a delay (seconds)", true, []Step{
		{Paths: []string{pathShutdown}, Setting: "ups.delay.shutdown", Argument: true},
	}},
	{"load.on", "Turn on the load immediately", false, []Step{{Paths: []string{pathStartup}, Value: 0}}},
	{"load.on.delay", "Turn on the load with a delay (seconds)", false, []Step{
		{Paths: []string{pathStartup}, Setting: "ups.delay.start", Argument: true},
	}},
	{"shutdown.return", "Turn off the load and return when power is back", true, []Step{
		{Paths: []string{pathAutoStart}, Value: 1, Optional: true},
		{Paths: []string{pathStartup}, Setting: "ups.delay.start"},
		{Paths: []string{pathShutdown}, Setting: "ups.delay.shutdown", Pause: betweenDelays},
	}},
	{"shutdown.stayoff", "Turn off the load and remain off", true, []Step{
		{Paths: []string{pathAutoStart}, Value: 0, Optional: true},
		{Paths: []string{pathStartup}, Value: -1},
		{Paths: []string{pathShutdown}, Setting: "ups.delay.shutdown", Pause: betweenDelays},
	}},
	{"shutdown.stop", "Stop a shutdown in progress", false, []Step{{Paths: []string{pathShutdown}, Value: -1}}},
	{"shutdown.reboot", "Shut down the load briefly while rebooting the UPS", true, []Step{
		{Paths: []string{"UPS.PowerSummary.DelayBeforeReboot"}, Value: 10},
	}},
	{"test.battery.start.quick", "Start a quick battery test", false, []Step{{Paths: []string{pathTest}, Value: 1}}},
	{"test.battery.start.deep", "Start a deep battery test", false, []Step{{Paths: []string{pathTest}, Value: 2}}},
	{"test.battery.stop", "Stop the battery test", false, []Step{{Paths: []string{pathTest}, Value: 3}}},
	{"outlet.1.load.off", "Turn off the load on outlet 1 immediately", true, []Step{{Paths: []string{"UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown"}}}},
	{"outlet.1.load.on", "Turn on the load on outlet 1 immediately", false, []Step{{Paths: []string{"UPS.OutletSystem.Outlet.[2].DelayBeforeStartup"}}}},
	{"outlet.2.load.off", "Turn off the load on outlet 2 immediately", true, []Step{{Paths: []string{"UPS.OutletSystem.Outlet.[3].DelayBeforeShutdown"}}}},
	{"outlet.2.load.on", "Turn on the load on outlet 2 immediately", false, []Step{{Paths: []string{"UPS.OutletSystem.Outlet.[3].DelayBeforeStartup"}}}},
	{"outlet.3.load.off", "Turn off the load on outlet 3 immediately", true, []Step{{Paths: []string{"UPS.OutletSystem.Outlet.[4].DelayBeforeShutdown"}}}},
	{"outlet.3.load.on", "Turn on the load on outlet 3 immediately", false, []Step{{Paths: []string{"UPS.OutletSystem.Outlet.[4].DelayBeforeStartup"}}}},
	// On mains that is away or bad the bypass feeds the load with just that.
	{"bypass.start", "Put the UPS in bypass mode", true, []Step{{Paths: []string{"UPS.PowerConverter.Input.[2].SwitchOnControl"}, Value: 1}}},
	{"bypass.stop", "Take the UPS out of bypass mode", false, []Step{{Paths: []string{"UPS.PowerConverter.Input.[2].SwitchOffControl"}, Value: 1}}},
}

// Commands are the commands that this device has: those whose every step finds
// a field that the descriptor offers for writing.
func (d *Decoder) Commands() []Command {
	var have []Command
	for _, c := range Commands {
		ok := true
		for _, s := range c.Steps {
			ok = ok && (s.Optional || len(d.targets(s.Paths)) > 0)
		}
		if ok {
			have = append(have, c)
		}
	}
	return have
}

// target is the field that a write to a path goes to: the first feature field
// there that the descriptor offers for writing. A field that is declared
// Constant is no target: a write to one went out and had no effect (NUT pull
// request 3342). Nor is an array, whose numbers choose among usages, nor a
// field too wide to be a number.
func (d *Decoder) target(path string) (target, bool) {
	all := d.values.Descriptor().Fields()
	for _, i := range d.fields[path] {
		f := &all[i]
		if f.Type == hid.Feature && f.Writable() && f.Selectors == nil && f.Bits <= 32 {
			return target{path, f}, true
		}
	}
	return target{}, false
}

// targets are those of several paths, where they exist.
func (d *Decoder) targets(paths []string) []target {
	var have []target
	for _, path := range paths {
		if t, ok := d.target(path); ok {
			have = append(have, t)
		}
	}
	return have
}

// A target is a field that can be written.
type target struct {
	path  string
	field *hid.Field
}
