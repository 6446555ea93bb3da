package shutdown

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"ecnutd/config"
	"ecnutd/internal/folder"
	"ecnutd/internal/host"
)

// Config is the configuration, or the defaults where it cannot be read or
// others than root could have written it: neither may cost the shutdown.
func Config(path string, log *slog.Logger) *config.Config {
	err := host.OnlyRootWrites(path)
	if err == nil {
		var c *config.Config
		if c, _, err = config.Load(path); err == nil {
			return c
		}
	}
	log.Error("the configuration does not count for the shutdown, the defaults do", "reason", host.FirstLine(err))
	return config.Minimal("ups")
}

// A Helper carries out orders, and says how far the shutdown is until nothing
// of it is left. Its effects are fields, so that no test comes near a real
// shutdown.
type Helper struct {
	Log     *slog.Logger
	Request string               // path of the order
	Pointer string               // path of the pointer to the flag; "" for none
	Status  string               // path of what it says; "" to say nothing
	Spare   string               // where it says so where Status takes nothing; "" for none
	Spares  []string             // where the flag goes where its place takes nothing
	Orders  <-chan Delivery      // orders that come over the socket; nil for none
	Boot    string               // id of this boot
	Now     func() time.Duration // since the boot
	Config  *config.Config

	Start func(config.Command) (*Running, error)                    // begins the shutdown command
	Adopt func(pid int, ticks uint64) *Running                      // finds one that is at work already
	Ask   func(context.Context) (p Pending, what string, err error) // whether a shutdown is pending
	Undo  func(context.Context) error                               // takes back what is scheduled
	Guard func(context.Context) error                               // has the last resort watch the shutdown; nil for none

	status  Status
	running *Running
	retry   time.Duration // when a command that failed is begun again; 0 for never
	idle    time.Duration // since when nothing is pending; 0 while something is
	heard   time.Duration // when systemd answered last
	told    time.Duration // when it was told last that the command is still at work
	mute    bool          // the status cannot be written, and that was told
	undoing *Flag         // an order to undo that waits for the end of the command at work; nil for none
}

const (
	// ShortRun is how long a command that failed before has to be at work again
	// to count as pending.
	ShortRun = 5 * time.Second

	// blindAfter is how long systemd may leave questions unanswered before the
	// command alone counts.
	blindAfter = time.Minute

	// idleTime is how long the helper goes on watching when nothing is pending:
	// a script may have left the shutdown to something in the background.
	idleTime = 30 * time.Minute
)

// Run carries out the orders that are there, and watches until the shutdown is
// undone, nothing has been pending for idleTime, or ctx ends. An order that was
// taken keeps its file under another name until the command has succeeded, so
// that a helper that is killed and started again goes on, and finds the command
// that is at work.
func (h *Helper) Run(ctx context.Context) error {
	undone, err := h.undoOrdered(ctx)
	if undone {
		return err
	}
	order, why := h.take()
	if why == "" {
		h.carryOut(ctx, order)
	} else if h.first(ctx) {
		return nil
	}
	if why != "" && h.running == nil && h.status.Pending == NotPending && h.status.Taken == nil {
		h.Log.Info("no shutdown: " + why)
		return h.leave()
	}
	every := time.NewTicker(statusEvery)
	defer every.Stop()
	for {
		h.look(ctx)
		h.say()
		var ended <-chan error
		if h.running != nil {
			ended = h.running.Ended
		}
		select {
		case err := <-ended:
			h.ended(ctx, err)
		case d := <-h.Orders:
			if h.delivered(ctx, d, func(order Flag) { h.repeat(order, h.Now()) }) {
				return h.leave()
			}
		case <-every.C:
		case <-ctx.Done():
			// The shutdown ends whoever has begun it. That is no failure, and
			// leaves no order.
			h.status.Taken = nil
			h.say()
			return h.leave()
		}
		if undone, err := h.undoOrdered(ctx); undone {
			return err
		}
		if h.idle > 0 && h.Now()-h.idle >= idleTime {
			h.Log.Info("nothing of the shutdown is left: the helper ends", "watched", idleTime.String())
			h.status.Final, h.status.Taken = true, nil
			h.say()
			return h.leave()
		}
	}
}

// first waits for the order over the socket for which this helper was started. done
// reports whether that was to undo the shutdown, and nothing is left to do.
func (h *Helper) first(ctx context.Context) (done bool) {
	if h.Orders == nil {
		return false
	}
	wait := time.NewTimer(firstTime)
	defer wait.Stop()
	select {
	case d := <-h.Orders:
		return h.delivered(ctx, d, func(order Flag) { h.carryOut(ctx, order) })
	case <-wait.C:
	case <-ctx.Done():
	}
	return false
}

// delivered does what came over the socket, an order by begin, and answers when that
// is done. done reports whether a shutdown was undone, and nothing is left to do.
func (h *Helper) delivered(ctx context.Context, d Delivery, begin func(Flag)) (done bool) {
	m, why := readMessage(d.Raw, h.Boot, h.Now())
	switch {
	case why != "":
		h.Log.Warn("an order that came over the socket is refused: " + why)
		d.Answer("refused: " + why)
		return false
	case m.Undo:
		done = h.undo(ctx, m.Flag)
	default:
		begin(m.Flag)
		h.say()
	}
	d.Answer(answerTaken)
	return done
}

// carryOut begins with an order, and has the last resort watch it.
func (h *Helper) carryOut(ctx context.Context, order Flag) {
	h.flag(order)
	if h.Guard != nil && h.Config.EmergencyPowerOff {
		if err := h.Guard(ctx); err != nil {
			h.Log.Warn("nothing ends a shutdown that hangs while the battery ends", "reason", err)
		}
	}
	h.begin(order)
}

