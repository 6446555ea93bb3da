package book

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/engine"
	"ecnutd/internal/history"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// day0 is when the clock of the tests begins.
var day0 = time.Date(2026, 10, 3, 14, 0, 0, 0, time.UTC)

// A world is a book with a clock and one UPS.
type world struct {
	b     *Book
	now   time.Duration // since day0, and since an hour after the boot
	state monitor.State
	began time.Duration
}

func newWorld() *world {
	return &world{b: New(), state: monitor.State{Supplies: []monitor.SupplyState{{Name: "eaton", Line: monitor.OnMains, Link: monitor.Linked}}}}
}

func (w *world) step(ids []uint64, actions ...engine.Action) {
	w.b.Follow(Step{Now: monitor.Instant(time.Hour + w.now), Day: day0.Add(w.now), Actions: actions, State: &w.state, IDs: ids})
}

func event(name ups.Event, why string) engine.Action {
	return engine.Event{About: engine.About{UPS: "eaton", Event: name}, Reason: why}
}

// cut takes mains away.
func (w *world) cut() {
	u := &w.state.Supplies[0]
	u.Line, u.OutageAt = monitor.OnBattery, monitor.Instant(time.Hour+w.now)
	w.began = w.now
	w.step([]uint64{41}, event(ups.EventOnBattery, "mains lost"), engine.Message{About: engine.About{UPS: "eaton"}, Text: "On battery"})
}

// says is a report on battery.
func (w *world) says(charge, runtime, load int) {
	u := &w.state.Supplies[0]
	u.Last.Charge, u.Last.Runtime, u.Last.Load = ups.Number{N: charge, Known: true}, ups.Number{N: runtime, Known: true}, ups.Number{N: load, Known: true}
	w.step(nil)
}

func (w *world) mains() {
	u := &w.state.Supplies[0]
	u.Line, u.OutageAt = monitor.OnMains, 0
	w.step([]uint64{42}, event(ups.EventOnline, "back"), engine.Message{About: engine.About{UPS: "eaton"}, Text: "Mains is back"})
}

