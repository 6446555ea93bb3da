package power_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim"
)

// running is a reader that runs, and the variables that it showed last.
func running(t *testing.T, u *sim.UPS, opt power.Options) (r *power.Reader, shown func() map[string]string, stop func() error) {
	t.Helper()
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	if r, err = power.NewReader(dev, opt, eaton.Family); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var last map[string]string
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := r.Run(ctx, func(d *power.Decoder) {
			mu.Lock()
			defer mu.Unlock()
			last = d.Variables()
		}, nil)
		dev.Close()
		ended <- err
	}()
	shown = func() map[string]string {
		mu.Lock()
		defer mu.Unlock()
		return last
	}
	return r, shown, func() error { cancel(); return <-ended }
}

// TestDo: a command runs between the reader's questions without waiting for one,
// the count-down shows at once in what the reader tells, and the reader reads
// on, over the cut and the return.
func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		r, shown, stop := running(t, u, power.Options{Delays: power.Delays{Start: 60 * time.Second, Shutdown: 40 * time.Second}})
		time.Sleep(7300 * time.Millisecond)
		begin := time.Now()
		var res power.Result
		if err := r.Do(t.Context(), func(c *power.Commander) { res = c.Command(t.Context(), "shutdown.return", "", cutting) }); err != nil {
			t.Fatal(err)
		}
		if res.Outcome != power.Done || time.Since(begin) > 125*time.Millisecond {
			t.Errorf("%s after %s", res, time.Since(begin))
		}
		var bytes []string
		for _, x := range u.Transfers() {
			if x.Kind == sim.Set {
				bytes = append(bytes, string(x.Kind)+" "+hexed(x.Data))
			}
		}
		if diff := cmp.Diff([]string{"SET 0a3c000000", "SET 0928000000"}, bytes); diff != "" {
			t.Error(diff)
		}
		// A timer that runs is asked for at once and every 5 s: 5 s in it
		// shows 35, and is seen so until 10 s in.
		time.Sleep(7 * time.Second)
		if v := shown(); v["ups.timer.shutdown"] != "35" || v["ups.delay.shutdown"] != "40" {
			t.Errorf("timer %s, delay %s", v["ups.timer.shutdown"], v["ups.delay.shutdown"])
		}
		time.Sleep(38 * time.Second)
		if got := shown()["ups.status"]; got != "OL OFF" {
			t.Errorf("after the cut: %s", got)
		}
		time.Sleep(65 * time.Second)
		if got := shown()["ups.status"]; got != "OL" {
			t.Errorf("after the return: %s", got)
		}
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestDoEnds: whoever waits for a reader that does not run is told so, and a
// context ends the waiting.
func TestDoEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		never := func(*power.Commander) { t.Error("called") }
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		idle, err := power.NewReader(dev, power.Options{}, eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := idle.Do(ctx, never); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}

		r, _, stop := running(t, u, power.Options{})
		time.Sleep(time.Second)
		u.Unplug()
		time.Sleep(time.Second)
		if err := r.Do(t.Context(), never); !errors.Is(err, power.ErrEnded) {
			t.Error(err)
		}
		if err := stop(); !errors.Is(err, hid.ErrGone) {
			t.Error(err)
		}
	})
}

// TestDoUnplugged: the cable is pulled while a command runs: the command says
// so, and the reader ends with the device.
func TestDoUnplugged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		r, _, stop := running(t, u, power.Options{})
		time.Sleep(time.Second)
		var res power.Result
		err = r.Do(t.Context(), func(c *power.Commander) {
			time.AfterFunc(50*time.Millisecond, u.Unplug)
			res = c.Command(t.Context(), "shutdown.return", "", cutting)
		})
		if err != nil || res.Outcome != power.Incomplete || res.Cut != power.CutNone {
			t.Error(err, res)
		}
		time.Sleep(time.Second)
		if err := stop(); !errors.Is(err, hid.ErrGone) {
			t.Error(err)
		}
	})
}

// TestDoSilent: a command that finds the device silent does not keep the reader
// from finding it out.
func TestDoSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		r, _, stop := running(t, u, power.Options{})
		time.Sleep(time.Second)
		u.Inject(sim.Fault{Kind: sim.Silence})
		var res power.Result
		if err := r.Do(t.Context(), func(c *power.Commander) { res = c.Command(t.Context(), "load.off", "", cutting) }); err != nil || res.Outcome != power.NotSent {
			t.Error(err, res)
		}
		time.Sleep(25 * time.Second)
		if err := stop(); !errors.Is(err, power.ErrSilent) {
			t.Error(err)
		}
	})
}

// TestSetShows: what was set shows in what the reader tells, at once; not only
// when the reader has next asked for something, which takes it a second here.
func TestSetShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		r, shown, stop := running(t, u, power.Options{})
		time.Sleep(2 * time.Second)
		var delays power.Delays
		err = r.Do(t.Context(), func(c *power.Commander) {
			for name, value := range map[string]string{"battery.charge.low": "35", "ups.delay.start": "50", "ups.beeper.status": "muted"} {
				if res := c.Set(t.Context(), name, value); res.Outcome != power.Done {
					t.Error(res)
				}
			}
			delays = c.Decoder().Delays()
			u.Inject(sim.Fault{Kind: sim.SlowReply, Delay: time.Second})
		})
		if err != nil {
			t.Fatal(err)
		}
		v := shown()
		if v["battery.charge.low"] != "35" || v["ups.delay.start"] != "50" || v["ups.beeper.status"] != "muted" {
			t.Error(v)
		}
		if delays != (power.Delays{Start: 50 * time.Second, Shutdown: 20 * time.Second}) {
			t.Error(delays)
		}
		stop()
	})
}
