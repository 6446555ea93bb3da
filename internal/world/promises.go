package world

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/sms"
)

// The promises, by their names.
const (
	NeverLost    = "no host loses its output while it is up"
	NeverForNone = "none is shut down without cause"
	NeverLeftOff = "none stays down after mains is back for good"
	AllArrives   = "every message arrives"
	FlagGoes     = "the flag does not outlive its shutdown"
)

// promises are what is watched while a world is played.
type promises struct {
	outages   int           // incidents that take mains away
	goneAt    time.Duration // since when mains is away, or was last
	had       time.Duration // runtime that the UPSs showed then
	backAt    time.Duration // since when it is back
	doubtAt   time.Duration // when a UPS was last not what it should be
	doubted   bool
	unread    int // incidents that keep a UPS from being read
	forcedAt  time.Duration
	wasForced bool
	said      []string // messages that were queued
}

// causeFor is how long after its end a reason for a shutdown still counts: what
// was decided on is a little older.
const causeFor = 20 * time.Second

// mainsWent notes what the UPSs say they have when mains goes: one that feeds the
// host for less than a shutdown takes leaves nothing to be done.
func (p *promises) mainsWent(w *world) {
	p.goneAt, p.had = w.at(), 0
	for _, u := range w.units {
		_, runtime := u.Gauge()
		p.had = max(p.had, time.Duration(runtime)*time.Second)
	}
}

// leastChance is what the UPS has to have when mains goes for the host to go
// down in time: two readings 2 s apart, after a push that takes a second and
// answers that take their time, final_delay, and a shutdown of up to 46 s and
// its last stage.
const leastChance = 75 * time.Second

func (p *promises) mainsCame(w *world) { p.backAt = w.at() }

// doubt notes that a UPS begins or ends to be unreadable.
func (p *promises) doubt(w *world, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.doubtAt, p.doubted = w.at(), true
	p.unread += n
}

func (p *promises) forced(w *world) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.forcedAt, p.wasForced = w.at(), true
}

// acted hears of an action, with mu.
func (p *promises) acted(w *world, action engine.Action) {
	switch a := action.(type) {
	case engine.Message:
		p.said = append(p.said, a.Text)
		w.result.Messages++
	case engine.Shutdown:
		forced := p.wasForced && w.at()-p.forcedAt < 2*time.Minute
		// A UPS that fell silent on battery is taken for one that is still on it.
		unread := p.unread > 0 || p.doubted && w.at()-p.doubtAt < causeFor
		if p.outages == 0 && w.at()-p.backAt > causeFor && !forced && !unread {
			w.broken(NeverForNone, "%s, and mains is there for %s", a.Reason, w.at()-p.backAt)
		}
	}
}

// lost is a host that has lost its power while it was up, with mu.
func (p *promises) lost(w *world, was hostState) {
	outage := w.at() - p.goneAt
	switch {
	case p.had < leastChance:
		w.result.Excused = append(w.result.Excused, fmt.Sprintf("the UPS had %s when mains went", p.had))
	case p.doubted && p.doubtAt > p.goneAt-time.Minute:
		w.result.Excused = append(w.result.Excused, fmt.Sprintf("%s into an outage in which the UPS could not be read", outage.Round(time.Second)))
	case was == hostStopping:
		w.broken(NeverLost, "%s into the outage, while it was shutting down", outage.Round(time.Second))
	default:
		w.broken(NeverLost, "%s into the outage", outage.Round(time.Second))
	}
}

// judge looks at the end, when all is calm.
func (w *world) judge() {
	boot := w.boot()
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.promises
	if w.host != hostUp {
		w.broken(NeverLeftOff, "mains is there for an hour and the host is not up (%d)", w.host)
	} else if shutdown.ReadFlag(w.config.PowerDownFlag, boot).State == shutdown.FlagCounts {
		w.broken(FlagGoes, "it stands on a host that is up")
	}
	all := strings.Join(w.phone.texts, "\n")
	wanted := make(map[string]int)
	for _, text := range p.said {
		wanted[sms.Clean(text)]++
	}
	for _, text := range p.said {
		clean := sms.Clean(text)
		n := wanted[clean]
		if n == 0 {
			continue
		}
		delete(wanted, clean)
		if have := count(all, clean); have < n {
			w.broken(AllArrives, "%d of %d did not: %q", n-have, n, clean)
		}
	}
}

// count is how often a text has arrived, in a summary too ("3 × text").
func count(all, text string) (n int) {
	n = strings.Count(all, text)
	for line := range strings.Lines(all) {
		if i := strings.Index(line, "× "+text); i > 0 {
			times := 0
			_, _ = fmt.Sscanf(line[strings.LastIndexByte(line[:max(0, i-1)], ' ')+1:], "%d", &times)
			n += max(0, times-1)
		}
	}
	return n
}
