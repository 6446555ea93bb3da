package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/usb"
	"ecnutd/internal/discovery"
)

func probeCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "The UPS on the USB level: descriptors, strings, driver",
		Long: `Shows a device as USB sees it: ids, speed, configurations, endpoints, the kernel
driver that holds it, whether it may be suspended, and its strings. Nothing is
claimed and no driver is detached.

It looks at the attached UPS. One that has lost its hidraw node, as when another
program holds it, is named with --at; lsusb prints bus and address.`,
		Example: `  ecnutd probe
  ecnutd probe --at 001/005`,
		GroupID: groupDevice,
		Args:    exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	device := cmd.Flags().String("device", "", "the UPS at this `PATH`, /dev/hidraw0")
	at := cmd.Flags().String("at", "", "the device at this `BUS/ADDRESS`, 001/005")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		where, err := whereToProbe(g, *device, *at)
		if err != nil {
			return err
		}
		report, problem := usb.Probe(cmd.Context(), where)
		// Without a vendor nothing was seen.
		if report.Vendor == "" && problem != nil {
			if _, err := os.Stat(where.Node()); errors.Is(err, fs.ErrNotExist) {
				return &failure{exitNoUPS, problem}
			}
			return problem
		}
		if *asJSON {
			err = emitJSON(cmd.OutOrStdout(), report)
		} else {
			err = emit(cmd.OutOrStdout(), func(w io.Writer) error {
				_, err := io.WriteString(w, report.String())
				return err
			})
		}
		return errors.Join(err, problem)
	}
	return cmd
}

// whereToProbe is the location that the flags name, else that of the attached
// UPS.
func whereToProbe(g *globals, device, at string) (usb.Location, error) {
	switch {
	case device != "" && at != "":
		return usb.Location{}, usagef("--device and --at: only one of them can be the UPS")
	case at != "":
		return parseLocation(at)
	case device == "":
		if err := (&source{globals: g}).unnamed(); err != nil {
			return usb.Location{}, err
		}
		found, err := discovery.Attached()
		if err != nil {
			return usb.Location{}, err
		}
		info, err := discovery.TheOnly(found)
		return discovery.Location(info), err
	}
	found, err := hidraw.Enumerate(func(info hid.Info) bool { return info.Node == device })
	switch {
	case err != nil:
		return usb.Location{}, err
	case len(found) == 0:
		return usb.Location{}, noUPSf("there is no hidraw node %s; `ecnutd devices` lists the UPSs there are", device)
	case found[0].USBBus == 0:
		return usb.Location{}, fmt.Errorf("%s is not on USB", device)
	case !discovery.Match(found[0]):
		return usb.Location{}, fmt.Errorf("%s is %s and no UPS of the family; --at looks at any device", device, found[0].Name)
	}
	return discovery.Location(found[0]), nil
}

// parseLocation reads bus and address as usb.Location prints them. Both have
// three digits at most, as in /dev/bus/usb/001/005.
func parseLocation(s string) (usb.Location, error) {
	bus, address, ok := strings.Cut(s, "/")
	b, err1 := strconv.ParseUint(bus, 10, 16)
	a, err2 := strconv.ParseUint(address, 10, 16)
	if !ok || err1 != nil || err2 != nil || b < 1 || b > 999 || a < 1 || a > 127 {
		return usb.Location{}, usagef("--at %q: want bus and address as lsusb prints them, 001/005", s)
	}
	return usb.Location{Bus: int(b), Address: int(a)}, nil
}
