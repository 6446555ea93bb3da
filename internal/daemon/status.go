package daemon

import (
	"slices"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/texts"
	"ecnutd/monitor"
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
		Version: d.outside.Version, Since: d.started.Round(time.Second), DryRun: d.outside.DryRun,
		Phase: d.state.Phase.String(), Reason: texts.Reason(d.config.Language, d.state.Reason), Final: noWayBack(&d.state),
		Routes: routesOf(d.mail.box.Routes()), Waiting: MessagesOf(d.mail.box.Pending()), Refused: MessagesOf(d.mail.box.Refused()), Faults: d.clients.wrong(clock.Day()),
		Clients: clientsFrom(d.clients.server.Clients()),
		LastCut: d.down.last,
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
		u.SelfTest = d.tests.text(block, one.variables)
		if i < len(d.state.Supplies) {
			fillSupply(&u, &d.state, &d.state.Supplies[i], day, d.config.Language)
		}
		s.UPS = append(s.UPS, u)
	}
	for _, c := range d.state.Coming(d.rules()) {
		if text := comingText(c); text != "" {
			s.Coming = append(s.Coming, control.Coming{At: day(c.At), UPS: c.UPS, What: string(c.What), Timer: c.Timer, Text: text})
		}
	}
	slices.SortStableFunc(s.Coming, func(a, b control.Coming) int { return a.At.Compare(b.At) })
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
	if u.Link = linkOf(s); u.Link == control.LinkLost {
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

// comingText says what will come in a person's words; "" for what concerns the
// daemon alone.
func comingText(c monitor.Coming) string {
	who := ""
	if c.UPS != "" {
		who = " of " + c.UPS
	}
	switch c.What {
	case monitor.ComingCommand:
		return "the shutdown command"
	case monitor.ComingSync:
		return "secondaries are no longer waited for"
	case monitor.ComingCritical:
		return "shutdown, unless the link" + who + " returns"
	case monitor.ComingPatience:
		return "shutdown, unless mains" + who + " returns (the other host does not order it)"
	case monitor.ComingLimit:
		return "shutdown, unless mains" + who + " returns (limit of time on battery)"
	case monitor.ComingImminent:
		return "the battery" + who + " counts as low (the UPS says that it is about to shut down)"
	case monitor.ComingTimer:
		return "timer " + c.Timer + who + " ends"
	case monitor.ComingNoComm:
		return "the lost link" + who + " is told again"
	}
	return ""
}

// later is the second time where the first is unknown.
func later(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
