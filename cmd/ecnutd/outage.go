package main

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// An outage is what is remembered of one beyond the end of the host's boot:
// the times are those of the day. It is told in one message when all is over.
type outage struct {
	Lost   time.Time  `json:"lost"`
	Lowest ups.Number `json:"lowest"`
	Off    time.Time  `json:"off,omitzero"` // when the shutdown was decided, or the host last seen
	Reason string     `json:"reason,omitempty"`
}

// remember follows the outages through a step, and returns those that ended
// with the host having been shut down: what nobody has been told of as a whole.
func (d *daemon) remember(actions []engine.Action, now time.Time) map[string]outage {
	for _, action := range actions {
		switch a := action.(type) {
		case engine.Event:
			if _, open := d.outages[a.UPS]; a.Event == ups.EventOnBattery && !open {
				d.outages[a.UPS] = outage{Lost: now.Round(time.Second)}
			}
		case engine.Shutdown:
			for name, o := range d.outages {
				o.Off, o.Reason = now.Round(time.Second), a.Reason
				d.outages[name] = o
			}
		case engine.CallOff:
			for name, o := range d.outages {
				o.Off, o.Reason = time.Time{}, ""
				d.outages[name] = o
			}
		}
	}
	ended := make(map[string]outage)
	for i := range d.state.Supplies {
		u := &d.state.Supplies[i]
		o, open := d.outages[u.Name]
		switch {
		case !open:
		case u.Line == monitor.OnBattery:
			if u.Lowest.Known && (!o.Lowest.Known || u.Lowest.N < o.Lowest.N) {
				o.Lowest = u.Lowest
				d.outages[u.Name] = o
			}
		case u.Line == monitor.OnMains && d.state.Phase == monitor.Watching:
			delete(d.outages, u.Name)
			if !o.Off.IsZero() {
				ended[u.Name] = o
			}
		}
	}
	return ended
}

// wentOff notes of the outages that were open when the host went off, last seen
// at an instant, that no shutdown of this program was the cause: a battery that
// was weaker than it said, most likely. It is what nobody has been told.
func (d *daemon) wentOff(seen time.Time) {
	why := "no shutdown by ecnutd: the power went, or somebody switched it off"
	if d.config.Language == ups.French {
		why = "sans arrêt par ecnutd : le courant a manqué, ou quelqu'un l'a éteint"
	}
	for name, o := range d.outages {
		if o.Off.IsZero() {
			o.Off, o.Reason = seen.Round(time.Second), why
			d.outages[name] = o
		}
	}
}

// summary is the one message that tells an outage from its beginning to its
// end. back is when the daemon was started again, late how many messages waited
// for that.
func summary(l ups.Language, host, name string, o outage, back, now time.Time, late int) string {
	clock := func(t time.Time) string {
		if t.Local().Format("2006-01-02") != now.Local().Format("2006-01-02") {
			return t.Local().Format("02/01 15:04")
		}
		return t.Local().Format("15:04")
	}
	length := now.Sub(o.Lost).Round(time.Minute)
	span := strings.TrimSuffix(length.String(), "0s")
	french := l == ups.French
	say := func(en, fr string) string {
		if french {
			return fr
		}
		return en
	}
	parts := []string{fmt.Sprintf(say("%s, UPS %s: mains lost %s, back after %s", "%s, onduleur %s : secteur perdu à %s, revenu après %s"), host, name, clock(o.Lost), span)}
	if o.Lowest.Known {
		parts = append(parts, fmt.Sprintf(say("lowest charge %d %%", "charge minimale %d %%"), o.Lowest.N))
	}
	parts = append(parts, fmt.Sprintf(say("server off %s (%s)", "serveur arrêté à %s (%s)"), clock(o.Off), o.Reason))
	parts = append(parts, fmt.Sprintf(say("back %s", "de retour à %s"), clock(back)))
	switch {
	case late == 1:
		parts = append(parts, say("one message late", "un message en retard"))
	case late > 1:
		parts = append(parts, fmt.Sprintf(say("%d messages late", "%d messages en retard"), late))
	}
	return strings.Join(parts, ", ")
}