// take is the order to carry out: a new one, or the one that a helper before
// took and did not end. why says why there is none.
func (h *Helper) take() (order Flag, why string) {
	now := h.Now()
	before, _ := newestStatus(h.said(), h.Boot, now) // an old word counts here too
	order, there, why := ReadOrder(h.Request, h.Boot, now, OrderFresh)
	if there && why == "" {
		if err := folder.Rename(h.Request, filepath.Base(taken(h.Request))); err != nil {
			h.Log.Error("the order cannot be taken, it is carried out all the same", "reason", err)
		}
		if before.Command.Runs > 0 {
			h.status = before // a command may still be at work
		}
		return order, ""
	}
	// Rubbish of its name keeps nobody from going on with what was taken before.
	fresh := takenFresh
	order, there, _ = ReadOrder(taken(h.Request), h.Boot, now, now)
	if !there && before.Taken != nil && !before.Final {
		order, there = *before.Taken, true // it came over the socket
	}
	if !there {
		return order, why
	}
	if before.Order == order.Uptime && before.Uptime > order.Uptime {
		fresh += before.Uptime - order.Uptime // from its last word
		h.status = before
	}
	if age := now - order.Uptime; order.Boot == h.Boot && age >= 0 && age <= fresh {
		return order, ""
	}
	h.status = Status{}
	return order, why
}

// begin begins with an order: with the command, or with watching the one that
// a helper before has begun.
func (h *Helper) begin(order Flag) {
	same := h.status.Order == order.Uptime
	c := h.status.Command
	h.status = Status{Boot: h.Boot, Order: order.Uptime, Command: c, Taken: &order}
	if !same {
		h.status.Command.Failed = "" // that was another order's
	}
	h.heard = h.Now()
	if r := h.Adopt(c.PID, c.Ticks); r != nil {
		h.Log.Warn("the shutdown command is at work already, and is not begun again", "process", c.PID)
		h.running, h.status.Command.Ended = r, 0
		return
	}
	if same && c.Runs > 0 && c.Failed == "" {
		if c.Ended == 0 {
			h.status.Command.Ended = h.Now()
		}
		h.Log.Warn("the shutdown command has ended already, and is not run again", "reason", order.Reason)
		return
	}
	h.Log.Warn("shutting down, as ecnutd has ordered", "command", h.Config.ShutdownCommand.Text(), "reason", order.Reason)
	h.start()
}

// start begins the command, unless it is at work.
func (h *Helper) start() {
	if h.running != nil {
		return
	}
	now := h.Now()
	h.retry, h.told = 0, now
	c := &h.status.Command
	c.Runs++
	c.PID, c.Ticks, c.Began, c.Ended = 0, 0, now, 0
	r, err := h.Start(h.Config.ShutdownCommand)
	if err != nil {
		h.failed(err)
		return
	}
	h.running, c.PID, c.Ticks = r, r.PID, r.Start
	if c.Failed == "" {
		h.status.Pending, h.status.What = ByCommand, ""
	}
	h.say()
}

// ended takes the end of the command.
func (h *Helper) ended(ctx context.Context, err error) {
	h.running = nil
	if err != nil && !errors.Is(err, ErrUnknownEnd) && ctx.Err() == nil {
		h.failed(err)
		return
	}
	h.status.Command.Ended, h.status.Command.Failed = h.Now(), ""
	h.Log.Info("the shutdown command has ended", "after", (h.Now() - h.status.Command.Began).Round(time.Second).String())
}

func (h *Helper) failed(err error) {
	if h.undoing != nil {
		h.Log.Warn("the shutdown command failed, and is not tried again: the shutdown is undone", "reason", err)
		h.status.Command.Ended, h.status.Command.Failed = h.Now(), err.Error()
		return
	}
	h.Log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
	h.status.Command.Ended, h.status.Command.Failed = h.Now(), err.Error()
	h.retry = h.Now() + orderPause
}

// flag writes the power down flag where the daemon could not: its sandbox lets
// it write below /run/ecnutd and /var/lib/ecnutd alone.
func (h *Helper) flag(order Flag) {
	place := h.place(h.Config.CutFlag())
	if place.Flag == "" || order.Plan != nil && len(order.Plan.Cut) == 0 || place.Find(h.Boot).State == FlagCounts {
		return
	}
	// The pointer is the daemon's.
	path, err := place.WriteAnywhere(Flag{Boot: h.Boot, Reason: order.Reason, Plan: order.Plan})
	switch {
	case path == "":
		h.Log.Error(FlagFault, "path", place.Flag, "reason", err)
	case err != nil:
		h.Log.Warn("the power down flag stands elsewhere, its place takes nothing", "path", path, "reason", err)
	}
}

// place is where the flag stands that has this path in the configuration.
func (h *Helper) place(flag string) Place {
	return Place{Flag: flag, Pointer: h.Pointer, Spares: h.Spares}
}

// said is where a helper may have said what it knows.
func (h *Helper) said() []string { return []string{h.Status, h.Spare} }

// leave removes the orders that were carried out.
func (h *Helper) leave() error {
	return errors.Join(removeOrder(taken(h.Request)), removeOrder(h.Request))
}

// removeOrder removes an order. One that stays would be found again at once,
// and again: whoever is started for it waits a moment.
func removeOrder(path string) error {
	if _, err := folder.Mode(path); err != nil {
		return nil // nor on a file system that can only be read
	}
	err := folder.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	time.Sleep(time.Second)
	return err
}

// UndoScheduled takes back a shutdown that is scheduled.
func UndoScheduled(ctx context.Context) error {
	return host.Run(ctx, []string{"shutdown", "-c"}, os.Environ(), "", host.ProgramTime)
}
