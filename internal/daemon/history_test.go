package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/control/followers"
)

const remembers = `
language: en
state: %s/state.db
ups: {eaton: {device: auto}}
events: {ONBATT: {message: "on battery"}, ONLINE: {message: "mains is back"}}
messages: {routes: {mobile: {free_mobile: {user: "1", password_file: /dev/null}}}}
`

// TestHistoryOfOutage: an outage of five minutes stands in the history with its
// figures, its messages and when they arrived, also after a restart; the curve
// falls as the simulated battery does.
func TestHistoryOfOutage(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		v.start(remembers)
		v.pass(time.Minute)
		v.units["eaton"].CutMains()
		v.pass(5 * time.Minute)
		v.units["eaton"].RestoreMains()
		v.pass(2 * time.Minute)
		check := func(when string) {
			v.t.Helper()
			h, err := v.daemon.History(v.t.Context())
			if err != nil || len(h.Outages) != 1 {
				v.t.Fatalf("%s: %+v, %v", when, h, err)
			}
			s := h.Outages[0]
			if s.UPS != "eaton" || s.Lasted < 285 || s.Lasted > 301 || s.End.Sub(s.Begin).Round(10*time.Second) != 5*time.Minute || s.Messages != 2 || s.Late != 0 || s.Shutdown {
				v.t.Errorf("%s: %+v", when, s)
			}
			o, err := v.daemon.Outage(v.t.Context(), s.N)
			if err != nil {
				v.t.Fatal(err)
			}
			if len(o.Curve) < 10 || o.Messages[0].Ends[0].Route != "mobile" || o.Messages[0].Ends[0].Verdict != "delivered" {
				v.t.Fatalf("%s: %d points, messages %+v", when, len(o.Curve), o.Messages)
			}
			last := o.Curve[len(o.Curve)-1]
			if last.Charge == nil || *last.Charge >= 100 || o.Lowest == nil || *o.Lowest > *last.Charge {
				v.t.Errorf("%s: the curve ends with %+v, lowest %v", when, last, o.Lowest)
			}
		}
		check("when it is over")
		v.stop()
		v.start(remembers)
		v.pass(10 * time.Second)
		check("after a restart")
		if _, err := v.daemon.Outage(v.t.Context(), 9); err == nil || !strings.Contains(err.Error(), "no outage 9") {
			v.t.Errorf("one that never was: %v", err)
		}
	})
}

// TestStreamOfOutage: who follows hears the events and a snapshot for each change, and
// one who does not read is dropped, while the daemon goes on.
func TestStreamOfOutage(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		v.start(remembers)
		v.pass(time.Minute)
		ctx, stop := context.WithCancel(v.t.Context())
		lines, err := v.daemon.Stream(ctx)
		if err != nil {
			v.t.Fatal(err)
		}
		asleep, err := v.daemon.Stream(ctx)
		if err != nil {
			v.t.Fatal(err)
		}
		var mu sync.Mutex
		var got []string
		go func() {
			for l := range lines {
				mu.Lock()
				switch l.Kind {
				case control.LineEvent:
					got = append(got, fmt.Sprint(l.Event.UPS, " ", l.Event.Name))
				case control.LineSnapshot:
					got = append(got, fmt.Sprint(l.Snapshot.Status.UPS[0].Line, " ", l.Snapshot.Variables["eaton"].Variables["ups.status"]))
				}
				mu.Unlock()
			}
		}()
		v.units["eaton"].CutMains()
		v.pass(20 * time.Second)
		mu.Lock()
		story := strings.Join(got, ", ")
		mu.Unlock()
		if !strings.Contains(story, "eaton ONBATT") || !strings.Contains(story, "battery OB DISCHRG") {
			v.t.Errorf("who follows heard: %s", story)
		}
		v.pass(20 * time.Minute)
		n := 0
		for range asleep { // what waited, and then the end
			n++
		}
		if n != followers.MaxLines {
			v.t.Errorf("%d lines waited for who does not read", n)
		}
		stop()
		synctest.Wait()
		if _, open := <-asleep; open {
			v.t.Error("the dropped one is open")
		}
	})
}
