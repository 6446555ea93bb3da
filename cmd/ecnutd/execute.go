package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// An executor carries out what does not wait for a database: programs, wall,
// the flag and the command. Programs run one after the other, so that what
// they tell arrives in order, and each within its time.
type executor struct {
	log     *slog.Logger
	dryRun  bool
	boot    string
	request string // a shutdown is ordered with this file; "" where the command is run here
	queue   chan func(context.Context)
}

const execQueue = 256

func newExecutor(log *slog.Logger, boot string, dryRun bool) *executor {
	return &executor{log: log, boot: boot, dryRun: dryRun, queue: make(chan func(context.Context), execQueue)}
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
func (x *executor) program(d deed) {
	what := d.exec
	if x.dryRun {
		x.log.Warn("dry run: the program of a rule is not run", "command", d.Run, "event", d.Event, "ups", d.UPS)
		return
	}
	x.enqueue(d.Run, func(ctx context.Context) {
		argv := what.Argv
		if what.Shell != "" {
			argv = []string{"/bin/sh", "-c", what.Shell}
		}
		env := append(os.Environ(), "NOTIFYTYPE="+d.Event, "UPSNAME="+d.UPS, "NOTIFYMSG="+d.Text, "TIMER="+d.Timer)
		if err := host.Run(ctx, argv, env, "", what.Timeout); err != nil {
			x.log.Error("a program of a rule failed", "event", d.Event, "ups", d.UPS, "reason", err)
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
	if err := shutdown.WriteFlag(path, x.boot, reason); err != nil {
		x.log.Error(shutdown.FlagFault, "path", path, "reason", err)
	}
}

// powerOff shuts the host down. It does not wait in the loop: a command that
// hangs must not keep the watchdog or the messages.
func (x *executor) powerOff(c config.Command, reason string) {
	shown := shutdown.CommandText(c)
	if x.dryRun {
		x.log.Warn("dry run: the shutdown command is not run", "command", shown)
		return
	}
	x.log.Warn("shutting down", "command", shown)
	if x.request != "" {
		// In its own time, not in that of the daemon: the shutdown ends the daemon.
		o := &shutdown.Orderer{Log: x.log, Request: x.request, Boot: x.boot, Command: shutdown.Run}
		go o.Order(context.Background(), c, reason)
		return
	}
	go func() {
		for {
			err := shutdown.Run(c)
			if err == nil {
				return
			}
			x.log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
			time.Sleep(10 * time.Second)
		}
	}()
}

// carry executes the deeds that are not messages.
func (d *daemon) carry(list []deed) {
	for _, one := range list {
		switch {
		case one.Kind == kindNotify && one.Route == routeLog:
			d.log.Log(context.Background(), one.level(), one.Text)
		case one.Kind == kindNotify && one.Route == routeWall:
			d.executor.wall(one.Text)
		case one.Kind == kindNotify && one.Route == routeExec:
			d.executor.program(one)
		case one.Kind == kindTimer:
			d.log.Info(one.String())
		case one.Kind == kindShutdown:
			d.log.Error("shutdown: " + one.Reason)
			d.hurry()
		case one.Kind == kindFlag:
			d.executor.flag(one.Path, one.because)
			d.expectKillPower(one.because)
		case one.Kind == kindPowerOff:
			d.executor.powerOff(d.config.ShutdownCommand, d.state.Reason.In(d.config.Language))
		}
	}
}
