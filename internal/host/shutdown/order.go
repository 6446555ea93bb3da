package shutdown

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/google/renameio/v2"

	"ecnutd/config"
	"ecnutd/internal/host"
)

// A daemon without rights orders the shutdown of the host with a file, which
// is written like the power down flag: ecnutd-shutdown.path sees it and starts
// `ecnutd shutdown-helper`. It counts for the boot that wrote it and only while
// it is fresh, so that one that was left behind shuts nothing down.
const (
	// OrderFresh is how old an order may be that is carried out. The daemon
	// writes it anew every orderPause while nobody takes it.
	OrderFresh = 2 * time.Minute
	orderPause = 10 * time.Second

	// takenFresh is the same for an order that a helper took and did not end.
	takenFresh = 10 * time.Minute
)

// errNotTaken says that the order is still there.
var errNotTaken = fmt.Errorf("nobody has taken the order within %s; is ecnutd-shutdown.path active?", orderPause)

// WriteOrder writes an order, whole or not at all.
func WriteOrder(path, boot, reason string, now time.Duration) error {
	raw, err := json.Marshal(Flag{Version: FlagVersion, Boot: boot, At: time.Now().Round(time.Second), Reason: reason, Uptime: now})
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, append(raw, '\n'), 0o644)
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

// An Orderer has the host go down from a process without rights.
type Orderer struct {
	Log     *slog.Logger
	Request string // path of the order
	Boot    string // id of this boot
	Command func(config.Command) error
}

// Order has the helper shut the host down, and returns when it has taken the
// order or ctx ends. Where nobody takes it, the command is tried here: on some
// hosts a user may shut down.
func (o *Orderer) Order(ctx context.Context, c config.Command, reason string) {
	for {
		err := WriteOrder(o.Request, o.Boot, reason, host.BootTime())
		if err == nil {
			if err = host.Pause(ctx, orderPause); err != nil {
				return
			}
			if _, err = os.Lstat(o.Request); os.IsNotExist(err) {
				return
			}
			err = errNotTaken
		}
		o.Log.Error("THE HOST IS NOT SHUT DOWN; it is ordered again, and tried without the rights of root", "order", o.Request, "reason", err)
		if err = o.Command(c); err == nil {
			return
		}
		o.Log.Error("THE SHUTDOWN COMMAND FAILED; without it the host stays up until the battery is empty", "reason", err)
		if host.Pause(ctx, orderPause) != nil {
			return
		}
	}
}
