// Package killpower is the last stage of a shutdown: it has every UPS that
// feeds this host cut its output shortly after the host has stopped, and
// restore it when mains is back.
//
// It runs as systemd's hook at the very end (systemd-shutdown(8)), with no
// daemon, no network and a read-only disk, and within a few seconds: a UPS that
// says nothing must not keep the host from stopping. How a UPS is found and
// opened is given to it.
package killpower

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power/family"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// A Stage is the end of a shutdown. Everything that it does to the host or
// asks of it is a field, so that no test comes near a real one.
type Stage struct {
	Out     io.Writer
	Config  *config.Config // the defaults where it cannot be read
	Fault   error          // why it cannot; nil where it can
	Pointer string         // path of what says where the flag stands; "" for none
	Spares  []string       // where the flag may stand besides
	Boot    string         // id of this boot
	Root    string         // below which Check looks for what is installed
	Action  string         // of systemd; "" by hand
	Units   func(context.Context, *shutdown.Plan) ([]Unit, error)
	Reboot  func() error // nil: never

	Families  []*family.Family // of UPSs that are known
	Simulated bool             // the result says nothing of a real UPS
}

// ErrTold is wrapped by errors that Out has been told of.
var ErrTold = errors.New("told on the console")

// told is an error that Out has been told of.
type told struct{ error }

// Unwrap returns the error, and that it was told.
func (t told) Unwrap() []error { return []error{t.error, ErrTold} }

const (
	// Time bounds the late stage: a UPS that says nothing must not keep
	// the host from stopping, which is what the battery is needed for.
	Time = 10 * time.Second

	// armTime is what of it is for the UPSs. The rest is for the start, for
	// telling and for storing the result.
	armTime = 9 * time.Second

	// sayTime is what is left at the end for telling what the last try met.
	sayTime = 100 * time.Millisecond

	// findTime is how long a UPS is waited for that is not on the bus.
	findTime = 3 * time.Second

	// keepTime bounds storing the result.
	keepTime = 500 * time.Millisecond

	// cutMargin is how long after the cut the host may reboot at the earliest:
	// one that still runs then has kept its power.
	cutMargin = 10 * time.Second
)

// Say writes a line to Out.
func (l *Stage) Say(format string, args ...any) {
	fmt.Fprintf(l.Out, "ecnutd killpower: %s\n", host.OneLine(fmt.Sprintf(format, args...)))
}

// Run does all of it. An error that wraps ErrTold has been told.
func (l *Stage) Run(ctx context.Context) error {
	switch l.Action {
	case "", "poweroff", "halt":
	default:
		l.Say("nothing to do: the host is not going off but for %s", l.Action)
		return nil
	}
	place := shutdown.Place{Flag: l.Config.PowerDownFlag, Pointer: l.Pointer, Spares: l.Spares}
	found := place.Find(l.Boot)
	if found.State != shutdown.FlagCounts {
		l.Say("nothing to do: %s", found.Why)
		return nil
	}
	how := l.how(found.Flag.Plan)
	record := shutdown.Record{Boot: l.Boot, At: time.Now().Round(time.Second), Reason: found.Flag.Reason, Simulated: l.Simulated}
	bounded, cancel := context.WithTimeout(ctx, armTime)
	defer cancel()
	begun := time.Now()
	units, err := l.find(bounded, found.Flag.Plan)
	if err != nil {
		record.UPS = []shutdown.Killed{{UPS: "all", Text: host.FirstLine(err)}}
		l.Say("NO UPS WAS ARMED: %s", host.FirstLine(err))
		l.keep(record)
		return told{err}
	}
	last, err := l.armAll(bounded, begun, units, string(how.Command), &record)
	l.keep(record)
	if how.WaitThenReboot > 0 && l.Reboot != nil {
		wait := how.WaitThenReboot
		if last >= 0 {
			// A host that booted again would be cut in the middle of it.
			wait = max(wait, last+cutMargin)
		}
		if err := l.rebootOnMains(ctx, wait, units); err != nil {
			return err
		}
	}
	return err
}

