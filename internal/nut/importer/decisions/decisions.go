// Package decisions names the places where ecnutd decides or tells at other times
// than upsmon, on purpose, as far as they touch a configuration. It is the list
// "Decisions" of docs/differences-from-nut.md, each with its condition.
package decisions

import (
	"slices"
	"strings"

	"ecnutd/config"
	"ecnutd/ups"
)

// A Decision is one of them.
type Decision struct {
	Title string // as the document has it
	File  string // of NUT, where the other half of it is
	Text  string // what is different, in a sentence
}

// A row is a decision and whether a configuration has to do with it.
type row struct {
	Decision
	touches func(*config.Config) bool
}

// Touching are the decisions that have to do with a configuration.
func Touching(c *config.Config) []Decision {
	var list []Decision
	for _, r := range rows {
		if r.touches(c) {
			list = append(list, r.Decision)
		}
	}
	return list
}

const (
	upsConf      = "ups.conf"
	upsmonConf   = "upsmon.conf"
	upsdUsers    = "upsd.users"
	upsschedConf = "upssched.conf"
)

// rows stand in the order of the document.
var rows = []row{
	{Decision{"A low battery is two readings, 2 s apart.", upsmonConf, "a low battery counts when it was read twice, 2 s apart, or seen three times within a minute near the UPS's own limit; upsmon acts on the first reading"}, protects},
	{Decision{"The floors", upsConf, "a UPS that never says that its battery is low shuts the host down at its own limit on charge, or when a shutdown hardly fits into its runtime any more (low_battery.floors); upsmon waits for LB alone"}, hasFloor},
	{Decision{"A number that jumps at the transfer", upsConf, "charge and runtime that jump when mains fails are doubted for 30 s, and impossible ones are unknown; ignorelb takes them as they come"}, looksAtNumbers},
	{Decision{"FSD is told on this host", upsmonConf, "FSD is told here too, with what NOTIFYFLAG FSD says; upsmon before 2.8.5 tells it to secondaries alone. A UPS on USB never says it"}, tells(ups.EventFSD)},
	{Decision{"A shutdown can be called off until its command", upsmonConf, "mains that returns before the shutdown command calls the shutdown off (NOTSHUTDOWN), unless somebody ordered it or a secondary was told of it: then it goes on through the cut of the output; upsmon never takes a shutdown back"}, protects},
	{Decision{"After the command the host is watched on.", upsmonConf, "a host that survives SHUTDOWNCMD is watched on: the command is given again on battery, and undone and told on mains; upsmon ends with its command"}, protects},
	{Decision{"`final_delay` is never longer than the runtime leaves", upsmonConf, "FINALDELAY is cut short where the runtime does not leave it beside shutdown_time"}, func(c *config.Config) bool { return protects(c) && c.FinalDelay > 0 }},
	{Decision{"The end of a condition is told", upsmonConf, "that the battery is no longer low, or a condition over (NOTLOWBATT, NOTREPLBATT, NOTCAL, NOTOFF and their like), is told; upsmon has some of these from 2.8.2 on, and no NOTIFYFLAG of older files names them"}, tells(ups.EventNotLowBattery, ups.EventNotReplace, ups.EventNotOver)},
	{Decision{"What flickers is told once.", upsmonConf, "REPLBATT, OVER, ALARM, TRIM and BOOST that come and go are told once in RBWARNTIME, unless they were away or have stood for five minutes; upsmon tells the last four each time"}, tells(ups.EventReplace, ups.EventOver, ups.EventAlarm, ups.EventTrim, ups.EventBoost)},
	{Decision{"A calibration is no outage.", upsmonConf, "OB while the UPS calibrates is told as CAL alone, and neither starts nor runs a timer; what ONBATT does begins when the calibration has ended and mains is not there"}, reacts(ups.EventOnBattery)},
	{Decision{"LOWBATT is told when a lost UPS is given up", upsmonConf, "what LOWBATT does is also done when a UPS that was lost on battery is given up; upsmon takes it for low and tells nobody"}, reacts(ups.EventLowBattery)},
	{Decision{"`dead_time` counts from the last answer", upsmonConf, "DEADTIME counts from the last answer of the UPS, and no MAXAGE of upsd comes on top; it is never less than three times the slowest answer"}, protects},
	{Decision{"Each report has its own age.", upsConf, "a status older than DEADTIME is a lost link whatever else the UPS says, and an old charge or runtime decides nothing; in NUT any answer makes all of them new"}, local},
	{Decision{"COMMBAD comes at once", upsmonConf, "COMMBAD comes when the cable leaves, not with the next poll"}, reacts(ups.EventCommBad)},
	{Decision{"COMMOK waits", upsmonConf, "COMMOK waits a few seconds for the first numbers, and a link that comes and goes is one COMMBAD for the series"}, reacts(ups.EventCommOK)},
	{Decision{"A deadline on battery", upsmonConf, "a UPS that comes back for a moment on battery, and says less than its status and how full it is, gets no new DEADTIME: the lost time adds up"}, protects},
	{Decision{"Timers are one for each UPS and name", upsschedConf, "a timer is one for each UPS and name, where upssched has one for all; one that shuts down begins with the outage, whatever started it, and ends with it; fsd: true on mains acts only while OVER, OFF, ALARM, REPLBATT or BYPASS stands"}, func(c *config.Config) bool { return len(c.Timers) > 0 }},
	{Decision{"A gap in which the process did not run", upsmonConf, "after a gap in which nothing ran (suspend, a paused machine) what came due waits for DEADTIME at most, so that the UPS is heard first"}, protects},
	{Decision{"One UPS can carry the host.", upsmonConf, "messages say which UPS still feeds the host; one that was never heard does not, once it has had its time, where upsmon counts it as healthy for ever"}, several},
	{Decision{"Charge that falls while the UPS says mains", upsConf, "charge that falls under OL is told as an alarm, and counts as a link lost on battery where the status has stalled or can only be pushed; upsmon believes OL"}, local},
	{Decision{"Mains that is there and out of range, with the battery feeding the load,", upsConf, "a UPS whose battery feeds the load beside mains that is out of range counts as on battery, and the outage ends like any other; usbhid-ups says OL DISCHRG, which upsmon takes for mains"}, local},
	{Decision{"A shutdown command that fails", upsmonConf, "a SHUTDOWNCMD that fails is tried again every 10 s; upsmon runs it once"}, protects},
	{Decision{"The beeper", upsdUsers, "beeper.enable and beeper.disable are written in two places where the UPS has both"}, beeps},
}

