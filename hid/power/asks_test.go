package power_test

import (
	"cmp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim"
	"ecnutd/ups"
)

// asked counts the requests for a report since a number of transfers; for all of
// them with id 0.
func asked(u *sim.UPS, since int, id uint8) (n int) {
	for _, x := range u.Transfers()[since:] {
		if x.Kind != sim.Input && (id == 0 || x.Data[0] == id) {
			n++
		}
	}
	return n
}

// TestTransfer: the figures of mains say nothing once the battery carries the
// load. With the interrupts silent and answers that take their time, the flags
// say "on battery" at the next question, and within a second charge, runtime and
// load are those of after it: an Ellipse ECO shows 22 % before and 38 % after,
// 1124 s and 663 s. So it is when mains is back.
func TestTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "ellipse-eco-650", sim.WithReplyTimes())
		u.Inject(sim.Fault{Kind: sim.LostPushes})
		l := listen(t, dev, power.Options{})
		line, turned := ups.Online, time.Time{}
		var figures time.Duration // from the flags to the figures
		each := func(s ups.Snapshot) {
			if now := s.Status & (ups.Online | ups.OnBattery); now != line {
				line, turned, figures = now, time.Now(), 0
			}
			since := time.Since(turned)
			if !turned.IsZero() && figures == 0 && s.Age.Charge < since && s.Age.Runtime < since && s.Load != ups.Known(map[ups.Status]int{ups.Online: 38, ups.OnBattery: 22}[line]) {
				figures = since
			}
		}
		l.with(func() { l.each = each })
		l.after(62 * time.Second)
		for _, turn := range []func(){u.CutMains, u.RestoreMains} {
			turn()
			l.after(6 * time.Second)
			l.with(func() {
				if figures <= 0 || figures > time.Second {
					t.Errorf("%s: the figures came after %s", line, figures)
				}
			})
		}
	})
}

// TestLowFigures: when the battery becomes low the charge is asked for at once:
// on a Protection Station it stands in report 06, and the flag in 01.
func TestLowFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		u.Inject(sim.Fault{Kind: sim.LostPushes})
		l := listen(t, dev, power.Options{})
		l.after(62 * time.Second)
		u.CutMains()
		l.after(7 * time.Second)
		u.SetCharge(15)
		for range 60 {
			if s := l.after(100 * time.Millisecond); s.Low != 0 {
				if s := l.after(100 * time.Millisecond); s.Charge != ups.Known(15) {
					t.Errorf("low at a charge of %s", s.Charge)
				}
				return
			}
		}
		t.Error("never low")
	})
}

// TestFigures: at the start the figures come before what is of less use, so that
// a message about the UPS that was found can say them: the flags of a Protection
// Station are in report 01, charge and runtime in 06, the load in 07.
func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		listen(t, dev, power.Options{}).after(time.Second)
		var order []byte
		for _, x := range u.Transfers()[:3] {
			order = append(order, x.Data[0])
		}
		if order[0] != 1 || order[1]+order[2] != 6+7 {
			t.Errorf("asked for % x", order)
		}
	})
}

