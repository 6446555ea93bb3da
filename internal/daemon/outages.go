package daemon

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/history/book"
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

// outages are those that have not ended, by UPS, and the history of all.
type outages struct {
	open map[string]outage
	late int // messages that waited when the daemon started
	book *book.Book
}

func newOutages(b *book.Book) *outages { return &outages{open: make(map[string]outage), book: b} }

// restored takes up what was stored; late is how many messages waited.
func (o *outages) restored(open map[string]outage, late int) {
	o.late = late
	if open != nil {
		o.open = open
	}
}

// An endedOutage is one that is over.
type endedOutage struct {
	ups string
	outage
}

// follow follows the outages through a step, and returns those that ended with
// the host having been shut down, in the order of the UPSs: what nobody has been
// told of as a whole. now is the time of day.
func (o *outages) follow(actions []engine.Action, state *monitor.State, now time.Time) (ended []endedOutage) {
	for _, action := range actions {
		switch a := action.(type) {
		case engine.Event:
			if _, open := o.open[a.UPS]; a.Event == ups.EventOnBattery && !open {
				o.open[a.UPS] = outage{Lost: now.Round(time.Second)}
			}
		case engine.Shutdown:
			o.off(now, a.Reason)
		case engine.CallOff, engine.UndoShutdown: // it did not go off
			o.off(time.Time{}, "")
		}
	}
	for i := range state.Supplies {
		u := &state.Supplies[i]
		one, open := o.open[u.Name]
		switch {
		case !open:
		case u.Line == monitor.OnBattery:
			if u.Lowest.Known && (!one.Lowest.Known || u.Lowest.N < one.Lowest.N) {
				one.Lowest = u.Lowest
				o.open[u.Name] = one
			}
		case u.Line == monitor.OnMains && state.Phase == monitor.Watching:
			delete(o.open, u.Name)
			if !one.Off.IsZero() {
				ended = append(ended, endedOutage{u.Name, one})
			}
		}
	}
	return ended
}

// off notes of all that are open when the host went off and why; the zero time
// takes that back.
func (o *outages) off(at time.Time, why string) {
	for name, one := range o.open {
		one.Off, one.Reason = at.Round(time.Second), why
		o.open[name] = one
	}
}

// wentOff notes of the outages that were open when the host went off, last seen
// at an instant, that no shutdown of this program was the cause: a battery that
// was weaker than it said, most likely. It is what nobody has been told.
func (o *outages) wentOff(seen time.Time, language ups.Language) {
	why := wentOff(language)
	for name, one := range o.open {
		if one.Off.IsZero() {
			one.Off, one.Reason = seen.Round(time.Second), why
			o.open[name] = one
		}
	}
}

// wentOff is why a host went off that nobody shut down.
func wentOff(language ups.Language) string {
	if language == ups.French {
		return "sans arrêt par ecnutd : le courant a manqué, ou quelqu'un l'a éteint"
	}
	return "no shutdown by ecnutd: the power went, or somebody switched it off"
}

// forget ends the outage of a UPS that the configuration has no more.
func (o *outages) forget(name string, day time.Time) {
	delete(o.open, name)
	o.book.Forget(name, day)
}

// longestOutage bounds what is believed to be the length of an outage. It goes over
// boots by the time of day, and where the clock was set meanwhile the length is
// not known.
const longestOutage = 60 * 24 * time.Hour

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
	french := l == ups.French
	say := func(en, fr string) string {
		if french {
			return fr
		}
		return en
	}
	returned := say("back", "revenu")
	if length := now.Sub(o.Lost).Round(time.Minute); length >= 0 && length <= longestOutage {
		returned = fmt.Sprintf(say("back after %s", "revenu après %s"), strings.TrimSuffix(length.String(), "0s"))
	}
	parts := []string{fmt.Sprintf(say("%s, UPS %s: mains lost %s, %s", "%s, onduleur %s : secteur perdu à %s, %s"), host, name, clock(o.Lost), returned)}
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