// protects reports whether a UPS can shut the host down at all.
func protects(c *config.Config) bool {
	return c.MinSupplies > 0 && slices.ContainsFunc(c.UPS, func(u config.UPS) bool { return u.Power > 0 })
}

func local(c *config.Config) bool { return len(c.Local()) > 0 }

// several reports whether the host lives on when one of its UPSs is critical.
func several(c *config.Config) bool {
	feeding := 0
	for _, u := range c.UPS {
		feeding += u.Power
	}
	return len(c.UPS) > 1 && feeding > c.MinSupplies
}

// hasFloor reports whether a floor holds for a UPS: there is no limit of the
// same kind that replaces it.
func hasFloor(c *config.Config) bool {
	return protects(c) && slices.ContainsFunc(c.UPS, func(u config.UPS) bool {
		l := c.LimitsOf(u)
		return u.Power > 0 && (bool(l.Floors.Charge) && !l.Charge.Known || bool(l.Floors.Runtime) && l.Runtime == 0)
	})
}

func looksAtNumbers(c *config.Config) bool {
	return hasFloor(c) || protects(c) && slices.ContainsFunc(c.UPS, func(u config.UPS) bool {
		l := c.LimitsOf(u)
		return l.Charge.Known || l.Runtime > 0
	})
}

// anyReaction reports whether a reaction to an event, for all UPSs or for one, is
// such a one.
func anyReaction(c *config.Config, e ups.Event, is func(config.Reaction) bool) bool {
	return is(c.Events[e]) || slices.ContainsFunc(c.UPS, func(u config.UPS) bool {
		r, ok := u.Events[e]
		return ok && is(r)
	})
}

// tells is that one of the events is told to anybody.
func tells(events ...ups.Event) func(*config.Config) bool {
	return func(c *config.Config) bool {
		return slices.ContainsFunc(events, func(e ups.Event) bool {
			return anyReaction(c, e, func(r config.Reaction) bool { return r.Log || r.Wall || r.Message.On || len(r.Exec) > 0 })
		})
	}
}

// reacts is that one of the events does more than stand in the log.
func reacts(events ...ups.Event) func(*config.Config) bool {
	return func(c *config.Config) bool {
		return slices.ContainsFunc(events, func(e ups.Event) bool {
			return anyReaction(c, e, func(r config.Reaction) bool {
				return r.Wall || r.Message.On || len(r.Exec)+len(r.Start)+len(r.Cancel) > 0 || r.Shutdown || r.FSD
			})
		})
	}
}

// beeps reports whether somebody may switch the beeper of a UPS of this host.
func beeps(c *config.Config) bool {
	return local(c) && slices.ContainsFunc(c.Network.Users, func(u config.User) bool {
		return slices.ContainsFunc(u.InstCmds, func(name string) bool { return name == config.AllCommands || strings.HasPrefix(name, "beeper.") })
	})
}
