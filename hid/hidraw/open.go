package hidraw

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	gohid "github.com/sstallion/go-hid"

	"ecnutd/hid"
)

// global guards what hidapi keeps for the whole process: its initialisation
// and the error text of enumerating and opening.
var global sync.Mutex

var initialise = sync.OnceValue(gohid.Init)

// Open opens a node such as /dev/hidraw0, or a symbolic link to one.
//
// A node that is there and may not be opened is an *AccessError, which names
// the cure and wraps hid.ErrNotAllowed; a node that is missing wraps
// hid.ErrAbsent and fs.ErrNotExist, one that somebody keeps for himself
// hid.ErrBusy. Anything that is not
// a hidraw node is refused without being opened, since opening some devices
// has effects: a watchdog starts to count.
func Open(path string) (*Device, error) { return thisHost.open(path) }

func (h host) open(path string) (*Device, error) {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to
	}
	if err := h.checkKind(path); err != nil {
		return nil, err
	}
	global.Lock()
	defer global.Unlock()
	if err := initialise(); err != nil {
		return nil, fmt.Errorf("hidraw: starting hidapi: %w", err)
	}
	dev, err := gohid.OpenPath(path)
	if err != nil {
		why := reason(path)
		if why != nil {
			return nil, why
		}
		// The obstacle went away between the two attempts, as when udev has
		// just set the group.
		if dev, err = gohid.OpenPath(path); err != nil {
			return nil, fmt.Errorf("hidraw: %s opens, but does not answer as a HID device: %w", path, err)
		}
	}
	// Opened for reading it is not opened as hidapi does, for writing too: a
	// Device has one way to write.
	input, err := os.OpenFile(filepath.Join(h.root, path), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		dev.Close()
		return nil, fmt.Errorf("hidraw: %s cannot be listened to: %w", path, err)
	}
	if err := input.SetReadDeadline(time.Time{}); err != nil {
		dev.Close()
		input.Close()
		return nil, fmt.Errorf("hidraw: %s cannot be waited for: %w", path, err)
	}
	info := hid.Info{Node: path}
	// hidapi may answer nil together with the error "Success".
	if di, err := dev.GetDeviceInfo(); err == nil && di != nil {
		info = fromAPI(di)
		info.Node = path
	}
	return &Device{dev: dev, input: input, host: h, info: h.describe(info)}, nil
}

// checkKind refuses what sysfs or the file type shows not to be a hidraw
// node. A missing node is left to the attempt to open it.
func (h host) checkKind(path string) error {
	const advice = "a UPS is a node like /dev/hidraw0, and `ecnutd devices` lists those there are"
	st, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if st.Mode()&fs.ModeCharDevice == 0 {
		return fmt.Errorf("hidraw: %s is %s and not a hidraw node: %s", path, kind(st.Mode()), advice)
	}
	if subsystem := h.subsystem(st); subsystem != "" && subsystem != "hidraw" {
		return fmt.Errorf("hidraw: %s is a device of the kernel's %s subsystem and not a hidraw node: %s", path, subsystem, advice)
	}
	return nil
}

// kind names a type of file.
func kind(m fs.FileMode) string {
	switch {
	case m.IsRegular():
		return "a file"
	case m.IsDir():
		return "a directory"
	case m&fs.ModeDevice != 0:
		return "a block device"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	default:
		return "a special file"
	}
}

// reason opens the node as hidapi does, for the error number that hidapi does
// not give. It is nil when the node opens.
func reason(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case err == nil:
		f.Close()
		return nil
	case errors.Is(err, fs.ErrPermission):
		return newAccessError(path, err)
	case errors.Is(err, fs.ErrNotExist):
		return hid.Mark(fmt.Errorf("hidraw: there is no %s: is the USB cable plugged in, and no NUT driver running that holds the UPS? `ecnutd devices` lists the nodes there are: %w", path, err), hid.ErrAbsent)
	case errors.Is(err, syscall.EBUSY):
		return hid.Mark(fmt.Errorf("hidraw: %s is in use, `ecnutd doctor` looks by whom: %w", path, err), hid.ErrBusy)
	default:
		return fmt.Errorf("hidraw: %s cannot be opened, `ecnutd doctor` looks for the reason: %w", path, err)
	}
}

// How long OpenWait tries, and how often.
const (
	openPatience = 2 * time.Second
	openPause    = 100 * time.Millisecond
)

// OpenWait opens a node that has just been announced. The kernel announces a
// node before udev has given it its group, so a missing node and missing
// rights are tried again, every 100 ms for 2 s. The error is that of the last
// attempt; it wraps the cause of ctx as well when ctx ended the wait.
func OpenWait(ctx context.Context, path string) (*Device, error) {
	return retry(ctx, func() (*Device, error) { return Open(path) })
}

func retry(ctx context.Context, open func() (*Device, error)) (*Device, error) {
	pause := time.NewTicker(openPause)
	defer pause.Stop()
	for left := int(openPatience / openPause); ; left-- {
		dev, err := open()
		settling := errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)
		if !settling || left == 0 {
			return dev, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (stopped waiting: %w)", err, context.Cause(ctx))
		case <-pause.C:
		}
	}
}
