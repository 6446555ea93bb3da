package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// TestTestDue: a test every 30 days, at ten in the morning or later, and only
// when nothing else is going on.
func TestTestDue(t *testing.T) {
	rule := config.SelfTest{Every: 720 * time.Hour, At: "10:00"}
	last := time.Date(2026, 3, 1, 10, 0, 7, 0, time.UTC)
	now := time.Date(2026, 3, 31, 10, 0, 2, 0, time.UTC) // 30 days less 5 s later
	well := func() *monitor.State {
		one := monitor.SupplyState{Name: "a", Link: monitor.Linked, Line: monitor.OnMains, Last: ups.Snapshot{Status: ups.Online, Charge: ups.Known(100)}}
		two := one
		two.Name = "b"
		return &monitor.State{Supplies: []monitor.SupplyState{one, two}}
	}
	for name, c := range map[string]struct {
		rule      config.SelfTest
		last, now time.Time
		change    func(s *monitor.State)
		want      bool
	}{
		"due":                {rule, last, now, nil, true},
		"long overdue":       {rule, last.AddDate(-1, 0, 0), now, nil, true},
		"the day before":     {rule, last, now.AddDate(0, 0, -1), nil, false},
		"too early that day": {rule, last, now.Add(-3 * time.Second), nil, false},
		"never":              {config.SelfTest{At: "10:00"}, last, now, nil, false},
		"first heard ever":   {rule, time.Time{}, now, nil, false},
		"clock set back":     {rule, now.AddDate(1, 0, 0), now, nil, false},
		"no hour":            {config.SelfTest{Every: time.Hour, At: "ten"}, last, now, nil, false},
		"shutting down":      {rule, last, now, func(s *monitor.State) { s.Phase = monitor.ShuttingDown }, false},
		"ordered":            {rule, last, now, func(s *monitor.State) { s.Forced = "x" }, false},
		"on battery":         {rule, last, now, func(s *monitor.State) { s.Supplies[0].Line = monitor.OnBattery }, false},
		"other on battery":   {rule, last, now, func(s *monitor.State) { s.Supplies[1].Line = monitor.OnBattery }, false},
		"link lost":          {rule, last, now, func(s *monitor.State) { s.Supplies[0].Link = monitor.Lost }, false},
		"other link lost":    {rule, last, now, func(s *monitor.State) { s.Supplies[1].Link = monitor.Lost }, false},
		"after a restart":    {rule, last, now, func(s *monitor.State) { s.Supplies[0].Settle = 1 }, false},
		"low":                {rule, last, now, func(s *monitor.State) { s.Supplies[0].Low.Cause = monitor.LowSaid }, false},
		"not full":           {rule, last, now, func(s *monitor.State) { s.Supplies[0].Last.Charge = ups.Known(99) }, false},
		"charge unknown":     {rule, last, now, func(s *monitor.State) { s.Supplies[0].Last.Charge = ups.Number{} }, false},
		"worn already":       {rule, last, now, func(s *monitor.State) { s.Supplies[0].Last.Status |= ups.ReplaceBattery }, false},
		"more than full":     {rule, last, now, func(s *monitor.State) { s.Supplies[0].Last.Charge = ups.Known(255) }, false},
		"line unknown":       {rule, last, now, func(s *monitor.State) { s.Supplies[0].Last.Status = 0 }, false},
		"overload":           {rule, last, now, func(s *monitor.State) { s.Supplies[0].Last.Status |= ups.Overloaded }, false},
	} {
		s := well()
		if c.change != nil {
			c.change(s)
		}
		if got := testDue(c.rule, selfTest{Begun: c.last}, c.now, s, 0); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// testUnit is a small UPS that has a self-test, which ends at once.
type testUnit struct {
	mu     sync.Mutex
	result byte // that a test has
	test   byte // Battery.Test
	pushes int
	sent   []string
}

func (*testUnit) Info() hid.Info { return hid.Info{Vendor: eaton.VendorMGE, Product: 0xffff} }

// Descriptor has report 1, charge and runtime; report 2, ACPresent, Discharging
// and Charging; report 3, Battery.Test.
func (*testUnit) Descriptor() ([]byte, error) {
	return []byte{
		0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, // UPS
		0x09, 0x24, 0xa1, 0x02, // PowerSummary
		0x85, 0x01, 0x05, 0x85, 0x15, 0x00,
		0x09, 0x66, 0x25, 0x64, 0x75, 0x08, 0x95, 0x01, 0xb1, 0x02, // RemainingCapacity
		0x09, 0x68, 0x26, 0xff, 0x7f, 0x75, 0x10, 0xb1, 0x02, // RunTimeToEmpty
		0x05, 0x84, 0x09, 0x02, 0xa1, 0x02, // PresentStatus
		0x85, 0x02, 0x05, 0x85, 0x25, 0x01, 0x75, 0x01,
		0x09, 0xd0, 0xb1, 0x02, 0x09, 0x45, 0xb1, 0x02, 0x09, 0x44, 0xb1, 0x02,
		0x95, 0x05, 0xb1, 0x03, // padding
		0xc0, 0xc0,
		0x05, 0x84, 0x09, 0x10, 0xa1, 0x02, 0x09, 0x12, 0xa1, 0x02, // BatterySystem, Battery
		0x85, 0x03, 0x25, 0x07, 0x75, 0x08, 0x95, 0x01, 0x09, 0x58, 0xb1, 0x02, 0x09, 0x58, 0x81, 0x02, // Test, pushed too
		0xc0, 0xc0, 0xc0,
	}, nil
}

func (d *testUnit) GetFeature(id uint8, buf []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch id {
	case 1:
		return copy(buf, []byte{1, 100, 0x49, 0x02}), nil // 100 %, 585 s
	case 2:
		return copy(buf, []byte{2, 0b001}), nil // ACPresent
	case 3:
		return copy(buf, []byte{3, d.test}), nil
	}
	return 0, errors.New("stall")
}

func (d *testUnit) SetFeature(report []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, fmt.Sprintf("%x", report))
	d.test, d.pushes = 5, 2
	return nil
}

// ReadInput pushes "in progress" and then the result.
func (d *testUnit) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	time.Sleep(min(timeout, 10*time.Millisecond))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pushes > 0 {
		if d.pushes--; d.pushes == 0 {
			d.test = d.result
		}
		return copy(buf, []byte{3, d.test}), nil
	}
	return 0, hid.ErrTimeout
}

