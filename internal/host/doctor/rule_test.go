package doctor

import (
	"io/fs"
	"strings"
	"testing"

	"ecnutd/udev"
)

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

// TestGrants reads access control lists as `setfacl -m g:123:rw` leaves them
// on a file with mode 664 (taken with getfattr on Debian 12), and others made
// of the same entries.
func TestGrants(t *testing.T) {
	const (
		user   = "\x01\x00\x06\x00\xff\xff\xff\xff"
		owning = "\x04\x00\x06\x00\xff\xff\xff\xff"
		named  = "\x08\x00\x06\x00\x7b\x00\x00\x00"
		reads  = "\x08\x00\x04\x00\x7b\x00\x00\x00"
		mask   = "\x10\x00\x06\x00\xff\xff\xff\xff"
		narrow = "\x10\x00\x04\x00\xff\xff\xff\xff"
		other  = "\x20\x00\x04\x00\xff\xff\xff\xff"
		v2     = "\x02\x00\x00\x00"
	)
	for acl, want := range map[string]bool{
		v2 + user + owning + named + mask + other:                 true,
		v2 + user + owning + reads + mask + other:                 false, // may only read
		v2 + user + owning + named + narrow + other:               false, // a chmod g-w has come after
		v2 + user + owning + mask + other:                         false, // it is not in it
		"\x03\x00\x00\x00" + user + owning + named + mask + other: false, // of another time
		v2 + user + owning + named[:5]:                            false,
		"":                                                        false,
	} {
		if got := grants([]byte(acl), "123"); got != want {
			t.Errorf("% x: %v", acl, got)
		}
	}
	if grants([]byte(v2+user+owning+named+mask+other), "124") {
		t.Error("another group is let in")
	}
}
