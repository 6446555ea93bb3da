package sms

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAge: within a boot the age goes by the clock that does not jump, whatever
// becomes of the other one. The arithmetic: queued 10 min after the boot, looked at
// 40 min after it, is 30 min old.
func TestAge(t *testing.T) {
	uptime := 40 * time.Minute
	o := Options{Boot: "one", Uptime: func() time.Duration { return uptime }}
	unset := time.Date(1970, 1, 1, 0, 10, 0, 0, time.UTC)
	set := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	week := 7 * 24 * time.Hour
	for name, c := range map[string]struct {
		e    Entry
		now  time.Time
		want time.Duration
	}{
		"the clock was set meanwhile":          {Entry{Queued: unset, Boot: "one", Uptime: 10 * time.Minute}, set, 30 * time.Minute},
		"it was put back meanwhile":            {Entry{Queued: set, Boot: "one", Uptime: 10 * time.Minute}, set.Add(-week), 30 * time.Minute},
		"another boot":                         {Entry{Queued: set, Boot: "zero", Uptime: 10 * time.Minute}, set.Add(week), week},
		"another boot, the clock put back":     {Entry{Queued: set, Boot: "zero"}, set.Add(-week), 0},
		"another boot, without a clock":        {Entry{Queued: unset, Boot: "zero", Here: set.Add(-time.Minute)}, set, time.Minute},
		"of the first release":                 {Entry{Queued: set.Add(-time.Hour)}, set, time.Hour},
		"of the first release, without clock":  {Entry{Queued: unset, Here: set.Add(-time.Hour)}, set, time.Hour},
		"a boot of the same name, begun again": {Entry{Queued: set, Boot: "one", Uptime: time.Hour}, set, 0},
	} {
		if got := o.age(&c.e, c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestClockIsSet: a message that was queued before the clock was set and could not
// be sent once after it waits on, and says when its event was by the clock of now.
func TestClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The bubble's clock cannot be set; the one since the boot can stand in for
		// what it does: the time of day goes 30 years, the other one an hour.
		uptime := time.Minute
		f := newFake("a")
		f.set(down)
		opts := quiet()
		opts.Every, opts.Words = -1, French
		opts.Boot, opts.Uptime = "one", func() time.Duration { return uptime }
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		queue(t, newOutbox(t, s, opts, f), "Secteur coupé")
		s.Close(time.Second)
		time.Sleep(30 * 365 * 24 * time.Hour)
		uptime += time.Hour
		s = openStore(t, file)
		o := newOutbox(t, s, opts, f)
		run(t, o)
		time.Sleep(time.Minute)
		if len(o.Pending()) != 1 || len(o.Refused()) != 0 {
			t.Fatalf("refused: %+v", o.Refused())
		}
		event := time.Now().Add(-time.Hour).Local()
		f.set(nil)
		o.Kick()
		synctest.Wait()
		got := strings.Join(f.texts(), "\n")
		if first, second := event.Format("(le 02/01 à 15:04) "), event.Add(-time.Minute).Format("(le 02/01 à 15:04) "); got != first+"Secteur coupé" && got != second+"Secteur coupé" {
			t.Errorf("took %q, the event was %v", got, event)
		}
	})
}
