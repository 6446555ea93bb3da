package power_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/sim"
	"ecnutd/ups"
)

// A listener is a reader that runs, and the last that it said.
type listener struct {
	t     *testing.T
	r     *power.Reader
	mu    sync.Mutex // of what follows
	last  ups.Snapshot
	at    time.Time // when it said it
	each  func(ups.Snapshot)
	err   error
	ended bool
	done  chan struct{}
}

// listen runs a reader on a device, inside a bubble of virtual time.
func listen(t *testing.T, dev hid.Device, opt power.Options) *listener {
	t.Helper()
	r, err := power.NewReader(dev, opt, eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, r: r, done: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(l.done)
		err := r.Run(ctx, func(d *power.Decoder) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.last, l.at = d.Snapshot(), time.Now()
			if l.each != nil {
				l.each(l.last)
			}
		}, nil)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.err, l.ended = err, true
	}()
	t.Cleanup(func() { cancel(); <-l.done; dev.Close() })
	return l
}

// after lets time pass and returns what was said last, as old as it is by then.
func (l *listener) after(d time.Duration) ups.Snapshot {
	l.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	s, since := l.last, time.Since(l.at)
	s.Age.Status += since
	s.Age.Charge += since
	s.Age.Runtime += since
	return s
}

// with does something while nothing is heard.
func (l *listener) with(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// between fails unless a duration is one of those between two, both included.
func between(t *testing.T, what string, got, low, high time.Duration) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s is %s, want %s to %s", what, got, low, high)
	}
}

func plugged(t *testing.T, model string, opts ...sim.Option) (*sim.UPS, hid.Device) {
	t.Helper()
	u, err := sim.New(model, opts...)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	return u, dev
}

// TestAges: at rest the status is never older than two polls of 5 s, charge and
// runtime, which are pushed, than a minute and a bit; on battery the figures are
// asked for every 10 s.
func TestAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		l := listen(t, dev, power.Options{})
		for range 100 {
			s := l.after(3700 * time.Millisecond)
			between(t, "the age of the status", s.Age.Status, 0, 6*time.Second)
			between(t, "the age of the charge", s.Age.Charge, 0, 62*time.Second)
			between(t, "the age of the runtime", s.Age.Runtime, 0, 62*time.Second)
			if s.Age.ChargePeriod != 10*time.Second || s.Age.RuntimePeriod != 10*time.Second || s.Age.PushedStatus || s.Age.PushedLow != 0 {
				t.Fatalf("%+v", s.Age)
			}
		}
		u.Inject(sim.Fault{Kind: sim.LostPushes})
		u.CutMains()
		l.after(6 * time.Second)
		for range 20 {
			s := l.after(3700 * time.Millisecond)
			between(t, "the age of the charge on battery", s.Age.Charge, 0, 12*time.Second)
			if !s.Status.Has(ups.OnBattery) {
				t.Fatalf("%s", s)
			}
		}
	})
}

// TestSlowest: the slowest answer of a Protection Station is that of report 0b,
// twelve bytes: 75 ms.
func TestSlowest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dev := plugged(t, "", sim.WithReplyTimes())
		if s := listen(t, dev, power.Options{}).after(time.Minute); s.Age.Slowest != 75*time.Millisecond {
			t.Errorf("the slowest answer took %s", s.Age.Slowest)
		}
	})
}

// TestStaleParts: a report that is not answered any more grows old while the
// others are answered, and the reader goes on. Report 01 has the flags, 06 the
// charge and the runtime. The last answer was at most 5 s, or a minute, before.
func TestStaleParts(t *testing.T) {
	const wait = 10 * time.Minute
	for _, kind := range []sim.FaultKind{sim.Stall, sim.Hang, sim.ForeignReply, sim.EmptyReply} {
		for report, want := range map[uint8][2][2]time.Duration{
			1: {{wait, wait + 6*time.Second}, {0, 70 * time.Second}},
			6: {{0, 12 * time.Second}, {wait, wait + 62*time.Second}},
		} {
			t.Run(kind.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u, dev := plugged(t, "")
					l := listen(t, dev, power.Options{})
					l.after(66 * time.Second)
					u.Inject(sim.Fault{Kind: kind, Report: report, Reply: 8})
					u.Inject(sim.Fault{Kind: sim.LostPushes})
					u.CutMains()
					s := l.after(wait)
					if l.ended {
						t.Fatalf("it ended: %v", l.err)
					}
					between(t, "the age of the status", s.Age.Status, want[0][0], want[0][1])
					between(t, "the age of the charge", s.Age.Charge, want[1][0], want[1][1])
					between(t, "the age of the runtime", s.Age.Runtime, want[1][0], want[1][1])
					if s.Age.PushedStatus {
						t.Error("the status was asked for and answered, and is called one that is only pushed")
					}
				})
			})
		}
	}
}

