// Package demo plays a whole outage on a simulated UPS, in fast time: all but the
// UPS and the gateway is the product's own code, and nothing reaches this host.
package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/scenario"
	"ecnutd/internal/sim"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/monitor"
	"ecnutd/sms/smstest"
	"ecnutd/ups"
)

// The story of the demonstration, in simulated time.
const (
	demoSpeed    = 40
	demoStart    = monitor.Instant(24 * time.Hour) // since the boot of the host
	demoCut      = 20 * time.Second
	demoShort    = 20 * time.Second // a short outage, and the time after it
	demoBetween  = 40 * time.Second
	demoOff      = 90 * time.Second
	demoLook     = 20 * time.Millisecond // on the wall
	demoIndent   = 13                    // columns, of what does not fit a line
	demoDeadline = 19 * time.Second      // on the wall
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
  ONBATT: {start: %s}
timers:
  %s: {after: 5m, wall: false, shutdown: true}
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

	language ups.Language
}

// text is a text in the language of the story.
func (s *stage) text(format string, args ...any) string {
	return catalogue.Say(s.language, format, args...)
}

// mains switches the mains.
func (s *stage) mains(unit *sim.UPS, on bool) {
	if on {
		s.say("%s", s.paint.Good("⚡ "+s.text("mains is back")))
		unit.RestoreMains()
		return
	}
	s.say("%s", s.paint.Warn("✂ "+s.text("mains is cut")))
	unit.CutMains()
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
	timer := catalogue.Say(language, "wait-for-mains")
	c, _, err := config.Parse(fmt.Appendf(nil, demoConfig, language, dir, dir, timer, timer, gateway.URL(), dir), "demo")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}

	s := &stage{out: out, paint: terminal.Paint(out), start: time.Now(), language: language}
	s.say("%s", s.paint.Bold(s.text("A simulated Protection Station 800, its battery full, feeds this host. Time runs 40 times as fast.")))
	gateway.Observe(nil, func(r smstest.Request) {
		s.say("    %s %s", s.paint.Good("☎ "+s.text("the phone shows:")), r.Text)
	})
	output := make(chan bool, 8)
	unit.OnOutput(func(on bool) { output <- on })
	go unit.Run(ctx)

	h := &demoHost{
		config: c, version: version,
		stage: s, Devices: discovery.NewFinder(ctx, discovery.Simulate(unit), nil), powerOff: make(chan struct{}),
	}
	down, err := h.boot(ctx, "first")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { down() }()

	story := func() error {
		if err := host.Pause(ctx, demoCut/demoSpeed); err != nil {
			return err
		}
		s.mains(unit, false)
		if err := host.Pause(ctx, demoShort/demoSpeed); err != nil {
			return err
		}
		s.mains(unit, true)
		if err := host.Pause(ctx, demoBetween/demoSpeed); err != nil {
			return err
		}
		s.mains(unit, false)
		select {
		case <-h.powerOff:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.say("  %s", s.text("the host stops its services, unmounts its disks and comes to the late stage of its shutdown"))
		down()
		if err := demoKillPower(ctx, s, unit); err != nil {
			return err
		}
		for on := range waitOutput(ctx, output) {
			if !on {
				s.say("%s", s.paint.Bad("✂ "+s.text("the UPS cuts its output: the host is dark")))
				if err := host.Pause(ctx, demoOff/demoSpeed); err != nil {
					return err
				}
				s.mains(unit, true)
				continue
			}
			s.say("%s", s.paint.Good("⚡ "+s.text("the UPS restores its output: the host boots by itself, and is watched again")))
			told := len(gateway.Texts())
			if down, err = h.boot(ctx, "second"); err != nil {
				return err
			}
			for len(gateway.Texts()) == told { // the summary
				if err := host.Pause(ctx, demoLook); err != nil {
					return err
				}
			}
			return nil
		}
		return ctx.Err()
	}
	if err := story(); err != nil {
		return fmt.Errorf("demo: the story did not come to its end: %w", err)
	}
	fmt.Fprintf(out, "\n%s\n", s.text("%d messages went to the stand-in of the gateway on %s; nothing left this machine.", len(gateway.Texts()), gateway.URL()))
	fmt.Fprintf(out, "%s\n\n    %s status --simulate\n", s.text("Next, the same UPS by itself (yours without --simulate):"), program())
	return nil
}

// program is what this program is called by whoever started it.
func program() string {
	if strings.Contains(os.Args[0], "/") {
		return os.Args[0]
	}
	return "ecnutd"
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
	s.say("  %s", s.text("UPS command %s", catalogue.Translate(s.language, result.String())))
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
