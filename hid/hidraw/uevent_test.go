package hidraw

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// What Linux 6.1 sends when a UPS is plugged in: a header, then the
// environment, each ended by a zero byte.
const (
	added = "add@/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/0003:0463:FFFF.0001/hidraw/hidraw0\x00" +
		"ACTION=add\x00DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/0003:0463:FFFF.0001/hidraw/hidraw0\x00" +
		"SUBSYSTEM=hidraw\x00MAJOR=243\x00MINOR=0\x00DEVNAME=hidraw0\x00SEQNUM=2125\x00"
	addedHID = "add@/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/0003:0463:FFFF.0001\x00" +
		"ACTION=add\x00SUBSYSTEM=hid\x00HID_ID=0003:00000463:0000FFFF\x00HID_NAME=EATON Protection Station\x00SEQNUM=2124\x00"
)

func TestConcerns(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    bool
	}{
		"added":                  {added, true},
		"removed":                {strings.ReplaceAll(added, "add", "remove"), true},
		"another subsystem":      {addedHID, false},
		"an action of tomorrow":  {strings.Replace(added, "add@", "levitate@", 1), true},
		"the last one not ended": {strings.TrimSuffix("add@/x\x00SUBSYSTEM=hidraw\x00", "\x00"), true},
		"a longer name":          {"add@/x\x00SUBSYSTEM=hidraw2\x00", false},
		"a longer key":           {"add@/x\x00XSUBSYSTEM=hidraw\x00", false},
		"named in the header":    {"SUBSYSTEM=hidraw\x00ACTION=add\x00", false},
		"a value with a =":       {added + "X=a=b\x00", true},
		"named only in a value":  {"change@/x\x00ACTION=change\x00SUBSYSTEM=usb\x00X=hidraw\x00", false},
		"empty":                  {"", false},
		"without a zero byte":    {"add@/devices/x", false},
		"of udev, and truncated": {"libudev\x00\xfe\xed\xca\xfe" + strings.Repeat("\xff", 40), false},
	} {
		if got := concerns([]byte(c.message), "hidraw"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzConcerns: an event is about a subsystem exactly where the environment has a
// line that says so.
func FuzzConcerns(f *testing.F) {
	for _, m := range []string{added, addedHID, "", "x", "\x00", "add@/x\x00SUBSYSTEM=hidraw"} {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		environment := strings.Split(string(message), "\x00")[1:]
		want := slices.Contains(environment, "SUBSYSTEM=hidraw")
		if got := concerns(message, "hidraw"); got != want {
			t.Errorf("%q: %v", message, got)
		}
	})
}

// script is a socket that gives messages and errors in order, then io.EOF.
type script []any

func (s *script) Read(p []byte) (int, error) {
	if len(*s) == 0 {
		return 0, io.EOF
	}
	next := (*s)[0]
	*s = (*s)[1:]
	if err, ok := next.(error); ok {
		return 0, err
	}
	return copy(p, next.(string)), nil
}

func TestListen(t *testing.T) {
	overflow := &os.PathError{Op: "read", Path: "kernel events", Err: syscall.ENOBUFS}
	for name, c := range map[string]struct {
		socket script
		want   int // signals left for a reader that has not looked yet
	}{
		"nothing of ours":           {script{addedHID}, 0},
		"ours":                      {script{addedHID, added}, 1},
		"many are one":              {script{added, added, added}, 1},
		"events were dropped":       {script{overflow}, 1},
		"goes on after that":        {script{overflow, addedHID, added}, 1},
		"stops at any other mishap": {script{&os.PathError{Op: "read", Err: syscall.EBADF}, added}, 0},
	} {
		events := make(chan struct{}, 1)
		listen(&c.socket, "hidraw", events)
		if got := len(events); got != c.want {
			t.Errorf("%s: %d signals", name, got)
		}
	}
}

// TestKernelEvents has the kernel announce a device that every machine has.
func TestKernelEvents(t *testing.T) {
	defer goleak.VerifyNone(t)
	const device = "/sys/class/mem/null/uevent"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := uevents(ctx, "mem")
	if err := os.WriteFile(device, []byte("change"), 0); err != nil {
		cancel()
		for range events {
		}
		t.Skipf("the kernel cannot be asked for an event here: %v", err)
	}
	select {
	case _, open := <-events:
		if !open {
			t.Skip("no kernel events here")
		}
	case <-time.After(time.Minute):
		t.Fatal("no event in a minute")
	}
	cancel()
	for range events { // until it is closed
	}
}
