package demo

import (
	"context"
	"log/slog"
	"os"
	"time"

	"ecnutd/config"
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/texts"
	"ecnutd/monitor"
)

// A demoHost is the host of the demonstration: its clock runs faster, it goes down by
// nothing but its daemon's end, and the stage hears what that does.
type demoHost struct {
	daemon.Unheard
	daemon.Devices
	config   *config.Config
	version  string
	stage    *stage
	powerOff chan struct{} // closed when the command is given
}

// boot starts the daemon, in a boot of this name; down ends it.
func (h *demoHost) boot(ctx context.Context, name string) (down func(), err error) {
	log := slog.New(slog.DiscardHandler)
	hostname, _ := os.Hostname() // "" is told as it is
	d, err := daemon.New(h.config, daemon.Outside{
		Log: log, Host: hostname, Boot: name, Version: h.version,
		Clock: h, Devices: h, Notify: h, Disk: thishost.Disk{Log: log},
		Messages: thishost.Messages{}, Programs: nothing{}, Power: nothing{},
	})
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { d.Run(run); close(ended) }()
	return func() { stop(); <-ended }, nil
}

// nothing are the programs and the power of a host that is none: what would reach a
// real one does nothing.
type nothing struct{}

// Run runs nothing.
func (nothing) Run(context.Context, []string, []string, string, time.Duration) error { return nil }

// WriteFlag writes nothing.
func (nothing) WriteFlag(string, shutdown.Flag) error { return nil }

// ReadFlag finds nothing.
func (nothing) ReadFlag(string) shutdown.FlagFound {
	return shutdown.FlagFound{State: shutdown.FlagAbsent}
}

// RemoveFlag removes nothing.
func (nothing) RemoveFlag(string) error { return nil }

// Expect notes nothing.
func (nothing) Expect(string, string) error { return nil }

// LastCut knows of none.
func (nothing) LastCut(string) *shutdown.Record { return nil }

// Off shuts nothing down.
func (nothing) Off(config.Command, shutdown.Flag) {}

// Follow says that the shutdown is pending, until the host goes down.
func (nothing) Follow(ctx context.Context, _ bool, heard func(shutdown.Progress)) {
	heard(shutdown.Progress{Pending: true})
	<-ctx.Done()
}

// Undo takes nothing back.
func (nothing) Undo(context.Context, shutdown.Flag) error { return nil }

// Now is the time since the boot of the host, by the clock of the story.
func (h *demoHost) Now() monitor.Instant {
	return demoStart.Add(time.Since(h.stage.start) * demoSpeed)
}

// Day is the time of day, by the clock of the story.
func (h *demoHost) Day() time.Time {
	return h.stage.start.Add(time.Since(h.stage.start) * demoSpeed).Round(0)
}

// Set reports that the time of day is right, in the story.
func (*demoHost) Set() bool { return true }

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
		s.say("  %s", s.timer(a))
	case engine.Shutdown:
		s.say("%s", s.paint.Bad(s.text("SHUT DOWN: %s", a.Reason)))
	case engine.WriteFlag:
		s.say("  %s", s.text("flag written, so that the UPS cuts its output at the very end"))
	case engine.PowerOff:
		s.say("  %s", s.text("shutdown command: %s (not run in a demonstration)", a.Command.Text()))
	case engine.Message:
		s.say("  %s", s.text("message queued for the route phone"))
	}
}

// timer says what happened to a timer.
func (s *stage) timer(a engine.Timer) string {
	switch a.What {
	case monitor.TimerStart:
		return s.text("timer %s begins, ends in %s", a.Name, texts.Span(a.After))
	case monitor.TimerCancel:
		return s.text("timer %s is cancelled", a.Name)
	default:
		return s.text("timer %s ends", a.Name)
	}
}
