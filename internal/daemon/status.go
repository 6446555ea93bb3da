package daemon

import (
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/control/mailbox"
	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/texts"
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// statusNow describes how things are. It runs in the loop.
func (d *Daemon) statusNow() control.Status {
	clock := d.outside.Clock
	now := clock.Now()
	day := func(at monitor.Instant) time.Time {
		if at == 0 {
			return time.Time{}
		}
		return clock.Day().Add(at.Sub(now)).Round(time.Second)
	}
	s := control.Status{
		Version: d.outside.Version, Since: d.started.Round(time.Second), DryRun: d.outside.DryRun, Unset: !clock.Set(),
		Phase: d.state.Phase.String(), Reason: texts.Reason(d.config.Language, d.state.Reason), Final: noWayBack(&d.state),
		Routes: mailbox.Routes(d.mail.box.Routes()), Waiting: mailbox.Messages(d.mail.box.Pending()), Refused: mailbox.Messages(d.mail.box.Refused()), Faults: d.clients.wrong(clock.Day()),
		Clients: clientsFrom(d.clients.server.Clients()),
		LastCut: d.down.last,
	}
	if m := d.maintained(); !m.Until.IsZero() {
		s.Maintenance = &m
	}
	if why := d.state.Reason; why.Code != "" {
		s.Why = &why
	}
	s.Faults = append(s.Faults, d.mail.told()...)
	for _, fault := range []error{d.store.Fault(), d.store.Recovered()} {
		if fault != nil {
			s.Faults = append(s.Faults, fault.Error())
		}
	}
	for i, block := range d.config.UPS {
		one := d.units.of(block.Name)
		u := control.Supply{Name: block.Name, Description: block.Description, Line: "unknown", Link: control.LinkNeverHeard}
		u.Model = one.variables["ups.model"]
		if one.err != nil {
			u.Error = host.FirstLine(one.err) // what to try is for commands
		}
		if one.login != nil {
			u.Login = host.FirstLine(one.login)
		}
		if block.Cut() && d.config.CutFlag() != "" && one.can != nil && !one.can.cuts() {
			u.Uncut = &control.Uncut{Reboots: d.config.KillPower.WaitThenReboot > 0}
		}
		u.SelfTest = d.tests.text(block, one.variables)
		if i < len(d.state.Supplies) {
			fillSupply(&u, &d.state, &d.state.Supplies[i], day, d.config.Language)
		}
		s.UPS = append(s.UPS, u)
	}
	for _, p := range forecast.Of(d.rules(), d.state, now) {
		c := control.Coming{Prospect: p}
		if p.Timed() {
			c.At = day(now.Add(p.In))
		}
		s.Coming = append(s.Coming, c)
	}
	return s
}

func fillSupply(u *control.Supply, state *monitor.State, s *monitor.SupplyState, day func(monitor.Instant) time.Time, l ups.Language) {
	u.Status = engine.Status(state, s).String()
	u.Charge, u.Runtime, u.Load = known(s.Last.Charge), known(s.Last.Runtime), known(s.Last.Load)
	u.Alarm, u.Heard, u.Low = s.Last.Alarm, day(s.HeardAt), texts.Reason(l, s.Low)
	switch s.Line {
	case monitor.OnMains:
		u.Line = "mains"
	case monitor.OnBattery:
		u.Line, u.Since = "battery", day(s.OutageAt)
	}
	if u.Link = control.LinkOf(s.Link); u.Link == control.LinkLost {
		u.Since = later(u.Since, day(s.LostAt))
	}
	if why := s.Low; why.Code != "" {
		u.LowWhy = &why
	}
}

func known(n ups.Number) *int {
	if !n.Known {
		return nil
	}
	return &n.N
}

// later is the second time where the first is unknown.
func later(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