// TestStatusNever: a unit whose status report is refused from the beginning is
// read, and says neither mains nor battery. What it pushes is all that there is
// of it.
func TestStatusNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		u.Inject(sim.Fault{Kind: sim.Stall, Report: 1})
		l := listen(t, dev, power.Options{})
		s := l.after(10 * time.Minute)
		if l.ended || s.Status.Has(ups.Online) || s.Status.Has(ups.OnBattery) || s.Charge != ups.Known(100) || !s.Age.PushedStatus {
			t.Errorf("%s, %+v, ended with %v", s, s.Age, l.err)
		}
		between(t, "the age of a status that never came", s.Age.Status, 10*time.Minute, 10*time.Minute)
		u.CutMains() // which is pushed after a second
		if s := l.after(1500 * time.Millisecond); !s.Status.Has(ups.OnBattery) || !s.Age.PushedStatus {
			t.Errorf("%s, %+v", s, s.Age)
		}
		s = l.after(30 * time.Second)
		between(t, "the age of a status that is only pushed", s.Age.Status, 0, 12*time.Second)
	})
}

// TestNothingOfUse: a device of which no answer is what it was asked for is no
// device that does not answer, and is told as what it is.
func TestNothingOfUse(t *testing.T) {
	for kind, says := range map[sim.FaultKind]string{sim.ForeignReply: "the answer is report 08", sim.EmptyReply: "an empty answer"} {
		synctest.Test(t, func(t *testing.T) {
			u, dev := plugged(t, "")
			for id := range 256 {
				u.Inject(sim.Fault{Kind: kind, Report: uint8(id), Reply: 8})
			}
			u.Clear(sim.ForeignReply)
			for id := range 256 {
				if id != 8 {
					u.Inject(sim.Fault{Kind: kind, Report: uint8(id), Reply: 8})
				}
			}
			u.Inject(sim.Fault{Kind: sim.Stall, Report: 8})
			l := listen(t, dev, power.Options{})
			l.after(20 * time.Second)
			if !l.ended || !errors.Is(l.err, power.ErrSilent) || !strings.Contains(l.err.Error(), "answers, but not with what it was asked for") || !strings.Contains(l.err.Error(), says) {
				t.Errorf("%s: ended %v with %v", kind, l.ended, l.err)
			}
		})
	}
}

// TestPadded: a unit that pads its answers is read like any other.
func TestPadded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		for id := range 256 {
			u.Inject(sim.Fault{Kind: sim.LongReply, Report: uint8(id), Bytes: 3})
		}
		u.Inject(sim.Fault{Kind: sim.LongPush, Report: 1, Bytes: 2})
		l := listen(t, dev, power.Options{})
		if s := l.after(10 * time.Minute); l.ended || s.Status != ups.Online || s.Charge != ups.Known(100) || s.Runtime != ups.Known(585) {
			t.Errorf("%s, ended with %v", s, l.err)
		}
		u.CutMains()
		if s := l.after(1100 * time.Millisecond); !s.Status.Has(ups.OnBattery) {
			t.Errorf("the padded push was not taken: %s", s)
		}
	})
}