// TestRefused: a report that is refused is asked for less and less often, whether
// it ever was answered or not: in the second hour at most twice a minute for the
// flags, once for the others. Nothing else is asked for more often because of it
// (21.8 times a minute at rest, of which 12 are for the flags).
func TestRefused(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  sim.Fault
		before bool
		most   int // in a minute
	}{
		{"flags", sim.Fault{Kind: sim.Stall, Report: 1}, false, 2},
		{"flags, from the beginning", sim.Fault{Kind: sim.Stall, Report: 1}, true, 2},
		{"flags that hang", sim.Fault{Kind: sim.Hang, Report: 1}, false, 2},
		{"foreign flags", sim.Fault{Kind: sim.ForeignReply, Report: 1, Reply: 8}, false, 3}, // and 08 itself six times an hour
		{"charge", sim.Fault{Kind: sim.Stall, Report: 6}, false, 1},
		{"charge, from the beginning", sim.Fault{Kind: sim.Stall, Report: 6}, true, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, dev := plugged(t, "")
				if tc.before {
					u.Inject(tc.fault)
				}
				l := listen(t, dev, power.Options{})
				l.after(time.Minute)
				u.Inject(tc.fault)
				l.after(time.Hour)
				before := len(u.Transfers())
				l.after(time.Hour)
				if n := asked(u, before, cmp.Or(tc.fault.Reply, tc.fault.Report)); l.ended || n > 60*tc.most || n == 0 {
					t.Errorf("asked for %d times in an hour, ended %v %v", n, l.ended, l.err)
				}
				if n := asked(u, before, 0); n > 60*22 {
					t.Errorf("%d requests in an hour", n)
				}
			})
		})
	}
}

// TestPassingTrouble: a status report that is refused, or hangs, for a few seconds
// is asked for again soon enough that its age stays below upsmon's DEADTIME, 15 s.
func TestPassingTrouble(t *testing.T) {
	for kind, lasts := range map[sim.FaultKind]time.Duration{sim.Hang: 4 * time.Second, sim.Stall: 6 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			u, dev := plugged(t, "")
			l := listen(t, dev, power.Options{})
			l.after(59 * time.Second)
			u.Inject(sim.Fault{Kind: kind, Report: 1})
			time.AfterFunc(lasts, func() { u.Clear(kind) })
			for range 40 {
				if s := l.after(500 * time.Millisecond); s.Age.Status >= 15*time.Second {
					t.Errorf("%s: the status is %s old", kind, s.Age.Status)
				}
			}
		})
	}
}

// TestFlicker: mains that comes and goes every two seconds does not have all
// reports asked for at each turn: every 10 s at most (10 are measured besides
// the figures), and the flags and the figures (three reports) once a second.
func TestFlicker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		l := listen(t, dev, power.Options{})
		l.after(time.Minute)
		before := len(u.Transfers())
		for range 30 {
			u.CutMains()
			l.after(time.Second)
			u.RestoreMains()
			l.after(time.Second)
		}
		if n := asked(u, before, 0); n > 60*3+6*10 {
			t.Errorf("%d requests in a minute", n)
		}
	})
}

// TestSeries: mains that goes often goes several times in a row. Each time the
// charge is asked for at once, before anything else, and so it is after a minute
// of flicker, ten times a second, which is not worth one question a turn.
func TestSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, dev := plugged(t, "")
		l := listen(t, dev, power.Options{})
		l.after(62 * time.Second)
		cut := func() {
			t.Helper()
			u.CutMains()
			l.after(1100 * time.Millisecond) // it is pushed within a second
			all := u.Transfers()
			i := slices.IndexFunc(all, func(x sim.Transfer) bool { return x.Kind == sim.Input && time.Since(x.At) < 1100*time.Millisecond })
			if i < 0 || i+1 >= len(all) || all[i+1].Kind != sim.Get || all[i+1].Data[0] != 6 || !all[i+1].At.Equal(all[i].At) {
				t.Errorf("after the report of the loss: %v", all[max(i, 0):])
			}
			u.RestoreMains()
			l.after(1100 * time.Millisecond)
		}
		cut()
		cut()
		u.SetSpeed(100) // pushes come after 10 ms
		before := len(u.Transfers())
		for range 600 {
			u.CutMains()
			l.after(50 * time.Millisecond)
			u.RestoreMains()
			l.after(50 * time.Millisecond)
		}
		if n := asked(u, before, 6); n > 60+5 || n < 30 {
			t.Errorf("charge and runtime were asked for %d times in a minute of flicker", n)
		}
		u.SetSpeed(1)
		l.after(10 * time.Second)
		cut()
	})
}

