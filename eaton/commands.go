package eaton

import (
	"time"

	"ecnutd/hid/power/family"
)

// betweenDelays is the pause between writing the start delay and the shutdown
// delay. NUT waits 125 ms; without it some units take only one of the two.
const betweenDelays = 125 * time.Millisecond

const (
	pathBatteryBeeper = "UPS.BatterySystem.Battery.AudibleAlarmControl"
	pathBeeper        = "UPS.PowerSummary.AudibleAlarmControl"
	pathOldBeeper     = "UPS.AudibleAlarmControl"
	pathAutoStart     = "UPS.PowerConverter.Input.[1].AutomaticRestart"
)

// beepers are written together: the two objects of one unit have been seen to
// disagree, and some units obey only one of them (NUT issues 1286, 801, 9).
var beepers = []string{pathBatteryBeeper, pathBeeper, pathOldBeeper}

// commands are the instant commands of the family. -1 in a delay means that
// the timer stands still.
var commands = []family.Command{
	{Name: "beeper.disable", Description: "Disable the UPS beeper", Steps: []family.Step{{Paths: beepers, Value: 1}}},
	{Name: "beeper.enable", Description: "Enable the UPS beeper", Steps: []family.Step{{Paths: beepers, Value: 2}}},
	{Name: "beeper.mute", Description: "Temporarily mute the UPS beeper", Steps: []family.Step{{Paths: []string{pathBatteryBeeper, pathBeeper}, Value: 3}}},
	{Name: "beeper.off", Description: "Obsolete (use beeper.disable or beeper.mute)", Steps: []family.Step{{Paths: []string{pathBatteryBeeper, pathBeeper}, Value: 1}}},
	{Name: "beeper.on", Description: "Obsolete (use beeper.enable)", Steps: []family.Step{{Paths: []string{pathBatteryBeeper, pathBeeper}, Value: 2}}},
	{Name: "load.off", Description: "Turn off the load immediately", Cuts: true, Steps: []family.Step{{Paths: []string{family.PathShutdown}, Value: 0}}},
	{Name: "load.off.delay", Description: "Turn off the load with a delay (seconds)", Cuts: true, Steps: []family.Step{
		{Paths: []string{family.PathShutdown}, Setting: "ups.delay.shutdown", Argument: true},
	}},
	{Name: "load.on", Description: "Turn on the load immediately", Steps: []family.Step{{Paths: []string{family.PathStartup}, Value: 0}}},
	{Name: "load.on.delay", Description: "Turn on the load with a delay (seconds)", Steps: []family.Step{
		{Paths: []string{family.PathStartup}, Setting: "ups.delay.start", Argument: true},
	}},
	{Name: "shutdown.return", Description: "Turn off the load and return when power is back", Cuts: true, Steps: []family.Step{
		{Paths: []string{pathAutoStart}, Value: 1, Optional: true},
		{Paths: []string{family.PathStartup}, Setting: "ups.delay.start"},
		{Paths: []string{family.PathShutdown}, Setting: "ups.delay.shutdown", Pause: betweenDelays},
	}},
	{Name: "shutdown.stayoff", Description: "Turn off the load and remain off", Cuts: true, Steps: []family.Step{
		{Paths: []string{pathAutoStart}, Value: 0, Optional: true},
		{Paths: []string{family.PathStartup}, Value: -1},
		{Paths: []string{family.PathShutdown}, Setting: "ups.delay.shutdown", Pause: betweenDelays},
	}},
	{Name: "shutdown.stop", Description: "Stop a shutdown in progress", Steps: []family.Step{{Paths: []string{family.PathShutdown}, Value: -1}}},
	{Name: "shutdown.reboot", Description: "Shut down the load briefly while rebooting the UPS", Cuts: true, Steps: []family.Step{
		{Paths: []string{family.PathReboot}, Value: 10},
	}},
	{Name: "test.battery.start.quick", Description: "Start a quick battery test", Steps: []family.Step{{Paths: []string{pathTest}, Value: 1}}},
	{Name: "test.battery.start.deep", Description: "Start a deep battery test", Steps: []family.Step{{Paths: []string{pathTest}, Value: 2}}},
	{Name: "test.battery.stop", Description: "Stop the battery test", Steps: []family.Step{{Paths: []string{pathTest}, Value: 3}}},
	{Name: "outlet.1.load.off", Description: "Turn off the load on outlet 1 immediately", Cuts: true, Steps: []family.Step{{Paths: []string{"UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown"}}}},
	{Name: "outlet.1.load.on", Description: "Turn on the load on outlet 1 immediately", Steps: []family.Step{{Paths: []string{"UPS.OutletSystem.Outlet.[2].DelayBeforeStartup"}}}},
	{Name: "outlet.2.load.off", Description: "Turn off the load on outlet 2 immediately", Cuts: true, Steps: []family.Step{{Paths: []string{"UPS.OutletSystem.Outlet.[3].DelayBeforeShutdown"}}}},
	{Name: "outlet.2.load.on", Description: "Turn on the load on outlet 2 immediately", Steps: []family.Step{{Paths: []string{"UPS.OutletSystem.Outlet.[3].DelayBeforeStartup"}}}},
	{Name: "outlet.3.load.off", Description: "Turn off the load on outlet 3 immediately", Cuts: true, Steps: []family.Step{{Paths: []string{"UPS.OutletSystem.Outlet.[4].DelayBeforeShutdown"}}}},
	{Name: "outlet.3.load.on", Description: "Turn on the load on outlet 3 immediately", Steps: []family.Step{{Paths: []string{"UPS.OutletSystem.Outlet.[4].DelayBeforeStartup"}}}},
	// On mains that is away or bad the bypass feeds the load with just that.
	{Name: "bypass.start", Description: "Put the UPS in bypass mode", Cuts: true, Steps: []family.Step{{Paths: []string{"UPS.PowerConverter.Input.[2].SwitchOnControl"}, Value: 1}}},
	{Name: "bypass.stop", Description: "Take the UPS out of bypass mode", Steps: []family.Step{{Paths: []string{"UPS.PowerConverter.Input.[2].SwitchOffControl"}, Value: 1}}},
}

// restored are the settings that commands change on their way.
var restored = []string{pathAutoStart}

// witnesses are the flags that show whether a timer that has run out did what
// it is for.
var witnesses = map[string]family.Witness{
	family.PathShutdown: {Path: family.PathStatus + "Good", When: family.Clear},
	family.PathStartup:  {Path: family.PathStatus + "Good", When: family.Set},
	"UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown": {Path: "UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", When: family.Clear},
	"UPS.OutletSystem.Outlet.[2].DelayBeforeStartup":  {Path: "UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", When: family.Set},
	"UPS.OutletSystem.Outlet.[3].DelayBeforeShutdown": {Path: "UPS.OutletSystem.Outlet.[3].PresentStatus.SwitchOn/Off", When: family.Clear},
	"UPS.OutletSystem.Outlet.[3].DelayBeforeStartup":  {Path: "UPS.OutletSystem.Outlet.[3].PresentStatus.SwitchOn/Off", When: family.Set},
	"UPS.OutletSystem.Outlet.[4].DelayBeforeShutdown": {Path: "UPS.OutletSystem.Outlet.[4].PresentStatus.SwitchOn/Off", When: family.Clear},
	"UPS.OutletSystem.Outlet.[4].DelayBeforeStartup":  {Path: "UPS.OutletSystem.Outlet.[4].PresentStatus.SwitchOn/Off", When: family.Set},
}