func (*testUnit) Close() error { return nil }
func (*testUnit) Wake()        {}

// TestTriedAgain: one that could not be begun is tried again a day later.
func TestTriedAgain(t *testing.T) {
	rule := config.SelfTest{Every: 720 * time.Hour, At: "10:00"}
	now := time.Date(2026, 3, 31, 10, 0, 2, 0, time.UTC)
	state := &monitor.State{Supplies: []monitor.SupplyState{{Link: monitor.Linked, Line: monitor.OnMains, Last: ups.Snapshot{Status: ups.Online, Charge: ups.Known(100)}}}}
	tried := selfTest{Begun: now.AddDate(0, -2, 0), Tried: now}
	for after, want := range map[time.Duration]bool{time.Minute: false, 12 * time.Hour: false, 24 * time.Hour: true} {
		if got := testDue(rule, tried, now.Add(after), state, 0); got != want {
			t.Errorf("%s later: %v", after, got)
		}
	}
}

// TestOneAfterTheOther: two UPSs whose tests are due are not tested together.
func TestOneAfterTheOther(t *testing.T) {
	r := newRig(t, "")
	r.reparse(strings.Replace(r.text, "{eaton: {}}", `{eaton: {device: /a, self_test: {every: 24h, at: "00:00"}}, other: {device: /b, self_test: {every: 24h, at: "00:00"}}}`, 1))
	units := []*testUnit{{result: 1, test: 6}, {result: 1, test: 6}}
	var mu sync.Mutex
	opened := 0
	r.opens = func(context.Context) (hid.Device, discovery.Strings, error) {
		mu.Lock()
		defer mu.Unlock()
		opened++
		return units[opened%2], noStrings, nil
	}
	r.start()
	r.eventually("both are known", func() bool {
		n := 0
		r.look(func(d *Daemon) { n = len(d.tests.known) })
		return n == 2
	})
	r.look(func(d *Daemon) {
		for _, name := range []string{"eaton", "other"} {
			d.tests.known[name] = selfTest{Begun: time.Now().Add(-25 * time.Hour), Result: "No test initiated"}
		}
	})
	sent := func() (n int) {
		for _, u := range units {
			u.mu.Lock()
			n += len(u.sent)
			u.mu.Unlock()
		}
		return n
	}
	r.eventually("the first result", func() bool { return strings.Contains(r.log.String(), "the self-test of the battery: Done and passed") })
	for range 3 { // and more reports, none of which begins the other's
		r.look(func(d *Daemon) { d.selfTests() })
	}
	if sent() != 1 {
		t.Errorf("%d tests were begun", sent())
	}
	r.look(func(d *Daemon) { // a long time later
		for name, s := range d.tests.known {
			if time.Since(s.Begun) < time.Minute {
				s.Begun = s.Begun.Add(-2 * testsApart)
				d.tests.known[name] = s
			}
		}
	})
	r.eventually("the other's", func() bool { r.look(func(d *Daemon) { d.selfTests() }); return sent() == 2 })
}