func (w *world) only(t *testing.T) history.Outage {
	t.Helper()
	h := w.b.History()
	if len(h.Outages) != 1 {
		t.Fatalf("%d outages: %+v", len(h.Outages), h.Outages)
	}
	o, err := w.b.Outage(t.Context(), h.Outages[0].N, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOutage: 38 minutes on battery from 100 % to 41 % are one outage with its curve,
// its events and both messages, one of which was late.
func TestOutage(t *testing.T) {
	w := newWorld()
	w.step(nil)
	w.now = time.Minute
	w.cut()
	for i := range 38 * 60 {
		w.now += time.Second
		w.says(100-59*(i+1)/(38*60), 3000-i, 20+i%3)
	}
	w.b.Told(41, history.Delivery{Route: "mobile", At: day0.Add(70 * time.Second), Verdict: "delivered"})
	w.mains()
	w.b.Told(42, history.Delivery{Route: "mobile", At: day0.Add(w.now + 301*time.Second), Verdict: "delivered"})

	o := w.only(t)
	if !o.Begin.Equal(day0.Add(time.Minute)) || !o.End.Equal(day0.Add(39*time.Minute)) || o.Lasted != 38*60 {
		t.Errorf("from %v to %v, %d s on battery", o.Begin, o.End, o.Lasted)
	}
	if o.Lowest == nil || *o.Lowest != 41 || o.Load == nil || *o.Load != 22 {
		t.Errorf("lowest %v, load %v", o.Lowest, o.Load)
	}
	// Every 5 s would be 456 points: the curve is thinned once, to one in 10 s.
	if n := len(o.Curve); n < 200 || n > history.MaxPoints || o.Step != 10 {
		t.Errorf("%d points, one in %d s", n, o.Step)
	}
	if first, last := o.Curve[0], o.Curve[len(o.Curve)-1]; first.T > 5 || *first.Charge != 100 || last.T < 38*60-20 || *last.Charge > 42 {
		t.Errorf("the curve goes from %d s to %d s", first.T, last.T)
	}
	if len(o.Moments) != 2 || o.Moments[0].Kind != "ONBATT" || o.Moments[1].Kind != "ONLINE" {
		t.Errorf("moments: %+v", o.Moments)
	}
	s := o.Summary()
	if s.Messages != 2 || s.Late != 1 || s.Shutdown || s.Off != 0 {
		t.Errorf("in a line: %+v", s)
	}
	totals := w.b.History().Totals
	if totals.Outages != 1 || totals.OnBattery != 38*60 || totals.Shutdowns != 0 || totals.Events["ONBATT"] != 1 || !totals.Since.Equal(day0) {
		t.Errorf("totals: %+v", totals)
	}
}

// TestShutdown: a host that was shut down and came back half an hour later was off
// for that long; one that lost its power was not shut down by anybody.
func TestShutdown(t *testing.T) {
	for name, chosen := range map[string]bool{"shut down": true, "lost its power": false} {
		t.Run(name, func(t *testing.T) {
			file := newFile(t)
			w := newWorld()
			file.join(t, w.b)
			w.cut()
			w.now = 10 * time.Minute
			w.says(20, 120, 20)
			if chosen {
				w.step(nil, engine.Shutdown{Reason: "the battery is low"})
			}
			file.write(t, w.b)

			next := newWorld()
			file.join(t, next.b)
			next.now = 40 * time.Minute
			next.b.Started(day0.Add(next.now), day0.Add(10*time.Minute), true, "the power went")
			next.now += time.Minute
			next.mains()
			o := next.only(t)
			want := "the battery is low"
			if !chosen {
				want = "the power went"
			}
			if o.Shutdown == nil || o.Shutdown.Chosen != chosen || o.Shutdown.Reason != want || o.Off() != 30*time.Minute {
				t.Fatalf("%+v, off %v", o.Shutdown, o.Off())
			}
			if !o.End.Equal(day0.Add(41*time.Minute)) || next.b.History().Totals.Shutdowns != 1 {
				t.Errorf("ended %v, totals %+v", o.End, next.b.History().Totals)
			}
		})
	}
}

// TestCallOff: a shutdown that was called off is none.
func TestCallOff(t *testing.T) {
	w := newWorld()
	w.cut()
	w.step(nil, engine.Shutdown{Reason: "low"})
	w.step(nil, engine.CallOff{Reason: "mains is back"})
	w.mains()
	if o := w.only(t); o.Shutdown != nil || w.b.History().Totals.Shutdowns != 0 {
		t.Errorf("%+v, %+v", o.Shutdown, w.b.History().Totals)
	}
}

// A file is a state file, written and read as the store does.
type file struct{ db *bolt.DB }

func newFile(t *testing.T) file {
	db, err := bolt.Open(filepath.Join(t.TempDir(), "state.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return file{db}
}

func (f file) join(t *testing.T, b *Book) {
	t.Helper()
	if err := f.db.View(func(tx *bolt.Tx) error { return b.Load(tx, nil) }); err != nil {
		t.Fatal(err)
	}
}

func (f file) write(t *testing.T, b *Book) (wrote bool) {
	t.Helper()
	write, done := b.Changes(false)
	if write == nil {
		return false
	}
	err := f.db.Update(write)
	done(err)
	if err != nil {
		t.Fatal(err)
	}
	return true
}

func (f file) View(_ context.Context, read func(*bolt.Tx) error) error { return f.db.View(read) }

// TestMany: of many outages a line each is in memory, all have their stories in the
// file, numbers go on after a restart, and the oldest are forgotten in the end.
func TestMany(t *testing.T) {
	f := newFile(t)
	w := newWorld()
	f.join(t, w.b)
	const n = MaxOutages + 10
	for i := range n {
		w.cut()
		w.now += time.Minute
		w.says(90, 1000, 20)
		w.mains()
		w.now += time.Hour
		if i%100 == 0 || i == n-1 {
			f.write(t, w.b)
		}
		if i%100 != 0 && i%3 == 0 {
			f.write(t, w.b)
		}
	}
	if f.write(t, w.b) {
		t.Error("there was something to write though nothing had changed")
	}
	if h := w.b.History(); len(h.Outages) != MaxOutages || h.Outages[len(h.Outages)-1].N != n || h.Totals.Outages != n || h.Totals.OnBattery != n*60 {
		t.Errorf("%d outages, the last %d; totals %+v", len(h.Outages), h.Outages[len(h.Outages)-1].N, h.Totals)
	}

	next := newWorld()
	f.join(t, next.b)
	next.now = w.now
	next.cut()
	h := next.b.History()
	if last := h.Outages[len(h.Outages)-1]; last.N != n+1 {
		t.Errorf("after a restart the next is number %d", last.N)
	}
	if o, err := next.b.Outage(t.Context(), n/2, f); err != nil || len(o.Curve) != 2 || len(o.Moments) != 2 {
		t.Errorf("an old one: %+v, %v", o, err)
	}
	if _, err := next.b.Outage(t.Context(), 1, f); !errors.Is(err, ErrNone) {
		t.Errorf("a forgotten one: %v", err)
	}
}

// TestSlowDisk: what is noted before the file has been read is not lost, and gets
// numbers after those in the file.
func TestSlowDisk(t *testing.T) {
	f := newFile(t)
	first := newWorld()
	f.join(t, first.b)
	first.cut()
	first.mains()
	f.write(t, first.b)

	w := newWorld()
	w.b.Started(day0.Add(time.Hour), day0, false, "")
	w.now = time.Hour
	w.cut()
	w.mains()
	if write, _ := w.b.Changes(true); write != nil {
		t.Error("it would write over what it has not read")
	}
	f.join(t, w.b)
	f.write(t, w.b)
	h := w.b.History()
	if len(h.Outages) != 2 || h.Outages[0].N != 1 || h.Outages[1].N != 2 || !h.Outages[1].Begin.Equal(day0.Add(time.Hour)) || h.Totals.Outages != 2 {
		t.Fatalf("%+v", h)
	}
}

// TestForms: what this release stored is read, entries of a newer one and damaged
// ones stay where they are and are said.
func TestForms(t *testing.T) {
	f := newFile(t)
	const golden = `{"version":1,"n":7,"ups":"eaton","begin":"2026-10-03T14:01:00Z","end":"2026-10-03T14:39:00Z","lasted":2280,"lowest":41,"load":22,"shutdown":{"at":"2026-10-03T14:30:00Z","reason":"low","back":"2026-10-03T15:00:00Z","chosen":true},"moments":[{"at":"2026-10-03T14:01:00Z","kind":"ONBATT","text":"mains lost"}],"messages":[{"id":41,"at":"2026-10-03T14:01:00Z","text":"On battery","ends":[{"route":"mobile","at":"2026-10-03T14:01:05Z","verdict":"delivered"}]}],"curve":[{"t":5,"charge":100,"runtime":3000,"load":20}],"left_out":{"moments":1},"step":10}`
	newer := strings.Replace(golden, `"version":1`, `"version":2`, 1)
	err := f.db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket(bucketName)
		return errors.Join(err, b.Put(keyOf(7), []byte(golden)), b.Put(keyOf(8), []byte(newer)), b.Put(keyOf(9), []byte("{")))
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	err = f.db.View(func(tx *bolt.Tx) error { return w.b.Load(tx, nil) })
	if err == nil || !strings.Contains(err.Error(), "2 entries of the history") {
		t.Errorf("the error is %v", err)
	}
	o := w.only(t)
	if got, _ := json.Marshal(storedOutage{version, o}); string(got) != golden {
		t.Errorf("got  %s\nwant %s", got, golden)
	}
	w.now = 2 * time.Hour
	w.cut()
	if h := w.b.History(); h.Outages[1].N != 10 {
		t.Errorf("the next one is number %d and would overwrite what is kept", h.Outages[1].N)
	}
}

// TestBounds: an outage with a flood of events and messages stays within its bounds.
func TestBounds(t *testing.T) {
	w := newWorld()
	w.cut()
	for i := range 5000 {
		w.now += 10 * time.Second
		w.says(50, 600, 20)
		w.step([]uint64{uint64(100 + i)}, event(ups.EventOver, strings.Repeat("é", 1000)), engine.Message{About: engine.About{UPS: "eaton"}, Text: strings.Repeat("x", 5000)})
	}
	o := w.only(t)
	raw, _ := json.Marshal(o)
	if len(raw) > 120<<10 || len(o.Curve) > history.MaxPoints || len(o.Moments) != history.MaxMoments || o.Left.Moments != 5001-history.MaxMoments || o.Left.Messages != 5001-history.MaxMessages {
		t.Errorf("%d bytes, %d points, %d moments, %+v left out", len(raw), len(o.Curve), len(o.Moments), o.Left)
	}
}
