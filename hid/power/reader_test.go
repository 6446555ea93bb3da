package power_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim"
	"ecnutd/ups"
)

// start runs a reader on a simulated UPS. said collects what changed, with the
// time since the start.
func start(t *testing.T, u *sim.UPS, opt power.Options) (said func() []string, ended <-chan error) {
	t.Helper()
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	opt.Strings = func(_ context.Context, indexes []uint8) (map[uint8]string, error) {
		return u.Strings(indexes), nil
	}
	r, err := power.NewReader(dev, opt, eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	lines := make(chan string, 10000)
	end := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		last := ""
		err := r.Run(ctx, func(d *power.Decoder) {
			if s := d.Snapshot().Status.String(); s != last {
				last = s
				lines <- fmt.Sprintf("%s %s", time.Since(begin), s)
			}
		}, nil)
		dev.Close()
		end <- err
	}()
	t.Cleanup(func() { cancel(); <-done })
	return func() []string {
		var got []string
		for {
			select {
			case l := <-lines:
				got = append(got, l)
			default:
				return got
			}
		}
	}, end
}

// TestReaderOutage: the loss of mains comes with the pushed report, one second
// after it happened, and not with the next question.
func TestReaderOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		said, _ := start(t, u, power.Options{})
		time.Sleep(11 * time.Second)
		u.CutMains()
		time.Sleep(3 * time.Second)
		u.RestoreMains()
		time.Sleep(3 * time.Second)
		got := said()
		// The charge is known a moment after the status: 100 %, so no CHRG.
		// After three seconds on battery it is 99.5 %, shown as 99 or 100.
		want := []string{"0s OL", "12s OB DISCHRG", "15s OL"}
		for i, w := range want {
			if i >= len(got) || got[i] != w && got[i] != w+" CHRG" {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	})
}

// TestReaderQuiet: an hour at rest costs 22 requests a minute on a Protection
// Station 800: report 01 every 5 s (12), load and output voltage every 30 s
// (4), 02, 03, 06, 09 and 0a every 60 s (5), and eight settings every ten
// minutes (0.8), which makes 21.8. A third of NUT's is 37.
func TestReaderQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		said, _ := start(t, u, power.Options{})
		time.Sleep(time.Second)
		before := len(u.Transfers())
		time.Sleep(time.Hour)
		perMinute := float64(len(u.Transfers())-before) / 60
		if perMinute < 21 || perMinute > 22.5 {
			t.Errorf("%.1f transfers a minute, want 21.8", perMinute)
		}
		if got := said(); !cmp.Equal(got, []string{"0s OL"}) {
			t.Errorf("said %q", got)
		}
	})
}

// TestReaderConfirms: a change of the flags is asked for again at once, so that
// the monitor has its second reading long before the next round.
func TestReaderConfirms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		said, _ := start(t, u, power.Options{Poll: time.Hour, PollOnBattery: time.Hour, SilentAfter: 2 * time.Hour})
		time.Sleep(time.Minute)
		before := len(u.Transfers())
		u.CutMains()
		time.Sleep(1500 * time.Millisecond)
		var kinds []string
		for _, x := range u.Transfers()[before:] {
			if x.Data[0] == 1 {
				kinds = append(kinds, string(x.Kind))
			}
		}
		if !cmp.Equal(kinds, []string{"IN", "GET"}) {
			t.Errorf("report 01 went %q, want pushed and then asked for", kinds)
		}
		said()
	})
}

// TestReaderLoses: what ends a reader, and what does not.
func TestReaderLoses(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault func(u *sim.UPS)
		wait  time.Duration
		want  error // nil: it reads on
	}{
		{"unplugged", func(u *sim.UPS) { u.Unplug() }, time.Second, hid.ErrGone},
		// The next question, at most 5 s away, and the one after it time out
		// after 5 s each; then the report that answered last is asked once.
		{"silence", func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.Silence}) }, 25 * time.Second, power.ErrSilent},
		{"stall, then mute", func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.StallThenMute, Report: 1}) }, 25 * time.Second, power.ErrSilent},
		{"a report refused", func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.Stall, Report: 7}) }, time.Hour, nil},
		{"four reports refused", func(u *sim.UPS) {
			for _, id := range []uint8{7, 0xe, 2, 3} {
				u.Inject(sim.Fault{Kind: sim.Stall, Report: id})
			}
		}, time.Hour, nil},
		{"short replies", func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.ShortReply, Report: 6}) }, time.Hour, nil},
		{"slow replies", func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.SlowReply, Delay: 75 * time.Millisecond}) }, time.Hour, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, err := sim.New("")
				if err != nil {
					t.Fatal(err)
				}
				_, ended := start(t, u, power.Options{})
				time.Sleep(3 * time.Second)
				tc.fault(u)
				time.Sleep(tc.wait)
				synctest.Wait()
				select {
				case err := <-ended:
					if tc.want == nil || !errors.Is(err, tc.want) {
						t.Errorf("ended with %v, want %v", err, tc.want)
					}
				default:
					if tc.want != nil {
						t.Errorf("reads on, want %v", tc.want)
					}
				}
			})
		})
	}
}

// TestReaderForeign: an answer with another report's bytes changes nothing.
func TestReaderForeign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		u.Inject(sim.Fault{Kind: sim.ForeignReply, Report: 6, Reply: 7})
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		r, err := power.NewReader(dev, power.Options{}, eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := r.Decoder().Snapshot()
		if s.Charge.Known || s.Runtime.Known || s.Load != ups.Known(25) {
			t.Errorf("got %s, want charge and runtime unknown and a load of 25 %%", s)
		}
	})
}

// TestSweepSilent: a device that answers nothing is an error, not a UPS full
// of unknowns.
func TestSweepSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		u.Inject(sim.Fault{Kind: sim.Silence})
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		r, err := power.NewReader(dev, power.Options{}, eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Sweep(t.Context()); !errors.Is(err, power.ErrSilent) {
			t.Errorf("got %v, want ErrSilent", err)
		}
	})
}

// TestSimulatedVariables: every model's variables, read over the simulated
// wire, are those that upsc showed on the real unit.
func TestSimulatedVariables(t *testing.T) {
	for model, want := range map[string]ups.Variables{
		"protection-station-800": {"ups.model": "Protection Station 800", "battery.runtime": "585", "ups.power.nominal": "800", "battery.type": "PbAc", "ups.firmware": "1.13", "outlet.1.id": "2", "ups.status": "OL"},
		"tg-box-850": {
			"ups.model": "SANTAK TG-BOX 850", "battery.type": "PbAcid", "ups.firmware": "02.08.0010", "ups.type": "offline / line interactive",
			"outlet.id": "0", "outlet.switchable": "yes", "outlet.1.id": "1", "outlet.1.switchable": "no", "outlet.1.status": "on", "device.serial": "Blank",
		},
		"ellipse-eco-650": {"ups.model": "Ellipse ECO 650", "input.transfer.low": "161", "outlet.2.switchable": "yes", "outlet.1.ecocontrol": "The outlet is ECO controlled"},
	} {
		u, err := sim.New(model)
		if err != nil {
			t.Fatal(err)
		}
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		r, err := power.NewReader(dev, power.Options{Strings: func(_ context.Context, i []uint8) (map[uint8]string, error) { return u.Strings(i), nil }}, eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		if stringsErr, err := r.Sweep(t.Context()); err != nil || stringsErr != nil {
			t.Fatal(err, stringsErr)
		}
		got := r.Decoder().Variables()
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %q, want %q", model, name, got[name], value)
			}
		}
	}
}
