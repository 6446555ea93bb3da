package config

import (
	"time"

	"ecnutd/internal/texts"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// Rules are what the monitor works by. Every template in them is final: texts
// of the language are filled in.
func (c *Config) Rules() monitor.Rules {
	r := monitor.Rules{
		MinSupplies:          c.MinSupplies,
		DeadTime:             c.DeadTime,
		HostSync:             c.HostSync,
		FinalDelay:           c.FinalDelay,
		NoCommRepeat:         c.NoCommRepeat,
		ReplaceBatteryRepeat: c.ReplaceBatteryRepeat,
		LinkLost:             c.LinkLost,
		ShutdownTime:         c.ShutdownTime,
		LostCounts:           c.LostSupplyCounts,
		On:                   map[ups.Event]monitor.Reaction{},
	}
	for _, u := range c.UPS {
		s := monitor.Supply{Name: u.Name, Power: u.Power, Limits: c.limitsOf(u).rule(), On: map[ups.Event]monitor.Reaction{}, Secondary: u.Remote != ""}
		for _, e := range ups.Events {
			if e.Host() {
				continue
			}
			reaction, ok := u.Events[e]
			if !ok {
				reaction = c.Events[e]
			}
			s.On[e] = c.reaction(reaction, e, "")
		}
		r.Supplies = append(r.Supplies, s)
	}
	for _, t := range c.Timers {
		r.Timers = append(r.Timers, monitor.Timer{Name: t.Name, After: t.After, Fire: c.reaction(t.Reaction, "", t.Name)})
	}
	for _, e := range ups.Events {
		if e.Host() {
			r.On[e] = c.reaction(c.Events[e], e, "")
		}
	}
	return r
}

// limitsOf are the limits that hold for a UPS.
func (c *Config) limitsOf(u UPS) Limits {
	if u.LowBattery != nil {
		return *u.LowBattery
	}
	return c.LowBattery
}

func (l Limits) rule() monitor.Limits {
	out := monitor.Limits{OnBattery: l.OnBattery, Charge: l.Charge, ShutdownImminent: l.ShutdownImminent}
	if l.Runtime > 0 {
		// Up to the next whole second: a limit is never met later than asked.
		out.Runtime = ups.Known(int((l.Runtime + time.Second - 1) / time.Second))
	}
	return out
}

// reaction is the rule of an event or, where event is "", of a timer.
func (c *Config) reaction(r Reaction, event ups.Event, timer string) monitor.Reaction {
	out := monitor.Reaction{Tell: c.tell(r.Tell, event, timer), GiveUp: r.Shutdown, Force: r.FSD}
	for _, s := range r.Start {
		out.Start = append(out.Start, monitor.Start{Timer: s.Timer, After: s.After, Restart: s.Restart})
	}
	for _, x := range r.Cancel {
		out.Cancel = append(out.Cancel, monitor.Cancel{Timer: x.Timer, Else: c.tell(x.Else, "", x.Timer)})
	}
	return out
}

func (c *Config) tell(t Tell, event ups.Event, timer string) monitor.Tell {
	out := monitor.Tell{Log: t.Log, Wall: t.Wall}
	if t.Message.On {
		out.Message = t.Message.template(c.Language, event)
	}
	for _, x := range t.Exec {
		argv := x.Command
		if x.WithText {
			// As for NOTIFYCMD of upsmon and CMDSCRIPT of upssched: the text
			// of the event, or the name of the timer.
			text := t.Message.template(c.Language, event)
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
func (m Message) template(l ups.Language, event ups.Event) string {
	switch {
	case m.Texts[l] != "":
		return m.Texts[l]
	case m.Text != "":
		return m.Text
	case event == "":
		return ""
	}
	return texts.Default(l, event)
}
