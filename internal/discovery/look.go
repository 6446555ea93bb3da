package discovery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power"
)

// Looking says how a device is looked at. The zero value reads what the
// variables need, now.
type Looking struct {
	Whole  bool           // ask for every feature report of the descriptor
	Until  *time.Duration // of a recording: the state at that instant, not the last one
	Delays power.Delays   // that the device would be commanded with
}

// Seen is what one look at a device found.
type Seen struct {
	Info       hid.Info
	Decoder    *power.Decoder
	Commander  *power.Commander // of a device that is open still; nil of a recording
	StringsErr error            // why some of the names are missing; nil where none is
	Unfit      []error          // reports of a recording that its descriptor does not fit

	// These are those of a whole look.
	Descriptor []byte
	Parsed     *hid.Descriptor
	Strings    map[uint8]string
	Reports    []hid.RecordedReport // answers, right and wrong ones
	Refused    map[uint8]error      // reports that were not answered at all
}

// RefusedIDs are the reports that were not answered, in order.
func (s *Seen) RefusedIDs() []uint8 { return slices.Sorted(maps.Keys(s.Refused)) }

// Look opens the UPS of a source, looks at it once and closes it.
func (s *Source) Look(ctx context.Context, how Looking) (*Seen, error) {
	if s.Replay != "" {
		return s.replayed(how)
	}
	return LookBy(ctx, s.Open, how)
}

// LookBy opens a UPS, looks at it once and closes it.
func LookBy(ctx context.Context, open Open, how Looking) (*Seen, error) {
	dev, strings, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	return Look(ctx, dev, strings, how)
}

// Look looks at an opened device once. A report that the device refuses leaves
// its variables absent; a device that does not answer at all is an error that
// wraps power.ErrSilent, and is left alone. Errors name the device.
func Look(ctx context.Context, dev hid.Device, strings Strings, how Looking) (s *Seen, err error) {
	if how.Whole {
		s, err = sweep(ctx, dev, strings)
	} else {
		s, err = read(ctx, dev, strings, how)
	}
	if err != nil {
		return nil, Trouble(dev, err)
	}
	return s, nil
}

// read asks for what the variables need.
func read(ctx context.Context, dev hid.Device, strings Strings, how Looking) (*Seen, error) {
	r, err := power.NewReader(dev, power.Options{Strings: strings, Delays: how.Delays}, Families...)
	if err != nil {
		return nil, err
	}
	missing, err := r.Sweep(ctx)
	if err != nil {
		return nil, err
	}
	return &Seen{Info: dev.Info(), Decoder: r.Decoder(), Commander: r.Commander(), StringsErr: missing}, nil
}

// replayed decodes a recording with no other knowledge. Its fields can be shown
// whatever it is a recording of; variables are those of a UPS.
func (s *Source) replayed(how Looking) (*Seen, error) {
	rec, err := s.Recorded()
	if err != nil {
		return nil, err
	}
	parsed, err := hid.Parse(rec.Descriptor)
	if err != nil {
		return nil, fmt.Errorf("%s: the report descriptor (line R:): %w", s.Replay, err)
	}
	if !how.Whole {
		if _, err := power.NewReader(hid.NewReplay(rec), power.Options{}, Families...); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Replay, err)
		}
	}
	until := time.Duration(-1)
	if how.Until != nil {
		until = *how.Until
	}
	d := power.NewDecoder(parsed, rec.Info, Families...)
	d.SetStrings(rec.Strings)
	unfit := hid.Feed(rec.Until(until), d.Feature, d.Input)
	return &Seen{Info: rec.Info, Decoder: d, Unfit: unfit, Descriptor: rec.Descriptor, Parsed: parsed, Strings: rec.Strings}, nil
}

// Trouble names the device that could not be read, and what to do when it is
// there and says nothing.
func Trouble(dev hid.Device, err error) error {
	err = fmt.Errorf("%s: %w", nameOf(dev.Info()), err)
	if errors.Is(err, power.ErrSilent) {
		err = fmt.Errorf("%w; leave it alone for a minute, and when it stays like this unplug its USB cable and plug it in again", err)
	}
	return err
}

// nameOf is a device's name in a message.
func nameOf(info hid.Info) string {
	for _, s := range []string{info.Node, info.Phys, info.Name} {
		if s != "" {
			return s
		}
	}
	return "the device"
}
