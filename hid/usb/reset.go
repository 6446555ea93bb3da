package usb

import (
	"context"
	"errors"

	"github.com/google/gousb"
)

// Reset resets the port of a device, as a last means against one that has
// fallen silent. The hidraw node usually survives it, but requests under way
// fail. A device that comes back under another address is reported as an
// *Error, because only a search can tell whether it did come back.
func Reset(ctx context.Context, at Location) error {
	_, err := call(ctx, at, resetLimit, "resetting the port", func(_ context.Context, c *gousb.Context) (struct{}, error) {
		dev, _, err := open(c, at)
		if err != nil {
			return struct{}{}, err
		}
		defer dev.Close()
		err = dev.Reset()
		// libusb says "not found" when the device has to be enumerated again.
		if errors.Is(err, gousb.ErrorNotFound) {
			err = &Error{Node: at.Node(), Reason: "the port was reset and the device has left this address", Fix: fixAbsent, Err: err}
		}
		return struct{}{}, err
	})
	return err
}
