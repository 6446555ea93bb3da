package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/control"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// commandSelfTest is what a scheduled self-test sends.
const commandSelfTest = "test.battery.start.quick"

// A selfTest is what is known of the tests of one UPS. It means something in
// every boot.
type selfTest struct {
	Begun  time.Time `json:"begun"`            // the last one; before the first, when the UPS was first heard
	Tried  time.Time `json:"tried,omitzero"`   // when the UPS last did not begin one
	Result string    `json:"result,omitempty"` // ups.test.result, as last seen
}

const (
	// tryAgain is when a test that could not be begun is tried again.
	tryAgain = 24 * time.Hour

	// testsApart is between the tests of two UPSs: a test takes seconds, but a
	// deep one may be begun at the UPS, and what a UPS says of its test is read
	// twice a minute.
	testsApart = time.Hour
)

const (
	variableTestResult = "ups.test.result"
	testInProgress     = "In progress"
	testPassed         = "Done and passed"
)

// testDue tells whether the battery of supply i may be tested now and its time
// has come. A test takes the load to the battery for some seconds: it needs a
// battery that is known to be full, mains on every UPS, and nothing else going
// on.
func testDue(rule config.SelfTest, t selfTest, now time.Time, state *monitor.State, i int) bool {
	last := t.Begun
	if rule.Every <= 0 || last.IsZero() || state.Phase != monitor.Watching || state.Forced != "" {
		return false
	}
	hour, err := rule.Hour()
	if err != nil {
		return false
	}
	year, month, day := now.Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, now.Location())
	// A test that began a little later than at its hour does not push the next
	// one to the day after.
	if now.Before(last.Add(rule.Every-time.Hour)) || now.Before(t.Tried.Add(tryAgain-time.Hour)) || now.Sub(midnight) < hour {
		return false
	}
	for j := range state.Supplies {
		u := &state.Supplies[j]
		if u.Link != monitor.Linked || u.Settle > 0 || u.Line != monitor.OnMains || u.Low.Cause != "" {
			return false
		}
	}
	return testable(state.Supplies[i].Last)
}

// testable tells whether a battery may be tested: it is on mains and known to
// be full, and the UPS has no other trouble.
func testable(s ups.Snapshot) bool {
	const trouble = ups.OnBattery | ups.LowBattery | ups.Alarm | ups.Overloaded | ups.Bypassed | ups.Calibrating | ups.ReplaceBattery | ups.Off
	return s.Charge == ups.Known(100) && s.Status.Has(ups.Online) && s.Status&trouble == 0
}

// selfTests begins a test that is due, and notes what came of those before. It
// runs in the loop.
func (d *daemon) selfTests(ctx context.Context) {
	now := time.Now()
	for i, u := range d.config.UPS {
		vars := d.variables(u.Name)
		if i >= len(d.state.Supplies) || vars == nil || u.Remote != "" {
			continue
		}
		t, known := d.tests[u.Name]
		changed := false
		if !known && u.SelfTest.Every <= 0 && vars[variableTestResult] == "" {
			continue // it has none, and none is wanted
		}
		if !known && d.state.Supplies[i].Link == monitor.Linked {
			t.Begun, changed = now.Round(time.Second), true
		}
		if result := vars[variableTestResult]; result != "" && result != t.Result {
			if known && t.Result == testInProgress {
				d.tellTest(u.Name, result)
			}
			t.Result, changed = result, true
		}
		busy := slices.ContainsFunc(d.config.UPS, func(other config.UPS) bool {
			recent := other.SelfTest.Every > 0 && other.Name != u.Name && now.Sub(d.tests[other.Name].Begun).Abs() < testsApart
			return recent || d.variables(other.Name)[variableTestResult] == testInProgress
		})
		if !busy && !d.testing && vars[variableTestResult] != "" && testDue(u.SelfTest, t, now, &d.state, i) {
			before := t
			t.Begun, changed = now.Round(time.Second), true
			d.beginTest(ctx, u.Name, before)
		}
		if changed {
			d.tests[u.Name] = t
			d.save()
		}
	}
}

func (d *daemon) tellTest(name, result string) {
	if result == testPassed {
		d.log.Info(name + ": the self-test of the battery: " + result)
		return
	}
	d.log.Warn(name + ": the self-test of the battery: " + result)
}

// beginTest has the UPS test its battery. One that the UPS was not told, or
// refused, is tried again a day later; before is how its tests stood.
func (d *daemon) beginTest(ctx context.Context, name string, before selfTest) {
	w := d.watchers[name]
	if w == nil {
		return
	}
	if d.dryRun {
		d.log.Info(name + ": a self-test of the battery is due; a dry run begins none")
		return
	}
	d.log.Info(name + ": a self-test of the battery is due and begins")
	d.testing = true
	d.work.Go(func() {
		var said power.Result
		err := w.do(ctx, func(c *power.Commander) {
			ctx, cancel := context.WithTimeout(ctx, control.OrderTime)
			defer cancel()
			said = power.Result{Name: commandSelfTest, Err: errors.New("it is no longer on mains with a full battery")}
			if testable(c.Decoder().Snapshot()) { // mains may have gone since it was due
				said = c.Command(ctx, commandSelfTest, "", power.Permit{})
			}
		})
		_ = d.ask(ctx, func() {
			d.testing = false
			none := err != nil || said.Outcome == power.NotSent || said.Outcome == power.NotThere || said.Outcome == power.Refused
			if t, ok := d.tests[name]; ok && none {
				t.Begun, t.Tried = before.Begun, time.Now().Round(time.Second)
				d.tests[name] = t
				d.save()
			}
			if err == nil && said.Outcome != power.Done {
				err = fmt.Errorf("%s", said)
			}
			if err != nil {
				d.log.Warn(name+": no self-test of the battery was begun", "reason", err)
			}
		})
	})
}

// selfTestText tells how the tests of a UPS stand; "" where there is nothing to
// tell.
func (d *daemon) selfTestText(name string) string {
	t := d.tests[name]
	text := t.Result
	i := slices.IndexFunc(d.config.UPS, func(u config.UPS) bool { return u.Name == name })
	if i < 0 || d.config.UPS[i].SelfTest.Every <= 0 {
		return text
	}
	switch {
	case text != "":
	case d.variables(name)["battery.charge"] == "":
		return "not known yet"
	default:
		return "this UPS has none, and is never tested"
	}
	return fmt.Sprintf("%s; the next not before %s", text, t.Begun.Add(d.config.UPS[i].SelfTest.Every).Local().Format("2006-01-02"))
}
