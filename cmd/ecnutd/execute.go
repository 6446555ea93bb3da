package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/ups"
)

// An executor carries out what does not wait for a database: programs, wall,
// the flag and the command. Programs run one after the other, so that what
// they tell arrives in order, and each within its time.
type executor struct {
	log     *slog.Logger
	dryRun  bool
	boot    string
	request string                // a shutdown is ordered with this file; "" where the command is run here
	pointer string                // tells the late stage where the flag stands; "" for none
	plan    func() *shutdown.Plan // what the late stage is to do
	queue   chan func(context.Context)
}

const execQueue = 256

func newExecutor(log *slog.Logger, boot string, dryRun bool) *executor {
	return &executor{log: log, boot: boot, dryRun: dryRun, plan: func() *shutdown.Plan { return nil }, queue: make(chan func(context.Context), execQueue)}
}

// run works through the queue until ctx ends.
func (x *executor) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-x.queue:
			job(ctx)
		}
	}
}

// enqueue never blocks: the loop that decides must not wait for a program.
func (x *executor) enqueue(what string, job func(context.Context)) {
	select {
	case x.queue <- job:
	default:
		x.log.Error("too many programs are waiting: this one is left out", "what", what)
	}
}

// program runs a program of a rule, as upsmon runs NOTIFYCMD: with the event
// and the UPS in its environment.
func (x *executor) program(p engine.Program) {
	what, shown := p.Exec, p.Command()
	if x.dryRun {
		x.log.Warn("dry run: the program of a rule is not run", "command", shown, "event", p.Event, "ups", p.UPS)
		return
	}
	x.enqueue(shown, func(ctx context.Context) {
		argv := what.Argv
		if what.Shell != "" {
			argv = []string{"/bin/sh", "-c", what.Shell}
		}
		env := append(os.Environ(), "NOTIFYTYPE="+string(p.Event), "UPSNAME="+p.UPS, "NOTIFYMSG="+p.Text, "TIMER="+p.Timer)
		if err := host.Run(ctx, argv, env, "", what.Timeout); err != nil {
			x.log.Error("a program of a rule failed", "event", p.Event, "ups", p.UPS, "reason", err)
		}
	})
}

// wall writes a text on every terminal.
func (x *executor) wall(text string) {
	x.enqueue("wall", func(ctx context.Context) {
		if err := host.Run(ctx, []string{"wall"}, os.Environ(), text+"\n", host.ProgramTime); err != nil {
			x.log.Warn("the text could not be written on the terminals", "reason", err)
		}
	})
}

// flag writes the power down flag, whole or not at all.
func (x *executor) flag(path, reason string) {
	if x.dryRun {
		x.log.Warn("dry run: the flag is not written", "path", path)
		return
	}
	place := shutdown.Place{Flag: path, Pointer: x.pointer}
	if err := place.Write(shutdown.Flag{Boot: x.boot, Reason: reason, Plan: x.plan()}); err != nil {
		x.log.Error(shutdown.FlagFault, "path", path, "reason", err)
	}
}

// powerOff shuts the host down. It does not wait in the loop: a command that
// hangs must not keep the watchdog or the messages.
func (x *executor) powerOff(c config.Command, reason string) {
	shown := c.Text()
	if x.dryRun {
		x.log.Warn("dry run: the shutdown command is not run", "command", shown)
		return
	}
	x.log.Warn("shutting down", "command", shown)
	if x.request != "" {
		// In its own time, not in that of the daemon: the shutdown ends the daemon.
		o := &shutdown.Orderer{Log: x.log, Request: x.request, Now: host.BootTime, Start: shutdown.Start}
		go o.Order(context.Background(), c, shutdown.Flag{Boot: x.boot, Reason: reason, Plan: x.plan()})
		return
	}
	go func() {
		for {
			err := shutdown.RunHere(context.Background(), x.log, c, shutdown.Start)
			if err == nil {
				return
			}
			x.log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
			time.Sleep(10 * time.Second)
		}
	}()
}

// latePlan says what the late stage is to do.
func (d *daemon) latePlan() *shutdown.Plan {
	seen := make(map[string]shutdown.Seen)
	for name, w := range d.watchers {
		seen[name] = w.where()
	}
	return shutdown.NewPlan(d.config, seen)
}

// carry carries out an action. Messages were queued with the state.
func (d *daemon) carry(action engine.Action) {
	switch a := action.(type) {
	case engine.Log:
		d.log.Log(context.Background(), level(a.Event), a.Text)
	case engine.Wall:
		d.executor.wall(a.Text)
	case engine.Program:
		d.executor.program(a)
	case engine.Timer:
		d.log.Info(a.String())
	case engine.Shutdown:
		d.log.Error("shutdown: " + a.Reason)
		d.hurry()
	case engine.WriteFlag:
		d.executor.flag(a.Path, a.Reason)
		d.expectKillPower(a.Reason)
	case engine.PowerOff:
		d.executor.powerOff(a.Command, a.Reason)
	}
}

// level is how loud an event is in the journal.
func level(e ups.Event) slog.Level {
	switch e {
	case ups.EventOnBattery, ups.EventLowBattery, ups.EventCommBad, ups.EventNoComm, ups.EventReplace, ups.EventOver, ups.EventAlarm, ups.EventOff, ups.EventShutdown, ups.EventFSD:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
