package hidraw

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	gohid "github.com/sstallion/go-hid"

	"ecnutd/hid"
)

// Sizes of Linux, in bytes.
const (
	maxDescriptor = 4096      // HID_MAX_DESCRIPTOR_SIZE
	maxReport     = 1<<14 - 1 // what the length of an ioctl can say
)

// settle is how long a failed call waits for the node to vanish. The kernel
// ends the reads of an unplugged device before it removes the node, so for an
// instant the device looks as if it were there. The time is a good deal longer
// than that instant and about as long as a slow UPS takes to answer.
const settle = 50 * time.Millisecond

// A Device is an opened hidraw node. It implements hid.Device and belongs to
// one goroutine.
//
// Feature reports go through hidapi, and input reports through a second opening
// of the node, which the runtime's poller waits for: a wait in hidapi holds a
// thread that nothing can wake, ends early at every signal to the process, and
// had the idle daemon wake up a dozen times a second to look at its context.
// The kernel gives every opening its own copy of what is pushed.
type Device struct {
	dev    *gohid.Device // nil once closed: hidapi frees the handle
	input  *os.File
	woken  atomic.Bool
	host   host
	info   hid.Info
	isGone bool
}

var (
	_ hid.Device      = (*Device)(nil)
	_ hid.InputGetter = (*Device)(nil)
)

// Info says what the device is and where it was found.
func (d *Device) Info() hid.Info { return d.info }

// Descriptor returns the report descriptor as the kernel read it when it bound
// the device: from the node, or where that fails from sysfs.
func (d *Device) Descriptor() ([]byte, error) {
	const what = "reading the report descriptor"
	if err := d.usable(what); err != nil {
		return nil, err
	}
	buf := make([]byte, maxDescriptor)
	n, err := d.dev.GetReportDescriptor(buf)
	if err == nil && n > 0 {
		return buf[:n], nil
	}
	raw, sysErr := os.ReadFile(filepath.Join(d.host.class(d.info.Node), "device/report_descriptor"))
	if sysErr == nil && len(raw) > 0 {
		return raw, nil
	}
	if err = errors.Join(err, sysErr); err == nil {
		err = errors.New("it is empty")
	}
	return nil, d.failed(what, err)
}

// GetFeature asks for a feature report and returns how many bytes of buf it
// filled, id byte included. A low-speed UPS answers in 50 to 100 ms; when it
// has fallen silent the kernel gives up after 5 s. A report longer than buf is
// cut without an error.
func (d *Device) GetFeature(id uint8, buf []byte) (int, error) {
	return d.get("asking for feature report", (*gohid.Device).GetFeatureReport, id, buf)
}

// GetInput asks for an input report (HIDIOCGINPUT), as GetFeature does for a
// feature report. Many devices refuse it.
func (d *Device) GetInput(id uint8, buf []byte) (int, error) {
	return d.get("asking for input report", (*gohid.Device).GetInputReport, id, buf)
}

func (d *Device) get(what string, ask func(*gohid.Device, []byte) (int, error), id uint8, buf []byte) (int, error) {
	if err := d.usable(what); err != nil {
		return 0, err
	}
	if len(buf) == 0 {
		return 0, fmt.Errorf("hidraw: %s: %s %02x: there is no room for an answer", d.info.Node, what, id)
	}
	buf = buf[:min(len(buf), maxReport)]
	buf[0] = id
	n, err := ask(d.dev, buf)
	if err != nil {
		return 0, d.failed(fmt.Sprintf("%s %02x", what, id), err)
	}
	return n, nil
}

// SetFeature sends a feature report, its id in front.
func (d *Device) SetFeature(report []byte) error {
	if len(report) == 0 || len(report) > maxReport {
		return fmt.Errorf("hidraw: %s: a feature report has 1 to %d bytes and this one %d", d.info.Node, maxReport, len(report))
	}
	what := fmt.Sprintf("sending feature report %02x", report[0])
	if err := d.usable(what); err != nil {
		return err
	}
	n, err := d.dev.SendFeatureReport(report)
	if err != nil {
		return d.failed(what, err)
	}
	if n != len(report) {
		return fmt.Errorf("hidraw: %s: %s: only %d of %d bytes went out", d.info.Node, what, n, len(report))
	}
	return nil
}

// ReadInput waits up to timeout for an input report; hid.ErrTimeout when none
// came, an error that wraps hid.ErrGone as soon as the device leaves. Without a
// timeout it takes what is there. A report longer than buf is cut without an
// error.
func (d *Device) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	const what = "waiting for an input report"
	if err := d.usable(what); err != nil {
		return 0, err
	}
	if len(buf) == 0 {
		return 0, fmt.Errorf("hidraw: %s: %s: there is no room for one", d.info.Node, what)
	}
	n, err := d.read(buf, timeout)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.EAGAIN):
		return 0, hid.ErrTimeout
	case err != nil:
		return 0, d.failed(what, err)
	}
	return n, nil
}

func (d *Device) read(buf []byte, timeout time.Duration) (n int, err error) {
	deadline := time.Time{} // where there is nothing to wait for
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if err := d.input.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	if d.woken.Swap(false) {
		return 0, os.ErrDeadlineExceeded
	}
	if timeout > 0 {
		n, err = d.input.Read(buf)
	} else if raw, rawErr := d.input.SyscallConn(); rawErr != nil {
		return 0, rawErr
	} else if rawErr = raw.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), buf)
		return true // once
	}); rawErr != nil {
		err = rawErr
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		d.woken.Store(false)
	}
	return n, err
}

// Wake ends a ReadInput that waits.
func (d *Device) Wake() {
	d.woken.Store(true)
	_ = d.input.SetReadDeadline(time.Unix(1, 0)) // an error means that it is closed
}

// usable refuses a call on a device that is closed or known to be gone: a
// closed handle is freed memory.
func (d *Device) usable(what string) error {
	switch {
	case d.dev == nil:
		return fmt.Errorf("hidraw: %s: %s: the device was closed: %w", d.info.Node, what, os.ErrClosed)
	case d.isGone:
		return d.goneError(what)
	}
	return nil
}

// failed makes an error of a failed call: hid.ErrGone when the node or its
// entry in sysfs is no more, now or within an instant. hidapi's own text is
// kept for the log and never judged.
func (d *Device) failed(what string, err error) error {
	const looks = 5
	for i := range looks {
		if i > 0 {
			time.Sleep(settle / (looks - 1))
		}
		if d.host.gone(d.info.Node) {
			d.isGone = true
			return d.goneError(what)
		}
	}
	return fmt.Errorf("hidraw: %s: %s: %w", d.info.Node, what, err)
}

func (d *Device) goneError(what string) error {
	return fmt.Errorf("hidraw: %s: %s: %w", d.info.Node, what, hid.ErrGone)
}

// Close ends the use of the node. A second Close does nothing.
func (d *Device) Close() error {
	if d.dev == nil {
		return nil
	}
	dev := d.dev
	d.dev = nil
	if err := errors.Join(dev.Close(), d.input.Close()); err != nil {
		return fmt.Errorf("hidraw: closing %s: %w", d.info.Node, err)
	}
	return nil
}
