package discovery

import (
	"errors"
	"strings"
	"testing"

	"ecnutd/hid"
)

// TestReopen: a source can be opened again after its device was lost, and is
// the same UPS then.
func TestReopen(t *testing.T) {
	src := &Source{Model: DefaultModel}
	dev, _, err := src.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := src.Simulated()
	if err != nil {
		t.Fatal(err)
	}
	u.SetCharge(50)
	u.Unplug()
	if _, err := dev.GetFeature(6, make([]byte, 8)); !errors.Is(err, hid.ErrGone) {
		t.Errorf("unplugged: %v", err)
	}
	if _, _, err := src.Open(t.Context()); !errors.Is(err, hid.ErrGone) {
		t.Errorf("opening while unplugged: %v", err)
	}
	u.Plug()
	dev, texts, err := src.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	if _, err := dev.GetFeature(6, buf); err != nil || buf[1] != 50 {
		t.Errorf("plugged in again: charge %d, %v", buf[1], err)
	}
	if got, err := texts(t.Context(), []uint8{3}); err != nil || got[3] != "800" {
		t.Errorf("strings: %q, %v", got, err)
	}
}

// TestTheOnly: of several UPSs none is guessed, and the message has what to
// type.
func TestTheOnly(t *testing.T) {
	a := hid.Info{Node: "/dev/hidraw0", Name: "EATON Protection Station", USBBus: 1, USBAddress: 5}
	b := hid.Info{Node: "/dev/hidraw3", Name: "EATON Ellipse ECO", USBBus: 2, USBAddress: 9}
	if got, err := TheOnly([]hid.Info{a}); err != nil || got != a {
		t.Errorf("one: %v, %v", got, err)
	}
	if _, err := TheOnly(nil); !errors.Is(err, hid.ErrAbsent) {
		t.Errorf("none: %v", err)
	}
	_, err := TheOnly([]hid.Info{a, b})
	if err == nil || errors.Is(err, hid.ErrAbsent) {
		t.Errorf("two: %v", err)
	}
	for _, want := range []string{"--device /dev/hidraw0  EATON Protection Station on USB 001/005", "--device /dev/hidraw3  EATON Ellipse ECO on USB 002/009"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}
