package main

import (
	"strings"
	"testing"

	"ecnutd/internal/discovery"
)

func TestAttachedRows(t *testing.T) {
	rows := attachedRows([]discovery.AttachedUPS{
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
