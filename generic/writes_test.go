package generic

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim/describe"
)

// everyOrder are commands that NUT has for units of the class, and settings.
var everyOrder = []string{
	"beeper.disable", "beeper.enable", "beeper.mute", "beeper.off", "beeper.on",
	"load.off", "load.off.delay", "load.on", "load.on.delay", "shutdown.return", "shutdown.stayoff", "shutdown.stop", "shutdown.reboot",
	"test.battery.start.quick", "test.battery.start.deep", "test.battery.stop", "test.panel.start", "bypass.start", "outlet.1.load.off", "calibrate.start",
}

// order gives every command, with every permit there is, and every setting.
func order(d hid.Device, dec *power.Decoder) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	c := power.NewCommander(d, dec, power.Delays{})
	for _, name := range everyOrder {
		for _, argument := range []string{"", "20"} {
			c.Command(ctx, name, argument, power.Permit{CutTheLoad: true})
			c.Command(ctx, name, argument, power.Permit{CutTheLoad: true, LastTry: true})
		}
	}
	for name, value := range dec.Variables() {
		c.Set(ctx, name, value)
		c.Set(ctx, name, "1")
	}
}

// TestOrders: of all orders the beeper's alone reach a unit.
func TestOrders(t *testing.T) {
	for _, c := range []struct {
		vendor uint16
		fields []describe.Field
		values numbers
		beeper uint8
	}{{VendorAPC, backUPS(), backUPSNumbers, 24}, {VendorCyberPower, cyberPower(), cyberPowerNumbers, 12}, {0x1234, backUPS(), backUPSNumbers, 24}} {
		synctest.Test(t, func(t *testing.T) {
			u := newUnit(t, hid.Info{Vendor: c.vendor, Product: 2}, c.fields, c.values)
			order(u, u.decoder(t, nil))
			if len(u.written) == 0 {
				t.Error("the beeper was not told")
			}
			for _, report := range u.written {
				if report[0] != c.beeper {
					t.Errorf("%04x: report % x was written", c.vendor, report)
				}
			}
		})
	}
}

// FuzzNoWrites: whatever a unit describes and answers, nothing is written to it but
// fields that are its beeper's, whatever is ordered, and reading writes nothing.
func FuzzNoWrites(f *testing.F) {
	for i, fields := range [][]describe.Field{backUPS(), cyberPower()} {
		raw, err := describe.Descriptor(fields)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint16(VendorAPC), raw, []byte{1, 2, 3})
		f.Add(uint16(VendorCyberPower), raw, []byte{0xff})
		f.Add(uint16(i), raw, []byte{})
	}
	f.Fuzz(func(t *testing.T, vendor uint16, descriptor, answers []byte) {
		desc, err := hid.Parse(descriptor)
		if err != nil || len(desc.Fields()) > 300 || vendor == 0 {
			return
		}
		var beeps []uint8
		others := map[uint8]bool{} // reports of the beeper that hold something else too
		all := desc.Fields()
		for i := range all {
			if all[i].Type == hid.Feature && slices.Contains(beeperPlaces, all[i].Path.String()) {
				beeps = append(beeps, all[i].Report)
			}
		}
		for i := range all {
			if all[i].Type == hid.Feature && slices.Contains(beeps, all[i].Report) && !slices.Contains(beeperPlaces, all[i].Path.String()) {
				others[all[i].Report] = true
			}
		}
		u := &unit{info: hid.Info{Vendor: vendor, Product: 1}, descriptor: descriptor, desc: desc, bodies: map[hid.ReportType]map[uint8][]byte{hid.Input: {}, hid.Feature: {}}}
		for _, typ := range []hid.ReportType{hid.Input, hid.Feature} {
			for _, id := range desc.IDs(typ) {
				body := make([]byte, desc.Size(typ, id))
				for i := range body {
					if len(answers) > 0 {
						body[i] = answers[i%len(answers)]
					}
				}
				u.bodies[typ][id] = body
			}
		}
		synctest.Test(t, func(t *testing.T) {
			r, err := power.NewReader(u, power.Options{}, Families...)
			if err != nil {
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_ = r.Run(ctx, func(*power.Decoder) {}, nil) // it ends with the time
			if len(u.written) > 0 {
				t.Fatalf("reading wrote % x", u.written)
			}
			before := map[uint8][]byte{}
			for id, body := range u.bodies[hid.Feature] {
				before[id] = slices.Clone(body)
			}
			order(u, r.Decoder())
			for _, report := range u.written {
				if !slices.Contains(beeps, report[0]) {
					t.Fatalf("report % x was written, which is not the beeper's", report)
				}
				if others[report[0]] {
					same := fmt.Sprintf("%x", before[report[0]])
					for i := range all {
						f := &all[i]
						if f.Type != hid.Feature || f.Report != report[0] || slices.Contains(beeperPlaces, f.Path.String()) || f.Bits > 32 {
							continue
						}
						was, ok := f.Raw(before[report[0]])
						if now, _ := f.Raw(report[1:]); ok && was != now {
							t.Fatalf("%s was changed beside the beeper, from %s to % x", f.Path, same, report)
						}
					}
				}
			}
		})
	})
}