// An inputUPS is a device whose state stands in an input report that is pushed
// when it changes only, beside one feature report with a setting.
type inputUPS struct {
	*fake
	mu     sync.Mutex // of what follows
	state  []byte     // of report 02: ACPresent, Discharging, BelowRemainingCapacityLimit; charge
	refuse bool       // to be asked for it
	pushes chan []byte
	n      int // requests for it
}

func (d *inputUPS) GetInput(id uint8, buf []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.n++
	if d.refuse || id != 2 {
		return 0, errStalled
	}
	return copy(buf, d.state), nil
}

func (d *inputUPS) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case report := <-d.pushes:
		return copy(buf, report), nil
	case <-timer.C:
		return 0, hid.ErrTimeout
	}
}

func (d *inputUPS) Wake() {
	select {
	case d.pushes <- nil:
	default:
	}
}

// inputsAlone is made of items of HID 1.11 §6.2.2: usage page 84, UPS (04), in it
// PowerSummary (24) with the three flags (page 85: d0, 45, 42) as bits and the
// charge (66) as a byte of input report 02, and a feature report 03 with
// RemainingCapacityLimit (29).
func inputsAlone() *inputUPS {
	return &inputUPS{
		fake: &fake{reports: map[uint8][]byte{3: {3, 20}}, descriptor: unhexed(`
			05 84 09 04 a1 01 09 24 a1 02
			85 02 09 02 a1 02 15 00 25 01 75 01 95 01
			05 85 09 d0 81 02 09 45 81 02 09 42 81 02 75 05 81 03 c0
			26 64 00 75 08 09 66 81 02
			85 03 09 29 b1 02
			c0 c0`)},
		state: []byte{2, 1, 100}, pushes: make(chan []byte, 1),
	}
}

// TestInputsAlone: a unit whose flags stand in input reports alone is asked for
// those, at the pace of flags, and not lost and found on mains.
func TestInputsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := inputsAlone()
		l := listen(t, d, power.Options{})
		s := l.after(10 * time.Minute)
		if l.ended || s.Status != ups.Online || s.Charge != ups.Known(100) || s.ChargeLow != ups.Known(20) || s.Age.PushedStatus {
			t.Fatalf("%s, %+v, ended with %v", s, s.Age, l.err)
		}
		between(t, "the age of the status", s.Age.Status, 0, 6*time.Second)
		d.mu.Lock()
		if d.n < 100 || d.n > 130 {
			t.Errorf("asked for %d times in ten minutes, want every 5 s", d.n)
		}
		d.state = []byte{2, 2, 60}
		d.mu.Unlock()
		if s := l.after(6 * time.Second); s.Status != ups.OnBattery|ups.Discharging || s.Charge != ups.Known(60) {
			t.Errorf("%s", s)
		}
	})
}

// TestPushesAlone: where it refuses to be asked, the pushed state is what there
// is. The unit is not lost: it answers another report, which is asked for in
// time. Its status is weak, and as old as its last word.
func TestPushesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := inputsAlone()
		d.refuse = true
		l := listen(t, d, power.Options{})
		d.pushes <- []byte{2, 1, 100}
		s := l.after(30 * time.Minute)
		if l.ended || s.Status != ups.Online || !s.Age.PushedStatus {
			t.Fatalf("%s, %+v, ended with %v", s, s.Age, l.err)
		}
		between(t, "the age of the status", s.Age.Status, 0, 13*time.Second)
		between(t, "the age of the charge", s.Age.Charge, 30*time.Minute-time.Second, 30*time.Minute)
		d.mu.Lock()
		if d.n > 70 {
			t.Errorf("asked in vain for %d times in half an hour", d.n)
		}
		d.mu.Unlock()
		d.pushes <- []byte{2, 6, 15}
		if s := l.after(15 * time.Second); s.Low != ups.BelowCapacity || s.Age.PushedLow != ups.BelowCapacity {
			t.Errorf("%s, %+v", s, s.Age)
		}
	})
}
