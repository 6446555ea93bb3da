package config

import (
	"cmp"
	"time"

	"ecnutd/ups"
)

// told are the events that send a message unless the file says otherwise:
// those that somebody who is away has to know.
var told = map[ups.Event]bool{
	ups.EventOnline: true, ups.EventOnBattery: true, ups.EventLowBattery: true,
	ups.EventCommOK: true, ups.EventCommBad: true, ups.EventNoComm: true, ups.EventLoginBad: true,
	ups.EventReplace: true, ups.EventShutdown: true, ups.EventNotShutdown: true,
	ups.EventOff: true, ups.EventOver: true, ups.EventAlarm: true,
}

// FreeMobileEndpoint is where Free Mobile takes messages.
const FreeMobileEndpoint = "https://smsapi.free-mobile.fr/sendmsg"

// defaults is the configuration of a file that says nothing. What upsmon has,
// has upsmon's value.
func defaults() *Config {
	c := &Config{
		Language:             ups.English,
		Poll:                 5 * time.Second,
		PollOnBattery:        5 * time.Second,
		MinSupplies:          1,
		DeadTime:             15 * time.Second,
		HostSync:             15 * time.Second,
		FinalDelay:           5 * time.Second,
		NoCommRepeat:         5 * time.Minute,
		ReplaceBatteryRepeat: 12 * time.Hour,
		LinkLost:             Estimate,
		SecondariesTold:      ToldGoOn,
		LostSupplyCounts:     true,
		ShutdownTime:         time.Minute,
		ShutdownCommand:      Command{Argv: []string{"/usr/sbin/poweroff"}},
		EmergencyPowerOff:    true,
		PowerDownFlag:        "/run/ecnutd/killpower",
		KillPower:            KillPower{Command: "shutdown.return", WaitThenReboot: newUPS("").OffDelay + afterCut},
		State:                "/var/lib/ecnutd/state.db",
		Control:              "/run/ecnutd/control.sock",
		Network:              Network{MaxConnections: 32, Idle: time.Minute},
		LowBattery:           Limits{ShutdownImminent: Trust{Grace: 30 * time.Second}, Floors: Floors{Charge: FloorAuto, Runtime: FloorAuto, Grace: 30 * time.Second}},
		Events:               Events{},
		Messages: Messages{
			Expire:    7 * 24 * time.Hour,
			Rate:      Rate{Burst: 1, Every: time.Minute},
			Late:      5 * time.Minute,
			Summary:   true,
			Heartbeat: Heartbeat{Every: 5 * time.Minute},
		},
	}
	for _, e := range ups.Events {
		c.Events[e] = Reaction{Tell: Tell{Log: true, Wall: true, Message: Message{On: told[e]}}}
	}
	return c
}

// newUPS is a UPS of which nothing but the name is said.
func newUPS(name string) UPS {
	return UPS{Name: name, Device: Auto, Power: 1, OnDelay: 30 * time.Second, OffDelay: 20 * time.Second, TLS: "off", SelfTest: SelfTest{At: "10:00"}}
}

// newTimer is a timer of which nothing but the name is said. It has no default
// text, and no default delay.
func newTimer(name string) Timer {
	return Timer{Name: name, Reaction: Reaction{Tell: Tell{Log: true, Wall: true}}}
}

// newRoute is a route of which nothing but the name is said.
func newRoute(name string) Route {
	return Route{Name: name, Timeout: 30 * time.Second, AfterFailures: 3, After: 10 * time.Minute}
}

func newFreeMobile() *FreeMobile { return &FreeMobile{Endpoint: FreeMobileEndpoint} }

func newHTTP() *HTTP { return &HTTP{Method: "POST"} }

// NewExec is a program of which nothing is said: it has ten seconds.
func NewExec() Exec { return Exec{Timeout: 10 * time.Second} }

// Minimal is the configuration for a run without a file: one UPS of that name
// ("ups" if it is ""), which is looked for, and everything else at its default.
func Minimal(name string) *Config {
	c := defaults()
	c.UPS = []UPS{newUPS(cmp.Or(name, "ups"))}
	return c
}
