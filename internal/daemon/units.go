package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// units are the UPSs of the configuration: who reads each of them, and what is
// known of it beyond the state of the monitor.
type units struct {
	log     *slog.Logger
	clock   Clock
	devices Devices
	reports chan report
	all     map[string]*unit
}

// A unit is one UPS.
type unit struct {
	watcher   *watcher
	variables ups.Variables
	can       *abilities
	version   int   // counts the changes of both
	found     bool  // it was told that the UPS is there
	err       error // of the last loss
	login     error // why another host refuses the login; nil where it does not
}

func newUnits(out *Outside, blocks []config.UPS) *units {
	u := &units{log: out.Log, clock: out.Clock, devices: out.Devices, reports: make(chan report, 16), all: make(map[string]*unit)}
	for _, b := range blocks {
		u.all[b.Name] = &unit{}
	}
	return u
}

// follow has a watcher in a group for each UPS of a configuration, which reads
// it as that says, and returns the names of those that the configuration has no
// more. A watcher that is to read differently ends, and the next one waits
// until it has let the device go.
func (u *units) follow(g *group, c *config.Config) (gone []string) {
	locators := u.devices.Locators(c.UPS)
	now := make(map[string]*unit)
	for _, b := range c.UPS {
		one := u.all[b.Name]
		if one == nil {
			one = &unit{}
		}
		how := reading{b.Device, b.Match, b.Remote, b.Password, security{b.TLS, b.CAFile, b.Certificate, b.Key}, c.Poll, c.PollOnBattery, c.DeadTime, power.Delays{Start: b.OnDelay, Shutdown: b.OffDelay}}
		if one.watcher == nil || one.watcher.reading != how {
			one.watcher = u.watch(g, b, how, locators[b.Name], one.watcher)
		}
		now[b.Name] = one
	}
	for name, one := range u.all {
		if now[name] == nil {
			one.watcher.stop()
			gone = append(gone, name)
		}
	}
	u.all = now
	return gone
}

// watch begins to read a UPS, after the watcher before has ended.
func (u *units) watch(g *group, b config.UPS, how reading, at discovery.Locator, before *watcher) *watcher {
	ctx, stop := g.part()
	w := &watcher{
		name: b.Name, reading: how, spot: at, log: u.log, stop: stop, ended: make(chan struct{}),
		options: power.Options{
			Poll: u.clock.Real(how.poll), PollOnBattery: u.clock.Real(how.pollOnBattery), SilentAfter: u.clock.Real(how.silentFor), Delays: how.delays,
		},
		loginAgain: u.clock.Real(loginAgain),
		report: func(ctx context.Context, r report) {
			select {
			case u.reports <- r:
			case <-ctx.Done():
			}
		},
	}
	if before != nil {
		before.stop()
		w.before = before.ended
	}
	g.run(func(context.Context) { w.run(ctx) })
	return w
}

// take keeps what a report says, and returns it as the monitor wants it. i is
// the number of the supply, late how long the report has waited for the loop.
func (u *units) take(r report, i int, late time.Duration) monitor.Input {
	one := u.all[r.ups]
	if r.login {
		return u.takeLogin(one, r, i)
	}
	if r.lost {
		if one.err == nil || r.err != nil && one.err.Error() != r.err.Error() {
			// What to try stands on further lines, for commands; here it would
			// bury what follows.
			what, _, _ := strings.Cut(r.err.Error(), "\n")
			u.log.Warn(r.ups+": the UPS cannot be read", "reason", what)
		}
		one.err = r.err
		return monitor.LinkLost{Supply: i, Gone: r.gone}
	}
	one.err = nil
	if r.variables != nil {
		if !one.found && r.variables["battery.charge"] != "" {
			one.found = true
			u.log.Info(fmt.Sprintf("%s: %s found: %s", r.ups, orUnknown(r.variables["ups.model"]), r.snapshot))
		}
		one.variables = r.variables
		one.version++
	}
	if r.can != nil {
		one.can = r.can
		one.version++
	}
	return monitor.Heard{Supply: i, Snapshot: r.aged(late)}
}

// aged is the snapshot of a report that has waited: what it says is older by that.
func (r *report) aged(late time.Duration) ups.Snapshot {
	s := r.snapshot
	if s.Age != (ups.Age{}) {
		s.Age.Status, s.Age.Charge, s.Age.Runtime = s.Age.Status+late, s.Age.Charge+late, s.Age.Runtime+late
	}
	return s
}

// readAgain has the figures of a UPS read once more soon: a number at its limit
// counts when it was read twice.
func (u *units) readAgain(name string) {
	if one := u.all[name]; one != nil && one.watcher != nil {
		one.watcher.readAgain()
	}
}

// show keeps the variables of a UPS that something was set on. They are no word
// of the UPS: some settings, the delays, are this program's.
func (u *units) show(w *watcher, v ups.Variables) {
	if one := u.all[w.name]; one != nil && one.watcher == w && one.variables != nil {
		one.variables = v
		one.version++
	}
}

// takeLogin keeps what came of a login to another host: its first refusal and
// its end are told.
func (u *units) takeLogin(one *unit, r report, i int) monitor.Input {
	switch {
	case r.err != nil && (one.login == nil || one.login.Error() != r.err.Error()):
		u.log.Error(r.ups+": "+r.err.Error()+"; it is tried again each minute", "host", one.watcher.reading.remote)
	case r.err == nil && one.login != nil:
		u.log.Info(r.ups+": the other host has taken the login, and waits for this one in a shutdown", "host", one.watcher.reading.remote)
	}
	one.login = r.err
	return monitor.Login{Supply: i, Refused: r.err != nil}
}

func orUnknown(s string) string {
	if s == "" {
		return "a UPS of unknown model"
	}
	return s
}

// of is what is known of a UPS; the zero value where it is not one of the
// configuration.
func (u *units) of(name string) unit {
	if one := u.all[name]; one != nil {
		return *one
	}
	return unit{}
}

// variables are those of a UPS, as last heard; nil where nothing was.
func (u *units) variables(name string) ups.Variables { return u.of(name).variables }

// seen is where the UPSs were opened last.
func (u *units) seen() map[string]shutdown.Seen {
	all := make(map[string]shutdown.Seen)
	for name, one := range u.all {
		if one.watcher != nil {
			all[name] = one.watcher.where()
		}
	}
	return all
}
