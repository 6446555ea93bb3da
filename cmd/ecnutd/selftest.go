package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// commandSelfTest is what a scheduled self-test sends.
const commandSelfTest = "test.battery.start.quick"

// A selfTest is what is known of the tests of one UPS. It means something in
// every boot.
type selfTest struct {
	Begun  time.Time `json:"begun"`            // the last one; before the first, when the UPS was first heard
	Result string    `json:"result,omitempty"` // ups.test.result, as last seen
}

const (
	variableTestResult = "ups.test.result"
	testInProgress     = "In progress"
	testPassed         = "Done and passed"
)

// testDue tells whether the battery of supply i may be tested now and its time
// has come. A test takes the load to the battery for some seconds: it needs a
// battery that is known to be full, mains on every UPS, and nothing else going
// on.
func testDue(rule config.SelfTest, last, now time.Time, state *monitor.State, i int) bool {
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
	if now.Before(last.Add(rule.Every-time.Hour)) || now.Sub(midnight) < hour {
		return false
	}
	for j := range state.Supplies {
		u := &state.Supplies[j]
		if u.Link != monitor.Linked || u.Settle > 0 || u.Line != monitor.OnMains || u.Low.Cause != "" {
			return false
		}
	}
	s := state.Supplies[i].Last
	const trouble = ups.Alarm | ups.Overloaded | ups.Bypassed | ups.Calibrating | ups.ReplaceBattery | ups.Off
	return s.Charge.Known && s.Charge.N >= 100 && s.Status&trouble == 0
}

// selfTests begins a test that is due, and notes what came of those before. It
// runs in the loop.
func (d *daemon) selfTests(ctx context.Context) {
	now := time.Now()
	for i, u := range d.config.UPS {
		vars := d.variables(u.Name)
		if i >= len(d.state.Supplies) || vars == nil {
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
			return d.variables(other.Name)[variableTestResult] == testInProgress
		})
		if !busy && !d.testing && testDue(u.SelfTest, t.Begun, now, &d.state, i) {
			t.Begun, changed = now.Round(time.Second), true
			d.beginTest(ctx, u.Name)
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

// beginTest has the UPS test its battery. One that cannot be begun is tried
// again when the next one is due.
func (d *daemon) beginTest(ctx context.Context, name string) {
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
		var said eaton.Result
		err := w.do(ctx, func(c *eaton.Commander) {
			ctx, cancel := context.WithTimeout(ctx, orderTime)
			defer cancel()
			said = c.Command(ctx, commandSelfTest, "", eaton.Permit{})
		})
		_ = d.ask(ctx, func() {
			d.testing = false
			if err == nil && said.Outcome != eaton.Done {
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
	if text == "" {
		return "this UPS has none, and is never tested"
	}
	return fmt.Sprintf("%s; the next not before %s", text, t.Begun.Add(d.config.UPS[i].SelfTest.Every).Local().Format("2006-01-02"))
}
