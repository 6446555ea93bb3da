package usb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gousb"
)

func TestExplain(t *testing.T) {
	const node = "/dev/bus/usb/001/005"
	for _, c := range []struct {
		err    error
		reason string
		fix    string // in it
	}{
		{gousb.ErrorNoDevice, "no device is there", "ecnutd devices"},
		{fmt.Errorf("%w, twice", errNoDevice), "no device is there", "ecnutd devices"},
		{gousb.ErrorTimeout, "doing: no answer in time", "unplug"},
		{context.DeadlineExceeded, "doing: no answer in time", "unplug"},
		{context.Canceled, "doing: interrupted", ""},
		{gousb.ErrorInterrupted, "doing: interrupted", ""},
		{gousb.ErrorBusy, "doing: another program holds the device", "doctor"},
		{gousb.ErrorPipe, "doing: the device refuses", ""},
		{gousb.ErrorIO, "doing: failed", ""},
	} {
		err := explain(node, "doing", c.err)
		var e *Error
		if !errors.As(err, &e) || e.Node != node || e.Reason != c.reason || !strings.Contains(e.Fix, c.fix) || !errors.Is(err, c.err) {
			t.Errorf("%v became %v", c.err, err)
			continue
		}
		for _, words := range []string{"usb: " + node + ": ", c.reason, c.fix, c.err.Error()} {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%q is not in: %v", words, err)
			}
		}
		if again := explain("other", "another", err); again != err {
			t.Errorf("explained twice: %v", again)
		}
	}
	if err := explain(node, "doing", nil); err != nil {
		t.Errorf("nothing became %v", err)
	}
}

func TestDenied(t *testing.T) {
	node := filepath.Join(t.TempDir(), "005")
	if err := os.WriteFile(node, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(node, 0o644); err != nil { // whatever the umask
		t.Fatal(err)
	}
	reason, fix := denied(node, false)
	if !strings.Contains(reason, "mode 0644") || !strings.Contains(fix, "ecnutd udev print | sudo tee /etc/udev/rules.d/60-ecnutd.rules") {
		t.Errorf("got %q, %q", reason, fix)
	}
	if os.Geteuid() == 0 && !strings.Contains(reason, "root:root") {
		t.Errorf("the owner is not in %q", reason)
	}
	// Root is not stopped by a mode, so no udev rule helps.
	if reason, fix := denied(node, true); !strings.Contains(reason, "root is refused") || strings.Contains(fix, "udevadm") {
		t.Errorf("for root: %q, %q", reason, fix)
	}
	if reason, fix := denied(node+"/none", false); reason != "access is denied" || fix == "" {
		t.Errorf("without a node: %q, %q", reason, fix)
	}
}
