package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/control"
)

// ran are the programs that began, with the second since the boot.
type ran struct {
	mu   sync.Mutex
	list []string
}

func (r *ran) note(v *virtual, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, fmt.Sprintf("%g %s", v.at(), what))
}

func (r *ran) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.list, ", ")
}

// TestProgramsOfEvents: the programs of one event run one after the other, and
// those of another event do not wait for them: a program of ONBATT that hangs,
// for as long as a program may, delays none of SHUTDOWN past the command.
func TestProgramsOfEvents(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		var programs ran
		v.run = func(ctx context.Context, argv, env []string) error {
			programs.note(v, argv[0])
			if argv[0] != "hangs" {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}
		v.start(`
ups: {eaton: {}}
state: "%s/state.db"
control: none
events:
  ONBATT: {wall: false, exec: [{command: [hangs]}, {command: [after]}]}
  SHUTDOWN: {wall: true, exec: [{command: [first]}, {command: [second]}]}
`)
		v.pass(10 * time.Second)
		v.units["eaton"].CutMains()
		v.pass(5 * time.Second)
		if _, err := v.daemon.ForceShutdown(v.t.Context(), control.PeerOf(0, 1), control.FSD{Reason: "test"}); err != nil {
			t.Fatal(err)
		}
		v.pass(time.Minute)
		got := programs.String()
		if at := v.offs; len(at) != 1 || at[0] != time.Hour+20*time.Second {
			t.Errorf("the command came at %v", at)
		}
		for _, want := range []string{"3615 first", "3615 second", "3615 wall"} {
			if !slices.Contains(strings.Split(got, ", "), want) {
				t.Errorf("not %s", want)
			}
		}
		if i, j := strings.Index(got, "first"), strings.Index(got, "second"); i > j {
			t.Error("those of one event are not in their order")
		}
		// A program may take 10 s.
		if i := strings.Index(got, "hangs"); i < 0 || !strings.Contains(got, " after") {
			t.Error("the programs of ONBATT did not run")
		}
		if t.Failed() {
			t.Log(got)
		}
	})
}
