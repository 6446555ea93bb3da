package discovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ecnutd/hid"
	"ecnutd/internal/input"
	"ecnutd/internal/sim"
	"ecnutd/internal/sim/console"
)

// A Source is the UPS that a command line names; the zero value is the one that
// is attached. At most one of its fields is set.
type Source struct {
	Device string // node of a real one
	Model  string // of a simulated one
	Replay string // file of a recorded one

	simulated *sim.UPS
	recorded  *hid.Recording
}

// SimulatedModels are the models that can be simulated.
func SimulatedModels() []string { return sim.Models() }

// DefaultModel is the one that is simulated where none is named.
const DefaultModel = sim.DefaultModel

// Simulate is the source of a simulated UPS that is there already.
func Simulate(u *sim.UPS) *Source { return &Source{Model: DefaultModel, simulated: u} }

// Given reports whether the command line says which UPS is meant.
func (s *Source) Given() bool { return s.Device != "" || s.Model != "" || s.Replay != "" }

// Rehearsed reports whether the UPS is a simulated or a recorded one, which
// feeds nobody.
func (s *Source) Rehearsed() bool { return s.Model != "" || s.Replay != "" }

// Check is an error where no such model can be simulated.
func (s *Source) Check() error {
	if s.Model != "" && !slices.Contains(sim.Models(), s.Model) {
		return fmt.Errorf("no model %q can be simulated; there are %s", s.Model, strings.Join(sim.Models(), ", "))
	}
	return nil
}

// Open opens the UPS and says how its USB strings are read. The caller closes
// the device, and may open the source again when it was lost. Where there is
// no UPS the error wraps hid.ErrAbsent or hid.ErrGone.
func (s *Source) Open(ctx context.Context) (hid.Device, Strings, error) {
	switch {
	case s.Model != "":
		u, err := s.Simulated()
		if err != nil {
			return nil, nil, err
		}
		dev, err := u.Open()
		return dev, func(_ context.Context, indexes []uint8) (map[uint8]string, error) {
			return u.Strings(indexes), nil
		}, err
	case s.Replay != "":
		rec, err := s.Recorded()
		if err != nil {
			return nil, nil, err
		}
		r := hid.NewReplay(rec)
		return r, func(_ context.Context, indexes []uint8) (map[uint8]string, error) {
			return r.Strings(indexes), nil
		}, nil
	}
	node := s.Device
	if node == "" {
		found, err := Attached()
		if err != nil {
			return nil, nil, err
		}
		info, err := TheOnly(found)
		if err != nil {
			return nil, nil, err
		}
		node = info.Node
	}
	return openNode(ctx, node, false)
}

// Console has the simulated UPS take commands on a socket until ctx ends, and
// removes the socket then.
func (s *Source) Console(ctx context.Context, path string) error {
	u, err := s.Simulated()
	if err != nil {
		return err
	}
	return console.New(u, nil).Open(ctx, path)
}

// Simulated is the simulated UPS, made at the first use; nil where the UPS is
// another one.
func (s *Source) Simulated() (*sim.UPS, error) {
	if s.Model != "" && s.simulated == nil {
		u, err := sim.New(s.Model)
		if err != nil {
			return nil, err
		}
		s.simulated = u
	}
	return s.simulated, nil
}

// Recorded is the recording, read at the first use; nil where the UPS is
// another one.
func (s *Source) Recorded() (*hid.Recording, error) {
	if s.Replay == "" || s.recorded != nil {
		return s.recorded, nil
	}
	f, err := input.Open(s.Replay)
	if err != nil {
		return nil, fmt.Errorf("the recording: %w", err)
	}
	defer f.Close()
	rec, err := hid.ReadRecording(f)
	if bad := (*hid.RecordingError)(nil); errors.As(err, &bad) {
		if bad.Line == 0 {
			return nil, fmt.Errorf("%s: %w", s.Replay, bad.Err)
		}
		return nil, fmt.Errorf("%s, line %d: %w", s.Replay, bad.Line, bad.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.Replay, err)
	}
	s.recorded = rec
	return rec, nil
}
