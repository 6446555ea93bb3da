package forecast_test

import (
	"slices"
	"testing"
	"time"

	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// base is an instant of a host that has been up for a day.
const base = monitor.Instant(24 * time.Hour)

// A stage plays what UPSs say to the monitor.
type stage struct {
	rules   monitor.Rules
	state   monitor.State
	now     monitor.Instant
	reading int
	effects []monitor.Effect
}

func (s *stage) step(at time.Duration, in monitor.Input) {
	for {
		due, ok := s.state.Next(s.rules)
		if !ok || due >= base.Add(at) {
			break
		}
		s.now = max(s.now, due)
		s.take(monitor.Elapsed{})
	}
	s.now = base.Add(at)
	s.take(in)
}

func (s *stage) take(in monitor.Input) {
	var effects []monitor.Effect
	s.state, effects = monitor.Step(s.rules, s.state, s.now, in)
	s.effects = append(s.effects, effects...)
}

// hear has a supply say its status, charge and runtime; below 0 is unknown.
func (s *stage) hear(at time.Duration, supply int, status ups.Status, charge, runtime int) {
	s.reading++
	snap := ups.Snapshot{Status: status, ChargeLow: ups.Known(20), Readings: s.reading, ChargeReadings: s.reading}
	if charge >= 0 {
		snap.Charge = ups.Known(charge)
	}
	if runtime >= 0 {
		snap.Runtime = ups.Known(runtime)
	}
	s.step(at, monitor.Heard{Supply: supply, Snapshot: snap})
}

func (s *stage) forecast() []forecast.Prospect { return forecast.Of(s.rules, s.state, s.now) }

// guide are the rules of a server at home: 20 minutes for the mains to return.
func guide() monitor.Rules {
	r := monitor.Defaults("eaton")
	r.Timers = []monitor.Timer{{Name: "wait", After: 20 * time.Minute, Fire: monitor.Reaction{GiveUp: true, Tell: monitor.Tell{Message: "x"}}}}
	r.Supplies[0].On[ups.EventOnBattery] = monitor.Reaction{Start: []monitor.Start{{Timer: "wait"}}}
	return r
}

// outage is mains for 10 s and then battery.
func outage(r monitor.Rules, charge, runtime int) *stage {
	s := &stage{rules: r}
	s.hear(0, 0, ups.Online, charge, runtime)
	s.hear(5*time.Second, 0, ups.Online, charge, runtime)
	s.hear(10*time.Second, 0, ups.OnBattery|ups.Discharging, charge, runtime)
	return s
}

func within(t *testing.T, what string, got, least, most time.Duration) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: in %s, want %s to %s", what, got, least, most)
	}
}

// TestGuide: 585 s of battery and a timer of 20 min. The UPS calls its battery low
// at 20 %, which is after 80 % of 585 s = 468 s; two readings are needed. The timer
// would come 1200 s after the transfer, which is too late.
func TestGuide(t *testing.T) {
	list := outage(guide(), 100, 585).forecast()
	if len(list) != 2 || list[0].Kind != forecast.Shutdown || !list[0].About || list[0].Why.Code != monitor.LowOnBattery {
		t.Fatalf("got %+v", list)
	}
	within(t, "shutdown", list[0].In, 468*time.Second, 480*time.Second)
	if w := list[1]; w.Kind != forecast.Timer || w.Timer != "wait" || w.In != 20*time.Minute || !slices.Equal(w.Does, []forecast.Action{forecast.Sends, forecast.ShutsDown}) {
		t.Errorf("got %+v", w)
	}
}

// TestTimerFirst: with two hours of battery the timer decides, and is told once.
func TestTimerFirst(t *testing.T) {
	list := outage(guide(), 100, 7200).forecast()
	if len(list) != 2 || list[0].Kind != forecast.Shutdown || list[0].About || list[0].Why.Code != monitor.TimerEnded || list[0].In != 20*time.Minute || !list[0].Brings(list[1]) {
		t.Fatalf("got %+v", list)
	}
}

// TestFloorsAlone: the packaged default has no timer and no limit; 19 % and 112 s
// are below the charge of 20 % at which the UPS calls its battery low.
func TestFloorsAlone(t *testing.T) {
	list := outage(monitor.Defaults("eaton"), 19, 112).forecast()
	if len(list) != 1 || list[0].Kind != forecast.Shutdown {
		t.Fatalf("got %+v", list)
	}
	within(t, "shutdown", list[0].In, 2*time.Second, 10*time.Second)
	// The same where the UPS tells no runtime: the second reading decides.
	list = outage(monitor.Defaults("eaton"), 19, -1).forecast()
	if len(list) != 1 || list[0].Kind != forecast.Shutdown {
		t.Fatalf("got %+v", list)
	}
	within(t, "shutdown", list[0].In, 2*time.Second, 10*time.Second)
}

// TestRuntimeUnknown: no runtime, so nobody knows when; but that it will be is
// known. Once the charge has fallen by 10 points in 100 s, the 70 points to 20 %
// take 700 s.
func TestRuntimeUnknown(t *testing.T) {
	s := outage(monitor.Defaults("eaton"), 100, -1)
	if list := s.forecast(); len(list) != 1 || list[0].Kind != forecast.Untimed {
		t.Fatalf("got %+v", list)
	}
	for i := 1; i <= 10; i++ {
		s.hear(time.Duration(10+10*i)*time.Second, 0, ups.OnBattery|ups.Discharging, 100-i, -1)
	}
	list := s.forecast()
	if len(list) != 1 || list[0].Kind != forecast.Shutdown {
		t.Fatalf("got %+v", list)
	}
	within(t, "shutdown", list[0].In, 700*time.Second, 715*time.Second)
}

