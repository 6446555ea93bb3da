package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/usb"
	"ecnutd/internal/sim"
)

// A stringsFunc reads USB strings by index, as power.Options wants it.
type stringsFunc = func(ctx context.Context, indexes []uint8) (map[uint8]string, error)

// An openFunc opens a UPS and tells how to read its USB strings.
type openFunc = func(ctx context.Context) (hid.Device, stringsFunc, error)

// A source is where a command finds its UPS.
type source struct {
	globals *globals
	device  string // node of a real one
	model   string // of a simulated one
	replay  string // file of a recorded one

	// patient makes Open wait for a node that udev is still about to give to
	// its group, as one that just appeared.
	patient bool

	// options are for the simulated UPS, which is made at the first use.
	options []sim.Option

	simulated *sim.UPS
	recorded  *hid.Recording
}

// addSource adds the flags that choose a UPS to a command, and checks them
// before the command runs.
func addSource(cmd *cobra.Command, g *globals) *source {
	s := &source{globals: g}
	cmd.Flags().StringVar(&s.device, "device", "", "the UPS at this `PATH`, /dev/hidraw0")
	cmd.Flags().StringVar(&s.model, "simulate", "", "a simulated UPS, of this `MODEL` if one is given: "+strings.Join(sim.Models(), ", "))
	cmd.Flags().Lookup("simulate").NoOptDefVal = sim.DefaultModel
	cmd.Flags().StringVar(&s.replay, "replay", "", "the UPS in this recording, a `FILE` that `ecnutd record` made")
	// An error means that the flag is not there, which it is.
	_ = cmd.RegisterFlagCompletionFunc("simulate", cobra.FixedCompletions(sim.Models(), cobra.ShellCompDirectiveNoFileComp))
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error { return s.check(cmd, args) }
	return s
}

// check refuses a command line that names two sources, or one that is none.
func (s *source) check(cmd *cobra.Command, args []string) error {
	var given []string
	for _, name := range []string{"device", "simulate", "replay"} {
		if f := cmd.Flags().Lookup(name); f.Changed {
			given = append(given, "--"+name)
			if f.Value.String() == "" {
				return usagef("--%s is empty", name)
			}
		}
	}
	switch {
	case len(given) > 1:
		return usagef("%s: only one of them can be the UPS", strings.Join(given, " and "))
	case s.model != "" && !slices.Contains(sim.Models(), s.model):
		return usagef("no model %q can be simulated; there are %s", s.model, strings.Join(sim.Models(), ", "))
	}
	if s.model != "" {
		for _, a := range args {
			if slices.Contains(sim.Models(), a) {
				return usagef("--simulate takes its model behind an equals sign: --simulate=%s", a)
			}
		}
	}
	return nil
}

// Open opens the UPS and tells how to read its USB strings. The caller closes
// the device, and may open the source again when it was lost. Where there is
// no UPS the error has the exit code 3.
func (s *source) Open(ctx context.Context) (hid.Device, stringsFunc, error) {
	switch {
	case s.model != "":
		u, err := s.Simulated()
		if err != nil {
			return nil, nil, err
		}
		dev, err := u.Open()
		return dev, func(_ context.Context, indexes []uint8) (map[uint8]string, error) {
			return u.Strings(indexes), nil
		}, err
	case s.replay != "":
		rec, err := s.Recorded()
		if err != nil {
			return nil, nil, err
		}
		r := hid.NewReplay(rec)
		return r, func(_ context.Context, indexes []uint8) (map[uint8]string, error) {
			return r.Strings(indexes), nil
		}, nil
	}
	node := s.device
	if node == "" {
		info, err := s.attached()
		if err != nil {
			return nil, nil, err
		}
		node = info.Node
	}
	open := hidraw.Open
	if s.patient {
		open = func(path string) (*hidraw.Device, error) { return hidraw.OpenWait(ctx, path) }
	}
	dev, err := open(node)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, &failure{exitNoUPS, err}
	case err != nil:
		return nil, nil, err
	}
	return dev, stringsOverUSB(dev.Info()), nil
}

// Simulated is the simulated UPS; nil where the UPS is another one.
func (s *source) Simulated() (*sim.UPS, error) {
	if s.model != "" && s.simulated == nil {
		u, err := sim.New(s.model, s.options...)
		if err != nil {
			return nil, err
		}
		s.simulated = u
	}
	return s.simulated, nil
}

// Recorded is the recording; nil where the UPS is another one.
func (s *source) Recorded() (*hid.Recording, error) {
	if s.replay == "" || s.recorded != nil {
		return s.recorded, nil
	}
	f, err := os.Open(s.replay)
	if err != nil {
		return nil, fmt.Errorf("the recording: %w", err)
	}
	defer f.Close()
	rec, err := hid.ReadRecording(f)
	if bad := (*hid.RecordingError)(nil); errors.As(err, &bad) {
		if bad.Line == 0 {
			return nil, fmt.Errorf("%s: %w", s.replay, bad.Err)
		}
		return nil, fmt.Errorf("%s, line %d: %w", s.replay, bad.Line, bad.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.replay, err)
	}
	s.recorded = rec
	return rec, nil
}

// attached is the one UPS of this host.
func (s *source) attached() (hid.Info, error) {
	if s.globals.ups != "" {
		return hid.Info{}, usagef("--ups names a UPS of the configuration, which this command does not read: choose with --device")
	}
	found, err := hidraw.Enumerate(isUPS)
	if err != nil {
		return hid.Info{}, err
	}
	return onlyOne(found)
}

// onlyOne refuses none and several.
func onlyOne(found []hid.Info) (hid.Info, error) {
	switch len(found) {
	case 0:
		return hid.Info{}, errNoneAttached
	case 1:
		return found[0], nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d UPSs are attached; choose one with --device:", len(found))
	for _, info := range found {
		fmt.Fprintf(&b, "\n  --device %s  %s on USB %s", info.Node, info.Name, location(info))
	}
	return hid.Info{}, errors.New(b.String())
}

// errNoneAttached is what everybody reads whose UPS is not found.
var errNoneAttached = noUPSf(`no UPS of the Eaton family is attached.
  Is its USB cable plugged in? 'lsusb -d %04x:' lists it when it is.
  Does another program hold it? A running NUT driver takes the device away from
  the kernel: stop it with 'systemctl stop nut.target'.
  In a virtual machine or container, is the device passed through?
  Without a UPS, --simulate shows a simulated one and --replay a recorded one`, families[0].IDs[0].Vendor)

// location is where a device is on USB.
func location(info hid.Info) usb.Location {
	return usb.Location{Bus: info.USBBus, Address: info.USBAddress}
}

// stringsOverUSB reads the strings of a real device.
func stringsOverUSB(info hid.Info) stringsFunc {
	return func(ctx context.Context, indexes []uint8) (map[uint8]string, error) {
		if info.USBBus == 0 {
			return nil, fmt.Errorf("%s is not on USB, so there are no USB strings to read", info.Node)
		}
		return usb.Strings(ctx, location(info), indexes)
	}
}
