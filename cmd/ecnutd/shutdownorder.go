package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/renameio/v2"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/monitor"
)

// A daemon without rights orders the shutdown of the host with a file, which
// is written like the power down flag: ecnutd-shutdown.path sees it and starts
// `ecnutd shutdown-helper`. It counts for the boot that wrote it and only while
// it is fresh, so that one that was left behind shuts nothing down.
const (
	// orderFresh is how old an order may be that is carried out. The daemon
	// writes it anew every orderPause while nobody takes it.
	orderFresh = 2 * time.Minute
	orderPause = 10 * time.Second

	// takenFresh is the same for an order that a helper took and did not end.
	takenFresh = 10 * time.Minute
)

// errNotTaken says that the order is still there.
var errNotTaken = fmt.Errorf("nobody has taken the order within %s; is ecnutd-shutdown.path active?", orderPause)

// writeOrder writes an order, whole or not at all.
func writeOrder(path, boot, reason string, now monitor.Instant) error {
	raw, err := json.Marshal(powerDownFlag{boot, time.Now().Round(time.Second), reason, now})
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, append(raw, '\n'), 0o644)
}

// readOrder reads the order at path; why says in a sentence why there is none
// to carry out, and is "" where there is one. there tells whether there is a
// file at all.
func readOrder(path, boot string, now monitor.Instant, fresh time.Duration) (order powerDownFlag, there bool, why string) {
	found := readFlag(path, boot)
	switch found.State {
	case flagCounts:
	case flagAbsent:
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

// order has the helper shut the host down. Where nobody takes the order, the
// command is tried here: on some hosts a user may shut down.
func (x *executor) order(ctx context.Context, c config.Command, reason string) {
	for {
		err := writeOrder(x.request, x.boot, reason, host.BootTime())
		if err == nil {
			if err = host.Pause(ctx, orderPause); err != nil {
				return
			}
			if _, err = os.Lstat(x.request); os.IsNotExist(err) {
				return
			}
			err = errNotTaken
		}
		x.log.Error("THE HOST IS NOT SHUT DOWN; it is ordered again, and tried without the rights of root", "order", x.request, "reason", err)
		if err = x.command(c); err == nil {
			return
		}
		x.log.Error("THE SHUTDOWN COMMAND FAILED; without it the host stays up until the battery is empty", "reason", err)
		if host.Pause(ctx, orderPause) != nil {
			return
		}
	}
}
