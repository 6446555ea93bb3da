package world

import (
	"time"

	"ecnutd/config"
	"ecnutd/ups"
)

// The reasons for which nothing could be done, each of them reckoned from what the
// UPSs themselves said and from what the world did to them.
const (
	tooLittle  = "when mains went the UPS showed less than a shutdown takes"
	noTime     = "from what the UPS showed to the end of its output was less than a shutdown takes"
	lied       = "the output went while the UPS showed enough"
	unseen     = "the UPS could not be read from before mains went"
	asleep     = "the host slept or stood still"
	restarts   = "the process was killed as the battery ended"
	fellUnseen = "shut down on mains: the charge fell while the status could not be read, and cannot be read yet"
	noCommand  = "its shutdown command did nothing in time"
)

// againWithin is how long after a command that has ended and done nothing it is given
// again: shutdown_time, 2 min, and the next word of the UPS.
const againWithin = time.Minute + 2*time.Minute + hearsWithin

// lost is a host that has lost its power while it was up.
func (p *promises) lost(w *world, was hostState) {
	now := w.at()
	outage := (now - p.goneAt).Round(time.Second)
	if p.standing {
		p.still = append(p.still, still{p.standsAt, now, asleep})
	}
	had, seen := time.Duration(0), time.Duration(0)
	if p.chanceAt > 0 {
		had = now - p.chanceAt
	}
	if p.seenAt > 0 {
		seen = now - p.seenAt
	}
	stood, whyStood := p.stoodStill(p.seenAt)
	why, cut := "", ""
	for _, u := range w.units {
		if !u.Output() && !u.Flat() {
			cut = u.plan.Name + " was told to cut it, "
		}
	}
	switch {
	case cut != "": // that is nobody's fault but ours
	case p.hadAtFirst < least+hearsWithin:
		why = tooLittle
	case p.chanceAt == 0:
		why = lied
	case had < least:
		why = noTime
	case seen < least:
		why = unseen
	case seen-stood < least:
		why = whyStood
	case w.command.given && w.command.failed && (w.command.running || now-w.command.lastAt < againWithin+stood+least):
		why = noCommand
	}
	what := "while it was up"
	if was == hostStopping {
		what = "while it was shutting down"
	}
	if why == "" {
		w.broken(NeverLost, "%s%s into the outage, %s, %s after the UPS said so", cut, outage, what, seen.Round(time.Second))
		return
	}
	w.tell("LOST %s into the outage, %s, with an excuse: %s", outage, what, why)
	w.result.Excused = append(w.result.Excused, why)
}

// limits are those of a configuration by which the host goes down, beside what the
// UPS says itself.
type limits struct {
	charge    ups.Number
	onBattery time.Duration
}

func limitsOf(c *config.Config) limits {
	return limits{charge: c.LowBattery.Charge, onBattery: c.LowBattery.OnBattery}
}
