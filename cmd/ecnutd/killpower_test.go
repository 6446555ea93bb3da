package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/killpower"
)

// TestAssign: each block of the configuration gets the devices that it means.
func TestAssign(t *testing.T) {
	info := func(node, phys, name string) hid.Info {
		return hid.Info{Node: node, Vendor: eaton.VendorMGE, Product: 0xffff, Phys: phys, Name: name}
	}
	station, other := info("/dev/hidraw0", "usb-1-1/input0", "EATON Protection Station"), info("/dev/hidraw3", "usb-1-2/input0", "EATON 5P")
	mouse := hid.Info{Node: "/dev/hidraw1", Vendor: 0x046d, Product: 0xc077}
	block := func(name string, change func(*config.UPS)) config.UPS {
		u := config.Minimal(name).UPS[0]
		if change != nil {
			change(&u)
		}
		return u
	}
	real := filepath.Join(t.TempDir(), "hidraw9")
	if err := os.WriteFile(real, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		blocks []config.UPS
		found  []hid.Info
		want   string
	}{
		"one auto, one UPS":   {[]config.UPS{block("a", nil)}, []hid.Info{station, mouse}, "a=/dev/hidraw0"},
		"one auto, two UPSs":  {[]config.UPS{block("a", nil)}, []hid.Info{station, other}, "a=/dev/hidraw0 a=/dev/hidraw3"},
		"none attached":       {[]config.UPS{block("a", nil)}, []hid.Info{mouse}, "a=none"},
		"two autos, two UPSs": {[]config.UPS{block("a", nil), block("b", nil)}, []hid.Info{station, other}, "a=/dev/hidraw0 b=/dev/hidraw3"},
		"two autos, one UPS":  {[]config.UPS{block("a", nil), block("b", nil)}, []hid.Info{station}, "a=/dev/hidraw0 b=none"},
		"narrow before wide": {[]config.UPS{block("wide", nil), block("narrow", func(u *config.UPS) { u.Match.Model = "protection" })},
			[]hid.Info{station, other}, "wide=/dev/hidraw3 narrow=/dev/hidraw0"},
		"another port": {[]config.UPS{block("a", func(u *config.UPS) { u.Match.Phys = "usb-9" })}, []hid.Info{station}, "a=none"},
		"by path":      {[]config.UPS{block("a", func(u *config.UPS) { u.Device = real })}, []hid.Info{station}, "a=" + real},
		"path is gone": {[]config.UPS{block("a", func(u *config.UPS) { u.Device = real + "x" })}, []hid.Info{station}, "a=none"},
		"a path is not for others": {[]config.UPS{block("a", nil), block("b", func(u *config.UPS) { u.Device = real })},
			[]hid.Info{info(real, "", ""), station}, "a=/dev/hidraw0 b=" + real},
		"one that does not feed the host": {[]config.UPS{block("a", func(u *config.UPS) { u.Power = 0 })}, []hid.Info{station}, "a=/dev/hidraw0(spared)"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			devices := killpower.Devices{Enumerate: func() ([]hid.Info, error) { return c.found, nil }, Means: discovery.Means}
			units, err := devices.Find(c.blocks, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range units {
				text := u.Name + "=" + u.Node
				if u.Open == nil {
					text = u.Name + "=none"
				}
				if u.Spared != "" {
					text += "(spared)"
				}
				got = append(got, text)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, want %s", strings.Join(got, " "), c.want)
			}
		})
	}
}
