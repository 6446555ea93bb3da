package book

import (
	"maps"
	"slices"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/history"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// A Keeper makes outages of the engine's steps. It belongs to one goroutine.
type Keeper struct {
	last   uint64 // the highest number given
	open   map[string]*history.Outage
	recent []*history.Outage // ended, the newest last: verdicts of their messages may come
	totals history.Totals
}

// maxRecent is how many ended outages may still hear of their messages.
const maxRecent = 4

// NewKeeper makes a keeper that remembers nothing.
func NewKeeper() *Keeper {
	return &Keeper{open: make(map[string]*history.Outage), totals: history.Totals{Events: make(map[string]int)}}
}

// Restore takes up what was stored: the totals, the highest number, and the newest
// outages, the oldest of them first. What was noted before is kept, with new numbers.
// Those that had not ended go on.
func (k *Keeper) Restore(totals history.Totals, last uint64, newest []history.Outage) {
	before := k.totals
	k.totals = totals
	if k.totals.Events == nil {
		k.totals.Events = make(map[string]int)
	}
	k.totals.Outages += before.Outages
	k.totals.OnBattery += before.OnBattery
	k.totals.Shutdowns += before.Shutdowns
	for event, n := range before.Events {
		k.totals.Events[event] += n
	}
	if !before.Since.IsZero() && (k.totals.Since.IsZero() || before.Since.Before(k.totals.Since)) {
		k.totals.Since = before.Since
	}
	noted := k.recent
	for _, o := range append(k.Open(), noted...) {
		o.N += last
	}
	k.last += last
	k.recent = nil
	for _, o := range newest {
		if _, going := k.open[o.UPS]; o.End.IsZero() && !going {
			k.open[o.UPS] = &o
			continue
		}
		if o.End.IsZero() {
			o.End = o.Begin // another one has begun meanwhile: its end was not seen
		}
		k.ended(&o)
	}
	for _, o := range noted {
		k.ended(o)
	}
}

// A Step is what happened at once.
type Step struct {
	Now     monitor.Instant
	Day     time.Time
	Actions []engine.Action
	State   *monitor.State
	IDs     []uint64 // of the messages among the actions, in their order
}

// Follow notes a step, and returns the outages that it changed. What the curve
// gains alone is no change: it is stored with what comes next.
func (k *Keeper) Follow(s Step) (changed []*history.Outage) {
	day := s.Day.Round(0).Truncate(time.Second)
	if k.totals.Since.IsZero() {
		k.totals.Since = day
	}
	touch := func(o *history.Outage) {
		if !slices.Contains(changed, o) {
			changed = append(changed, o)
		}
	}
	ids := s.IDs
	for _, action := range s.Actions {
		about := ""
		var line history.Moment
		switch a := action.(type) {
		case engine.Event:
			k.totals.Events[string(a.Event)]++
			if a.Event == ups.EventOnBattery {
				touch(k.begin(a.UPS, day))
			}
			about, line = a.UPS, history.Moment{At: day, Kind: string(a.Event), Text: a.Reason}
		case engine.Timer:
			about, line = a.UPS, history.Moment{At: day, Kind: "timer", Text: a.String()}
		case engine.Program:
			about, line = a.UPS, history.Moment{At: day, Kind: "program", Text: a.String()}
		case engine.Shutdown:
			k.totals.Shutdowns++
			for _, o := range k.open {
				o.Shutdown = &history.Shutdown{At: day, Reason: a.Reason, Chosen: true}
			}
			line = history.Moment{At: day, Kind: "shutdown", Text: a.Reason}
		case engine.CallOff:
			k.totals.Shutdowns = max(0, k.totals.Shutdowns-1)
			for _, o := range k.open {
				o.Shutdown = nil
			}
			line = history.Moment{At: day, Kind: "shutdown", Text: a.Reason}
		case engine.Message:
			var id uint64
			if len(ids) > 0 {
				id, ids = ids[0], ids[1:]
			}
			for _, o := range k.about(a.UPS) {
				queued(o, history.Message{ID: id, At: day, Text: a.Text})
				touch(o)
			}
			continue
		default:
			continue
		}
		for _, o := range k.about(about) {
			note(o, line)
			touch(o)
		}
	}
	k.follow(s, day, touch)
	return changed
}

// follow looks at the state after a step: the curve grows, and outages end.
func (k *Keeper) follow(s Step, day time.Time, touch func(*history.Outage)) {
	for i := range s.State.Supplies {
		u := &s.State.Supplies[i]
		o := k.open[u.Name]
		switch {
		case o == nil:
		case u.Line == monitor.OnBattery && u.Link == monitor.Linked:
			grow(o, u, s.Now)
		case u.Line == monitor.OnMains && s.State.Phase == monitor.Watching:
			o.End = day
			k.totals.OnBattery += o.Lasted
			delete(k.open, u.Name)
			k.ended(o)
			touch(o)
		}
	}
}

// begin is the outage of a UPS, a new one where none is open.
func (k *Keeper) begin(name string, day time.Time) *history.Outage {
	if o := k.open[name]; o != nil {
		return o
	}
	k.last++
	k.totals.Outages++
	o := &history.Outage{N: k.last, UPS: name, Begin: day}
	k.open[name] = o
	return o
}

// about are the outages that something is told of: the open one of a UPS; of the
// host, all that are open.
func (k *Keeper) about(name string) []*history.Outage {
	if name == "" {
		return k.Open()
	}
	if o := k.open[name]; o != nil {
		return []*history.Outage{o}
	}
	return nil
}

// Open are the outages that last, by name of their UPS.
func (k *Keeper) Open() (list []*history.Outage) {
	for _, name := range slices.Sorted(maps.Keys(k.open)) {
		list = append(list, k.open[name])
	}
	return list
}

// Recent are those that have ended and may still hear of their messages, the oldest
// first.
func (k *Keeper) Recent() []*history.Outage { return slices.Clone(k.recent) }

// Totals are those since the first start.
func (k *Keeper) Totals() history.Totals {
	t := k.totals
	t.Events = maps.Clone(t.Events)
	return t
}

// Last is the highest number that was given.
func (k *Keeper) Last() uint64 { return k.last }

func (k *Keeper) ended(o *history.Outage) {
	k.recent = append(k.recent, o)
	if len(k.recent) > maxRecent {
		k.recent = slices.Delete(k.recent, 0, len(k.recent)-maxRecent)
	}
}

// Told notes what became of a message on a route, and returns the outages that it
// belongs to.
func (k *Keeper) Told(id uint64, d history.Delivery) (changed []*history.Outage) {
	for _, o := range append(k.Open(), k.recent...) {
		for i := range o.Messages {
			if m := &o.Messages[i]; id != 0 && m.ID == id && len(m.Ends) < maxRoutes {
				d.At = d.At.Round(0).Truncate(time.Second)
				m.Ends = append(m.Ends, d)
				changed = append(changed, o)
				break
			}
		}
	}
	return changed
}

// maxRoutes bounds what is kept of one message.
const maxRoutes = 20

// Started notes that the daemon has been started again; seen is when it was there
// last. rebooted says that the host was, too: then the outages that were open took
// it down, with a shutdown or without.
func (k *Keeper) Started(day, seen time.Time, rebooted bool, why string) (changed []*history.Outage) {
	for _, o := range k.Open() {
		switch {
		case !rebooted:
		case o.Shutdown == nil:
			o.Shutdown = &history.Shutdown{At: seen.Round(0).Truncate(time.Second), Reason: why}
			k.totals.Shutdowns++
			fallthrough
		default:
			o.Shutdown.Back = day.Round(0).Truncate(time.Second)
		}
		note(o, history.Moment{At: day.Round(0).Truncate(time.Second), Kind: "daemon", Text: "started"})
		changed = append(changed, o)
	}
	return changed
}

// Forget ends the outage of a UPS that is followed no more.
func (k *Keeper) Forget(name string, day time.Time) (changed []*history.Outage) {
	o := k.open[name]
	if o == nil {
		return nil
	}
	o.End = day.Round(0).Truncate(time.Second)
	note(o, history.Moment{At: o.End, Kind: "daemon", Text: "the UPS is no longer configured"})
	delete(k.open, name)
	k.ended(o)
	return []*history.Outage{o}
}
