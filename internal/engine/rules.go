package engine

import (
	"time"

	"ecnutd/config"
	"ecnutd/internal/texts"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// Rules are what the monitor works by, made of a configuration. Every template
// in them is final: texts of the language are filled in.
func Rules(c *config.Config) monitor.Rules {
	r := monitor.Rules{
		MinSupplies:          c.MinSupplies,
		DeadTime:             c.DeadTime,
		HostSync:             c.HostSync,
		FinalDelay:           c.FinalDelay,
		NoCommRepeat:         c.NoCommRepeat,
		ReplaceBatteryRepeat: c.ReplaceBatteryRepeat,
		LinkLost:             linkLost[c.LinkLost],
		SecondariesTold:      secondariesTold[c.SecondariesTold],
		ShutdownTime:         c.ShutdownTime,
		LostCounts:           c.LostSupplyCounts,
		On:                   map[ups.Event]monitor.Reaction{},
	}
	for _, u := range c.UPS {
		s := monitor.Supply{Name: u.Name, Power: u.Power, Limits: limits(c.LimitsOf(u)), On: map[ups.Event]monitor.Reaction{}, Secondary: u.Remote != ""}
		for _, e := range ups.Events {
			if e.Host() {
				continue
			}
			one, ok := u.Events[e]
			if !ok {
				one = c.Events[e]
			}
			s.On[e] = reaction(c.Language, one, e, "")
		}
		r.Supplies = append(r.Supplies, s)
	}
	for _, t := range c.Timers {
		r.Timers = append(r.Timers, monitor.Timer{Name: t.Name, After: t.After, Fire: reaction(c.Language, t.Reaction, "", t.Name)})
	}
	for _, e := range ups.Events {
		if e.Host() {
			r.On[e] = reaction(c.Language, c.Events[e], e, "")
		}
	}
	return r
}

var secondariesTold = map[config.SecondariesTold]monitor.SecondariesTold{
	config.ToldGoOn:   monitor.GoOn,
	config.ToldCancel: monitor.CancelAnyway,
}

var linkLost = map[config.LinkLost]monitor.LinkLostPolicy{
	config.Estimate: monitor.Estimate,
	config.Strict:   monitor.Strict,
}

func limits(l config.Limits) monitor.Limits {
	out := monitor.Limits{OnBattery: l.OnBattery, Charge: l.Charge, ShutdownImminent: monitor.Trust(l.ShutdownImminent),
		Floors: monitor.Floors{Charge: bool(l.Floors.Charge), Runtime: bool(l.Floors.Runtime), Grace: l.Floors.Grace},
	}
	if l.Runtime > 0 {
		// Up to the next whole second: a limit is never met later than asked.
		out.Runtime = ups.Known(int((l.Runtime + time.Second - 1) / time.Second))
	}
	return out
}

// reaction is the rule of an event or, where event is "", of a timer.
func reaction(l ups.Language, r config.Reaction, event ups.Event, timer string) monitor.Reaction {
	out := monitor.Reaction{Tell: tell(l, r.Tell, event, timer), GiveUp: r.Shutdown, Force: r.FSD}
	for _, s := range r.Start {
		out.Start = append(out.Start, monitor.Start{Timer: s.Timer, After: s.After, Restart: s.Restart})
	}
	for _, x := range r.Cancel {
		out.Cancel = append(out.Cancel, monitor.Cancel{Timer: x.Timer, Else: tell(l, x.Else, "", x.Timer)})
	}
	return out
}

func tell(l ups.Language, t config.Tell, event ups.Event, timer string) monitor.Tell {
	out := monitor.Tell{Log: t.Log, Wall: t.Wall}
	if t.Message.On {
		out.Message = template(t.Message, l, event)
	}
	for _, x := range t.Exec {
		argv := x.Command
		if x.WithText {
			// As for NOTIFYCMD of upsmon and CMDSCRIPT of upssched: the text
			// of the event, or the name of the timer.
			text := template(t.Message, l, event)
			if text == "" {
				text = timer
			}
			argv = []string{x.Command[0], text}
		}
		out.Execs = append(out.Execs, monitor.Exec{Argv: argv, Shell: x.Shell, Timeout: x.Timeout})
	}
	return out
}

// template is the text of a message in a language, "" for a timer without one.
func template(m config.Message, l ups.Language, event ups.Event) string {
	if text := m.In(l); text != "" || event == "" {
		return text
	}
	return texts.Default(l, event)
}
