package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// testDue reports whether the battery of supply i may be tested now and its time
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

// testable reports whether a battery may be tested: it is on mains and known to
// be full, and the UPS has no other trouble.
func testable(s ups.Snapshot) bool {
	const trouble = ups.OnBattery | ups.LowBattery | ups.Alarm | ups.Overloaded | ups.Bypassed | ups.Calibrating | ups.ReplaceBattery | ups.Off
	return s.Charge == ups.Known(100) && s.Status.Has(ups.Online) && s.Status&trouble == 0
}

// selfTests are the tests of the batteries: when the last ones were, and whether
// one is being begun.
type selfTests struct {
	log   *slog.Logger
	known map[string]selfTest // by UPS
	busy  bool                // one is being begun
}

func newSelfTests(log *slog.Logger) *selfTests {
	return &selfTests{log: log, known: make(map[string]selfTest)}
}

// restored takes up what was stored.
func (t *selfTests) restored(known map[string]selfTest) {
	if known != nil {
		t.known = known
	}
}

// look notes what came of the tests, and says of which UPS a test is due: it is
// noted as begun. changed says that there is something new to store. vars are
// the variables of a UPS.
func (t *selfTests) look(now time.Time, blocks []config.UPS, state *monitor.State, vars func(name string) ups.Variables) (due []dueTest, changed bool) {
	for i, u := range blocks {
		said := vars(u.Name)
		if i >= len(state.Supplies) || said == nil || u.Remote != "" {
			continue
		}
		one, known := t.known[u.Name]
		before := one
		if !known && u.SelfTest.Every <= 0 && said[variableTestResult] == "" {
			continue // it has none, and none is wanted
		}
		if !known && state.Supplies[i].Link == monitor.Linked {
			one.Begun = now.Round(time.Second)
		}
		if result := said[variableTestResult]; result != "" && result != one.Result {
			if known && one.Result == testInProgress {
				t.tell(u.Name, result)
			}
			one.Result = result
		}
		held := t.busy || slices.ContainsFunc(blocks, func(other config.UPS) bool {
			recent := other.SelfTest.Every > 0 && other.Name != u.Name && now.Sub(t.known[other.Name].Begun).Abs() < testsApart
			return recent || vars(other.Name)[variableTestResult] == testInProgress
		})
		if !held && said[variableTestResult] != "" && testDue(u.SelfTest, one, now, state, i) {
			due = append(due, dueTest{u.Name, one})
			one.Begun, t.busy = now.Round(time.Second), true
		}
		if one != before {
			t.known[u.Name], changed = one, true
		}
	}
	return due, changed
}

// A dueTest is a test to begin; before is how the tests of the UPS stood.
type dueTest struct {
	ups    string
	before selfTest
}

func (t *selfTests) tell(name, result string) {
	if result == testPassed {
		t.log.Info(name + ": the self-test of the battery: " + result)
		return
	}
	t.log.Warn(name + ": the self-test of the battery: " + result)
}

// skip does without a test that is due: a dry run begins none.
func (t *selfTests) skip(due dueTest) {
	t.busy = false
	t.log.Info(due.ups + ": a self-test of the battery is due; a dry run begins none")
}

// ended notes what came of beginning a test. One that the UPS was not told, or
// refused, is tried again a day later. changed says that there is something
// new to store.
func (t *selfTests) ended(now time.Time, due dueTest, said power.Result, err error) (changed bool) {
	t.busy = false
	none := err != nil || said.Outcome == power.NotSent || said.Outcome == power.NotThere || said.Outcome == power.Refused
	if one, ok := t.known[due.ups]; ok && none {
		one.Begun, one.Tried = due.before.Begun, now.Round(time.Second)
		t.known[due.ups], changed = one, true
	}
	if err == nil && said.Outcome != power.Done {
		err = fmt.Errorf("%s", said)
	}
	if err != nil {
		t.log.Warn(due.ups+": no self-test of the battery was begun", "reason", err)
	}
	return changed
}

// begin has the UPS that a watcher reads test its battery.
func begin(ctx context.Context, w *watcher) (said power.Result, err error) {
	err = w.do(ctx, func(c *power.Commander) {
		ctx, cancel := context.WithTimeout(ctx, control.OrderTime)
		defer cancel()
		said = power.Result{Name: commandSelfTest, Err: errors.New("it is no longer on mains with a full battery")}
		if testable(c.Decoder().Snapshot()) { // mains may have gone since it was due
			said = c.Command(ctx, commandSelfTest, "", power.Permit{})
		}
	})
	return said, err
}

// text is how the tests of a UPS stand, for people; "" where there is nothing
// to tell.
func (t *selfTests) text(u config.UPS, vars ups.Variables) string {
	one := t.known[u.Name]
	text := one.Result
	if u.SelfTest.Every <= 0 {
		return text
	}
	switch {
	case text != "":
	case vars["battery.charge"] == "":
		return "not known yet"
	default:
		return "this UPS has none, and is never tested"
	}
	return fmt.Sprintf("%s; the next not before %s", text, one.Begun.Add(u.SelfTest.Every).Local().Format("2006-01-02"))
}

// selfTests begins the tests that are due. It runs in the loop.
func (d *Daemon) selfTests() {
	due, changed := d.tests.look(d.outside.Clock.Day(), d.config.UPS, &d.state, d.units.variables)
	for _, one := range due {
		w := d.units.of(one.ups).watcher
		if d.outside.DryRun || w == nil {
			d.tests.skip(one)
			continue
		}
		d.outside.Log.Info(one.ups + ": a self-test of the battery is due and begins")
		d.group.run(func(ctx context.Context) {
			said, err := begin(ctx, w)
			_ = d.ask(ctx, func() {
				if d.tests.ended(d.outside.Clock.Day(), one, said, err) {
					d.save()
				}
			})
		})
	}
	if changed {
		d.save()
	}
}
