package show_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ecnutd/internal/control"
	"ecnutd/internal/control/show"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/terminal"
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// now is three in the morning, and a bit.
var now = time.Date(2026, 11, 27, 3, 4, 5, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func n(i int) *int { return &i }

// situations are the statuses that daemons answer, by name.
func situations() map[string]control.Status {
	low := monitor.Reason{Code: monitor.LowOnBattery, Cause: monitor.LowChargeFloor, LimitN: 20, For: 8 * time.Minute, Charge: ups.Known(20), Runtime: ups.Known(117)}
	eaton := control.Supply{Name: "eaton", Description: "Eaton Protection Station 800", Status: "OL", Line: "mains", Link: control.LinkUp, Charge: n(100), Runtime: n(585), Load: n(25)}
	salon := control.Supply{Name: "salon", Model: "Ellipse ECO 650", Status: "OL CHRG", Line: "mains", Link: control.LinkUp, Charge: n(97), Runtime: n(900), Load: n(12)}
	on := func(u control.Supply, since time.Duration, charge, runtime int) control.Supply {
		u.Status, u.Line, u.Since, u.Charge, u.Runtime = "OB DISCHRG", "battery", ago(since), n(charge), n(runtime)
		return u
	}
	coming := func(in time.Duration, p forecast.Prospect) control.Coming {
		return control.Coming{At: now.Add(in), Prospect: p}
	}
	timer := forecast.Prospect{Kind: forecast.Timer, UPS: "eaton", Timer: "courant-attendu", Does: []forecast.Action{forecast.Sends, forecast.ShutsDown}}
	mobile := []control.Route{{Name: "mobile", Delivered: ago(90 * time.Second)}}
	base := control.Status{Phase: monitor.Watching.String(), Since: ago(30 * time.Hour), Routes: mobile}
	with := func(change func(s *control.Status)) control.Status { s := base; change(&s); return s }

	lost := on(eaton, 2*time.Minute, 88, 515)
	lost.Link, lost.Since, lost.Error = control.LinkLost, ago(40*time.Second), ""
	dying := on(eaton, 8*time.Minute, 19, 112)
	dying.LowWhy = &monitor.Reason{Code: monitor.Low, Cause: monitor.LowChargeFloor, LimitN: 20, Charge: ups.Known(19), Runtime: ups.Known(112)}
	broken := eaton
	broken.Status, broken.Alarm, broken.SelfTest = "ALARM OL RB", "Replace battery! Fan failure!", "Done and error; the next not before 2026-12-20"
	return map[string]control.Status{
		"mains": with(func(s *control.Status) { s.UPS = []control.Supply{eaton} }),
		"never": with(func(s *control.Status) {
			s.UPS, s.Routes, s.Since = []control.Supply{eaton}, []control.Route{{Name: "mobile"}}, ago(time.Hour)
		}),
		"noroute": with(func(s *control.Status) { s.UPS, s.Routes = []control.Supply{broken}, nil }),
		"outage": with(func(s *control.Status) {
			s.UPS = []control.Supply{on(eaton, 90*time.Second, 85, 498)}
			s.Coming = []control.Coming{
				coming(380*time.Second, forecast.Prospect{Kind: forecast.Shutdown, About: true, Why: &low}),
				coming(20*time.Minute-90*time.Second, timer),
			}
		}),
		"unset": with(func(s *control.Status) {
			s.UPS, s.Unset = []control.Supply{on(eaton, 90*time.Second, 85, 498)}, true
			s.Coming = []control.Coming{
				coming(380*time.Second, forecast.Prospect{Kind: forecast.Shutdown, About: true, Why: &low}),
				coming(20*time.Minute-90*time.Second, timer),
			}
		}),
		"timer": with(func(s *control.Status) {
			s.UPS = []control.Supply{on(eaton, 90*time.Second, 98, 7000)}
			why := monitor.Reason{Code: monitor.TimerEnded, Text: "courant-attendu", Limit: 20 * time.Minute}
			s.Coming = []control.Coming{
				coming(20*time.Minute-90*time.Second, forecast.Prospect{Kind: forecast.Shutdown, Why: &why}),
				coming(20*time.Minute-90*time.Second, timer),
			}
		}),
		"other": with(func(s *control.Status) {
			s.UPS = []control.Supply{on(eaton, 90*time.Second, 85, 498), salon}
			gives := timer
			gives.Does = []forecast.Action{forecast.Sends, forecast.GivesUp}
			s.Coming = []control.Coming{
				coming(380*time.Second, forecast.Prospect{Kind: forecast.Low, About: true, UPS: "eaton", Why: &monitor.Reason{Feeds: "salon", Stays: true}}),
				coming(20*time.Minute-90*time.Second, gives),
			}
		}),
		"lost": with(func(s *control.Status) {
			s.UPS = []control.Supply{lost}
			s.Coming = []control.Coming{
				coming(95*time.Second, forecast.Prospect{Kind: forecast.Shutdown, Why: &monitor.Reason{Code: monitor.SilentTooLong}}),
				coming(95*time.Second, forecast.Prospect{Kind: forecast.LinkDue, UPS: "eaton"}),
				coming(18*time.Minute, timer),
			}
			s.Waiting = []control.Message{{ID: 1}, {ID: 2}}
			s.Routes = []control.Route{{Name: "mobile", Pending: 2, Failures: 3, LastError: "mobile: no route to host", Delivered: ago(26 * time.Hour)}}
		}),
		"down": with(func(s *control.Status) {
			s.UPS, s.Phase, s.Why = []control.Supply{dying}, monitor.ShuttingDown.String(), &low
			s.Coming = []control.Coming{coming(4*time.Second, forecast.Prospect{Kind: forecast.Command})}
			s.Clients = []control.NUTClient{{Address: "192.0.2.7:51234", User: "second", UPS: "eaton"}}
		}),
		"after": with(func(s *control.Status) {
			s.UPS, s.DryRun = []control.Supply{salon}, true
			s.LastCut = &shutdown.Record{At: time.Date(2026, 11, 26, 19, 4, 5, 0, time.Local), Reason: "x", UPS: []shutdown.Killed{{UPS: "eaton", Armed: true}}}
		}),
	}
}

// TestStatus: the screens as a person sees them on 80 columns, in each language.
// They were read by eye; the times in them follow from the situations by hand.
func TestStatus(t *testing.T) {
	const path = "testdata/status.txtar"
	want, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := situations()
	rewritten := &txtar.Archive{Comment: want.Comment}
	seen := 0
	for _, f := range want.Files {
		name, language, _ := strings.Cut(f.Name, ".")
		s, ok := all[name]
		if !ok {
			t.Errorf("no situation is called %s", name)
			continue
		}
		seen++
		var b strings.Builder
		p := terminal.Plain(80)
		show.Status(&b, s, p, now, ups.Language(language))
		got := p.Fold(b.String(), show.Indent)
		if diff := cmp.Diff(string(f.Data), got); diff != "" {
			t.Errorf("%s:\n%s", f.Name, diff)
		}
		rewritten.Files = append(rewritten.Files, txtar.File{Name: f.Name, Data: []byte(got)})
	}
	if seen != len(all)*len(ups.Languages) {
		t.Errorf("%d screens of %d situations", seen, len(all))
	}
	if os.Getenv("REWRITE") != "" {
		if err := os.WriteFile(path, txtar.Format(rewritten), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
