package shutdown

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"ecnutd/internal/folder"
)

// look looks whether something is pending, and begins the command again where
// it failed or was ordered anew and nothing is.
func (h *Helper) look(ctx context.Context) {
	now := h.Now()
	p, what, err := h.Ask(ctx)
	c := &h.status.Command
	switch {
	case err == nil || errors.Is(err, ErrNoSystemd):
		h.heard, h.status.Blind = now, err != nil
		h.status.Pending, h.status.What = p, what
	case now-h.heard >= blindAfter:
		if !h.status.Blind {
			h.Log.Warn("systemd does not say whether a shutdown is pending: the command alone counts", "reason", err)
		}
		h.status.Blind, h.status.Pending, h.status.What = true, NotPending, ""
	}
	if h.running != nil && (c.Failed == "" || now-c.Began >= ShortRun) {
		h.status.Pending, h.status.What = ByCommand, ""
	} else if h.status.Pending == ByCommand {
		h.status.Pending = NotPending // and systemd is silent
	}
	if h.running != nil && now-h.told >= workingEvery {
		h.told = now
		stillWorking(h.Log, h.Config.ShutdownCommand, now-c.Began)
	}
	if h.status.Pending != NotPending || h.running != nil {
		h.idle = 0
	} else if h.idle == 0 {
		h.idle = now
	}
	h.again(now)
}

// again begins the command once more, where that is due and nothing is pending.
func (h *Helper) again(now time.Duration) {
	order, there, why := ReadOrder(h.Request, h.Boot, now, OrderFresh)
	if there {
		if err := folder.Rename(h.Request, filepath.Base(taken(h.Request))); err != nil {
			h.Log.Error("an order cannot be taken", "reason", err)
			return
		}
		if why != "" {
			h.Log.Warn("no shutdown: " + why)
			return
		}
		h.repeat(order, now)
		return
	}
	if h.retry > 0 && now >= h.retry && h.running == nil && h.status.Pending == NotPending {
		h.start()
	}
}

// repeat begins the command once more for a new order, unless something is pending.
func (h *Helper) repeat(order Flag, now time.Duration) {
	free := h.running == nil && h.status.Pending == NotPending && order.Uptime > h.status.Command.Ended
	h.status.Order, h.status.Taken = order.Uptime, &order // it is answered, either way
	h.undoing = nil                                       // the host is to go down after all
	if !free {
		h.Log.Info("an order is not carried out beside the one that is", "pending", string(h.status.Pending))
		return
	}
	h.Log.Warn("shutting down once more, as ecnutd has ordered", "command", h.Config.ShutdownCommand.Text(), "reason", order.Reason)
	h.flag(order)
	h.retry, h.idle, h.status.Command.Failed = 0, 0, ""
	h.start()
}

// undoOrdered takes back the shutdown where the daemon orders that: the host
// has survived its command, and mains is back. done reports whether that was
// ordered and is done; then nothing is left to do. A command that is at work, as
// one that fails is now and then, is not tried again, and the rest is done when
// it has ended.
func (h *Helper) undoOrdered(ctx context.Context) (done bool, err error) {
	path := UndoRequest(h.Request)
	order, there, why := ReadOrder(path, h.Boot, h.Now(), OrderFresh)
	switch {
	case !there && h.undoing != nil && h.running == nil:
		order = *h.undoing
	case !there:
		return false, nil
	case why != "":
		h.Log.Warn("nothing is undone: " + why)
		return false, removeOrder(path)
	}
	if !h.undo(ctx, order) {
		return false, removeOrder(path) // it is watched on
	}
	return true, errors.Join(removeOrder(path), h.leave())
}

// undo takes a shutdown back, and reports whether nothing of it is left.
func (h *Helper) undo(ctx context.Context, order Flag) (done bool) {
	if h.status.Boot == "" { // the helper that carried the shutdown out has ended
		h.status, _ = newestStatus(h.said(), h.Boot, h.Now())
		h.status.Boot = h.Boot
		h.running = h.Adopt(h.status.Command.PID, h.status.Command.Ticks)
	}
	h.Log.Warn("undoing the shutdown, as ecnutd has ordered", "reason", order.Reason)
	h.undoing, h.retry = nil, 0
	if h.running != nil {
		h.undoing = &order
	}
	fault := h.Undo(ctx)
	p, what, ask := h.Ask(ctx)
	switch {
	case ask != nil && !errors.Is(ask, ErrNoSystemd):
		fault = errors.Join(ask, fault)
	case p == NotPending && h.running == nil:
		if fault != nil {
			h.Log.Info("nothing is scheduled that could be undone", "said", fault)
		}
		fault = nil
	case h.running != nil:
		fault = errors.Join(errors.New("the shutdown command is still at work"), fault)
	default:
		fault = errors.Join(fmt.Errorf("a shutdown is still pending (%s)", what), fault)
	}
	h.status.Pending, h.status.What = p, what
	if h.status.Undone, h.status.UndoFault = fault == nil, ""; fault != nil {
		h.status.UndoFault = fault.Error()
		h.Log.Error("THE SHUTDOWN IS NOT UNDONE", "reason", fault)
	} else if order.DropFlag {
		if err := (Place{Flag: h.Config.PowerDownFlag, Spares: h.Spares}).Remove(h.Boot); err != nil {
			h.Log.Error("the flag of a shutdown that did not come about cannot be removed: the next one will have the UPS cut its output", "path", h.Config.PowerDownFlag, "reason", err)
		}
	}
	if h.status.Final = h.status.Undone; h.status.Final {
		h.status.Taken = nil
	}
	h.say()
	return h.status.Undone
}

// say writes the status.
func (h *Helper) say() {
	if h.Status == "" {
		return
	}
	h.status.Boot, h.status.Uptime = h.Boot, h.Now()
	err := writeStatus(h.Status, h.status)
	if err != nil && h.Spare != "" {
		err = writeStatus(h.Spare, h.status)
	}
	if err != nil && !h.mute {
		h.Log.Error("ecnutd cannot be told how far the shutdown is", "reason", err)
	}
	h.mute = err != nil
}
