package shutdown

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"ecnutd/config"
	"ecnutd/internal/folder"
	"ecnutd/internal/host"
)

// A daemon without rights orders the shutdown of the host over a socket, and where
// nobody takes it there with a file, which
// is written like the power down flag: ecnutd-shutdown.path sees it and starts
// `ecnutd shutdown-helper`. It counts for the boot that wrote it and only while
// it is fresh, so that one that was left behind shuts nothing down. An order to
// undo the shutdown is a file of the same form beside it.
const (
	// DefaultRequest is where the daemon of the unit orders a shutdown.
	DefaultRequest = "/run/ecnutd/shutdown"

	// OrderFresh is how old an order may be that is carried out. The daemon
	// writes it anew every orderPause while nobody takes it.
	OrderFresh = 2 * time.Minute
	orderPause = 10 * time.Second

	// takenFresh is the same for an order that a helper took and did not end,
	// from the helper's last word.
	takenFresh = 10 * time.Minute
)

// UndoRequest is where the undoing of a shutdown is ordered that is ordered at
// request.
func UndoRequest(request string) string { return request + ".undo" }

// taken is where a helper keeps the order that it took.
func taken(request string) string { return request + ".taken" }

// errNotTaken says that the order is still there.
var errNotTaken = fmt.Errorf("nobody has taken the order within %s; is ecnutd-shutdown.path active?", orderPause)

// WriteOrder writes an order, whole or not at all; where no file can be made, into
// what Prepare has kept. now is the time since the boot. Version and At are filled
// in.
func WriteOrder(path string, order Flag, now time.Duration) error {
	order.Version, order.At, order.Uptime = FlagVersion, time.Now().Round(time.Second), now
	raw, err := json.Marshal(order)
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	err = folder.Write(path, raw, 0o644)
	if err == nil {
		return nil
	}
	if prepared := usePrepared(path, raw); prepared != nil {
		return errors.Join(err, prepared)
	}
	return nil
}

// ReadOrder reads the order at path; why says in a sentence why there is none
// to carry out, and is "" where there is one. there reports whether there is
// a file at all.
func ReadOrder(path, boot string, now time.Duration, fresh time.Duration) (order Flag, there bool, why string) {
	found := ReadFlag(path, boot)
	switch found.State {
	case FlagCounts:
	case FlagAbsent:
		return order, false, "there is no order " + path
	default:
		return order, true, found.Why
	}
	order = found.Flag
	if age := now - order.Uptime; age < 0 || age > fresh {
		return order, true, fmt.Sprintf("the order %s is %s old and counts no more", path, age.Round(time.Second))
	}
	return order, true, ""
}

// An Orderer has the host go down, or stay up, from a process without rights.
type Orderer struct {
	Log     *slog.Logger
	Socket  string               // where systemd listens for orders; "" for none
	Request string               // path of the order
	Now     func() time.Duration // since the boot
	Start   func(config.Command) (*Running, error)
}

// Order has the helper shut the host down, and returns when it has taken the
// order or ctx ends. Where nobody takes it, it is taken back and the command is
// tried here, since on some hosts a user may shut down: the helper and this
// process never run it side by side.
func (o *Orderer) Order(ctx context.Context, c config.Command, order Flag) {
	for {
		spoken := o.say(ctx, message{Flag: order})
		if spoken == nil {
			return
		}
		err := WriteOrder(o.Request, order, o.Now())
		if err == nil {
			if host.Pause(ctx, orderPause) != nil {
				return
			}
			if err = folder.Remove(o.Request); errors.Is(err, fs.ErrNotExist) {
				_ = Prepare(o.Request) // what was kept may be used up
				return                 // it was taken
			}
			err = errors.Join(errNotTaken, err)
		}
		if spoken != errNoSocket {
			err = errors.Join(spoken, err)
		}
		o.Log.Error("THE HOST IS NOT SHUT DOWN; it is ordered again, and tried without the rights of root", "order", o.Request, "reason", err)
		if err = RunHere(ctx, o.Log, c, o.Start); err == nil || ctx.Err() != nil {
			return
		}
		o.Log.Error("THE SHUTDOWN COMMAND FAILED; without it the host stays up until the battery is empty", "reason", err)
		if host.Pause(ctx, orderPause) != nil {
			return
		}
	}
}

// errNoSocket says that there is no socket to say an order to.
var errNoSocket = errors.New("nobody listens for orders")

// say gives an order to the helper over the socket.
func (o *Orderer) say(ctx context.Context, m message) error {
	if o.Socket == "" {
		return errNoSocket
	}
	m.Version, m.At, m.Uptime = FlagVersion, time.Now().Round(time.Second), o.Now()
	err := send(ctx, o.Socket, m)
	if err != nil {
		o.Log.Warn("the order goes by a file, the helper has not taken it over its socket", "socket", o.Socket, "reason", err)
	}
	return err
}

// Undo orders the helper to undo the shutdown, and returns when it has taken
// the order. What came of it is in its Status.
func (o *Orderer) Undo(ctx context.Context, order Flag) error {
	path := UndoRequest(o.Request)
	for {
		if o.say(ctx, message{Undo: true, Flag: order}) == nil {
			return nil
		}
		if err := WriteOrder(path, order, o.Now()); err != nil {
			return err
		}
		if err := host.Pause(ctx, orderPause); err != nil {
			return err
		}
		if _, err := folder.Mode(path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		o.Log.Warn("the shutdown is not undone: " + errNotTaken.Error())
	}
}

// DropFlag orders the helper to remove the flag of a shutdown that did not come
// about, and does not wait for that.
func (o *Orderer) DropFlag(order Flag) error {
	err := WriteOrder(UndoRequest(o.Request), order, o.Now())
	if err == nil || o.Socket == "" {
		return err
	}
	go func() { _ = o.say(context.Background(), message{Undo: true, Flag: order}) }() // it tells
	return nil
}

// RunHere runs the command in this process and waits for its end, however long
// it takes. When ctx ends the command goes on.
func RunHere(ctx context.Context, log *slog.Logger, c config.Command, start func(config.Command) (*Running, error)) error {
	r, err := start(c)
	if err != nil {
		return err
	}
	begun := time.Now()
	every := time.NewTicker(workingEvery)
	defer every.Stop()
	for {
		select {
		case err := <-r.Ended:
			return err
		case <-every.C:
			stillWorking(log, c, time.Since(begun))
		case <-ctx.Done():
			return ctx.Err() // the command goes on
		}
	}
}

// workingEvery is how often it is told that the command is still at work.
const workingEvery = time.Minute

func stillWorking(log *slog.Logger, c config.Command, d time.Duration) {
	log.Warn("the shutdown command is still at work; it has no time limit, and no second one is begun", "for", d.Round(time.Second).String(), "command", c.Text())
}
