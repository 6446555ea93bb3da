package thishost

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"ecnutd/config"
	"ecnutd/internal/folder"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// Power takes this host down.
type Power struct {
	Log     *slog.Logger
	Boot    string // id of this boot
	Request string // root is asked with this file; "" runs the command here
	Socket  string // root is asked here first; "" for nowhere
	Pointer string // tells the late stage where the flag stands; "" for none

	Status []string // where root's helper says how far it is
	Spares []string // where it writes the flag where its place takes nothing

	mu      sync.Mutex
	ordered time.Duration // when Off was called last, since the boot
	here    shutdown.Progress
	tried   *shutdown.Running  // the command, begun here last; nil: never
	begun   time.Duration      // when, since the boot
	again   context.CancelFunc // ends the tries of a command that is run here
	pause   time.Duration      // between them; orderAgain where it is 0
}

// diskTime is how long a disk is waited for on the way down. One that has stalled
// must not keep the host up.
const diskTime = time.Second

// WriteFlag writes the flag and the pointer to it, each whole or not at all. A
// disk that does not answer within a second is an error: the flag may come later,
// and root's helper writes it too.
func (p *Power) WriteFlag(path string, f shutdown.Flag) error {
	return host.Within(diskTime, func() error { return p.place(path).Write(f) })
}

// ReadFlag looks at the flag.
func (p *Power) ReadFlag(path string) shutdown.FlagFound {
	return shutdown.Place{Flag: path, Spares: p.Spares}.Find(p.Boot)
}

// RemoveFlag removes the flag of this boot and the pointer to it.
func (p *Power) RemoveFlag(path string) error {
	err := p.place(path).Remove(p.Boot)
	if err == nil || p.Request == "" {
		return err
	}
	// It may be root's to remove.
	o := &shutdown.Orderer{Log: p.Log, Socket: p.Socket, Request: p.Request, Now: host.BootTime}
	order := o.DropFlag(shutdown.Flag{Boot: p.Boot, DropFlag: true})
	if order == nil {
		return nil
	}
	return errors.Join(err, order)
}

func (p *Power) place(path string) shutdown.Place {
	return shutdown.Place{Flag: path, Pointer: p.Pointer, Spares: p.Spares}
}

// Expect keeps a record that is pending beside the state.
func (p *Power) Expect(state, reason string) error {
	r := shutdown.Record{Boot: p.Boot, At: time.Now().Round(time.Second), Reason: reason, Pending: true}
	return host.Within(diskTime, func() error { return r.Keep(filepath.Dir(state)) })
}

// LastCut is what came of the last one; it is logged once.
func (p *Power) LastCut(state string) *shutdown.Record {
	return shutdown.TellLast(state, p.Boot, p.Log)
}

// orderAgain is between two tries of a shutdown command that failed.
const orderAgain = 10 * time.Second

// Off orders the shutdown, or runs the command until it succeeds. It does so in
// its own time, not in that of the daemon: the shutdown ends the daemon.
func (p *Power) Off(c config.Command, order shutdown.Flag) {
	ctx := context.Background()
	tries, end := context.WithCancel(ctx)
	p.mu.Lock()
	if p.again != nil {
		p.again()
	}
	p.again = end
	p.ordered, p.here = host.BootTime(), shutdown.Progress{Pending: true}
	p.mu.Unlock()
	go func() {
		defer end()
		if p.Request != "" {
			o := &shutdown.Orderer{Log: p.Log, Socket: p.Socket, Request: p.Request, Now: host.BootTime, Start: p.start}
			o.Order(tries, c, order)
			return
		}
		for {
			// One that is at work is never ended, also not by an undo.
			err := shutdown.RunHere(ctx, p.Log, c, p.start)
			if err == nil {
				p.ended("")
				return
			}
			p.ended(err.Error())
			p.Log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
			if host.Pause(tries, cmp.Or(p.pause, orderAgain)) != nil {
				return
			}
		}
	}()
}

// start begins the command here.
func (p *Power) start(c config.Command) (*shutdown.Running, error) {
	r, err := shutdown.Start(c)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried, p.begun = r, host.BootTime()
	return r, err
}

// atWork reports whether the command was begun here and has been at work for
// longer than one that fails is. mu is held.
func (p *Power) atWork() bool {
	return p.tried != nil && p.tried.AtWork() && host.BootTime()-p.begun >= shutdown.ShortRun
}

// errUnanswered is why a shutdown does not come about.
var errUnanswered = errors.New("nobody carries the order to shut down out")

// unanswered is how far a shutdown is that nobody has taken the order for. Whether
// a process before this one came to ordering it nobody knows.
func (p *Power) unanswered(again bool) shutdown.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.atWork():
		return shutdown.Progress{Pending: true}
	case again:
		return shutdown.Progress{}
	}
	return shutdown.Progress{Ended: true, Err: errUnanswered.Error()}
}

// ended notes the end of a command that was run here.
func (p *Power) ended(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.here = shutdown.Progress{Ended: true, Err: why}
}

// followEvery is how often it is asked how far a shutdown is that was begun here.
const followEvery = 2 * time.Second

// Follow passes on what root's helper says, or how far the command is that was
// run here; what systemd has to do comes on top.
func (p *Power) Follow(ctx context.Context, again bool, heard func(shutdown.Progress)) {
	p.mu.Lock()
	since := p.ordered
	p.mu.Unlock()
	if again {
		since = 0
	}
	if p.Request != "" {
		shutdown.Follow(ctx, p.Status, p.Boot, host.BootTime, since, func() shutdown.Progress { return p.unanswered(again) }, heard)
		return
	}
	every := time.NewTicker(followEvery)
	defer every.Stop()
	var last shutdown.Progress
	for told := false; ; told = true {
		p.mu.Lock()
		now := p.here
		if p.atWork() {
			now = shutdown.Progress{Pending: true} // also where a try before this one failed
		}
		p.mu.Unlock()
		if pending, _, err := shutdown.ThisSystemd.Ask(ctx); err == nil && pending != shutdown.NotPending {
			now.Pending = true
		}
		if !told || now != last {
			last = now
			heard(now)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// Undo takes back a shutdown that may still be scheduled.
func (p *Power) Undo(ctx context.Context, order shutdown.Flag) error {
	p.giveUp()
	if p.Request == "" {
		return shutdown.UndoScheduled(ctx)
	}
	_ = folder.Remove(p.Request) // an order that nobody has taken must not be taken now
	o := &shutdown.Orderer{Log: p.Log, Socket: p.Socket, Request: p.Request, Now: host.BootTime, Start: shutdown.Start}
	return o.Undo(ctx, order)
}

// giveUp has a command that failed not tried again: the shutdown was undone, and
// the host may be on mains.
func (p *Power) giveUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.again != nil {
		p.again()
	}
}
