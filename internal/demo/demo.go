// Package demo plays a whole outage on a simulated UPS, in fast time: all but the
// UPS and the gateway is the product's own code, and nothing reaches this host.
package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/scenario"
	"ecnutd/internal/sim"
	"ecnutd/internal/terminal"
	"ecnutd/monitor"
	"ecnutd/sms/smstest"
	"ecnutd/ups"
)

// The story of the demonstration, in simulated time.
const (
	demoSpeed    = 40
	demoStart    = monitor.Instant(24 * time.Hour) // since the boot of the host
	demoCut      = 20 * time.Second
	demoOff      = 90 * time.Second
	demoIndent   = 13               // columns, of what does not fit a line
	demoDeadline = 19 * time.Second // on the wall
)

// demoConfig is the configuration of the demonstration: the rules of a server
// at home, with a timer short enough to be watched.
const demoConfig = `
language: %s
ups:
  eaton:
    description: Eaton Protection Station 800
state: %s/state.db
control: none
power_down_flag: %s/killpower
events:
  ONBATT: {start: wait-for-mains}
timers:
  wait-for-mains: {after: 5m, wall: false, shutdown: true}
messages:
  rate: {burst: 10, every: 1s}
  routes:
    phone:
      free_mobile: {user: "12345678", password: demonstration, endpoint: "%s", ca_file: %s/ca.pem}
`

// A stage is where the demonstration is told: one line at a time, with the
// simulated time in front.
type stage struct {
	mu    sync.Mutex
	out   io.Writer
	paint terminal.Palette
	start time.Time
}

func (s *stage) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := fmt.Sprintf("%9s  %s\n", scenario.Stamp(float64(int(time.Since(s.start).Seconds()*demoSpeed))), fmt.Sprintf(format, args...))
	fmt.Fprint(s.out, s.paint.Fold(line, demoIndent))
}