// TestNothingActs: without floors, limits and flags the battery just ends.
func TestNothingActs(t *testing.T) {
	r := monitor.Defaults("eaton")
	r.Supplies[0].Limits.Floors = monitor.Floors{}
	s := &stage{rules: r}
	for i, status := range []ups.Status{ups.Online, ups.OnBattery} {
		s.reading++
		s.step(time.Duration(5*i)*time.Second, monitor.Heard{Snapshot: ups.Snapshot{
			Status: status, Charge: ups.Known(100), Runtime: ups.Known(600), Readings: s.reading, ChargeReadings: s.reading,
		}})
	}
	list := s.forecast()
	if len(list) != 1 || list[0].Kind != forecast.Empty {
		t.Fatalf("got %+v", list)
	}
	within(t, "empty", list[0].In, 595*time.Second, 605*time.Second)
}

// TestOtherFeeds: the other UPS is on mains, so that the host stays up.
func TestOtherFeeds(t *testing.T) {
	r := guide()
	second := monitor.Defaults("second").Supplies[0]
	r.Supplies = append(r.Supplies, second)
	s := &stage{rules: r}
	s.hear(0, 1, ups.Online, 100, 900)
	s.hear(0, 0, ups.Online, 100, 585)
	s.hear(4*time.Second, 1, ups.Online, 100, 900)
	s.hear(5*time.Second, 0, ups.OnBattery, 100, 585)
	list := s.forecast()
	if len(list) != 2 || list[0].Kind != forecast.Low || list[0].UPS != "eaton" || list[0].Why.Feeds != "second" {
		t.Fatalf("got %+v", list)
	}
	within(t, "low", list[0].In, 468*time.Second, 480*time.Second)
	if w := list[1]; w.Kind != forecast.Timer || !slices.Equal(w.Does, []forecast.Action{forecast.Sends, forecast.GivesUp}) {
		t.Errorf("got %+v", w)
	}
	// On battery too, with 1200 s: the host goes down when that one is low, after
	// 80 % of them.
	s.hear(9*time.Second, 0, ups.OnBattery, 100, 581)
	s.hear(10*time.Second, 1, ups.OnBattery, 100, 1200)
	list = s.forecast()
	if len(list) == 0 || list[0].Kind != forecast.Shutdown || list[0].UPS != "second" {
		t.Fatalf("got %+v", list)
	}
	within(t, "shutdown", list[0].In, 960*time.Second, 985*time.Second)
}

// TestLinkLost: a third of 585 s, less the minute of a shutdown, is 135 s; the
// deadline counts from the last word.
func TestLinkLost(t *testing.T) {
	s := outage(guide(), 100, 585)
	s.step(12*time.Second, monitor.LinkLost{Supply: 0, Gone: true})
	list := s.forecast()
	if len(list) == 0 || list[0].Kind != forecast.Shutdown || list[0].About || list[0].Why.Code != monitor.SilentTooLong || list[0].In != 133*time.Second {
		t.Fatalf("got %+v", list)
	}
	if !slices.ContainsFunc(list, func(p forecast.Prospect) bool { return p.Kind == forecast.LinkDue && list[0].Brings(p) }) {
		t.Errorf("told twice: %+v", list)
	}
	if slices.ContainsFunc(list, func(p forecast.Prospect) bool { return p.Kind == forecast.Timer && list[0].Brings(p) }) {
		t.Errorf("the timer is not what brings it: %+v", list)
	}
}

// TestMains: nothing is foreseen where nothing is under way.
func TestMains(t *testing.T) {
	s := &stage{rules: guide()}
	s.hear(0, 0, ups.Online, 100, 585)
	s.hear(5*time.Second, 0, ups.Online, 100, 585)
	if list := s.forecast(); len(list) != 0 {
		t.Fatalf("got %+v", list)
	}
}

// TestComesTrue: what is foreseen is what comes, for batteries and timers of many
// lengths: the monitor is fed with readings of a UPS every 5 s.
func TestComesTrue(t *testing.T) {
	for _, runtime := range []int{90, 300, 585, 1500, 3600, 5 * 3600} {
		for _, after := range []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 10 * time.Hour} {
			r := guide()
			r.Timers[0].After = after
			s := outage(r, 100, runtime)
			list := s.forecast()
			if len(list) == 0 || list[0].Kind != forecast.Shutdown {
				t.Errorf("runtime %d, timer %s: got %+v", runtime, after, list)
				continue
			}
			s.effects = nil
			came := time.Duration(0)
			for at := 5; came == 0 && at <= runtime; at += 5 {
				left := runtime - at
				s.hear(time.Duration(10+at)*time.Second, 0, ups.OnBattery|ups.Discharging, (100*left+runtime-1)/runtime, left)
				if slices.ContainsFunc(s.effects, func(e monitor.Effect) bool { _, ok := e.(monitor.Shutdown); return ok }) {
					came = time.Duration(at) * time.Second
				}
			}
			slack := 15*time.Second + time.Duration(runtime)*time.Second/60
			if off := came - list[0].In; off < -slack || off > slack {
				t.Errorf("runtime %d, timer %s: foreseen in %s, came after %s", runtime, after, list[0].In, came)
			}
		}
	}
}

func BenchmarkOf(b *testing.B) {
	s := outage(guide(), 100, 585)
	b.ReportAllocs()
	for b.Loop() {
		s.forecast()
	}
}
