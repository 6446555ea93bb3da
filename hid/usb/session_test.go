package usb

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/gousb"
)

var somewhere = Location{1, 5}

// TestHangingCall: a hanging libusb holds up its own call until its context ends, and the next
// ones likewise, and nobody once it answers.
func TestHangingCall(t *testing.T) {
	release, ended := make(chan struct{}), make(chan error, 1)
	ctx, cancel := context.WithCancelCause(t.Context())
	goodbye := errors.New("the daemon stops")
	_, err := bounded(ctx, somewhere, time.Hour, "reading strings", func(ctx context.Context) (int, error) {
		cancel(goodbye)
		<-release
		ended <- ctx.Err()
		return 7, nil
	})
	var e *Error
	if !errors.As(err, &e) || e.Reason != "reading strings: interrupted" || !errors.Is(err, context.Canceled) || !errors.Is(err, goodbye) {
		t.Errorf("the hanging call: %v", err)
	}

	_, err = bounded(t.Context(), somewhere, time.Millisecond, "probing", func(context.Context) (int, error) {
		t.Error("two calls at once")
		return 0, nil
	})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "behind a call") {
		t.Errorf("the call behind it: %v", err)
	}

	close(release)
	got, err := bounded(t.Context(), somewhere, time.Hour, "probing", func(context.Context) (int, error) { return 3, nil })
	if got != 3 || err != nil {
		t.Errorf("after it: %d, %v", got, err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the hanging work was not told to end: %v", err)
	}
}

func TestBound(t *testing.T) {
	release := make(chan struct{})
	_, err := bounded(t.Context(), somewhere, time.Millisecond, "resetting the port", func(context.Context) (int, error) {
		<-release
		return 0, nil
	})
	close(release)
	var e *Error
	if !errors.As(err, &e) || e.Reason != "resetting the port: no answer in time" || e.Fix == "" {
		t.Errorf("got %v", err)
	}
}

func TestCallsEndWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, stringsErr := Strings(ctx, somewhere, []uint8{1})
	r, probeErr := Probe(ctx, somewhere)
	for name, err := range map[string]error{"Strings": stringsErr, "Probe": probeErr, "Reset": Reset(ctx, somewhere)} {
		var e *Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r.Location != somewhere {
		t.Errorf("the report is of %v", r.Location)
	}
}

// TestNothingThere: no bus has the number 255 here; where libusb does not even start, that is
// the error. Both must be plain to read, and neither may panic.
func TestNothingThere(t *testing.T) {
	nowhere := Location{255, 127}
	_, err := Strings(t.Context(), nowhere, []uint8{1})
	var e *Error
	if !errors.As(err, &e) || e.Node != "/dev/bus/usb/255/127" || e.Fix == "" {
		t.Fatalf("got %v", err)
	}
	if e.Reason != "no device is there" && e.Reason != "libusb does not start" {
		t.Errorf("got %v", err)
	}
	if err := Reset(t.Context(), nowhere); !errors.As(err, &e) {
		t.Errorf("Reset: %v", err)
	}
	if r, err := Probe(t.Context(), nowhere); err == nil || r.Vendor != "" {
		t.Errorf("Probe: %v, %v", r, err)
	}
}

func TestPanicIsAnError(t *testing.T) {
	_, err := run(t.Context(), somewhere.Node(), func(context.Context, *gousb.Context) (int, error) {
		var none []int
		return none[len(none)], nil
	})
	var e *Error
	if errors.As(err, &e) && e.Reason == "libusb does not start" {
		t.Skip(err)
	}
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("got %v", err)
	}
}
