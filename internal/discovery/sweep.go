package discovery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecnutd/hid"
	"ecnutd/hid/power"
)

// UsualStrings are the indexes of manufacturer and product on every unit seen.
var UsualStrings = []uint8{1, 2}

// sweep asks an opened device once for every feature report of its descriptor,
// and for its strings. A report that is refused is noted; a device that stops
// answering is an error that wraps power.ErrSilent, and is left alone: units
// exist that cut their load when they are pressed.
func sweep(ctx context.Context, dev hid.Device, strings Strings) (*Seen, error) {
	raw, err := dev.Descriptor()
	if err != nil {
		return nil, fmt.Errorf("reading the report descriptor: %w", err)
	}
	parsed, err := hid.Parse(raw)
	if err != nil {
		return nil, err
	}
	s := &Seen{Info: dev.Info(), Descriptor: raw, Parsed: parsed, Decoder: power.NewDecoder(parsed, dev.Info(), Families...), Refused: make(map[uint8]error)}
	if err := s.ask(ctx, dev); err != nil {
		return nil, err
	}
	if err := s.askInputs(ctx, dev); err != nil {
		return nil, err
	}
	indexes := append(s.Decoder.StringIndexes(), UsualStrings...)
	s.Strings, s.StringsErr = strings(ctx, indexes)
	if s.Strings == nil {
		s.Strings = make(map[uint8]string)
	}
	s.Decoder.SetStrings(s.Strings)
	return s, ctx.Err()
}

// ask asks for the reports.
func (s *Seen) ask(ctx context.Context, dev hid.Device) error {
	buf := make([]byte, Longest(s.Parsed)+2)
	streak, answers := 0, -1 // requests in a row without an answer; an id that has answered
	for _, id := range s.Parsed.IDs(hid.Feature) {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := dev.GetFeature(id, buf)
		switch {
		case errors.Is(err, hid.ErrGone):
			return err
		case err != nil:
			s.Refused[id] = err
			streak++
		default:
			streak, answers = 0, int(id)
			s.take(id, slices.Clone(buf[:n]))
		}
		// Two in a row: reports that the device does not have, or a device
		// that has fallen silent. One that answered before tells which.
		if streak < 2 || answers < 0 && streak < maxUnanswered {
			continue
		}
		if answers < 0 {
			return fmt.Errorf("%w: the first %d requests failed, the last with: %w", power.ErrSilent, streak, err)
		}
		if _, again := dev.GetFeature(uint8(answers), buf); again != nil {
			return fmt.Errorf("%w: it fell silent when it was asked for report %02x: %w", power.ErrSilent, id, again)
		}
		streak = 0
	}
	if answers < 0 && streak > 0 {
		return fmt.Errorf("%w: it refused every report", power.ErrSilent)
	}
	return nil
}

// askInputs asks for the input reports that say what no feature report does,
// where the device can be asked for those. What it refuses will have to be
// pushed: at the first refusal no more is asked.
func (s *Seen) askInputs(ctx context.Context, dev hid.Device) error {
	asker, ok := dev.(hid.InputGetter)
	if !ok {
		return nil
	}
	buf := make([]byte, Longest(s.Parsed)+2)
	for _, id := range s.Decoder.InputsAlone() {
		n, err := asker.GetInput(id, buf)
		switch {
		case errors.Is(err, hid.ErrGone):
			return err
		case err != nil || ctx.Err() != nil:
			return ctx.Err()
		}
		answer := slices.Clone(buf[:n])
		if s.Decoder.InputAnswer(id, answer) == nil {
			if !s.Parsed.Numbered() {
				answer = answer[1:] // as it is pushed
			}
			s.Reports = append(s.Reports, hid.RecordedReport{Kind: hid.RecordedInput, ID: id, Data: answer})
		}
	}
	return nil
}

// maxUnanswered is how many refusals a device may begin with. Each may take
// 5 s.
const maxUnanswered = 3

// take keeps an answer.
func (s *Seen) take(id uint8, answer []byte) {
	kind := hid.RecordedFeature
	if s.Decoder.Feature(id, answer) != nil {
		kind = hid.RecordedRefusal
	}
	s.Reports = append(s.Reports, hid.RecordedReport{Kind: kind, ID: id, Data: answer})
}

// Longest is the length of the longest report in bytes, without its id.
func Longest(d *hid.Descriptor) int {
	n := 0
	for _, t := range []hid.ReportType{hid.Feature, hid.Input} {
		for _, id := range d.IDs(t) {
			n = max(n, d.Size(t, id))
		}
	}
	return n
}