// Play tells the whole story on out. version is that of the program.
func Play(ctx context.Context, out io.Writer, language ups.Language, version string) error {
	ctx, cancel := context.WithTimeout(ctx, demoDeadline)
	defer cancel()
	dir, err := os.MkdirTemp("", "ecnutd-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)
	gateway, err := smstest.New()
	if err != nil {
		return fmt.Errorf("demo: the stand-in of the gateway: %w", err)
	}
	defer gateway.Close()
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), gateway.CA(), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	unit, err := sim.New("", sim.WithSpeed(demoSpeed))
	if err != nil {
		return err
	}
	c, _, err := config.Parse(fmt.Appendf(nil, demoConfig, language, dir, dir, gateway.URL(), dir), "demo")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}

	s := &stage{out: out, paint: terminal.Paint(out), start: time.Now()}
	s.say("%s", s.paint.Bold("A simulated Protection Station 800, its battery full, feeds this host. Time runs 40 times as fast."))
	gateway.Observe(nil, func(r smstest.Request) {
		s.say("    %s %s", s.paint.Good("☎ the phone shows:"), r.Text)
	})
	output := make(chan bool, 8)
	unit.OnOutput(func(on bool) { output <- on })
	go unit.Run(ctx)

	h := &demoHost{stage: s, Devices: discovery.NewFinder(ctx, discovery.Simulate(unit), nil), powerOff: make(chan struct{})}
	log := slog.New(slog.DiscardHandler)
	name, _ := os.Hostname() // "" is told as it is
	d, err := daemon.New(c, daemon.Outside{
		Log: log, Host: name, Version: version, DryRun: true,
		Clock: h, Devices: h, Notify: h, Disk: thishost.Disk{Log: log},
		Messages: thishost.Messages{}, Programs: thishost.Programs{}, Power: &thishost.Power{Log: log},
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	run, down := context.WithCancel(ctx)
	defer down()
	ended := make(chan struct{})
	go func() { d.Run(run); close(ended) }()

	story := func() error {
		if err := host.Pause(ctx, demoCut/demoSpeed); err != nil {
			return err
		}
		s.say("%s", s.paint.Warn("✂ mains is cut"))
		unit.CutMains()
		select {
		case <-h.powerOff:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.say("  the host stops its services, unmounts its disks and comes to the late stage of its shutdown")
		down()
		<-ended
		if err := demoKillPower(ctx, s, unit); err != nil {
			return err
		}
		for on := range waitOutput(ctx, output) {
			if !on {
				s.say("%s", s.paint.Bad("✂ the UPS cuts its output: the host is dark"))
				if err := host.Pause(ctx, demoOff/demoSpeed); err != nil {
					return err
				}
				s.say("%s", s.paint.Good("⚡ mains is back"))
				unit.RestoreMains()
				continue
			}
			s.say("%s", s.paint.Good("⚡ the UPS restores its output: the host boots by itself, and is watched again"))
			return nil
		}
		return ctx.Err()
	}
	if err := story(); err != nil {
		return fmt.Errorf("demo: the story did not come to its end: %w", err)
	}
	fmt.Fprintf(out, "\n%d messages went to the stand-in of the gateway on %s; nothing left this machine.\n", len(gateway.Texts()), gateway.URL())
	fmt.Fprintf(out, "Next, the same UPS by itself (yours without --simulate):\n\n    %s status --simulate\n", program())
	return nil
}

// program is what this program is called by whoever started it.
func program() string {
	if strings.Contains(os.Args[0], "/") {
		return os.Args[0]
	}
	return "ecnutd"
}

// A demoHost is what of the demonstration's daemon is its own: the clock, which
// runs faster, and the stage, which hears what it does.
type demoHost struct {
	daemon.Unheard
	daemon.Devices
	stage    *stage
	powerOff chan struct{} // closed when the command is given
}

// Now is the time since the boot of the host, by the clock of the story.
func (h *demoHost) Now() monitor.Instant {
	return demoStart.Add(time.Since(h.stage.start) * demoSpeed)
}

// Day is the time of day.
func (*demoHost) Day() time.Time { return time.Now() }

// Set reports that the time of day can be told: the story has a clock of its own,
// and its spans are not those of the day.
func (*demoHost) Set() bool { return false }

// Real is how long a span of the story takes.
func (*demoHost) Real(d time.Duration) time.Duration { return d / demoSpeed }

// Action tells what the daemon does.
func (h *demoHost) Action(a engine.Action) {
	h.stage.tell(a)
	if _, ok := a.(engine.PowerOff); ok {
		close(h.powerOff)
	}
}

// tell shows what the daemon does.
func (s *stage) tell(action engine.Action) {
	switch a := action.(type) {
	case engine.Event:
		s.say("%s %s", s.paint.Bold(string(a.Event)), a.Reason)
	case engine.Timer:
		s.say("  timer %s: %s", a.Name, a.What)
	case engine.Shutdown:
		s.say("%s %s", s.paint.Bad("SHUTDOWN decided:"), a.Reason)
	case engine.WriteFlag:
		s.say("  flag written, so that the UPS cuts its output at the very end")
	case engine.PowerOff:
		s.say("  shutdown command: %s (not run in a demonstration)", a.Command.Text())
	case engine.Message:
		s.say("  message queued for the route phone")
	}
}

// demoKillPower does what the late hook does: it opens the UPS by itself and
// has it cut the output and restore it.
func demoKillPower(ctx context.Context, s *stage, unit *sim.UPS) error {
	dev, err := unit.Open()
	if err != nil {
		return err
	}
	defer dev.Close()
	decoder, err := power.Bind(dev, discovery.Families...)
	if err != nil {
		return err
	}
	// A count-down of seconds is watched here, so time goes at its own pace.
	unit.SetSpeed(1)
	defer unit.SetSpeed(demoSpeed)
	result := power.NewCommander(dev, decoder, power.Delays{}).Command(ctx, "shutdown.return", "", power.Permit{CutTheLoad: true})
	s.say("  UPS command %s", result)
	return result.Err
}

// waitOutput yields the switchings of the output until ctx ends.
func waitOutput(ctx context.Context, output <-chan bool) func(func(bool) bool) {
	return func(yield func(bool) bool) {
		for {
			select {
			case on := <-output:
				if !yield(on) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