// TestSelfTestUnknown: before a UPS was heard nobody says that it has no test.
func TestSelfTestUnknown(t *testing.T) {
	r := newRig(t, "")
	r.reparse(strings.Replace(r.text, "{eaton: {}}", `{eaton: {self_test: {every: 24h, at: "00:00"}}}`, 1))
	tests := newSelfTests(slog.New(slog.DiscardHandler))
	if got := tests.text(r.config.UPS[0], nil); got != "not known yet" {
		t.Errorf("said %q", got)
	}
	if got := tests.text(r.config.UPS[0], ups.Variables{"battery.charge": "100"}); !strings.Contains(got, "has none") {
		t.Errorf("said %q", got)
	}
}

// TestSelfTest: a test that is due is begun with 03 01, Battery.Test = 1; one
// that fails (3) brings REPLBATT, and one that passes does not.
func TestSelfTest(t *testing.T) {
	for result, fails := range map[byte]bool{1: false, 3: true} {
		t.Run(fmt.Sprint(result), func(t *testing.T) {
			r := newRig(t, "")
			r.reparse(strings.Replace(r.text, "{eaton: {}}", `{eaton: {self_test: {every: 24h, at: "00:00"}}}`, 1))
			unit := &testUnit{result: result, test: 6}
			r.opens = func(context.Context) (hid.Device, discovery.Strings, error) { return unit, noStrings, nil }
			r.start()
			r.heard()
			begun := func() (at time.Time) {
				r.look(func(d *Daemon) { at = d.tests.known["eaton"].Begun })
				return at
			}
			r.eventually("it is noted when the UPS was first heard", func() bool { return !begun().IsZero() })
			unit.mu.Lock()
			if len(unit.sent) > 0 {
				t.Errorf("a test at the first sight: %v", unit.sent)
			}
			unit.mu.Unlock()
			r.look(func(d *Daemon) {
				d.tests.known["eaton"] = selfTest{Begun: time.Now().Add(-25 * time.Hour), Result: "No test initiated"}
			})
			if fails {
				r.waitEvent("REPLBATT")
				r.eventually("the line in the log", func() bool { return strings.Contains(r.log.String(), "REPLBATT") })
			} else {
				r.eventually("the result", func() bool { return strings.Contains(r.log.String(), "the self-test of the battery: Done and passed") })
			}
			unit.mu.Lock()
			defer unit.mu.Unlock()
			if !slices.Equal(unit.sent, []string{"0301"}) {
				t.Errorf("sent %v", unit.sent)
			}
			if strings.Contains(r.log.String(), "REPLBATT") != fails {
				t.Errorf("REPLBATT in the log: %s", r.log)
			}
			if time.Since(begun()) > time.Minute {
				t.Errorf("begun at %s", begun())
			}
		})
	}
}

// noStrings is a device without USB strings.
func noStrings(context.Context, []uint8) (map[uint8]string, error) { return nil, nil }
