package usb

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/gousb"
)

// probedStrings is the highest index that Probe tries. The highest a
// Protection Station uses is 6 (its firmware version).
const probedStrings = 8

// Probe reports everything that can be seen of a device on the USB level.
//
// The descriptors come from the kernel, without rights for the node; only the
// strings need to ask the device. So a report may well be there together with
// an error, an *Error that says why a part of it is missing. A string that the
// device refuses is no error: most indexes have none.
func Probe(ctx context.Context, at Location) (Report, error) {
	var t table
	r, err := call(ctx, at, limit, "probing", func(ctx context.Context, c *gousb.Context) (Report, error) {
		dev, desc, err := open(c, at)
		if desc == nil {
			return Report{}, err
		}
		r := describe(desc)
		if err != nil {
			return r, err
		}
		defer dev.Close()
		r.ActiveConfiguration, _ = dev.ActiveConfigNum()
		indexes := make([]uint8, probedStrings)
		for i := range indexes {
			indexes[i] = uint8(i + 1)
		}
		t.fill(ctx, dev.Control, indexes)
		return r, nil
	})
	r.Location = at
	texts, problems := t.take()
	for i := uint8(1); i <= probedStrings; i++ {
		problem := problems[i]
		if text, ok := texts[i]; ok {
			r.Strings = append(r.Strings, String{Index: i, Text: text})
		} else if problem != nil {
			r.Strings = append(r.Strings, String{Index: i, Problem: inWords(problem)})
		}
		if err == nil && unanswered(problem) {
			err = explain(at.Node(), "reading string descriptors", problem)
		}
	}
	sysfs("/sys").complete(&r)
	return r, err
}

// inWords is why there is no text. A refusal is how a device says that it has
// no such string.
func inWords(problem error) string {
	if errors.Is(problem, gousb.ErrorPipe) {
		return "the device has no such string"
	}
	return problem.Error()
}

// describe translates what libusb read.
func describe(d *gousb.DeviceDesc) Report {
	r := Report{
		Vendor:     d.Vendor.String(),
		Product:    d.Product.String(),
		Speed:      d.Speed.String(),
		USBVersion: d.Spec.String(),
		Release:    d.Device.String(),
		Class:      uint8(d.Class),
		SubClass:   uint8(d.SubClass),
		Protocol:   uint8(d.Protocol),
		MaxPacket0: d.MaxControlPacketSize,
	}
	for _, number := range slices.Sorted(maps.Keys(d.Configs)) {
		r.Configurations = append(r.Configurations, configuration(d.Configs[number]))
	}
	return r
}

func configuration(d gousb.ConfigDesc) Configuration {
	c := Configuration{
		Number:       d.Number,
		SelfPowered:  d.SelfPowered,
		RemoteWakeup: d.RemoteWakeup,
		MaxPower:     int(d.MaxPower),
	}
	for _, i := range d.Interfaces {
		for _, setting := range i.AltSettings {
			c.Interfaces = append(c.Interfaces, settingOf(setting))
		}
	}
	return c
}

func settingOf(d gousb.InterfaceSetting) Interface {
	i := Interface{
		Number:    d.Number,
		Alternate: d.Alternate,
		Class:     uint8(d.Class),
		SubClass:  uint8(d.SubClass),
		Protocol:  uint8(d.Protocol),
	}
	for _, e := range d.Endpoints {
		i.Endpoints = append(i.Endpoints, Endpoint{
			Address:   uint8(e.Address),
			Direction: direction(e.Direction),
			Transfer:  e.TransferType.String(),
			MaxPacket: e.MaxPacketSize,
			Interval:  float64(e.PollInterval) / float64(time.Millisecond),
		})
	}
	slices.SortFunc(i.Endpoints, func(a, b Endpoint) int { return cmp.Compare(a.Address, b.Address) })
	return i
}

func direction(d gousb.EndpointDirection) string {
	if d == gousb.EndpointDirectionIn {
		return "in"
	}
	return "out"
}
