package power_test

import (
	"errors"
	"strings"
	"testing"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim"
	"ecnutd/ups"
)

// lookAt reads a device once.
func lookAt(t *testing.T, dev hid.Device) *power.Decoder {
	t.Helper()
	r, err := power.NewReader(dev, power.Options{}, eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.Decoder()
}

// TestGround: what is refused is not given, and is not the same as what cannot
// be asked for.
func TestGround(t *testing.T) {
	for name, c := range map[string]struct {
		faults []sim.Fault
		want   ups.Ground
	}{
		"healthy":        {nil, ups.Ground{Line: true, Asked: true, LowFlag: true}},
		"status refused": {[]sim.Fault{{Kind: sim.Stall, Report: 0x01}}, ups.Ground{Asked: true, LowFlag: true}},
	} {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range c.faults {
			u.Inject(f)
		}
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got := lookAt(t, dev).Ground(); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
		dev.Close()
	}
}

// Descriptors of HID 1.11 items: usage page 84 (Power Device), UPS (04) with a
// BatterySystem (10) or a PowerSummary (24) in it.
var (
	// packsAlone: BatterySystem, Battery (12), ConfigVoltage (40), 8 bits, Feature.
	packsAlone = []byte{0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x85, 0x41, 0x09, 0x10, 0xa1, 0x00, 0x09, 0x12, 0xa1, 0x00,
		0x75, 0x08, 0x95, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x09, 0x42, 0xb1, 0x02, 0xc0, 0xc0, 0xc0}
	// A mouse: Generic Desktop (01), Mouse (02), a button.
	mouse = []byte{0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x05, 0x09, 0x09, 0x01, 0x15, 0x00, 0x25, 0x01, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02, 0xc0}
)

// TestNotUPS: what is there and cannot be read is called what it is.
func TestNotUPS(t *testing.T) {
	for name, c := range map[string]struct {
		descriptor []byte
		want       string
	}{
		"short": {packsAlone, "short one of two report descriptors"},
		"mouse": {mouse, "another kind of HID device"},
	} {
		_, err := power.NewReader(hid.NewReplay(&hid.Recording{Descriptor: c.descriptor}), power.Options{}, eaton.Family)
		if !errors.Is(err, power.ErrNotUPS) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
