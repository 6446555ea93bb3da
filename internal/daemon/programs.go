package daemon

import (
	"context"
	"log/slog"
	"sync"

	"ecnutd/internal/engine"
)

// programs are those of the rules, and the texts on the terminals. The programs
// of one event of a UPS run one after the other, so that what they tell arrives
// in order, and each within its time; those of another event do not wait for
// them: one that hangs must not delay what is to be done before a shutdown.
type programs struct {
	log    *slog.Logger
	run    Programs
	dryRun bool
	group  *group

	mu      sync.Mutex
	lines   map[string][]job // what waits, by what it waits in line for; those at work have a key
	waiting int
}

// A job is one program.
type job func(context.Context)

// mostPrograms is how many may wait, of all lines together.
const mostPrograms = 256

func newPrograms(out *Outside) *programs {
	return &programs{log: out.Log, run: out.Programs, dryRun: out.DryRun, lines: make(map[string][]job)}
}

// in has the programs run in a group.
func (p *programs) in(g *group) { p.group = g }

// enqueue never blocks: the loop that decides must not wait for a program.
func (p *programs) enqueue(line, what string, one job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting, atWork := p.lines[line]
	switch {
	case p.waiting == mostPrograms:
		p.log.Error("too many programs are waiting: this one is left out", "what", what)
		return
	case atWork:
		p.lines[line] = append(waiting, one)
		p.waiting++
		return
	}
	p.lines[line] = nil
	p.group.run(func(ctx context.Context) { p.work(ctx, line, one) })
}

// work runs a job and what waits behind it, until ctx ends.
func (p *programs) work(ctx context.Context, line string, one job) {
	for ctx.Err() == nil {
		one(ctx)
		p.mu.Lock()
		waiting := p.lines[line]
		if len(waiting) == 0 {
			delete(p.lines, line)
			p.mu.Unlock()
			return
		}
		one, p.lines[line] = waiting[0], waiting[1:]
		p.waiting--
		p.mu.Unlock()
	}
}

// start has a program of a rule run, as upsmon runs NOTIFYCMD: with the event
// and the UPS in its environment.
func (p *programs) start(a engine.Program) {
	what, shown := a.Exec, a.Command()
	if p.dryRun {
		p.log.Warn("dry run: the program of a rule is not run", "command", shown, "event", a.Event, "ups", a.UPS)
		return
	}
	p.enqueue(a.UPS+" "+string(a.Event)+" "+a.Timer, shown, func(ctx context.Context) {
		argv := what.Argv
		if what.Shell != "" {
			argv = []string{"/bin/sh", "-c", what.Shell}
		}
		env := []string{"NOTIFYTYPE=" + string(a.Event), "UPSNAME=" + a.UPS, "NOTIFYMSG=" + a.Text, "TIMER=" + a.Timer}
		if err := p.run.Run(ctx, argv, env, "", what.Timeout); err != nil {
			p.log.Error("a program of a rule failed", "event", a.Event, "ups", a.UPS, "reason", err)
		}
	})
}

// wall writes a text on every terminal.
func (p *programs) wall(text string) {
	p.enqueue("wall", "wall", func(ctx context.Context) {
		if err := p.run.Run(ctx, []string{"wall"}, nil, text+"\n", 0); err != nil {
			p.log.Warn("the text could not be written on the terminals", "reason", err)
		}
	})
}
