package usb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/gousb"
)

// limit is how long a call may take in all, whatever its context says. Ten
// strings of a low-speed UPS take about a second.
const limit = 5 * time.Second

// resetLimit is the same for a port reset: the hub waits for the device to
// come up again, and tries several times.
const resetLimit = 10 * time.Second

// turn is held by the call that runs: a token that, unlike a mutex, can be
// waited for with a context.
var turn = make(chan struct{}, 1)

// call runs use with a libusb context of its own.
func call[T any](ctx context.Context, at Location, within time.Duration, what string,
	use func(context.Context, *gousb.Context) (T, error)) (T, error) {
	return bounded(ctx, at, within, what, func(ctx context.Context) (T, error) {
		return run(ctx, at.Node(), use)
	})
}

// bounded runs work in a goroutine of its own, since libusb cannot be
// interrupted. When ctx ends or the time is up, bounded returns; the goroutine
// then ends when libusb does, and until then holds the turn. The ctx that work
// gets ends with the call, so that it begins nothing more.
func bounded[T any](ctx context.Context, at Location, within time.Duration, what string,
	work func(context.Context) (T, error)) (T, error) {
	var none T
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return none, explain(at.Node(), what+", behind a call that has not ended", ended(ctx))
	}
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-turn }()
		value, err := work(ctx)
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, explain(at.Node(), what, o.err)
	case <-ctx.Done():
		return none, explain(at.Node(), what, ended(ctx))
	}
}

// ended says why ctx ended; nil while it has not.
func ended(ctx context.Context) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != err {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// run opens a libusb context, uses it and closes it. gousb panics when libusb
// does not start, and may on descriptors that make no sense, of any device on
// any bus; neither is a reason to end a daemon.
func run[T any](ctx context.Context, node string, use func(context.Context, *gousb.Context) (T, error)) (value T, err error) {
	if err := ended(ctx); err != nil {
		return value, err
	}
	defer hush()()
	c, err := start(node)
	if err != nil {
		return value, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("gousb panicked: %v", p)
		}
		// With a device still open, which only a panic leaves behind, this
		// refuses and the context is lost.
		err = errors.Join(err, c.Close())
	}()
	return use(ctx, c)
}

// start makes a libusb context.
func start(node string) (c *gousb.Context, err error) {
	defer func() {
		if p := recover(); p != nil {
			cause, ok := p.(error)
			if !ok {
				cause = fmt.Errorf("%v", p)
			}
			err = &Error{Node: node, Reason: "libusb does not start", Fix: fixLibrary, Err: cause}
		}
	}()
	return gousb.NewContext(), nil
}

// controlTimeout is how long one request may take. The specification gives a
// device 500 ms for each part of its answer (USB 2.0 §9.2.6.4).
const controlTimeout = time.Second

// open opens the device at a location. Its descriptors are returned even when
// it may not be opened: libusb has them from sysfs.
func open(c *gousb.Context, at Location) (*gousb.Device, *gousb.DeviceDesc, error) {
	var found *gousb.DeviceDesc
	devices, err := c.OpenDevices(func(d *gousb.DeviceDesc) bool {
		if found != nil || d.Bus != at.Bus || d.Address != at.Address {
			return false
		}
		found = d
		return true
	})
	switch {
	case len(devices) > 0:
		// An error beside it is about another device.
		devices[0].ControlTimeout = controlTimeout
		return devices[0], found, nil
	case found != nil:
		return nil, found, err
	case err != nil:
		return nil, nil, fmt.Errorf("%w, but one device could not be looked at: %w", errNoDevice, err)
	default:
		return nil, nil, errNoDevice
	}
}
