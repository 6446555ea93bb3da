package daemon

import (
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/history/book"
	"ecnutd/internal/texts"
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
	why := texts.WentOff(language)
	for name, one := range o.open {
		if one.Off.IsZero() {
			one.Off, one.Reason = seen.Round(time.Second), why
			o.open[name] = one
		}
	}
}

// forget ends the outage of a UPS that the configuration has no more.
func (o *outages) forget(name string, day time.Time) {
	delete(o.open, name)
	o.book.Forget(name, day)
}

// summary tells an outage that has ended.
func (d *Daemon) summary(o endedOutage, now time.Time) string {
	name := ""
	for _, u := range d.config.UPS {
		if u.Name == o.ups {
			name = u.Description
		}
	}
	return texts.Summary(d.config.Language, texts.Outage{
		Name: name,
		Host: d.outside.Host, UPS: o.ups, Lost: o.Lost, Lowest: o.Lowest, Off: o.Off, Why: o.Reason, Back: d.started, Late: d.outages.late, Cut: d.down.cutAt(o.Off),
	}, now)
}
