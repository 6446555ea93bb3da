package daemon

import (
	"context"
	"log/slog"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
)

// goingDown is how this host goes down: the flag that has the UPS cut its
// output, the command and how far that is, and what came of the last cut.
type goingDown struct {
	log    *slog.Logger
	power  Power
	boot   string // id of this boot
	dryRun bool
	state  string           // file of the state; "": none is kept
	cut    bool             // the flag was written: the output is going to be cut
	last   *shutdown.Record // of the boot before; nil where nothing is known

	progress chan shutdown.Progress
	known    shutdown.Progress // what was passed on last
	stop     context.CancelFunc
}

func newGoingDown(out *Outside, state string) *goingDown {
	g := &goingDown{
		log: out.Log, power: out.Power, boot: out.Boot, dryRun: out.DryRun, state: state,
		progress: make(chan shutdown.Progress), stop: func() {},
	}
	if state != "" {
		g.last = g.power.LastCut(state)
	}
	return g
}

// cutAt reports whether the boot before ended in a cut of the output that was ordered
// when the host went off.
func (g *goingDown) cutAt(off time.Time) bool {
	return g.last != nil && !g.last.Simulated && (g.last.Pending || g.last.Armed()) && g.last.At.Sub(off).Abs() < 15*time.Minute
}

// flag writes the power down flag. plan says which of the UPSs are cut.
func (g *goingDown) flag(a engine.WriteFlag, plan *shutdown.Plan) {
	if g.dryRun {
		g.log.Warn("dry run: the flag is not written", "path", a.Path)
		return
	}
	if err := g.power.WriteFlag(a.Path, shutdown.Flag{Boot: g.boot, Reason: a.Reason, Plan: plan}); err != nil {
		g.log.Error(shutdown.FlagFault, "path", a.Path, "reason", err)
	}
	g.cut = true
}

// off has the host shut down, and follows how far that is in a group.
func (g *goingDown) off(in *group, a engine.PowerOff, plan *shutdown.Plan) {
	if g.dryRun {
		g.log.Warn("dry run: the shutdown command is not run", "command", a.Command.Text())
		return
	}
	g.log.Warn("shutting down", "command", a.Command.Text())
	g.power.Off(a.Command, shutdown.Flag{Boot: g.boot, Reason: a.Reason, Plan: plan})
	g.follow(in, false)
	// A note on a disk comes after the order: the disk may have stalled.
	if g.cut && g.state != "" {
		if err := g.power.Expect(g.state, a.Reason); err != nil {
			g.log.Warn("the next boot will not know that the UPS was to cut its output", "reason", err)
		}
	}
}

// follow has it passed on how far the shutdown is; again says that another
// process has begun it.
func (g *goingDown) follow(in *group, again bool) {
	g.stop()
	g.known = shutdown.Progress{}
	ctx, stop := in.part()
	g.stop = stop
	in.run(func(context.Context) {
		g.power.Follow(ctx, again, func(p shutdown.Progress) {
			select {
			case g.progress <- p:
			case <-ctx.Done():
			}
		})
	})
}

// heard says what the monitor is to know of how far the shutdown is.
func (g *goingDown) heard(p shutdown.Progress) (inputs []monitor.Input) {
	inputs = append(inputs, monitor.ShutdownPending{Pending: p.Pending})
	if p.Ended && !g.known.Ended {
		inputs = append(inputs, monitor.CommandEnded{Err: p.Err})
	}
	g.known = p
	return inputs
}

// undo takes back what of a shutdown may still be to come.
func (g *goingDown) undo(in *group, reason string) {
	if g.dryRun {
		return
	}
	in.run(func(ctx context.Context) {
		if err := g.power.Undo(ctx, shutdown.Flag{Boot: g.boot, Reason: reason}); err != nil {
			g.log.Error("the shutdown that did not come about cannot be undone: shutdown -c as root does it", "reason", err)
		}
	})
}

// flagOf is the reason in the power down flag of this boot; ok is false where
// there is none.
func (g *goingDown) flagOf(path string) (reason string, ok bool) {
	if g.dryRun {
		return "", false
	}
	found := g.power.ReadFlag(path)
	return found.Flag.Reason, found.State == shutdown.FlagCounts
}

// dropFlag removes the power down flag of a shutdown that did not come about: at
// the next power-off, for whatever reason, it would have the UPS cut its output.
func (g *goingDown) dropFlag(path string) {
	g.stop()
	g.cut = false
	if g.dryRun || g.power.ReadFlag(path).State != shutdown.FlagCounts {
		return
	}
	if err := g.power.RemoveFlag(path); err != nil {
		g.log.Error("the flag of a shutdown that did not come about cannot be removed: the next one will have the UPS cut its output", "path", path, "reason", err)
		return
	}
	g.log.Warn("the flag of a shutdown that did not come about was removed", "path", path)
}
