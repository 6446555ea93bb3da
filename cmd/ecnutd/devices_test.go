package main

import (
	"io/fs"
	"strings"
	"testing"

	"ecnutd/udev"
)

func TestAttachedRows(t *testing.T) {
	rows := attachedRows([]attachedUPS{
		{Node: "/dev/hidraw0", Name: "EATON Protection Station", Serial: "AN2E49008", USB: "001/005", Access: true, Strings: true},
		{Node: "/dev/hidraw1", Access: true},
		{Node: "/dev/hidraw2", Strings: true},
	})
	for i, want := range []string{"NODE\t", "/dev/hidraw0\tEATON Protection Station\tAN2E49008\t001/005\tok", "without USB strings", "none: "} {
		if !strings.Contains(rows[i], want) {
			t.Errorf("row %d is %q and lacks %q", i, rows[i], want)
		}
	}
}

// TestJudgeNode: the group must be able to read and write, and nobody else to
// write.
func TestJudgeNode(t *testing.T) {
	for _, c := range []struct {
		group   string
		mode    fs.FileMode
		problem string
	}{
		{udev.Group, 0o660, ""},
		{udev.Group, 0o664, ""},
		{"root", 0o660, "group root"},
		{"nut", 0o664, "group nut"},
		{udev.Group, 0o600, "0600 does not let the group"},
		{udev.Group, 0o640, "0640 does not let the group"},
		{udev.Group, 0o666, "0666 lets everybody"},
	} {
		f := judgeNode("node", c.group, c.mode)
		if f.OK != (c.problem == "") || !strings.Contains(f.Problem, c.problem) || f.OK != (f.Fix == "") {
			t.Errorf("%s %04o: %+v", c.group, c.mode, f)
		}
	}
	if f := checkPower("/dev/hidraw0", "auto"); f.OK || !strings.Contains(f.Problem, `"auto"`) {
		t.Errorf("auto: %+v", f)
	}
	if f := checkPower("/dev/hidraw0", "on"); !f.OK {
		t.Errorf("on: %+v", f)
	}
}
