package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"ecnutd/config/strict"
	"ecnutd/ups"
)

// A scope is one reaction with its key, and the event or the timer it is of.
type scope struct {
	key      string
	event    ups.Event // "" for that of a timer
	timer    string
	reaction Reaction
}

// scopes are all reactions of a configuration, in a fixed order.
func (c *Config) scopes() []scope {
	var all []scope
	for _, e := range ups.Events {
		all = append(all, scope{key: "events." + string(e), event: e, reaction: c.Events[e]})
	}
	for _, u := range c.UPS {
		for _, e := range ups.Events {
			if r, ok := u.Events[e]; ok {
				all = append(all, scope{key: "ups." + u.Name + ".events." + string(e), event: e, reaction: r})
			}
		}
	}
	for _, t := range c.Timers {
		all = append(all, scope{key: "timers." + t.Name, timer: t.Name, reaction: t.Reaction})
	}
	return all
}

// reactions checks each reaction, and the timers between them.
func (v *validator) reactions() {
	c := v.config
	var timers []string
	for _, t := range c.Timers {
		timers = append(timers, t.Name)
		if t.After <= 0 {
			v.fail("timers."+t.Name+".after", "a timer needs the time after which it fires, above 0s: after: 20m")
		}
	}
	for _, s := range c.scopes() {
		var used []string
		for _, st := range s.reaction.Start {
			used = append(used, st.Timer)
			v.known(s.key+".start", st.Timer, timers)
		}
		for _, ca := range s.reaction.Cancel {
			used = append(used, ca.Timer)
			v.known(s.key+".cancel", ca.Timer, timers)
			if ca.Else.Message.On && !ca.Else.Message.given() {
				v.fail(s.key+".cancel", "else has no default text: write one")
			}
		}
		if s.timer != "" && s.reaction.Message.On && !s.reaction.Message.given() {
			v.fail(s.key+".message", "a timer has no default text: write one")
		}
		if hostEvent(s.event) && (len(used) > 0 || s.reaction.Shutdown || s.reaction.FSD) {
			v.fail(s.key, "%s comes when the shutdown is decided, or called off: no timer and no shutdown can follow from it", s.event)
		}
		if (s.event == ups.EventCommBad || s.event == ups.EventNoComm) && (s.reaction.Shutdown || s.reaction.FSD) {
			v.fail(s.key, "%s: link_lost says what follows on battery, and a link that is lost on mains never shuts the host down; take shutdown and fsd away", s.event)
		}
		if s.event == ups.EventOnline && s.reaction.Shutdown {
			v.warn(s.key+".shutdown", "without effect: it counts on battery only, and %s is the end of that", s.event)
		}
	}
	v.sources()
}

func (v *validator) known(key, name string, timers []string) {
	if name == "" || len(timers) == 0 && v.unreadTimers() || slices.Contains(timers, name) {
		return
	}
	v.fail(key, "there is no timer %q under timers%s", strict.Shorten(name), strict.Suggest(name, timers))
}

// unreadTimers tells whether the file may have timers that could not be read:
// their block, or a key beside it that may be meant for it, is wrong.
func (v *validator) unreadTimers() bool {
	known := strict.Names(strict.KeysOf(reflect.TypeFor[Config]()))
	return slices.ContainsFunc(v.errs, func(e Error) bool {
		root, _, below := strings.Cut(e.Key, ".")
		return root == "timers" || !below && !slices.Contains(known, root)
	})
}

// given tells whether the file has a text for the message.
func (m Message) given() bool { return m.Text != "" || len(m.Texts) > 0 }

// startedBy are the events from which each timer can come to run, through
// other timers too.
func (c *Config) startedBy() map[string]map[ups.Event]bool {
	by := map[string]map[ups.Event]bool{}
	scopes := c.scopes()
	for changed := true; changed; {
		changed = false
		for _, s := range scopes {
			from := map[ups.Event]bool{s.event: true}
			if s.timer != "" {
				from = by[s.timer]
			}
			for _, st := range s.reaction.Start {
				if by[st.Timer] == nil {
					by[st.Timer] = map[ups.Event]bool{}
				}
				for e := range from {
					if !by[st.Timer][e] {
						by[st.Timer][e] = true
						changed = true
					}
				}
			}
		}
	}
	return by
}