// TestPushedLow: the flag of a low battery is pushed once, and its report cannot
// be asked for. That is said as soon as it was asked for in vain once, within
// the second of a refusal or the five of a report that hangs, and another report
// was answered. With the report back it is confirmed, and a reading as any.
func TestPushedLow(t *testing.T) {
	for kind, within := range map[sim.FaultKind]time.Duration{sim.Stall: 6 * time.Second, sim.Hang: 11 * time.Second} {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, dev := plugged(t, "")
				l := listen(t, dev, power.Options{})
				l.after(11 * time.Second)
				u.Inject(sim.Fault{Kind: kind, Report: 1})
				u.CutMains()
				if s := l.after(4 * time.Second); s.Age.PushedLow != 0 {
					t.Errorf("not low, and pushed low: %s", s)
				}
				u.SetCharge(12) // its own limit is 20
				s := l.after(time.Second + within)
				if s.Low != ups.BelowCapacity|ups.ShutdownImminent || s.Age.PushedLow != s.Low {
					t.Errorf("%s, %+v", s, s.Age)
				}
				u.Clear(kind)
				if s := l.after(35 * time.Second); s.Low != ups.BelowCapacity|ups.ShutdownImminent || s.Age.PushedLow != 0 {
					t.Errorf("it was asked for, and %s, %+v", s, s.Age)
				}
			})
		})
	}
	t.Run("healthy", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			u, dev := plugged(t, "")
			l := listen(t, dev, power.Options{})
			l.with(func() {
				l.each = func(s ups.Snapshot) {
					if s.Age.PushedLow != 0 {
						t.Errorf("%s, %+v", s, s.Age)
					}
				}
			})
			l.after(11 * time.Second)
			u.CutMains()
			u.SetCharge(12)
			if s := l.after(20 * time.Second); s.Low == 0 {
				t.Errorf("not low: %s", s)
			}
		})
	})
}

// TestTesting: a self-test that runs is 5 of the Test usage (Power Device Class
// 4.2.5), 3 is one that ended with an error.
func TestTesting(t *testing.T) {
	f := describe(field{"UPS.BatterySystem.Battery.Test", 3, 8, 0, 7})
	d, err := power.Bind(f, eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	for state := range byte(8) {
		if err := d.Feature(3, []byte{3, state}); err != nil {
			t.Fatal(err)
		}
		if s := d.Snapshot(); s.Testing != (state == 5) || s.TestFailed != (state == 3) {
			t.Errorf("%d: testing %v, failed %v", state, s.Testing, s.TestFailed)
		}
	}
}

// TestFlagElsewhere: where the flag of a low battery comes in a report of its own
// that can be asked for, the status is as old as the older of the two. One that
// was only ever pushed makes nothing old: it comes when it changes.
func TestFlagElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := power.Bind(describe(field{family.PathStatus + "ACPresent", 1, 8, 0, 1}, field{family.PathStatus + "BelowRemainingCapacityLimit", 2, 8, 0, 1}), eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		say := func(report ...byte) {
			if err := d.Feature(report[0], report); err != nil {
				t.Fatal(err)
			}
		}
		say(1, 1)
		if age := d.Snapshot().Age.Status; age != 0 {
			t.Errorf("a flag that was never heard makes the status %s old", age)
		}
		say(2, 0)
		time.Sleep(time.Minute)
		say(1, 1)
		if age := d.Snapshot().Age.Status; age != time.Minute {
			t.Errorf("the flag is a minute old, and the status %s", age)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		d, err := power.Bind(inputsAlone(), eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Input([]byte{2, 5, 100}); err != nil { // mains, and low
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := d.InputAnswer(2, []byte{2, 1}); err != nil {
			t.Fatal(err)
		}
		if s := d.Snapshot(); s.Low != 0 || s.Age.Status != 0 || s.Age.Charge != time.Minute {
			t.Errorf("%s, %+v", s, s.Age)
		}
	})
}

// TestNullIsNoWord: a number outside its range is how a device says that it does
// not know (HID 1.11 §5.10): the status grows old as if nothing had come.
func TestNullIsNoWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := power.Bind(describe(field{family.PathStatus + "ACPresent", 1, 8, 0, 1}, field{family.PathCharge, 2, 8, 0, 100}), eaton.Family)
		if err != nil {
			t.Fatal(err)
		}
		for _, report := range [][]byte{{1, 1}, {2, 80}} {
			if err := d.Feature(report[0], report); err != nil {
				t.Fatal(err)
			}
		}
		readings := d.Snapshot().Readings
		time.Sleep(time.Minute)
		for _, report := range [][]byte{{1, 9}, {2, 255}} {
			if err := d.Feature(report[0], report); err != nil {
				t.Fatal(err)
			}
		}
		s := d.Snapshot()
		if s.Status&(ups.Online|ups.OnBattery) != 0 || s.Readings != readings || s.Charge.Known {
			t.Errorf("%s after %d and %d readings", s, readings, s.Readings)
		}
		if s.Age.Status != time.Minute || s.Age.Charge != time.Minute {
			t.Errorf("%+v", s.Age)
		}
	})
}
