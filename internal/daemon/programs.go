package daemon

import (
	"context"
	"log/slog"

	"ecnutd/internal/engine"
)

// programs are those of the rules, and the texts on the terminals. They run one
// after the other, so that what they tell arrives in order, and each within its
// time.
type programs struct {
	log    *slog.Logger
	run    Programs
	dryRun bool
	queue  chan func(context.Context)
}

// programQueue is how many may wait.
const programQueue = 256

func newPrograms(out *Outside) *programs {
	return &programs{log: out.Log, run: out.Programs, dryRun: out.DryRun, queue: make(chan func(context.Context), programQueue)}
}

// work works through the queue until ctx ends.
func (p *programs) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-p.queue:
			job(ctx)
		}
	}
}

// enqueue never blocks: the loop that decides must not wait for a program.
func (p *programs) enqueue(what string, job func(context.Context)) {
	select {
	case p.queue <- job:
	default:
		p.log.Error("too many programs are waiting: this one is left out", "what", what)
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
	p.enqueue(shown, func(ctx context.Context) {
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
	p.enqueue("wall", func(ctx context.Context) {
		if err := p.run.Run(ctx, []string{"wall"}, nil, text+"\n", 0); err != nil {
			p.log.Warn("the text could not be written on the terminals", "reason", err)
		}
	})
}