// sources checks what starts each timer against what the timer does.
func (v *validator) sources() {
	c := v.config
	by := c.startedBy()
	for _, t := range c.Timers {
		key := "timers." + t.Name
		events := slices.Sorted(maps.Keys(by[t.Name]))
		only := func(these ...ups.Event) bool {
			return len(events) > 0 && !slices.ContainsFunc(events, func(e ups.Event) bool { return !slices.Contains(these, e) })
		}
		switch down := t.Shutdown || t.FSD; {
		case len(events) == 0:
			if !v.unread {
				v.warn(key, "no event starts this timer")
			}
		case down && only(ups.EventCommBad, ups.EventNoComm):
			v.fail(key, "started by %s alone: link_lost says what follows on battery, and a link that is lost on mains never shuts the host down; take shutdown and fsd away", join(events))
		case t.Shutdown && !t.FSD && only(ups.EventOnline):
			v.warn(key, "without effect: it counts on battery only, and %s starts it on mains", join(events))
		}
	}
}

func join(events []ups.Event) string {
	words := make([]string, len(events))
	for i, e := range events {
		words[i] = string(e)
	}
	return strings.Join(words, ", ")
}

// limits looks for limits that cannot be met, or come too late.
func (v *validator) limits() {
	c := v.config
	v.limit("low_battery", c.LowBattery)
	for _, u := range c.UPS {
		if u.LowBattery != nil {
			v.limit("ups."+u.Name+".low_battery", *u.LowBattery)
		}
	}
}

func (v *validator) limit(key string, l Limits) {
	c := v.config
	if l.Charge == ups.Known(0) {
		v.warn(key+".charge", "0%% cannot be met: the battery is empty before; write none, or a limit that leaves time for a shutdown")
	}
	if l.Charge == ups.Known(100) {
		v.warn(key+".charge", "100%% is met as soon as the mains fails: the host goes down at every flicker")
	}
	if need := c.ShutdownTime + c.FinalDelay; l.Runtime > 0 && l.Runtime < need {
		v.warn(key+".runtime", "%s is less than a shutdown takes (shutdown_time %s and final_delay %s): the battery would be empty first", l.Runtime, c.ShutdownTime, c.FinalDelay)
	}
	if l.OnBattery == 0 {
		return
	}
	for _, t := range c.shutdownTimers() {
		after := t.after
		if after >= l.OnBattery {
			v.warn(t.key, "the timer never comes to its end: after %s, the limit %s.on_battery (%s) has shut the host down", after, key, l.OnBattery)
		} else if t.outage {
			v.warn(key+".on_battery", "%s cannot be met: after %s the timer %s has shut the host down", l.OnBattery, after, t.name)
		}
	}
}

// A shutdownTimer is a timer that shuts down, as one event starts it.
type shutdownTimer struct {
	name, key string
	after     time.Duration
	outage    bool // started by the outage itself
}

// shutdownTimers are the timers that shut the host down, with the shortest
// time that they are started with on an event of an outage.
func (c *Config) shutdownTimers() []shutdownTimer {
	var out []shutdownTimer
	for _, t := range c.Timers {
		if !t.Shutdown && !t.FSD {
			continue
		}
		one := shutdownTimer{name: t.Name, key: "timers." + t.Name + ".after"}
		for _, s := range c.scopes() {
			if s.event != ups.EventOnBattery {
				continue
			}
			for _, st := range s.reaction.Start {
				if st.Timer != t.Name {
					continue
				}
				after, key := t.After, one.key
				if st.After > 0 {
					after, key = st.After, s.key+".start"
				}
				if !one.outage || after < one.after {
					one.after, one.key, one.outage = after, key, true
				}
			}
		}
		if one.outage {
			out = append(out, one)
		}
	}
	return out
}

// silence looks for what nobody would hear of.
func (v *validator) silence() {
	c := v.config
	told := ""
	for _, s := range c.scopes() {
		r := s.reaction
		if r.Message.On && told == "" {
			if _, ok := c.spots[s.key+".message"]; ok {
				told = s.key + ".message"
			}
		}
		important := s.event == ups.EventOnBattery || s.event == ups.EventLowBattery || s.event == ups.EventShutdown
		if important && !r.Log && !r.Wall && len(r.Exec) == 0 && (!r.Message.On || len(c.Messages.Routes) == 0) {
			v.warn(s.key, "nobody hears of this event: log, wall, message and exec are all off%s", noRoutes(r.Message.On))
		}
	}
	if told != "" && len(c.Messages.Routes) == 0 {
		v.warn(told, "a message, and messages.routes has no way for it to leave")
	}
}

func noRoutes(on bool) string {
	if on {
		return ", or have no route"
	}
	return ""
}
