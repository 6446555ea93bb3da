package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

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
		if *device == "" && *at == "" {
			if err := (&source{globals: g}).unnamed(); err != nil {
				return err
			}
		}
		where, err := whereToProbe(*device, *at)
		if err != nil {
			return err
		}
		report, problem := discovery.Probe(cmd.Context(), where)
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
func whereToProbe(device, at string) (discovery.Place, error) {
	switch {
	case device != "" && at != "":
		return discovery.Place{}, usagef("--device and --at: only one of them can be the UPS")
	case at != "":
		place, err := discovery.ParsePlace(at)
		if err != nil {
			return place, usagef("--at %w", err)
		}
		return place, nil
	}
	return discovery.PlaceOf(device)
}
