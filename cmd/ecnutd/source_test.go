package main

import (
	"errors"
	"strings"
	"testing"

	"ecnutd/hid"
	"ecnutd/hid/usb"
	"ecnutd/internal/sim"
)

// TestReopen: a source can be opened again after its device was lost, and is
// the same UPS then.
func TestReopen(t *testing.T) {
	src := &source{globals: &globals{}, model: sim.DefaultModel}
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
	if _, _, err := src.Open(t.Context()); exitCode(err) != exitNoUPS {
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

// TestOnlyOne: of several UPSs none is guessed, and the message has what to
// type.
func TestOnlyOne(t *testing.T) {
	a := hid.Info{Node: "/dev/hidraw0", Name: "EATON Protection Station", USBBus: 1, USBAddress: 5}
	b := hid.Info{Node: "/dev/hidraw3", Name: "EATON Ellipse ECO", USBBus: 2, USBAddress: 9}
	if got, err := onlyOne([]hid.Info{a}); err != nil || got != a {
		t.Errorf("one: %v, %v", got, err)
	}
	if _, err := onlyOne(nil); exitCode(err) != exitNoUPS {
		t.Errorf("none: %v", err)
	}
	_, err := onlyOne([]hid.Info{a, b})
	if exitCode(err) != exitFailed {
		t.Errorf("two: %v", err)
	}
	for _, want := range []string{"--device /dev/hidraw0  EATON Protection Station on USB 001/005", "--device /dev/hidraw3  EATON Ellipse ECO on USB 002/009"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}

func TestParseLocation(t *testing.T) {
	for s, want := range map[string]usb.Location{
		"001/005": {Bus: 1, Address: 5},
		"1/5":     {Bus: 1, Address: 5},
		"12/127":  {Bus: 12, Address: 127}, // the highest address of USB
		"":        {}, "5": {}, "1:5": {}, "0/1": {}, "1/0": {}, "1/128": {}, "-1/5": {}, "1/5/7": {}, "99999999999/1": {}, "../..": {},
	} {
		got, err := parseLocation(s)
		if got != want || (err == nil) != (want != usb.Location{}) {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
	}
}