// how is how the output is cut: as the configuration says, and where that
// cannot be read as the flag does, if a family has such a command.
func (l *Stage) how(plan *shutdown.Plan) config.KillPower {
	k := l.Config.KillPower
	if l.Fault == nil || plan == nil {
		return k
	}
	k.WaitThenReboot = max(0, time.Duration(plan.Wait)*time.Second)
	for _, f := range l.Families {
		for _, c := range f.Commands {
			if c.Cuts && c.Name == plan.Command {
				k.Command = config.UPSCommand(plan.Command)
				return k
			}
		}
	}
	l.Say("the flag has no command that cuts an output; %s is used", k.Command)
	return k
}

// armAll arms every UPS, each by itself, and tells what came of each. last is
// how long after its command the last output goes off, or may; below zero where
// all stay on.
func (l *Stage) armAll(ctx context.Context, begun time.Time, units []Unit, command string, record *shutdown.Record) (last time.Duration, err error) {
	last = -1
	type outcome struct {
		i     int
		k     shutdown.Killed
		cutIn time.Duration
		ended bool
	}
	// Nobody may be left to take them, and there are fewer than two a second.
	results := make(chan outcome, 2*int(armTime/time.Second)*len(units))
	trying, cancel := context.WithDeadline(ctx, begun.Add(armTime-sayTime))
	defer cancel()
	asked := 0
	for _, u := range units {
		k := shutdown.Killed{UPS: u.Name, Node: u.Node, Text: "it did not answer within " + armTime.String()}
		switch {
		case u.Spared != "":
			l.Say("%s: left alone: %s", u.Name, u.Spared)
			continue
		case u.Open == nil:
			k.Text = cmp.Or(u.Missing, missingText)
		default:
			go func(at int) {
				k, in := l.arm(trying, u, command, func(k shutdown.Killed, in time.Duration) { results <- outcome{at, k, in, false} })
				results <- outcome{at, k, in, true}
			}(len(record.UPS))
			asked++
		}
		record.UPS = append(record.UPS, k)
	}
	for left := asked; left > 0 && ctx.Err() == nil; {
		select {
		case r := <-results:
			if r.ended {
				left--
			}
			if record.UPS[r.i] = r.k; r.k.Armed || r.cutIn > 0 {
				last = max(last, r.cutIn)
			}
		case <-ctx.Done():
		}
	}
	failed := 0
	for _, k := range record.UPS {
		switch {
		case k.Armed:
			l.Say("%s: %s", k.UPS, k.Text)
		default:
			failed++
			l.Say("%s: NOT ARMED: %s", k.UPS, k.Text)
		}
	}
	switch {
	case len(record.UPS) == 0:
		l.Say("no UPS of the configuration feeds this host")
	case failed > 0:
		return last, told{fmt.Errorf("killpower: %d of %d UPSs will not cut their output", failed, len(record.UPS))}
	}
	return last, nil
}

// find waits a moment for UPSs that are not there: one may be coming back to
// the bus. The search itself could block, and is not waited for either.
func (l *Stage) find(ctx context.Context, plan *shutdown.Plan) ([]Unit, error) {
	type found struct {
		units []Unit
		err   error
	}
	done := make(chan found, 1)
	go func() {
		begun := time.Now()
		for {
			units, err := l.Units(ctx, plan)
			missing := err != nil
			for _, u := range units {
				missing = missing || u.Open == nil && u.Spared == ""
			}
			if !missing || time.Since(begun) >= findTime || host.Pause(ctx, retryPause) != nil {
				done <- found{units, err}
				return
			}
		}
	}()
	select {
	case f := <-done:
		return f.units, f.err
	case <-ctx.Done():
		return nil, errors.New("the search for the UPSs did not end within " + armTime.String())
	}
}

// keep stores the result where the next boot finds it, if there still is a
// file system to write on.
func (l *Stage) keep(record shutdown.Record) {
	if l.Config.State == "" || len(record.UPS) == 0 {
		return
	}
	dir := filepath.Dir(l.Config.State)
	done := make(chan error, 1)
	go func() { done <- record.Keep(dir) }()
	select {
	case err := <-done:
		if err != nil {
			l.Say("the result is on this screen alone, it cannot be stored: %v", err)
		}
	case <-time.After(keepTime):
		l.Say("the result is on this screen alone, %s does not answer", dir)
	}
}
