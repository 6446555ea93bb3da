package daemon

import (
	"log/slog"

	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
)

// goingDown is how this host goes down: the flag that has the UPS cut its
// output, the command, and what came of the last cut.
type goingDown struct {
	log    *slog.Logger
	power  Power
	boot   string // id of this boot
	dryRun bool
	state  string           // file of the state; "": none is kept
	last   *shutdown.Record // of the boot before; nil where nothing is known
}

func newGoingDown(out *Outside, state string) *goingDown {
	g := &goingDown{log: out.Log, power: out.Power, boot: out.Boot, dryRun: out.DryRun, state: state}
	if state != "" {
		g.last = g.power.LastCut(state)
	}
	return g
}

// flag writes the power down flag, and notes that the UPS is going to be told
// to cut its output. plan says which of them.
func (g *goingDown) flag(a engine.WriteFlag, plan *shutdown.Plan) {
	if g.dryRun {
		g.log.Warn("dry run: the flag is not written", "path", a.Path)
		return
	}
	if err := g.power.WriteFlag(a.Path, shutdown.Flag{Boot: g.boot, Reason: a.Reason, Plan: plan}); err != nil {
		g.log.Error(shutdown.FlagFault, "path", a.Path, "reason", err)
	}
	if g.state == "" {
		return
	}
	if err := g.power.Expect(g.state, a.Reason); err != nil {
		g.log.Warn("the next boot will not know that the UPS was to cut its output", "reason", err)
	}
}

// off has the host shut down.
func (g *goingDown) off(a engine.PowerOff, plan *shutdown.Plan) {
	if g.dryRun {
		g.log.Warn("dry run: the shutdown command is not run", "command", a.Command.Text())
		return
	}
	g.log.Warn("shutting down", "command", a.Command.Text())
	g.power.Off(a.Command, shutdown.Flag{Boot: g.boot, Reason: a.Reason, Plan: plan})
}

// dropFlag removes the power down flag of a shutdown in this boot that did not
// come about and of which the state knows nothing more: at the next power-off,
// for whatever reason, it would have the UPS cut its output.
func (g *goingDown) dropFlag(path string) {
	if g.dryRun || g.power.ReadFlag(path).State != shutdown.FlagCounts {
		return
	}
	if err := g.power.RemoveFlag(path); err != nil {
		g.log.Error("the flag of a shutdown that did not come about cannot be removed: the next one will have the UPS cut its output", "path", path, "reason", err)
		return
	}
	g.log.Warn("the flag of a shutdown that did not come about was removed", "path", path)
}
