package daemon

import (
	"fmt"
	"testing"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/history/book"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// TestOutages: an outage that ended with the host up is forgotten; one in which
// it was shut down is told when all is over, with the lowest charge and the time
// of the shutdown, those of several UPSs in their order; a shutdown that was
// called off is none.
func TestOutages(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	state := func(line monitor.Line, lowest int) *monitor.State {
		s := &monitor.State{}
		for _, name := range []string{"left", "right"} {
			s.Supplies = append(s.Supplies, monitor.SupplyState{Name: name, Line: line, Lowest: ups.Known(lowest)})
		}
		return s
	}
	lost := func(name string) engine.Action {
		return engine.Event{About: engine.About{UPS: name, Event: ups.EventOnBattery}}
	}
	both := []engine.Action{lost("left"), lost("right")}
	for name, c := range map[string]struct {
		then engine.Action
		want string
	}{
		"it passed":  {nil, "[]"},
		"shut down":  {engine.Shutdown{Reason: "low"}, "[left 40 03:01 low right 40 03:01 low]"},
		"called off": {engine.CallOff{Reason: "mains"}, "[]"},
	} {
		o := newOutages(book.New())
		o.follow(both, state(monitor.OnBattery, 90), at)
		if c.then != nil {
			o.follow([]engine.Action{engine.Shutdown{Reason: "low"}}, state(monitor.OnBattery, 40), at.Add(time.Minute))
			o.follow([]engine.Action{c.then}, state(monitor.OnBattery, 60), at.Add(time.Minute))
		}
		var got []string
		for _, e := range o.follow(nil, state(monitor.OnMains, 0), at.Add(time.Hour)) {
			got = append(got, fmt.Sprint(e.ups, " ", e.Lowest.N, " ", e.Off.Format("15:04"), " ", e.Reason))
		}
		if fmt.Sprint(got) != c.want || len(o.open) > 0 {
			t.Errorf("%s: got %v, still open %v", name, got, o.open)
		}
	}
}

// TestWentOff: an outage in which the host went off by itself says so, in the
// language of the messages; one whose shutdown is known keeps its reason.
func TestWentOff(t *testing.T) {
	seen := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	o := newOutages(book.New())
	o.restored(map[string]outage{"left": {}, "right": {Off: seen.Add(-time.Hour), Reason: "low"}}, 2)
	o.wentOff(seen, ups.French)
	if got := o.open["left"]; got.Off != seen || got.Reason != "sans arrêt par ecnutd : le courant a manqué, ou quelqu'un l'a éteint" {
		t.Errorf("%+v", got)
	}
	if got := o.open["right"]; got.Reason != "low" || !got.Off.Equal(seen.Add(-time.Hour)) {
		t.Errorf("%+v", got)
	}
	o.forget("left", seen)
	if len(o.open) != 1 || o.late != 2 {
		t.Errorf("%+v", o)
	}
}

// TestCutAt: only an order to cut that belongs to the end of the boot before counts:
// armed, or not known otherwise, of a real UPS, and at the time at which the host went
// off.
func TestCutAt(t *testing.T) {
	off := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	armed := []shutdown.Killed{{UPS: "a", Armed: true}}
	for name, c := range map[string]struct {
		record *shutdown.Record
		want   bool
	}{
		"none":          {nil, false},
		"armed":         {&shutdown.Record{At: off.Add(time.Minute), UPS: armed}, true},
		"not known":     {&shutdown.Record{At: off, Pending: true}, true},
		"not armed":     {&shutdown.Record{At: off, UPS: []shutdown.Killed{{UPS: "a"}}}, false},
		"another time":  {&shutdown.Record{At: off.Add(-24 * time.Hour), UPS: armed}, false},
		"a simulation":  {&shutdown.Record{At: off, UPS: armed, Simulated: true}, false},
		"of no UPS":     {&shutdown.Record{At: off}, false},
		"one of two":    {&shutdown.Record{At: off, UPS: append(armed, shutdown.Killed{UPS: "b"})}, false},
		"a minute late": {&shutdown.Record{At: off.Add(-time.Minute), UPS: armed}, true},
	} {
		if got := (&goingDown{last: c.record}).cutAt(off); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
